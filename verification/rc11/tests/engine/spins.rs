//! Executions that do not end: too many operations, and loops that wait without a wait.

use crate::{fails, holds};
use rc11::{Atomic, Explorer, FailureKind, thread};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

#[test]
fn a_loop_that_waits_without_a_wait_is_endless() {
    let failure = fails(FailureKind::Endless, || {
        let flag = Atomic::new(false);
        while !flag.load(Relaxed) {}
    });
    assert!(failure.message.contains("a loop that waits is to use a wait"), "{failure}");
}

#[test]
fn a_loop_that_another_thread_would_end_is_endless_too() {
    fails(FailureKind::Endless, || {
        let flag = Arc::new(Atomic::new(false));
        let setter = thread::spawn({
            let flag = flag.clone();
            move || flag.store(true, Relaxed)
        });
        while !flag.load(Relaxed) {}
        setter.join();
    });
}

#[test]
fn many_looks_at_changing_places_are_no_spin() {
    holds(|| {
        let (one, other) = (Atomic::new(0), Atomic::new(0));
        for _ in 0..2 {
            for _ in 0..900 {
                one.load(Relaxed);
            }
            other.load(Relaxed);
        }
        for value in 1..1_500 {
            one.store(value, Relaxed);
            one.load(Relaxed);
        }
    });
}

#[test]
fn an_execution_of_ten_thousand_operations_is_explored() {
    let report = holds(|| {
        let counter = Atomic::new(0);
        (0..9_998).for_each(|value| counter.store(value, Relaxed));
        assert_eq!(counter.load(Relaxed), 9_997);
    });
    assert_eq!(report.deepest, 10_000);
}

#[test]
fn one_operation_more_is_too_many() {
    let failure = fails(FailureKind::Endless, || {
        let counter = Atomic::new(0);
        (0..10_000).for_each(|value| counter.store(value, Relaxed));
    });
    assert!(failure.message.contains("more than 10000 operations"), "{failure}");
}

#[test]
fn the_greatest_number_of_operations_can_be_set() {
    let stores = |n| move || (0..n).for_each(|value| Atomic::new(0).store(value, Relaxed));
    let explorer = Explorer::new().operations(100);
    explorer.run(stores(99)).assert_complete();
    assert_eq!(explorer.run(stores(100)).assert_failed().kind, FailureKind::Endless);
}
