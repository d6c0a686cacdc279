//! What executions add up to: the report of a check.

use super::{Check, Failure, FailureKind, Incomplete, Progress, Report, Strategy};
use crate::sync::execution::{self, Totals};
use std::sync::Arc;
use std::time::Instant;

/// The closure that is checked.
pub(super) type Body = Arc<dyn Fn() + Send + Sync>;

/// Wraps the closure: one execution, from its beginning to its end.
pub(super) fn one_execution(progress: Option<Progress>, body: Body) -> Body {
    Arc::new(move || {
        execution::begin();
        body();
        execution::end();
        if let Some(progress) = &progress {
            let executions = execution::executions();
            if executions.is_multiple_of(256) {
                progress(executions);
            }
        }
    })
}

/// What a check's totals come to.
pub(super) fn report(
    check: &Check,
    begun: Instant,
    totals: Totals,
    completed: bool,
    sampled: bool,
) -> Report {
    let elapsed = begun.elapsed();
    let mut incomplete = Vec::new();
    if totals.failure.is_some() {
        incomplete.push(Incomplete::Failed);
    }
    if sampled {
        incomplete.push(Incomplete::Sampled);
    }
    if let Strategy::Exhaustive { preemptions: Some(preemptions) } = check.strategy {
        incomplete.push(Incomplete::PreemptionBound { preemptions });
    }
    if check.time.is_some_and(|time| elapsed >= time) && (sampled || !completed) {
        incomplete.push(Incomplete::TimeLimit);
    } else if !completed && totals.failure.is_none() && !sampled {
        incomplete.push(match check.executions {
            Some(executions) if totals.executions >= executions => Incomplete::ExecutionLimit { executions },
            _ => Incomplete::NoCompletion,
        });
    }
    if let Some((object, stores)) = totals.overflow {
        incomplete.push(Incomplete::StoreHistory { object, stores });
    }
    if check.weaken.is_some() {
        incomplete.push(Incomplete::Weakened);
    }
    Report {
        name: check.name.clone(),
        engine: check.strategy.engine(),
        strategy: check.strategy,
        threads: totals.threads,
        executions: totals.executions,
        blocked: totals.blocked,
        deepest: totals.deepest,
        elapsed,
        outcomes: totals.outcomes,
        incomplete,
        failure: totals.failure,
    }
}

/// Looks whether a report that is not that of a part proves anything.
pub(super) fn finish(check: &Check, mut report: Report) -> Report {
    if report.failure.is_none()
        && let Some(message) = vacuous(check, &report)
    {
        let failure = Failure {
            kind: FailureKind::Vacuous,
            message,
            location: String::new(),
            execution: 0,
            events: Vec::new(),
            reproduce: check.reproduce.clone(),
        };
        super::tell_listener(&failure);
        report.failure = Some(failure);
        report.incomplete.push(Incomplete::Failed);
    }
    report
}

/// Why a run that held proves nothing, if it does not.
fn vacuous(check: &Check, report: &Report) -> Option<String> {
    if report.executions == 0 {
        return Some("no execution was run".to_owned());
    }
    if report.deepest == 0 {
        return Some("no operation of the facade was seen: there is nothing to interleave".to_owned());
    }
    if let Some(promised) = check.threads
        && report.threads != promised
    {
        return Some(format!("{promised} threads were promised, {} were seen", report.threads));
    }
    let missing: Vec<_> =
        check.reaches.iter().filter(|o| !report.outcomes.contains_key(*o)).cloned().collect();
    (!missing.is_empty()).then(|| format!("never reached: {}", missing.join(", ")))
}
