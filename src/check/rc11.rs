//! Runs the RC11 engine, on as many threads of the system as are asked for.

use super::summary::{Body, one_execution, report};
use super::{Check, FailureKind, Report, Strategy};
use crate::sync::engine::RC11;
use crate::sync::execution::{self, Config, Totals};
use rc11::{Explorer, Mode};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// What an execution's threads have for stacks, in bytes; what is not touched costs nothing.
const STACK: usize = 1 << 20;

pub(super) fn run(check: &Check, body: Body) -> Report {
    let begun = Instant::now();
    let mode = if check.strategy == Strategy::Sc { Mode::Sc } else { Mode::Rc11 };
    let mut explorer = Explorer::new()
        .mode(mode)
        .workers(check.workers)
        .operations(check.branches)
        .stack_size(STACK)
        .on_failure(|failure| execution::record_finding(kind(failure.kind), failure.message.clone()));
    if let Some(executions) = check.executions {
        explorer = explorer.executions(executions);
    }
    if let Some(time) = check.time {
        explorer = explorer.time(time);
    }
    if let Some(progress) = check.progress.clone() {
        explorer = explorer.on_progress(move |so_far| progress(so_far.executions));
    }
    let all = Arc::new(Mutex::new(Totals::default()));
    let (config, sum) = (Config::of(check), Arc::clone(&all));
    let explorer = explorer.around_workers(move |work| {
        execution::start_check(&RC11, config.clone());
        work();
        sum.lock().unwrap_or_else(PoisonError::into_inner).add(execution::end_check());
    });
    let body = one_execution(None, body);
    let found = explorer.run(move || body());
    let mut totals = std::mem::take(&mut *all.lock().unwrap_or_else(PoisonError::into_inner));
    totals.executions = found.complete;
    totals.blocked = found.blocked;
    report(check, begun, totals, found.stopped.is_none(), false)
}

/// What the engine's kinds of failures are here.
fn kind(kind: rc11::FailureKind) -> FailureKind {
    match kind {
        rc11::FailureKind::Assertion => FailureKind::Assertion,
        rc11::FailureKind::DataRace => FailureKind::DataRace,
        rc11::FailureKind::UseAfterFree => FailureKind::UseAfterFree,
        rc11::FailureKind::DoubleFree => FailureKind::DoubleFree,
        rc11::FailureKind::Leak => FailureKind::Leak,
        rc11::FailureKind::Deadlock => FailureKind::Deadlock,
        rc11::FailureKind::Endless => FailureKind::Endless,
        rc11::FailureKind::NonDeterminism => FailureKind::NonDeterminism,
        rc11::FailureKind::TooManyThreads => FailureKind::Vacuous,
    }
}
