//! The table that people read.

use super::audit::{Audit, LARGE, Row};
use super::outcome::{Judgement, Outcome};
use crate::figures;
use comfy_table::{CellAlignment, Table, presets};
use std::cmp::Reverse;
use std::fmt;

const HEADER: [&str; 9] = [
    "site",
    "function",
    "operation",
    "weakened to",
    "caught by",
    "rc11",
    "loom",
    "what went wrong",
    "verdict",
];

/// The whole page.
pub(crate) struct Page<'a> {
    pub(crate) audit: &'a Audit,
    /// Whether the models are listed.
    pub(crate) models: bool,
}

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let audit = self.audit;
        if !audit.rows.is_empty() {
            let mut table = Table::new();
            table.load_style(presets::NOTHING).set_header(HEADER).add_rows(audit.rows.iter().map(cells));
            for column in [5, 6] {
                if let Some(column) = table.column_mut(column) {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
            writeln!(f, "{}\n", table.trim_fmt())?;
        }
        for row in &audit.rows {
            arguments(row, f)?;
        }
        for site in &audit.unreached {
            writeln!(f, "no model reaches {}:{}, {}", site.file, site.line, site.function)?;
        }
        for site in &audit.unknown {
            writeln!(f, "reached, but not found in the source: {site}")?;
        }
        for note in &audit.idle_notes {
            writeln!(f, "verification/orderings.toml says something of a row that needs no words: {note}")?;
        }
        if self.models {
            models(audit, f)?;
        }
        if audit.whole {
            needed(audit, f)?;
        }
        summary(audit, f)
    }
}

fn cells(row: &Row) -> [String; 9] {
    let first = [&row.rc11, &row.loom].into_iter().find_map(Outcome::catch).map(|catch| catch.model.name);
    [
        format!("{}:{}", row.site.file.trim_start_matches("src/"), row.site.line),
        row.site.function.clone(),
        format!("{} {}", row.site.operation, row.site.ordering),
        row.step.to_string(),
        first.unwrap_or_default().into(),
        outcome(&row.rc11, first),
        outcome(&row.loom, first),
        wrong(row),
        verdict(&row.judgement),
    ]
}

/// In which execution a model failed, and which one if it is not `first`.
fn outcome(outcome: &Outcome, first: Option<&str>) -> String {
    match outcome {
        Outcome::Caught(catch) => {
            let execution = figures::count(catch.failure.execution);
            let model = catch.model.name;
            if Some(model) == first { execution } else { format!("{model} {execution}") }
        }
        Outcome::Held => "held".into(),
        Outcome::Unfinished(_) => "unfinished".into(),
    }
}

fn wrong(row: &Row) -> String {
    let first = [&row.rc11, &row.loom].into_iter().find_map(Outcome::catch);
    first.map(|catch| catch.failure.kind.to_string()).unwrap_or_default()
}

fn verdict(judgement: &Judgement) -> String {
    match judgement {
        Judgement::Caught => "caught".into(),
        Judgement::ByOne { engine, .. } => format!("caught by {engine}"),
        Judgement::Unexplained { engine } => format!("UNEXPLAINED: {engine} alone"),
        Judgement::Accepted { .. } => "accepted".into(),
        Judgement::Survives => "SURVIVES".into(),
        Judgement::Unfinished => "unfinished".into(),
    }
}

/// Why a row is as it is, if that needs words.
fn arguments(row: &Row, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let why = match &row.judgement {
        Judgement::ByOne { engine, why } => format!("by {engine} alone: {why}"),
        Judgement::Accepted { why } => format!("accepted: {why}"),
        Judgement::Unfinished => {
            let reasons = [("rc11", &row.rc11), ("loom", &row.loom)];
            let reasons = reasons.iter().filter_map(|(engine, outcome)| match outcome {
                Outcome::Unfinished(why) => Some(format!("under {engine}: {why}")),
                _ => None,
            });
            reasons.collect::<Vec<_>>().join("; ")
        }
        Judgement::Caught | Judgement::Unexplained { .. } | Judgement::Survives => return Ok(()),
    };
    writeln!(f, "{}:{} to {}, {why}", row.site.file, row.site.line, row.step)
}

/// What each model is needed for, those first that nothing else can stand in for.
fn models(audit: &Audit, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut catches = audit.catches();
    catches.sort_by_key(|&(_, all, alone)| (Reverse(alone), Reverse(all)));
    let mut table = Table::new();
    let header = ["model", "catches", "alone", ""];
    table.load_style(presets::NOTHING).set_header(header).add_rows(catches.iter().map(
        |&(model, all, alone)| {
            let mark = if all > 0 && alone == 0 { "others catch all of it" } else { "" };
            [model.name.to_owned(), all.to_string(), alone.to_string(), mark.to_owned()]
        },
    ));
    writeln!(f, "{}\n", table.trim_fmt())
}

/// How many models are needed.
fn needed(audit: &Audit, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let catches = audit.catches();
    let count =
        |is: fn(usize, usize) -> bool| catches.iter().filter(|&&(_, all, alone)| is(all, alone)).count();
    writeln!(
        f,
        "of {} models {} catch what no other one does, {} what others catch as well, and {} are about logic alone\n\
         (--models lists them; those of more than {} executions under rc11 are asked only about what no other catches)\n",
        catches.len(),
        count(|_, alone| alone > 0),
        count(|all, alone| all > 0 && alone == 0),
        count(|all, _| all == 0),
        figures::count(LARGE)
    )
}

fn summary(audit: &Audit, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let count = |is: fn(&Judgement) -> bool| audit.rows.iter().filter(|row| is(&row.judgement)).count();
    let mut parts = vec![
        format!("{} caught by both engines", count(|judgement| *judgement == Judgement::Caught)),
        format!("{} by one (reasons above)", count(|judgement| matches!(judgement, Judgement::ByOne { .. }))),
        format!("{} accepted", count(|judgement| matches!(judgement, Judgement::Accepted { .. }))),
    ];
    let bad = [
        ("unexplained", count(|judgement| matches!(judgement, Judgement::Unexplained { .. }))),
        ("SURVIVE", count(|judgement| *judgement == Judgement::Survives)),
        ("unfinished", count(|judgement| *judgement == Judgement::Unfinished)),
        ("reached by no model", audit.unreached.len()),
    ];
    parts.extend(bad.iter().filter(|(_, n)| *n > 0).map(|(what, n)| format!("{n} {what}")));
    let rows = figures::counted(audit.rows.len() as u64, "weakened ordering");
    let some = if audit.whole { "" } else { " (only some were asked for)" };
    writeln!(f, "{rows}{some}: {}; {}", parts.join(", "), figures::time(audit.wall))?;
    writeln!(f, "how one fails: cargo verify explain MODEL --weaken FILE:LINE=ORDERING")
}

impl fmt::Display for Row {
    /// In a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [site, function, operation, step, first, rc11, loom, _, verdict] = cells(self);
        write!(f, "{site} {function}: {operation} to {step}: {verdict}, {first} (rc11: {rc11}; loom: {loom})")
    }
}

#[cfg(test)]
mod tests {
    use super::super::notes::tests::site;
    use super::super::outcome::Catch;
    use super::super::weaken::Step;
    use super::*;
    use crate::runner::toys::{failure, toy};
    use netns_core::check::Engine;
    use netns_models::Model;
    use std::time::{Duration, SystemTime};

    static TOYS: [Model; 2] = [toy("first"), toy("second")];

    fn caught(model: &'static Model) -> Outcome {
        Outcome::Caught(Box::new(Catch { model, elapsed: Duration::ZERO, failure: failure() }))
    }

    fn row(rc11: Outcome, loom: Outcome, judgement: Judgement) -> Row {
        let (reached_by, catchers) = (vec![&TOYS[0]], vec![&TOYS[0]]);
        Row { site: site(), step: Step(None), reached_by, rc11, loom, catchers, judgement }
    }

    #[test]
    fn a_model_is_named_once_and_the_other_engines_if_it_is_another() {
        let cells = |loom| cells(&row(caught(&TOYS[0]), loom, Judgement::Caught));
        assert_eq!(cells(caught(&TOYS[0]))[4..8], ["first", "17", "17", "use after free"]);
        assert_eq!(cells(caught(&TOYS[1]))[4..7], ["first", "17", "second 17"]);
        assert_eq!(cells(Outcome::Held)[4..7], ["first", "17", "held"]);
    }

    #[test]
    fn what_fails_the_audit_is_said() {
        let engine = Engine::Rc11;
        let audit = Audit {
            rows: vec![
                row(caught(&TOYS[0]), Outcome::Held, Judgement::Unexplained { engine }),
                row(Outcome::Held, Outcome::Held, Judgement::Survives),
                row(Outcome::Held, Outcome::Unfinished("second: out of time".into()), Judgement::Unfinished),
            ],
            unreached: vec![site()],
            unknown: Vec::new(),
            idle_notes: vec!["src/a.rs".into()],
            asked: vec![&TOYS[0], &TOYS[1]],
            whole: true,
            started: SystemTime::UNIX_EPOCH,
            wall: Duration::ZERO,
        };
        let page = Page { audit: &audit, models: true }.to_string();
        for said in [
            "UNEXPLAINED: rc11 alone",
            "SURVIVES",
            "to none, under loom: second: out of time",
            "no model reaches src/rcu/cell.rs:50, RcuCell::replace",
            "of a row that needs no words: src/a.rs",
            "1 unexplained, 1 SURVIVE, 1 unfinished, 1 reached by no model",
        ] {
            assert!(page.contains(said), "{said} is not in\n{page}");
        }
        assert_eq!(audit.exit(), crate::exit::Exit::Failed);
    }
}
