//! What is left to chance: choices, and weak exchanges that fail for no reason.

use crate::holds;
use rc11::{Atomic, choose, thread};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering::{Acquire, Relaxed};
use std::sync::{Arc, Mutex};

/// What the executions of a program come to.
fn outcomes<T: Ord + Send + 'static>(
    execution: impl Fn() -> T + Send + Sync + 'static,
) -> (u64, BTreeSet<T>) {
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let outcomes = seen.clone();
    let report = holds(move || {
        let outcome = execution();
        if thread::is_explored() {
            seen.lock().expect("nobody panics").insert(outcome);
        }
    });
    let outcomes = std::mem::take(&mut *outcomes.lock().expect("nobody panics"));
    (report.complete, outcomes)
}

#[test]
fn every_number_is_chosen() {
    assert_eq!(outcomes(|| choose(5)), (5, (0..5).collect()));
    assert_eq!(outcomes(|| choose(1)), (1, [0].into()));
}

#[test]
fn choices_multiply() {
    let (executions, seen) = outcomes(|| (choose(2), choose(3)));
    assert_eq!((executions, seen.len()), (6, 6));
}

#[test]
fn a_choice_meets_every_value_once() {
    let (executions, seen) = outcomes(|| {
        let shared = Arc::new(Atomic::new(0));
        let reader = thread::spawn({
            let shared = shared.clone();
            move || (shared.load(Relaxed), choose(2))
        });
        shared.store(1 + choose(2), Relaxed);
        reader.join()
    });
    // The reader reads 0, after either choice of the writer, or what was chosen; and chooses itself.
    assert_eq!((executions, seen.len()), (8, 6));
}

#[test]
fn a_choice_before_a_read_is_revisited_once() {
    let (executions, seen) = outcomes(|| {
        let shared = Arc::new(Atomic::new(0));
        let reader = thread::spawn({
            let shared = shared.clone();
            move || (shared.load(Relaxed), choose(3), shared.load(Relaxed))
        });
        let writer = thread::spawn({
            let shared = shared.clone();
            move || shared.store(1, Relaxed)
        });
        writer.join();
        reader.join()
    });
    assert_eq!((executions, seen.len()), (9, 9));
}

#[test]
fn nothing_is_chosen_after_an_execution_is_blocked() {
    let report = holds(|| {
        let flag = Arc::new(Atomic::new(0));
        let setter = thread::spawn({
            let flag = flag.clone();
            move || flag.store(1, Relaxed)
        });
        if flag.load(Relaxed) == 0 {
            thread::retry();
        }
        choose(3);
        setter.join();
    });
    assert_eq!((report.complete, report.blocked), (3, 1));
}

#[test]
fn a_weak_exchange_may_fail_for_no_reason() {
    let (executions, seen) =
        outcomes(|| Atomic::new(0).compare_exchange_weak(0, 1, Relaxed, Relaxed).is_ok());
    assert_eq!((executions, seen.len()), (2, 2));
    let (executions, _) = outcomes(|| Atomic::new(0).compare_exchange_weak(1, 2, Relaxed, Relaxed).is_ok());
    assert_eq!(executions, 1);
    let (executions, _) = outcomes(|| Atomic::new(0).compare_exchange(0, 1, Relaxed, Relaxed).is_ok());
    assert_eq!(executions, 1);
}

/// An exchange that may fail, and a store, of which the one thread or the other comes first.
fn exchange_and_store(exchanges_first: bool) -> Result<u32, u32> {
    let shared = Arc::new(Atomic::new(0));
    let other = shared.clone();
    let exchange = |shared: &Atomic<u32>| shared.compare_exchange_weak(1, 2, Acquire, Relaxed);
    if exchanges_first {
        let storer = thread::spawn(move || other.store(1, Relaxed));
        let exchanged = exchange(&shared);
        storer.join();
        return exchanged;
    }
    let exchanger = thread::spawn(move || exchange(&other));
    shared.store(1, Relaxed);
    exchanger.join()
}

#[test]
fn a_weak_exchange_may_fail_on_every_write_that_it_finds() {
    for exchanges_first in [false, true] {
        let (executions, seen) = outcomes(move || exchange_and_store(exchanges_first));
        assert_eq!(executions, 3);
        assert_eq!(seen, [Ok(1), Err(0), Err(1)].into());
    }
}
