//! Real threads: the operating system chooses the interleaving.

use super::{Check, Failure, FailureKind, Incomplete, Progress, Report, Strategy};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// One run at a time: what a thread of it reaches must not count for another.
static RUN: Mutex<()> = Mutex::new(());
static RUNNING: AtomicBool = AtomicBool::new(false);
static REACHED: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
static RANDOM: AtomicU64 = AtomicU64::new(0);

pub(super) fn is_running() -> bool {
    RUNNING.load(Ordering::Relaxed)
}

pub(super) fn reached(outcome: &'static str) {
    if is_running() {
        REACHED.lock().unwrap_or_else(PoisonError::into_inner).insert(outcome);
    }
}

/// SplitMix64, one step for each choice of the process.
pub(super) fn choose(n: usize) -> usize {
    let mut z =
        RANDOM.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) % n as u64) as usize
}

pub(super) fn run(check: &Check, execution: &Arc<dyn Fn() + Send + Sync>) -> Report {
    let _one = RUN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Strategy::Threads { seed } = check.strategy {
        RANDOM.store(seed, Ordering::Relaxed);
    }
    let begun = Instant::now();
    let mut report = Report {
        name: check.name.clone(),
        engine: check.strategy.engine(),
        strategy: check.strategy,
        threads: check.threads.unwrap_or(0),
        executions: 0,
        blocked: 0,
        deepest: 0,
        elapsed: begun.elapsed(),
        outcomes: BTreeMap::new(),
        sites: BTreeSet::new(),
        incomplete: vec![Incomplete::Sampled],
        failure: None,
        search: None,
    };
    RUNNING.store(true, Ordering::Relaxed);
    while report.executions < check.executions.unwrap_or(Check::SAMPLE) {
        if check.time.is_some_and(|time| begun.elapsed() >= time) {
            report.incomplete.push(Incomplete::TimeLimit);
            break;
        }
        let result = catch_unwind(AssertUnwindSafe(|| execution()));
        report.executions += 1;
        for outcome in std::mem::take(&mut *REACHED.lock().unwrap_or_else(PoisonError::into_inner)) {
            *report.outcomes.entry(outcome.into()).or_default() += 1;
        }
        if let Err(payload) = result {
            let failure = Failure {
                execution: report.executions,
                reproduce: check.reproduce.clone(),
                ..Failure::new(FailureKind::Assertion, message(payload.as_ref()))
            };
            super::tell_listener(&failure);
            report.failure = Some(failure);
            report.incomplete.push(Incomplete::Failed);
            break;
        }
        if let Some(progress) = &check.progress
            && report.executions.is_multiple_of(256)
        {
            progress(Progress { executions: report.executions, explored: None });
        }
    }
    RUNNING.store(false, Ordering::Relaxed);
    report.elapsed = begun.elapsed();
    report
}

/// What a panic said.
pub(super) fn message(payload: &(dyn std::any::Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "a panic without a message".to_owned()
    }
}
