//! Runs an engine, once for each assignment of choices, and makes a report of it.

use super::summary::{Body, one_execution, report};
use super::vacuous::finish;
use super::{Check, Engine, Report, Strategy};
use crate::sync::execution::{self, Config};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

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
        Config { seed: sampled.then(|| seed(check.strategy)), ..Config::of(check) },
    );
    let limit = check.executions.or(sampled.then_some(Check::SAMPLE));
    let body = one_execution(check.progress.clone(), body);
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
    finish(check, report(check, begun, execution::end_check(), completed, sampled))
}

fn seed(strategy: Strategy) -> u64 {
    match strategy {
        Strategy::Pct { seed, .. }
        | Strategy::Random { seed }
        | Strategy::Urw { seed }
        | Strategy::Threads { seed } => seed,
        Strategy::Exhaustive { .. } | Strategy::Dfs | Strategy::Rc11 | Strategy::Sc => 0,
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
