//! Programs that do something else when they read the same: found, whatever it is that differs.

use crate::fails;
use rc11::{Atomic, Failure, FailureKind, choose, fence, thread};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};

/// Two atomics, both 0 at first.
type Two = Arc<(Atomic<u32>, Atomic<u32>)>;

/// The failure of a program that does the one thing in its first execution, and the other in its second.
#[track_caller]
fn differs<A: 'static, B: 'static>(first: fn(&Two) -> A, second: fn(&Two) -> B) -> Failure {
    let executions = AtomicU64::new(0);
    fails(FailureKind::NonDeterminism, move || {
        let two = Arc::new((Atomic::new(0), Atomic::new(0)));
        let is_first = executions.fetch_add(1, Relaxed) == 0;
        if is_first {
            first(&two);
        } else {
            second(&two);
        }
        // For a second execution that begins as the first did.
        choose(2);
    })
}

#[test]
fn both_operations_are_told() {
    let failure = differs(|two| two.0.store(1, Release), |two| two.0.store(2, Release));
    assert!(failure.message.contains("thread 0, as its event 0, asked for a store of 2"), "{failure}");
    assert!(failure.message.contains("before it was Write"), "{failure}");
    assert!(failure.message.contains("of 1, release"), "{failure}");
}

#[test]
fn a_store_differs_in_place_order_and_value() {
    differs(|two| two.0.store(1, Relaxed), |two| two.1.store(1, Relaxed));
    differs(|two| two.0.store(1, Relaxed), |two| two.0.store(1, Release));
    differs(|two| two.0.store(1, Relaxed), |two| two.0.store(2, Relaxed));
}

#[test]
fn a_load_differs_in_place_and_order() {
    differs(|two| two.0.load(Relaxed), |two| two.1.load(Relaxed));
    differs(|two| two.0.load(Relaxed), |two| two.0.load(Acquire));
}

#[test]
fn an_update_differs_in_place_orders_and_value() {
    differs(|two| two.0.fetch_add(1, Relaxed), |two| two.1.fetch_add(1, Relaxed));
    differs(|two| two.0.fetch_add(1, Relaxed), |two| two.0.fetch_add(1, Acquire));
    differs(|two| two.0.fetch_add(1, Relaxed), |two| two.0.fetch_add(1, Release));
    differs(|two| two.0.fetch_add(1, Relaxed), |two| two.0.fetch_add(2, Relaxed));
}

#[test]
fn an_exchange_differs_in_place_values_and_orders() {
    let exchange: fn(&Two) -> Result<u32, u32> = |two| two.0.compare_exchange(0, 1, AcqRel, Relaxed);
    differs(exchange, |two| two.1.compare_exchange(0, 1, AcqRel, Relaxed));
    differs(exchange, |two| two.0.compare_exchange(1, 2, AcqRel, Relaxed));
    differs(exchange, |two| two.0.compare_exchange(0, 2, AcqRel, Relaxed));
    differs(exchange, |two| two.0.compare_exchange(0, 1, Release, Relaxed));
    differs(exchange, |two| two.0.compare_exchange(0, 1, Acquire, Relaxed));
    differs(exchange, |two| two.0.compare_exchange(0, 1, AcqRel, Acquire));
}

#[test]
fn one_kind_of_operation_differs_from_another() {
    differs(|two| two.0.store(0, Relaxed), |two| two.0.load(Relaxed));
    differs(|two| two.0.load(Relaxed), |two| two.0.store(0, Relaxed));
    differs(|two| two.0.load(Relaxed), |two| two.0.fetch_add(1, Relaxed));
    differs(|two| two.0.fetch_add(1, Relaxed), |two| two.0.load(Relaxed));
    differs(|two| two.0.load(Relaxed), |two| two.0.compare_exchange(1, 2, Relaxed, Relaxed));
    differs(|two| two.0.compare_exchange(1, 2, Relaxed, Relaxed), |two| two.0.load(Relaxed));
    differs(|_| fence(SeqCst), |_| fence(AcqRel));
    differs(|_| fence(SeqCst), |_| choose(1));
    differs(|_| choose(1), |_| fence(SeqCst));
}

#[test]
fn more_and_less_than_before_differ() {
    differs(|two| two.0.store(1, Relaxed), |_| {});
    differs(|_| {}, |two| two.0.store(1, Relaxed));
    differs(|_| choose(3), |_| choose(2));
}

#[test]
fn a_thread_that_ends_early_or_late_differs() {
    differs(
        |two| thread_that(two, |two| two.0.store(1, Relaxed)).join(),
        |two| thread_that(two, |_| {}).join(),
    );
    differs(
        |two| thread_that(two, |_| {}).join(),
        |two| thread_that(two, |two| two.0.store(1, Relaxed)).join(),
    );
}

fn thread_that(two: &Two, body: fn(&Two)) -> thread::JoinHandle<()> {
    let two = two.clone();
    thread::spawn(move || body(&two))
}

#[test]
fn threads_joined_in_another_order_differ() {
    differs(
        |two| {
            let [one, other] = [(); 2].map(|()| thread_that(two, |_| {}));
            one.join();
            other.join();
        },
        |two| {
            let [one, other] = [(); 2].map(|()| thread_that(two, |_| {}));
            other.join();
            one.join();
        },
    );
}

#[test]
fn a_wait_for_something_else_differs() {
    differs(
        |two| two.0.wait_until(Relaxed, |value| value == 0),
        |two| two.0.wait_until(Relaxed, |value| value == 1),
    );
    differs(
        |two| two.0.wait_update(Relaxed, |value| (value == 0).then_some(1)),
        |two| two.0.wait_update(Relaxed, |value| (value == 1).then_some(2)),
    );
}

#[test]
fn a_program_that_depends_on_a_counter_is_found() {
    let counter = AtomicU64::new(0);
    fails(FailureKind::NonDeterminism, move || {
        let two = Arc::new((Atomic::new(0), Atomic::new(0)));
        let count = counter.fetch_add(1, Relaxed);
        let writer = thread_that(&two, |two| two.0.store(1, Relaxed));
        two.1.store(count as u32, Relaxed);
        two.0.load(Relaxed);
        writer.join();
    });
}
