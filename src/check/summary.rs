//! What executions add up to: the report of a check.

use super::progress::{Progress, Teller};
use super::{Check, Incomplete, Report, Strategy};
use crate::sync::execution::{self, Totals};
use std::sync::Arc;
use std::time::Instant;

/// The closure that is checked.
pub(super) type Body = Arc<dyn Fn() + Send + Sync>;

/// Wraps the closure: one execution, from its beginning to its end.
pub(super) fn one_execution(progress: Option<Teller>, body: Body) -> Body {
    Arc::new(move || {
        execution::begin();
        body();
        execution::end();
        if let Some(progress) = &progress {
            let executions = execution::executions();
            if executions.is_multiple_of(256) {
                progress(Progress { executions, explored: None });
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
        sites: totals.sites,
        incomplete,
        failure: totals.failure,
        search: None,
    }
}
