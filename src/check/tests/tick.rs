//! Numbers for histories: they follow the interleaving, and no engine sees them.

use super::{exhaustive_checks, is_loom};
use crate::check::{self, Check, FailureKind, tick};
use crate::sync::Ordering::Relaxed;
use crate::sync::{Arc, AtomicU32, UnsafeCell, thread, wait_until};

#[test]
fn numbers_follow_the_order_of_operations() {
    for check in exhaustive_checks("order") {
        let report = check.threads(2).reaches(&["main first", "main second"]).run(|| {
            let n = Arc::new(AtomicU32::new(0));
            let theirs = n.clone();
            let begun = tick();
            let other = thread::spawn(move || (theirs.fetch_add(1, Relaxed), tick()));
            let mine = (n.fetch_add(1, Relaxed), tick());
            let other = other.join().unwrap();
            assert_eq!(mine.0 < other.0, mine.1 < other.1);
            assert!(begun < mine.1.min(other.1) && mine.1.max(other.1) < tick());
            check::reached(if mine.0 == 0 { "main first" } else { "main second" });
        });
        report.assert_complete();
    }
}

/// Two threads that add to one atomic, and take numbers around that or not.
fn history(ticks: bool) {
    let n = Arc::new(AtomicU32::new(0));
    let add = move |n: &AtomicU32| {
        let called = ticks.then(tick);
        n.fetch_add(1, Relaxed);
        assert_eq!(ticks, ticks.then(tick) > called);
    };
    let theirs = n.clone();
    let other = thread::spawn(move || add(&theirs));
    add(&n);
    other.join().unwrap();
}

#[test]
fn they_add_no_interleaving_and_no_operation() {
    for (with, without) in exhaustive_checks("with").into_iter().zip(exhaustive_checks("without")) {
        let with = with.run(|| history(true)).assert_complete();
        let without = without.run(|| history(false)).assert_complete();
        assert!(with.executions > 1);
        assert_eq!((with.executions, with.deepest), (without.executions, without.deepest));
    }
}

/// When another thread's addition returned, seen from an addition of main's: before it was called, within it or after it
/// returned. In front of it main looks at what the other thread adds to, or does nothing.
fn outcomes(check: Check, look: bool, in_common: bool) -> Vec<String> {
    let report = check.threads(2).run(move || {
        let n = Arc::new(AtomicU32::new(0));
        let theirs = if in_common { n.clone() } else { Arc::new(AtomicU32::new(0)) };
        let other = thread::spawn(move || {
            theirs.fetch_add(1, Relaxed);
            tick()
        });
        if look {
            n.load(Relaxed);
        }
        let called = tick();
        n.fetch_add(1, Relaxed);
        let returned = tick();
        let other = other.join().unwrap();
        check::reached(if other < called {
            "before"
        } else if other < returned {
            "within"
        } else {
            "after"
        });
    });
    report.assert_complete().outcomes.into_keys().collect()
}

#[test]
fn a_call_seems_as_early_as_the_operation_before_it() {
    for check in exhaustive_checks("call") {
        assert_eq!(outcomes(check.clone(), false, true), ["after", "within"]);
        assert_eq!(outcomes(check, true, true), ["after", "before", "within"]);
    }
}

#[test]
fn loom_puts_independent_operations_in_one_order() {
    for check in exhaustive_checks("independent").into_iter().filter(is_loom) {
        assert_eq!(outcomes(check, true, false), ["after"]);
    }
}

#[test]
fn their_order_is_not_happens_before() {
    for check in exhaustive_checks("stale").into_iter().filter(is_loom) {
        let report = check.threads(2).reaches(&["stale"]).run(|| {
            let n = Arc::new(AtomicU32::new(0));
            let theirs = n.clone();
            let writer = thread::spawn(move || {
                theirs.store(1, Relaxed);
                tick()
            });
            n.load(Relaxed);
            let called = tick();
            let seen = n.load(Relaxed);
            if writer.join().unwrap() < called && seen == 0 {
                check::reached("stale");
            }
        });
        report.assert_complete();
    }
}

#[test]
fn they_hide_no_race() {
    struct Plain(UnsafeCell<u32>);
    // SAFETY: it is raced for, under an engine that stops it.
    unsafe impl Sync for Plain {}

    let write = |plain: &Plain| {
        tick();
        // SAFETY: as above.
        plain.0.with_mut(|number| unsafe { *number += 1 });
        tick();
    };
    for check in exhaustive_checks("race").into_iter().filter(is_loom) {
        let failure = check.threads(2).run(move || {
            let plain = Arc::new(Plain(UnsafeCell::new(0)));
            let theirs = plain.clone();
            let other = thread::spawn(move || write(&theirs));
            write(&plain);
            other.join().unwrap();
        });
        assert_eq!(failure.assert_failed().kind, FailureKind::DataRace);
    }
}

#[test]
fn on_real_threads_no_two_are_the_same_and_each_thread_sees_them_grow() {
    const THREADS: u32 = 4;
    const EACH: usize = 20_000;
    let report = check::threads("real").executions(10).run(|| {
        let ready = Arc::new(AtomicU32::new(0));
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                let ready = ready.clone();
                thread::spawn(move || {
                    ready.fetch_add(1, Relaxed);
                    wait_until(&*ready, Relaxed, |ready| ready == THREADS);
                    (0..EACH).map(|_| tick()).collect::<Vec<_>>()
                })
            })
            .collect();
        let taken: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert!(taken.iter().all(|numbers| numbers.is_sorted_by(|a, b| a < b)));
        let mut all = taken.concat();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), THREADS as usize * EACH);
    });
    report.assert_held();
}
