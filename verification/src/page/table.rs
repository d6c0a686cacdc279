//! The table: a line a model.

use crate::figures;
use crate::findings::Finding;
use crate::invariants;
use crate::runner::{End, Run};
use comfy_table::{CellAlignment, ColumnConstraint, Table, presets};
use netns_core::check::{Engine, Strategy};

const HEADER: [&str; 10] = [
    "model",
    "engine",
    "threads",
    "bound",
    "executions",
    "blocked",
    "per s",
    "time",
    "invariants",
    "verdict",
];
const NUMBERS: [usize; 5] = [2, 4, 5, 6, 7];
const BLOCKED: usize = 5;

/// The table, without the end of its last line.
pub(super) fn table(findings: &[Finding]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(HEADER).add_rows(findings.iter().map(row));
    for column in NUMBERS {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    if findings.iter().all(|finding| finding.run.blocked == 0)
        && let Some(column) = table.column_mut(BLOCKED)
    {
        column.set_constraint(ColumnConstraint::Hidden);
    }
    table.trim_fmt()
}

fn row(finding: &Finding) -> [String; 10] {
    let run = &finding.run;
    let began = !matches!(run.end, End::NotRun | End::NotFor(_));
    let if_began = |text: String| if began { text } else { String::new() };
    [
        run.model.name.into(),
        run.plan.engine.to_string(),
        run.model.threads.to_string(),
        bound(run),
        if_began(figures::count(run.executions)),
        if run.blocked > 0 { figures::count(run.blocked) } else { String::new() },
        if_began(figures::rate(run.executions as f64 / run.elapsed.as_secs_f64().max(1e-9))),
        if_began(figures::time(run.elapsed)),
        invariants::ranges(run.model.claims),
        verdict(finding),
    ]
}

/// The verdict, with the mark of a count that differs.
fn verdict(Finding { verdict, count, .. }: &Finding) -> String {
    if count.differs() { format!("{verdict}; {count}") } else { verdict.to_string() }
}

/// What keeps the run from every execution: nothing, the model's bound, or that it samples.
fn bound(run: &Run) -> String {
    match (&run.end, run.plan.engine) {
        (End::Reported(report), _)
            if !matches!(report.strategy, Strategy::Exhaustive { preemptions: None } | Strategy::Rc11) =>
        {
            report.strategy.to_string()
        }
        (_, Engine::Loom) => match run.model.preemptions {
            Some(_) => Strategy::Exhaustive { preemptions: run.model.preemptions }.to_string(),
            None => "none".into(),
        },
        (_, Engine::Rc11) => "none".into(),
        (_, Engine::Shuttle | Engine::Std) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counts::Count;
    use crate::runner::toys::{complete, complete_under_rc11, report, run, toy};
    use crate::verdict::Verdict;
    use netns_models::Model;

    static TOY: Model = toy("toy");
    static BOUNDED: Model = Model { preemptions: Some(2), ..toy("bounded") };

    fn finding(run: Run, count: Count) -> Finding {
        Finding { verdict: Verdict::of(&run), count, run }
    }

    #[test]
    fn a_complete_run_says_all_of_itself() {
        let row = row(&finding(complete(&TOY), Count::Changed { was: 1_234 }));
        let expected = [
            "toy",
            "loom",
            "2",
            "none",
            "2,870",
            "",
            "1,435",
            "2.0 s",
            "1-3,9",
            "complete; count changed: was 1,234",
        ];
        assert_eq!(row, expected);
    }

    #[test]
    fn a_bound_is_shown_even_if_there_was_no_report() {
        assert_eq!(row(&finding(run(&BOUNDED, End::Stopped), Count::Uncounted))[3], "preemptions <= 2");
        let bounded = report(Strategy::Exhaustive { preemptions: Some(2) });
        let bounded = finding(run(&BOUNDED, End::Reported(Box::new(bounded))), Count::Uncounted);
        assert_eq!(row(&bounded)[3], "preemptions <= 2");
    }

    #[test]
    fn what_did_not_run_has_no_figures() {
        let row = row(&finding(run(&TOY, End::NotRun), Count::Uncounted));
        assert_eq!(row[4..8], ["", "", "", ""]);
        assert_eq!(row[9], "not run");
    }

    #[test]
    fn the_table_has_a_line_a_model_and_one_of_heads() {
        let both =
            [finding(complete(&TOY), Count::Same), finding(run(&BOUNDED, End::NotRun), Count::Uncounted)];
        assert_eq!(table(&both).lines().count(), 3);
        assert!(!table(&both).contains("blocked"));
    }

    #[test]
    fn blocked_executions_have_a_column_where_there_are_some() {
        let some = [finding(complete_under_rc11(&TOY), Count::Same)];
        assert!(table(&some).contains("blocked"));
        assert_eq!(row(&some[0])[4..6], ["36", "18"]);
    }
}
