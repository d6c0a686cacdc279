//! The memory models: what sequential consistency forbids and RC11 allows.

use rc11::{Atomic, Explorer, Mode, fence, thread};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::{Arc, Mutex};

/// Two atomics, both 0 at first.
type Two = Arc<(Atomic<u32>, Atomic<u32>)>;

fn seen(mode: Mode, execution: fn(Two) -> (u32, u32)) -> BTreeSet<(u32, u32)> {
    let outcomes = Arc::new(Mutex::new(BTreeSet::new()));
    let all = outcomes.clone();
    let report = Explorer::new().mode(mode).count_duplicates(true).run(move || {
        let outcome = execution(Arc::new((Atomic::new(0), Atomic::new(0))));
        all.lock().expect("nobody panics").insert(outcome);
    });
    assert_eq!(report.assert_complete().duplicates, 0);
    std::mem::take(&mut *outcomes.lock().expect("nobody panics"))
}

/// Asserts that an outcome is there under RC11 and not under sequential consistency.
#[track_caller]
fn is_weak(outcome: (u32, u32), execution: fn(Two) -> (u32, u32)) {
    assert!(seen(Mode::Rc11, execution).contains(&outcome), "RC11 allows it");
    assert!(!seen(Mode::Sc, execution).contains(&outcome), "sequential consistency forbids it");
}

/// Reads `y`, then `x`.
fn observe(two: &Two) -> thread::JoinHandle<(u32, u32)> {
    let two = two.clone();
    thread::spawn(move || {
        let y = two.1.load(Relaxed);
        (y, two.0.load(Relaxed))
    })
}

#[test]
fn stores_are_buffered_under_rc11_only() {
    is_weak((0, 0), |two| {
        let other = two.clone();
        let right = thread::spawn(move || {
            other.1.store(1, Relaxed);
            other.0.load(Relaxed)
        });
        two.0.store(1, Relaxed);
        (two.1.load(Relaxed), right.join())
    });
}

#[test]
fn what_is_before_the_start_of_a_thread_is_before_it_for_all() {
    is_weak((1, 0), |two| {
        let observer = observe(&two);
        two.0.store(1, Relaxed);
        let writer = thread::spawn(move || two.1.store(1, Relaxed));
        writer.join();
        observer.join()
    });
}

#[test]
fn what_is_before_the_end_of_a_thread_is_before_its_join_for_all() {
    is_weak((1, 0), |two| {
        let observer = observe(&two);
        let there = two.clone();
        let writer = thread::spawn(move || there.0.store(1, Relaxed));
        writer.join();
        two.1.store(1, Relaxed);
        observer.join()
    });
}

/// Store buffering by a thread and one that it starts after its fence.
#[test]
fn a_fence_is_before_the_threads_that_are_started_after_it() {
    let buffered = |two: Two| {
        let other = two.clone();
        let right = thread::spawn(move || {
            other.1.store(1, Relaxed);
            fence(SeqCst);
            other.0.load(Relaxed)
        });
        two.0.store(1, Relaxed);
        fence(SeqCst);
        let left = thread::spawn(move || two.1.load(Relaxed));
        (left.join(), right.join())
    };
    assert_eq!(seen(Mode::Rc11, buffered), [(0, 1), (1, 0), (1, 1)].into());
}
