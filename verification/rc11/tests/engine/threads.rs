//! Threads: what they return, who starts whom, how many there may be.

use crate::{fails, holds};
use rc11::{Atomic, Cell, FailureKind, MAX_THREADS, thread};
use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

#[test]
fn join_returns_what_the_closure_returned() {
    let report = holds(|| assert_eq!(thread::spawn(|| "done").join(), "done"));
    assert_eq!((report.complete, report.threads), (1, 2));
}

#[test]
fn threads_start_threads() {
    let report = holds(|| {
        let count = Arc::new(Atomic::new(0));
        let children = [(); 2].map(|()| {
            let count = count.clone();
            thread::spawn(move || {
                let grandchild = thread::spawn({
                    let count = count.clone();
                    move || count.fetch_add(1, Relaxed)
                });
                count.fetch_add(1, Relaxed);
                grandchild.join();
            })
        });
        children.into_iter().for_each(|child| child.join());
        assert_eq!(count.load(Relaxed), 4);
    });
    assert_eq!((report.complete, report.threads), (24, 5));
}

#[test]
fn a_detached_thread_belongs_to_the_execution() {
    let report = holds(|| {
        let count = Arc::new(Atomic::new(0));
        for _ in 0..2 {
            let count = count.clone();
            thread::spawn(move || count.fetch_add(1, Relaxed));
        }
    });
    assert_eq!(report.complete, 2);
}

#[test]
fn what_a_detached_thread_asserts_is_checked() {
    let failure = fails(FailureKind::Assertion, || {
        let flag = Arc::new(Atomic::new(false));
        let seen = flag.clone();
        thread::spawn(move || assert!(!seen.load(Relaxed), "seen"));
        flag.store(true, Relaxed);
    });
    assert_eq!((failure.message.as_str(), failure.thread), ("seen", 1));
}

#[test]
fn there_may_be_sixteen_threads() {
    let report = holds(|| {
        let count = Arc::new(Atomic::new(1));
        let cell = Arc::new(Cell::new(0));
        let threads: Vec<_> = (1..MAX_THREADS as u32)
            .map(|turn| {
                let (count, cell) = (count.clone(), cell.clone());
                thread::spawn(move || {
                    count.wait_until(Acquire, |now| now == turn);
                    cell.set(turn);
                    count.store(turn + 1, Release);
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join());
        assert_eq!(count.load(Relaxed), 16);
    });
    assert_eq!(report.threads, 16);
}

#[test]
fn a_seventeenth_thread_is_a_failure() {
    // One thread starts no more than fifteen, so another one starts the last.
    fails(FailureKind::TooManyThreads, || {
        for child in 1..MAX_THREADS {
            thread::spawn(move || {
                if child == 1 {
                    thread::spawn(|| ());
                }
            });
        }
    });
}

#[test]
fn threads_that_start_threads_too_deeply_are_a_failure() {
    fn nest(depth: usize) {
        if depth > 0 {
            thread::spawn(move || nest(depth - 1));
        }
    }
    fails(FailureKind::TooManyThreads, || nest(MAX_THREADS));
}

#[test]
fn threads_are_numbered_by_who_started_them() {
    holds(|| {
        assert_eq!(thread::current(), 0);
        let numbers = [(); 2].map(|()| thread::spawn(thread::current));
        assert_eq!(numbers.map(|number| number.join()), [1, 2]);
    });
}
