//! Runs the RC11 engine, on as many threads of the system as are asked for.

use super::parts::Split;
use super::summary::{Body, one_execution, report};
use super::vacuous::finish;
use super::{Check, Estimate, Failure, FailureKind, Incomplete, Progress, Report, Search, Strategy};
use crate::sync::engine::{RC11, graph_of};
use crate::sync::execution::{self, Config, Totals};
use rc11::{Explorer, Mode};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// What an execution's threads have for stacks, in bytes; what is not touched costs nothing.
const STACK: usize = 1 << 20;

/// What a split has left.
pub(super) type Rest = rc11::Split;

pub(super) fn pieces(rest: &Rest) -> usize {
    rest.items()
}

/// Explores everything.
pub(super) fn run(check: &Check, body: Body) -> Report {
    let (report, _) = explore(check, Some(1.0), body, |explorer, body| (explorer.run(move || body()), ()));
    finish(check, report)
}

/// Explores until there are so many pieces, or nothing is left.
pub(super) fn split(check: &Check, pieces: usize, body: Body) -> Split {
    let (mut begun, rest) = explore(check, None, body, |explorer, body| {
        let split = explorer.split(pieces, move || body());
        (split.begun.clone(), split)
    });
    replace_reason(&mut begun, Incomplete::Divided);
    Split { begun, rest }
}

/// Explores a part of what a split has left.
pub(super) fn run_part(check: &Check, split: &Split, part: usize, of: usize, body: Body) -> Report {
    let share = Some(split.rest.share(part, of));
    let (mut report, ()) = explore(check, share, body, |explorer, body| {
        (explorer.run_part(&split.rest, part, of, move || body()), ())
    });
    report.incomplete.push(Incomplete::Part { part, of });
    report
}

/// The engine says that something is left: here is why.
fn replace_reason(report: &mut Report, reason: Incomplete) {
    report.incomplete.retain(|other| *other != Incomplete::NoCompletion);
    report.incomplete.push(reason);
}

/// Estimates how much there is to explore.
pub(super) fn estimate(check: &Check, walks: u64, seed: u64, body: Body) -> Result<Estimate, Box<Failure>> {
    let (explorer, totals) = explorer(check, None);
    let body = one_execution(None, body);
    let found = explorer.estimate(walks, seed, move || body());
    match (found, take(&totals).failure) {
        (Ok(found), None) => Ok(Estimate {
            walks: found.walks,
            executions: found.complete,
            error: found.error,
            blocked: found.blocked,
            seconds: found.seconds(),
        }),
        (Err(failure), None) => unreachable!("the explorer tells of each failure: {failure}"),
        (_, Some(failure)) => Err(Box::new(failure)),
    }
}

/// Explores what is `share` of the whole; `None` if nobody can know.
fn explore<R>(
    check: &Check,
    share: Option<f64>,
    body: Body,
    explore: impl FnOnce(&Explorer, Body) -> (rc11::Report, R),
) -> (Report, R) {
    let begun = Instant::now();
    let (explorer, totals) = explorer(check, share);
    let (found, rest) = explore(&explorer, one_execution(None, body));
    let mut totals = take(&totals);
    totals.executions = found.complete;
    totals.blocked = found.blocked;
    let mut report = report(check, begun, totals, found.stopped.is_none(), false);
    let search = Search { failing: found.failing, finished: found.stopped.is_none() };
    report.search = check.simplest.filter(|_| found.failing > 0).map(|_| search);
    (report, rest)
}

/// What all workers of an explorer have found.
type Sum = Arc<Mutex<Totals>>;

fn take(totals: &Sum) -> Totals {
    std::mem::take(&mut *totals.lock().unwrap_or_else(PoisonError::into_inner))
}

fn explorer(check: &Check, share: Option<f64>) -> (Explorer, Sum) {
    // The engine would refuse it too, in its own words.
    execution::assert_outside();
    let mode = if check.strategy == Strategy::Sc { Mode::Sc } else { Mode::Rc11 };
    let mut explorer = Explorer::new()
        .mode(mode)
        .workers(check.workers)
        .operations(check.branches)
        .stack_size(STACK)
        // Destructors of the facade's objects are not made for an execution that is not.
        .unwind_failed(false)
        .on_failure(|failure| {
            let graph = graph_of(failure.events.clone(), failure.thread);
            execution::record_finding(kind(failure.kind), failure.message.clone(), graph);
        });
    // Each worker keeps a record of its own, and only all together know which failure is the simplest.
    if let Some((failures, time)) = check.simplest {
        explorer = explorer.workers(1).simplest(failures, time);
    }
    if let Some(executions) = check.executions {
        explorer = explorer.executions(executions);
    }
    if let Some(time) = check.time {
        explorer = explorer.time(time);
    }
    if let Some(progress) = check.progress.clone() {
        explorer = explorer.on_progress(move |so_far| {
            let explored = share.map(|share| (so_far.explored / share).min(1.0));
            progress(Progress { executions: so_far.executions, explored });
        });
    }
    let totals = Sum::default();
    let (config, sum) = (Config::of(check), Arc::clone(&totals));
    let explorer = explorer.around_workers(move |work| {
        execution::start_check(&RC11, config.clone());
        work();
        sum.lock().unwrap_or_else(PoisonError::into_inner).add(execution::end_check());
    });
    (explorer, totals)
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
