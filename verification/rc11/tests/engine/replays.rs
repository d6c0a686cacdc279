//! Executions that are gone through again: memory that is no part of the graph is as it was.

use crate::holds;
use rc11::{Atomic, Cell, thread};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::{Arc, Mutex};

/// The first thread reads, so it would come first, were it not for what it reads.
#[test]
fn who_reads_a_flag_finds_the_memory_that_was_written_before_it() {
    let report = holds(|| {
        let world = Arc::new((Cell::new(0), Atomic::new(false)));
        let writer = thread::spawn({
            let world = world.clone();
            move || {
                world.0.set(7);
                world.1.store(true, Release);
            }
        });
        if world.1.load(Acquire) {
            assert_eq!(world.0.get(), 7);
        }
        writer.join();
    });
    assert_eq!(report.complete, 2);
}

#[test]
fn memory_that_the_engine_does_not_know_is_written_before_it_is_read() {
    let report = holds(|| {
        let world = Arc::new((Mutex::new(Vec::new()), Atomic::new(0_u32)));
        let adders: Vec<_> = (0..3)
            .map(|thread| {
                let world = world.clone();
                thread::spawn(move || {
                    let turn = world.1.fetch_add(1, Relaxed);
                    world.0.lock().expect("nobody panics").push((turn, thread));
                })
            })
            .collect();
        adders.into_iter().for_each(|adder| adder.join());
        let mut turns = std::mem::take(&mut *world.0.lock().expect("nobody panics"));
        turns.sort_unstable();
        assert!(turns.iter().map(|(turn, _)| *turn).eq(0..3), "{turns:?}");
    });
    assert_eq!(report.complete, 6);
}

#[test]
fn what_a_thread_returned_is_there_when_it_is_joined_again() {
    let report = holds(|| {
        let count = Arc::new(Atomic::new(0));
        let both = [(); 2].map(|()| {
            let count = count.clone();
            thread::spawn(move || count.fetch_add(1, Relaxed))
        });
        let sum: u32 = both.map(|thread| thread.join()).into_iter().sum();
        assert_eq!(sum, 1);
        // More executions, which all begin with the joins.
        rc11::choose(3);
    });
    assert_eq!(report.complete, 6);
}
