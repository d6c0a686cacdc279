//! Two engines on one model: what one of them sees under sequential consistency, the other sees.
//!
//! The RC11 engine explores every execution that sequential consistency allows. Where shuttle's depth-first search comes
//! to an end, both must have seen the same outcomes; where it does not, what it and a random sample have seen must be
//! among them. Which models those are is told in each trial's kind: `equal` or `included`.

use libtest_mimic::{Arguments, Failed, Trial};
use netns_core::check::{Engine, FailureKind, Report};
use netns_models::process::{self, Outcome, Task, Work};
use netns_models::{Memory, Model, Plan, Scheduler, all};
use std::collections::BTreeSet;
use std::process::ExitCode;

/// Schedules after which a depth-first search is taken for one that does not end.
const SCHEDULES: u64 = 4_000;
/// Schedules of a random sample.
const SAMPLE: u64 = 500;
/// The models whose depth-first search ends.
const SMALL: [&str; 23] = [
    "count-three-holders",
    "count-maybe-get-against-last-put",
    "count-overflow-against-puts",
    "count-linearisable",
    "work-sees-what-came-before-it",
    "cell-two-replacements",
    "barrier-against-call",
    "barrier-two-at-once",
    "callback-frees-by-the-reclaimer",
    "cleanup-owner-goes-in-a-section",
    "task-reap-against-exit",
    "sysctl-write-against-unregister",
    "ida-any-three-operations",
    "count-any-three-operations",
    "life-any-four-steps",
    "quota-any-three-creations",
    "nsid-any-three-steps",
    "sysctl-any-three-tables",
    "sysctl-values-and-the-end",
    "genid-any-three-bumps",
    "work-from-inside",
    "domain-of-a-forgotten-guard",
    "life-calls-where-nobody-may-wait",
];

fn main() -> ExitCode {
    if let Some(code) = process::serve() {
        return code;
    }
    let both = Engine::Rc11.is_compiled() && Engine::Shuttle.is_compiled();
    let trial = |model: &'static Model| {
        let kind = if SMALL.contains(&model.name) { "equal" } else { "included" };
        Trial::test(model.name, move || agrees(model)).with_kind(kind).with_ignored_flag(!both)
    };
    let mut trials: Vec<Trial> = all().into_iter().map(trial).collect();
    trials.push(Trial::test("every_small_model_is_one", || {
        let known = |name: &&str| all().iter().any(|model| model.name == *name);
        if SMALL.iter().all(known) { Ok(()) } else { Err("a name that no model has".into()) }
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn agrees(model: &Model) -> Result<(), Failed> {
    let sc = run(model, Plan { memory: Memory::Sc, ..Plan::of(Engine::Rc11) })?;
    if !sc.is_complete() {
        return Err(format!("not explored: {sc}").into());
    }
    let shuttle =
        |scheduler, executions| Plan { scheduler, executions: Some(executions), ..Plan::of(Engine::Shuttle) };
    let dfs = run(model, shuttle(Scheduler::Dfs, SCHEDULES))?;
    let (expected, found) = (outcomes(&sc), outcomes(&dfs));
    let is_small = SMALL.contains(&model.name);
    if dfs.is_complete() != is_small {
        return Err(format!("is it small? {} schedules", dfs.executions).into());
    }
    if is_small {
        return same(&expected, &found);
    }
    let sample = run(model, shuttle(Scheduler::Random, SAMPLE))?;
    let unknown: Vec<_> =
        found.union(&outcomes(&sample)).filter(|o| !expected.contains(*o)).cloned().collect();
    if unknown.is_empty() { Ok(()) } else { Err(format!("seen by shuttle alone: {unknown:?}").into()) }
}

fn same(expected: &BTreeSet<String>, found: &BTreeSet<String>) -> Result<(), Failed> {
    if expected == found { Ok(()) } else { Err(format!("rc11 saw {expected:?}, shuttle {found:?}").into()) }
}

fn outcomes(report: &Report) -> BTreeSet<String> {
    report.outcomes.keys().cloned().collect()
}

fn run(model: &Model, plan: Plan) -> Result<Report, Failed> {
    let task = Task { model: model.name.into(), plan, work: Work::Whole };
    let report = match process::run_isolated(&task, |_| ())? {
        Outcome::Reported(report) => report,
        Outcome::Divided(_) | Outcome::Estimated(_) => return Err("nobody asked for that".into()),
        Outcome::Died(failure) => return Err(failure.to_string().into()),
        Outcome::Silent { status, stderr, .. } => {
            return Err(format!("ended without a word: {status:?}\n{}", stderr.join("\n")).into());
        }
    };
    match &report.failure {
        // A search that was stopped has not seen every outcome.
        Some(failure) if failure.kind != FailureKind::Vacuous => Err(failure.to_string().into()),
        _ => Ok(*report),
    }
}
