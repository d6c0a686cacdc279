//! Models, reports and runs for the tests of this program.

use super::{End, Job, Run};
use netns_core::check::{Engine, Failure, FailureKind, Report, Strategy};
use netns_models::{Engines, Model, Plan};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A model of two threads that claims the invariants 1, 2, 3 and 9.
pub(crate) const fn toy(name: &'static str) -> Model {
    Model {
        name,
        protocol: "toys",
        about: "Nothing happens.",
        threads: 2,
        claims: &[1, 2, 3, 9],
        reaches: &["nothing"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: || (),
    }
}

/// The job of the gate for `model`.
pub(crate) fn job(model: &'static Model, expected: Option<u64>) -> Job {
    Job { expected, ..Job::of(model, Plan::of(Engine::Loom)) }
}

/// A run of 2,870 executions in 2 seconds with nothing left out.
pub(crate) fn report(strategy: Strategy) -> Report {
    Report {
        name: "toy".into(),
        engine: strategy.engine(),
        strategy,
        threads: 2,
        executions: 2_870,
        blocked: 0,
        deepest: 17,
        elapsed: Duration::from_secs(2),
        outcomes: BTreeMap::new(),
        sites: BTreeSet::new(),
        incomplete: Vec::new(),
        failure: None,
        search: None,
    }
}

/// What failed in execution 17.
pub(crate) fn failure() -> Failure {
    Failure {
        location: "src/toys.rs:1:2".into(),
        execution: 17,
        reproduce: "cargo verify run toy --engine loom".into(),
        ..Failure::new(FailureKind::UseAfterFree, "net#1 was freed".into())
    }
}

/// A run of `model` in the gate that ended so.
pub(crate) fn run(model: &'static Model, end: End) -> Run {
    let executions = if let End::Reported(report) = &end { report.executions } else { 0 };
    Run { model, plan: Plan::of(Engine::Loom), executions, blocked: 0, elapsed: Duration::from_secs(2), end }
}

/// A run of `model` in the gate that was complete and held.
pub(crate) fn complete(model: &'static Model) -> Run {
    run(model, End::Reported(Box::new(report(Strategy::Exhaustive { preemptions: None }))))
}

/// A run of `model` under RC11 that was complete and held, with 36 executions and 18 that were blocked.
pub(crate) fn complete_under_rc11(model: &'static Model) -> Run {
    let report = Report { executions: 36, blocked: 18, ..report(Strategy::Rc11) };
    Run::reported(model, Plan::of(Engine::Rc11), report)
}
