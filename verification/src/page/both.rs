//! The table of the gate: a line a model, with both exhaustive engines side by side.

use crate::figures;
use crate::findings::{Finding, Findings};
use crate::invariants;
use crate::runner::End;
use crate::together;
use comfy_table::{CellAlignment, Table, presets};
use netns_core::check::Engine;

const HEADER: [&str; 8] = ["model", "rc11", "blocked", "time", "loom", "time", "invariants", "verdict"];
const NUMBERS: [usize; 5] = [1, 2, 3, 4, 5];

/// The table, without the end of its last line.
pub(super) fn table(found: &Findings) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(HEADER).add_rows(found.models().map(row));
    for column in NUMBERS {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

fn row(runs: &[Finding]) -> [String; 8] {
    let [rc11, loom] = [Engine::Rc11, Engine::Loom].map(|engine| together::under(runs, engine));
    let model = runs[0].run.model;
    [
        model.name.into(),
        executions(rc11),
        rc11.filter(|rc11| rc11.run.blocked > 0)
            .map_or(String::new(), |rc11| figures::count(rc11.run.blocked)),
        time(rc11),
        executions(loom),
        time(loom),
        invariants::ranges(model.claims),
        verdict(runs),
    ]
}

/// The verdict on the model, with the marks of counts that differ.
fn verdict(runs: &[Finding]) -> String {
    let changed = runs.iter().filter(|finding| finding.count.differs());
    let changed = changed.map(|Finding { run, count, .. }| format!("; {}: {count}", run.plan.engine));
    together::verdict(runs) + &changed.collect::<String>()
}

fn executions(finding: Option<&Finding>) -> String {
    began(finding).map_or(String::new(), |finding| figures::count(finding.run.executions))
}

fn time(finding: Option<&Finding>) -> String {
    began(finding).map_or(String::new(), |finding| figures::time(finding.run.elapsed))
}

fn began(finding: Option<&Finding>) -> Option<&Finding> {
    finding.filter(|finding| !matches!(finding.run.end, End::NotRun | End::NotFor(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::Baseline;
    use crate::runner::Run;
    use crate::runner::toys::{complete, complete_under_rc11, run, toy};
    use netns_models::{Engines, Model};
    use std::time::{Duration, SystemTime};

    static TOY: Model = toy("toy");
    static LARGE: Model = Model { engines: Engines::Rc11Only { why: "six threads" }, ..toy("large") };

    fn found(runs: Vec<Run>, baseline: &str) -> Findings {
        let baseline: Baseline = serde_json::from_str(baseline).unwrap();
        Findings::of(runs, &baseline, SystemTime::UNIX_EPOCH, Duration::ZERO).and_those_were_all(&baseline)
    }

    #[test]
    fn both_engines_stand_side_by_side() {
        let known = r#"{"loom": {"toy": 2870}, "rc11": {"toy": 35}}"#;
        let found = found(vec![complete_under_rc11(&TOY), complete(&TOY)], known);
        let expected = [
            "toy",
            "36",
            "18",
            "2.0 s",
            "2,870",
            "2.0 s",
            "1-3,9",
            "complete under both; rc11: count changed: was 35",
        ];
        assert_eq!(row(&found.each), expected);
        assert_eq!(table(&found).lines().count(), 2);
    }

    #[test]
    fn what_was_not_run_has_no_figures_and_says_why() {
        let large = found(vec![complete_under_rc11(&LARGE)], r#"{"rc11": {"large": 36}}"#);
        assert_eq!(row(&large.each)[4..6], ["", ""]);
        assert_eq!(row(&large.each)[7], "complete under rc11; not for loom: six threads");
        let never = found(vec![run(&TOY, End::NotRun)], "{}");
        assert_eq!(row(&never.each)[1..6], ["", "", "", "", ""]);
    }
}
