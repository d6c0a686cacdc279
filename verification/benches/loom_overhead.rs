//! What the facade costs loom: the same models on bare loom and through the facade, side by side.
//!
//! `cargo bench -p netns-verification --features loom --bench loom_overhead`
//!
//! Prints executions a second of both, and their ratio. Rounds alternate, so that both see the same machine;
//! the figure is the median round.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

use netns_core::check;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

/// The models, generic over where the primitives come from.
macro_rules! models {
    ($module:ident, $atomics:path, $threads:path) => {
        mod $module {
            use std::sync::Arc;
            use std::sync::atomic::Ordering::*;
            use $atomics as atomic;
            use $threads as thread;

            fn put(count: &atomic::AtomicU32, cleaned: &atomic::AtomicU32) {
                if count.fetch_sub(1, Release) == 1 {
                    atomic::fence(Acquire);
                    assert_eq!(cleaned.fetch_add(1, Relaxed), 0);
                }
            }

            fn maybe_get(count: &atomic::AtomicU32) -> bool {
                let mut seen = count.load(Relaxed);
                while seen != 0 {
                    match count.compare_exchange(seen, seen + 1, Relaxed, Relaxed) {
                        Ok(_) => return true,
                        Err(now) => seen = now,
                    }
                }
                false
            }

            /// Two maybe_gets against the last put.
            pub(crate) fn refcount() {
                let count = Arc::new(atomic::AtomicU32::new(1));
                let cleaned = Arc::new(atomic::AtomicU32::new(0));
                let users: Vec<_> = (0..2)
                    .map(|_| {
                        let (count, cleaned) = (count.clone(), cleaned.clone());
                        thread::spawn(move || {
                            if maybe_get(&count) {
                                put(&count, &cleaned);
                            }
                        })
                    })
                    .collect();
                put(&count, &cleaned);
                for user in users {
                    user.join().unwrap();
                }
                assert_eq!(cleaned.load(Relaxed), 1);
            }

            /// A grace period against a reader of two sections.
            pub(crate) fn grace_period() {
                let names = || Arc::new(atomic::AtomicU64::new(0));
                let (x, y, slot, period) = (names(), names(), names(), Arc::new(atomic::AtomicU64::new(1)));
                let (rx, ry, rs, rp) = (x.clone(), y.clone(), slot.clone(), period.clone());
                let reader = thread::spawn(move || {
                    for _ in 0..2 {
                        rs.store(rp.load(Acquire), Release);
                        atomic::fence(SeqCst);
                        let (a, b) = (rx.load(Relaxed), ry.load(Relaxed));
                        assert!(!(a == 0 && b == 1));
                        rs.store(0, Release);
                    }
                });
                x.store(1, Relaxed);
                let now = period.fetch_add(1, AcqRel) + 1;
                atomic::fence(SeqCst);
                loop {
                    let seen = slot.load(Acquire);
                    if seen == 0 || seen >= now {
                        break;
                    }
                    thread::yield_now();
                }
                y.store(1, Relaxed);
                reader.join().unwrap();
            }
        }
    };
}

mod facade_atomics {
    pub(crate) use netns_core::sync::{AtomicU32, AtomicU64, fence};
}

models!(bare, loom::sync::atomic, loom::thread);
models!(facade, crate::facade_atomics, netns_core::sync::thread);

/// Executions and seconds of a model on bare loom.
fn run_bare(model: fn()) -> (u64, f64) {
    let executions = Arc::new(AtomicU64::new(0));
    let count = executions.clone();
    let begun = Instant::now();
    loom::model::Builder::new().check(move || {
        count.fetch_add(1, Relaxed);
        model();
    });
    (executions.load(Relaxed), begun.elapsed().as_secs_f64())
}

/// The same through the facade.
fn run_facade(model: fn()) -> (u64, f64) {
    let report = check::exhaustive("bench").run(model).assert_complete();
    (report.executions, report.elapsed.as_secs_f64())
}

fn main() {
    const ROUNDS: usize = 9;
    println!("{:<16} {:>10} {:>12} {:>12} {:>7}", "model", "executions", "bare /s", "facade /s", "ratio");
    for (name, bare, facade) in [
        ("refcount", bare::refcount as fn(), facade::refcount as fn()),
        ("grace period", bare::grace_period, facade::grace_period),
    ] {
        let mut rounds: Vec<_> = (0..ROUNDS)
            .map(|_| {
                let ((n, bare), (m, facade)) = (run_bare(bare), run_facade(facade));
                assert_eq!(n, m, "the same model has the same executions");
                (bare / facade, n as f64 / bare, m as f64 / facade, n)
            })
            .collect();
        rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (ratio, bare, facade, executions) = rounds[ROUNDS / 2];
        println!("{name:<16} {executions:>10} {bare:>12.0} {facade:>12.0} {ratio:>7.2}");
    }
}
