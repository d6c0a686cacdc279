//! The summary: how many of each verdict, what nobody claims, how to see a failure again.

use crate::counts::{Count, Gone};
use crate::figures::{self, count, counted, time};
use crate::findings::{Finding, Findings, OfAll};
use crate::invariants;
use crate::together::Standing;
use crate::verdict::Verdict;
use std::fmt::{Formatter, Result};

type Kind = (&'static str, fn(&Verdict) -> bool);

const KINDS: [Kind; 11] = [
    ("complete", |verdict| matches!(verdict, Verdict::Complete)),
    ("bounded (named so)", |verdict| matches!(verdict, Verdict::Bounded { .. })),
    ("sampled", |verdict| matches!(verdict, Verdict::Sampled)),
    ("of a part", |verdict| matches!(verdict, Verdict::Part { .. })),
    ("divided", |verdict| matches!(verdict, Verdict::Divided { .. })),
    ("FAILED", |verdict| matches!(verdict, Verdict::Failed { .. })),
    ("died", |verdict| matches!(verdict, Verdict::Died { .. })),
    ("incomplete", |verdict| matches!(verdict, Verdict::Incomplete { .. })),
    ("stopped", |verdict| matches!(verdict, Verdict::Stopped)),
    ("not for the engine", |verdict| matches!(verdict, Verdict::NotFor { .. })),
    ("not run", |verdict| matches!(verdict, Verdict::NotRun)),
];

pub(super) fn write(found: &Findings, f: &mut Formatter<'_>) -> Result {
    let models = counted(found.models().count() as u64, "model");
    let verdicts = if found.of_all.is_some() { standings(found) } else { verdicts(&found.each) };
    writeln!(f, "{models}, {}, {}: {verdicts}", explored(found), time(found.wall))?;
    if let Some(all) = &found.of_all {
        of_all(all, f)?;
    }
    if let Some(line) = counts(found) {
        writeln!(f, "{line}")?;
    }
    let failed =
        |finding: &&Finding| matches!(finding.verdict, Verdict::Failed { .. } | Verdict::Died { .. });
    for Finding { run, .. } in found.each.iter().filter(failed) {
        writeln!(f, "again: {}", run.plan.command(run.model.name))?;
    }
    Ok(())
}

fn verdicts(each: &[Finding]) -> String {
    let number = |is: fn(&Verdict) -> bool| each.iter().filter(|finding| is(&finding.verdict)).count() as u64;
    numbers(KINDS.iter().map(|&(name, is)| (number(is), name)))
}

/// How many models stand where, when they ran under both exhaustive engines.
fn standings(found: &Findings) -> String {
    let number = |standing| found.models().filter(|runs| Standing::of(runs) == standing).count() as u64;
    numbers(Standing::ALL.into_iter().map(|standing| (number(standing), standing.name())))
}

fn numbers<'a>(numbers: impl Iterator<Item = (u64, &'a str)>) -> String {
    let said: Vec<String> = numbers
        .filter(|&(number, _)| number > 0)
        .map(|(number, name)| format!("{} {name}", count(number)))
        .collect();
    if said.is_empty() { "nothing was explored".into() } else { said.join(", ") }
}

/// The executions of each engine.
fn explored(found: &Findings) -> String {
    let each = found.engines().into_iter().map(|engine| {
        let (executions, blocked) = found.executions(engine);
        format!("{} under {engine}", figures::executions(executions, blocked))
    });
    let each: Vec<String> = each.collect();
    if each.is_empty() { counted(0, "execution") } else { each.join(" and ") }
}

fn of_all(all: &OfAll, f: &mut Formatter<'_>) -> Result {
    let (first, last) = (invariants::CORE.start(), invariants::CORE.end());
    match &all.unclaimed[..] {
        [] => writeln!(f, "invariants {first}-{last}: each is claimed by a complete run"),
        unclaimed => {
            writeln!(f, "invariants {first}-{last}: no complete run claims {}", invariants::ranges(unclaimed))
        }
    }
}

/// What the baseline says otherwise; `None` if nothing.
fn counts(found: &Findings) -> Option<String> {
    let number = |is: fn(Count) -> bool| found.each.iter().filter(|finding| is(finding.count)).count();
    let changed = number(|count| matches!(count, Count::Changed { .. }));
    let new = number(|count| matches!(count, Count::New));
    let gone = found.of_all.as_ref().map_or(&[][..], |all| &all.gone);
    let said: Vec<String> = [
        (changed > 0).then(|| format!("{changed} changed")),
        (new > 0).then(|| format!("{new} not in the baseline")),
        (!gone.is_empty()).then(|| format!("in the baseline, but no model's: {}", names(gone))),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!said.is_empty()).then(|| format!("counts: {}; `cargo verify bless` takes them over", said.join("; ")))
}

fn names(gone: &[Gone]) -> String {
    gone.iter().map(Gone::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::Baseline;
    use crate::page::Page;
    use crate::runner::toys::{complete, complete_under_rc11, failure, run, toy};
    use crate::runner::{End, Run};
    use netns_models::Model;
    use std::time::{Duration, SystemTime};

    static TOYS: [Model; 3] = [toy("one"), toy("two"), toy("three")];

    fn page(runs: Vec<Run>, baseline: &str) -> String {
        let baseline: Baseline = serde_json::from_str(baseline).unwrap();
        let found = Findings::of(runs, &baseline, SystemTime::UNIX_EPOCH, Duration::from_secs(192));
        Page(&found.and_those_were_all(&baseline)).to_string()
    }

    #[test]
    fn it_counts_each_verdict_and_says_how_to_see_a_failure_again() {
        let runs = vec![
            complete_under_rc11(&TOYS[0]),
            complete(&TOYS[0]),
            run(&TOYS[1], End::Failed(Box::new(failure()))),
            run(&TOYS[2], End::NotRun),
        ];
        let page = page(runs, r#"{"loom": {"one": 2870}, "rc11": {"one": 36}}"#);
        assert!(
            page.contains("3 models, 36 executions, 18 blocked under rc11 and 2,870 executions under loom, 3 min 12 s: 1 complete under both, 1 FAILED, 1 incomplete\n"),
            "{page}"
        );
        assert!(page.contains("\ninvariants 1-28: no complete run claims 4-8,10-28\n"), "{page}");
        assert!(page.ends_with("\nagain: cargo verify run two --engine loom\n"), "{page}");
        assert!(!page.contains("counts:"), "{page}");
    }

    #[test]
    fn it_tells_of_every_count_that_differs() {
        let page = page(vec![complete(&TOYS[0]), complete(&TOYS[1])], r#"{"loom": {"one": 1, "gone": 3}}"#);
        let line = "counts: 1 changed; 1 not in the baseline; in the baseline, but no model's: gone (loom);";
        assert!(page.contains(line), "{page}");
    }

    #[test]
    fn a_run_of_nothing_says_so() {
        assert!(page(Vec::new(), r#"{"loom": {}}"#).starts_with("0 models, 0 executions"));
    }
}
