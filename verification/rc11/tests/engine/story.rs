//! The order in which the events of a failed execution are told.

use crate::{fails, holds};
use rc11::{Atomic, EventKind, EventView, Failure, FailureKind, thread};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

/// Two atomics that start at 0.
type World = Arc<(Atomic<u32>, Atomic<u32>)>;

/// Runs `other` in a thread, and fails if what `main` and it return is `unwanted`.
fn unless<T: PartialEq + Copy + Send + Sync + 'static>(
    unwanted: (T, T),
    main: fn(&World) -> T,
    other: fn(&World) -> T,
) -> Failure {
    fails(FailureKind::Assertion, move || {
        let world = World::new((Atomic::new(0), Atomic::new(0)));
        let there = world.clone();
        let other = thread::spawn(move || other(&there));
        let seen = main(&world);
        assert!((seen, other.join()) != unwanted, "unwanted");
    })
}

fn x(world: &World) -> &Atomic<u32> {
    &world.0
}

fn y(world: &World) -> &Atomic<u32> {
    &world.1
}

/// How many reads do not read what was written last.
fn stale(events: &[EventView]) -> usize {
    let mut newest = HashMap::new();
    let mut stale = 0;
    for event in events {
        match event.what {
            EventKind::Write { .. } => drop(newest.insert(event.location, event.place)),
            EventKind::Read => {
                stale += usize::from(*newest.get(&event.location).unwrap_or(&Some(0)) != event.place)
            }
            _ => {}
        }
    }
    stale
}

/// Each event comes after those before it in its thread, and a read after what it reads from.
fn assert_in_order(events: &[EventView]) {
    let at = |id: (usize, usize)| events.iter().position(|event| (event.thread, event.index) == id).unwrap();
    for (i, event) in events.iter().enumerate() {
        assert!(event.index == 0 || at((event.thread, event.index - 1)) < i);
        assert!(event.reads_from.is_none_or(|from| at(from) < i));
    }
}

#[test]
fn an_execution_that_is_an_interleaving_is_told_as_one() {
    // Main could go on before the other thread has read.
    let failure = unless(
        (0, 0),
        |world| {
            x(world).store(1, Relaxed);
            0
        },
        |world| x(world).load(Relaxed),
    );
    assert_in_order(&failure.events);
    assert_eq!(stale(&failure.events), 0, "{failure}");
}

#[test]
fn what_no_interleaving_explains_has_as_few_stale_reads_as_can_be() {
    let failure = unless(
        (0, 0),
        |world| {
            x(world).store(1, Relaxed);
            y(world).load(Relaxed)
        },
        |world| {
            y(world).store(1, Relaxed);
            x(world).load(Relaxed)
        },
    );
    assert_in_order(&failure.events);
    assert_eq!(stale(&failure.events), 1, "{failure}");
}

#[test]
fn an_order_stays_with_a_thread_for_as_long_as_it_can() {
    let count = |world: &World| (0..3).map(|_| x(world).load(Relaxed)).sum();
    let failure = unless((0, 0), count, count);
    assert_eq!(failure.switches(), 2, "{failure}");
}

#[test]
fn writes_are_told_in_modification_order() {
    let failure = fails(FailureKind::Assertion, || {
        let world = World::new((Atomic::new(0), Atomic::new(0)));
        let threads = [1, 2].map(|value| {
            let world = world.clone();
            thread::spawn(move || x(&world).store(value, Relaxed))
        });
        threads.into_iter().for_each(|thread| thread.join());
        assert!(x(&world).load(Relaxed) != 1, "unwanted");
    });
    let writes = failure.events.iter().filter(|event| event.what == EventKind::Write { rmw: false });
    assert_eq!(writes.map(|event| event.value).collect::<Vec<_>>(), [2, 1], "{failure}");
}

#[test]
fn what_modification_order_forbids_to_tell_in_a_line_is_told_all_the_same() {
    // 2+2W: each location ends with what its thread wrote first.
    let failure = fails(FailureKind::Assertion, || {
        let world = World::new((Atomic::new(0), Atomic::new(0)));
        let there = world.clone();
        let other = thread::spawn(move || {
            there.1.store(1, Relaxed);
            there.0.store(2, Relaxed);
        });
        x(&world).store(1, Relaxed);
        y(&world).store(2, Relaxed);
        other.join();
        assert!((x(&world).load(Relaxed), y(&world).load(Relaxed)) != (1, 1), "unwanted");
    });
    assert_in_order(&failure.events);
    assert_eq!(failure.events.len(), 9, "{failure}");
}

/// When a thread fails on what it depends on beside the graph, others may not have come to what the graph has of them.
#[test]
fn only_what_was_done_is_told() {
    let runs = AtomicU32::new(0);
    let failure = fails(FailureKind::NonDeterminism, move || {
        // Relaxed: one thread of the system runs all.
        let first = runs.fetch_add(1, Relaxed) == 0;
        let there = Arc::new(Atomic::new(0));
        let other = there.clone();
        thread::spawn(move || (0..3).for_each(|_| _ = other.load(Relaxed)));
        if first { there.store(1, Relaxed) } else { there.store(2, Relaxed) }
    });
    assert_eq!(failure.events.iter().map(|event| event.thread).collect::<Vec<_>>(), [0], "{failure}");
}

#[test]
fn the_last_event_of_the_thread_that_failed_is_told_last() {
    let failure = fails(FailureKind::Assertion, || {
        let there = Arc::new(Atomic::new(0));
        let other = there.clone();
        thread::spawn(|| ());
        thread::spawn(move || {
            other.load(Relaxed);
            other.store(1, Relaxed);
        });
        there.wait_until(Relaxed, |value| value == 1);
        panic!("planted");
    });
    assert_eq!(failure.events.len(), 6, "{failure}");
    let last = failure.events.last().expect("there are events");
    assert_eq!(last.thread, failure.thread, "{failure}");
}

#[test]
fn an_execution_that_runs_can_be_looked_at() {
    assert_eq!(thread::events(), None, "there is none");
    holds(|| {
        let value = Atomic::new(0);
        assert_eq!(thread::events_behind(), 0);
        value.store(1, Relaxed);
        value.swap(2, Relaxed);
        assert_eq!(thread::events_behind(), 3);
        let events = thread::events().expect("one is running");
        assert_eq!(events.iter().map(|event| event.value).collect::<Vec<_>>(), [1, 1, 2]);
    });
}
