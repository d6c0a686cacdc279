//! Runs an engine, once for each assignment of choices, and makes a report of it.

use super::{Check, Engine, Failure, FailureKind, Incomplete, Report, Strategy};
use crate::sync::execution::{self, Config};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

type Body = Arc<dyn Fn() + Send + Sync>;

/// What an engine is given for one run.
pub(super) struct Run {
    pub(super) strategy: Strategy,
    pub(super) branches: usize,
    /// How many executions it may still run.
    pub(super) executions: Option<u64>,
    /// How long it may still run.
    pub(super) time: Option<Duration>,
    pub(super) body: Body,
}

/// How an engine's run ended, if no check failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// With nothing left to explore, by its own word.
    Completed,
    /// With something left.
    Stopped,
}

pub(super) fn run(check: &Check, body: Body) -> Report {
    let begun = Instant::now();
    let sampled =
        matches!(check.strategy, Strategy::Pct { .. } | Strategy::Random { .. } | Strategy::Urw { .. });
    execution::start_check(
        engine(check.strategy),
        Config {
            log: check.log,
            fence_events: check.fence_events,
            weaken: check.weaken.clone(),
            max_threads: check.threads,
            reproduce: check.reproduce.clone(),
            seed: sampled.then(|| seed(check.strategy)),
        },
    );
    let limit = check.executions.or(sampled.then_some(Check::SAMPLE));
    let body = one_execution(check, body);
    let mut completed = true;
    loop {
        let run = Run {
            strategy: check.strategy,
            branches: check.branches,
            executions: limit.map(|limit| limit.saturating_sub(execution::executions())),
            time: check.time.map(|time| time.saturating_sub(begun.elapsed())),
            body: Arc::clone(&body),
        };
        match catch_unwind(AssertUnwindSafe(|| explore(run))) {
            Ok(end) => completed &= end == End::Completed,
            Err(payload) => {
                if !execution::has_failed() {
                    execution::record_failure(super::real::message(&*payload), String::new());
                }
            }
        }
        let out_of_time = check.time.is_some_and(|time| begun.elapsed() >= time);
        let out_of_executions = limit.is_some_and(|limit| execution::executions() >= limit);
        if execution::has_failed() || sampled {
            break;
        }
        if out_of_time || out_of_executions || !completed {
            completed = false;
            break;
        }
        if !execution::next_choices() {
            break;
        }
    }
    report(check, begun, completed, sampled, limit)
}

/// Wraps the closure: one execution, from its beginning to its end.
fn one_execution(check: &Check, body: Body) -> Body {
    let progress = check.progress.clone();
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

fn report(check: &Check, begun: Instant, completed: bool, sampled: bool, limit: Option<u64>) -> Report {
    let elapsed = begun.elapsed();
    let totals = execution::end_check();
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
        incomplete.push(match limit {
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
    let mut report = Report {
        name: check.name.clone(),
        engine: check.strategy.engine(),
        strategy: check.strategy,
        threads: totals.threads,
        executions: totals.executions,
        deepest: totals.deepest,
        elapsed,
        outcomes: totals.outcomes,
        incomplete,
        failure: totals.failure,
    };
    if report.failure.is_none()
        && let Some(message) = vacuous(check, &report, totals.operations)
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
fn vacuous(check: &Check, report: &Report, operations: u64) -> Option<String> {
    if report.executions == 0 {
        return Some("no execution was run".to_owned());
    }
    if operations == 0 {
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

fn seed(strategy: Strategy) -> u64 {
    match strategy {
        Strategy::Pct { seed, .. }
        | Strategy::Random { seed }
        | Strategy::Urw { seed }
        | Strategy::Threads { seed } => seed,
        Strategy::Exhaustive { .. } | Strategy::Dfs => 0,
    }
}

fn engine(strategy: Strategy) -> &'static dyn crate::sync::engine::Engine {
    match strategy.engine() {
        #[cfg(feature = "loom")]
        Engine::Loom => &crate::sync::engine::LOOM,
        #[cfg(feature = "shuttle")]
        Engine::Shuttle => &crate::sync::engine::SHUTTLE,
        _ => unreachable!("`Check::run` looked whether the engine is compiled in"),
    }
}

fn explore(run: Run) -> End {
    match run.strategy.engine() {
        #[cfg(feature = "loom")]
        Engine::Loom => super::loom::explore(run),
        #[cfg(feature = "shuttle")]
        Engine::Shuttle => super::shuttle::explore(run),
        _ => unreachable!("`Check::run` looked whether the engine is compiled in"),
    }
}
