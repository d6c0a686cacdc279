//! Data races: in every direction, and what is none.

use crate::{fails, holds};
use rc11::{Atomic, Cell, FailureKind, thread};
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release};
use std::sync::{Arc, OnceLock};

/// Plain memory, and a flag to order accesses to it.
type World = (Cell<u32>, Atomic<u32>);

fn reads((cell, _): &World) {
    cell.get();
}

fn writes((cell, _): &World) {
    cell.set(1);
}

/// Two threads that nothing orders.
fn side_by_side(left: fn(&World), right: fn(&World)) {
    let world = Arc::new((Cell::new(0), Atomic::new(0)));
    let threads = [left, right].map(|access| {
        let world = world.clone();
        thread::spawn(move || access(&world))
    });
    threads.into_iter().for_each(|thread| thread.join());
}

#[test]
fn two_reads_are_no_race() {
    assert_eq!(holds(|| side_by_side(reads, reads)).complete, 1);
}

#[test]
fn a_write_and_a_write_are_a_race() {
    let failure = fails(FailureKind::DataRace, || side_by_side(writes, writes));
    assert!(failure.message.starts_with("a write of plain memory"), "{failure}");
}

#[test]
fn a_read_and_then_a_write_are_a_race() {
    let failure = fails(FailureKind::DataRace, || side_by_side(reads, writes));
    assert!(failure.message.contains("a read by thread 1"), "{failure}");
}

#[test]
fn a_write_and_then_a_read_are_a_race() {
    let failure = fails(FailureKind::DataRace, || side_by_side(writes, reads));
    assert!(failure.message.contains("a write by thread 1"), "{failure}");
}

/// One thread does something, then says so with `says`; the other, once it hears so with `hears`, does the other thing.
fn handed_over(first: fn(&World), says: Ordering, hears: Ordering, then: fn(&World)) {
    let world = Arc::new((Cell::new(0), Atomic::new(0)));
    let one = world.clone();
    let thread = thread::spawn(move || {
        first(&one);
        one.1.store(1, says);
    });
    if world.1.load(hears) == 1 {
        then(&world);
    }
    thread.join();
}

#[test]
fn what_is_handed_over_is_no_race() {
    for (first, then) in [(writes as fn(&World), reads as fn(&World)), (reads, writes), (writes, writes)] {
        assert_eq!(holds(move || handed_over(first, Release, Acquire, then)).complete, 2);
    }
}

#[test]
fn a_hand_over_that_does_not_synchronise_is_a_race() {
    for (first, then) in [(writes as fn(&World), reads as fn(&World)), (reads, writes), (writes, writes)] {
        fails(FailureKind::DataRace, move || handed_over(first, Relaxed, Acquire, then));
        fails(FailureKind::DataRace, move || handed_over(first, Release, Relaxed, then));
    }
}

#[test]
fn an_access_after_the_release_is_not_handed_over() {
    fails(FailureKind::DataRace, || {
        let world = Arc::new((Cell::new(0), Atomic::new(0)));
        let one = world.clone();
        let thread = thread::spawn(move || {
            one.1.store(1, Release);
            one.0.set(1);
        });
        world.1.wait_until(Acquire, |said| said == 1);
        world.0.get();
        thread.join();
    });
}

/// Two readers count down; whoever is last writes.
fn last_reader_writes(order: Ordering) {
    let world = Arc::new((Cell::new(0), Atomic::new(2)));
    let readers = [(); 2].map(|()| {
        let world = world.clone();
        thread::spawn(move || {
            reads(&world);
            if world.1.fetch_sub(1, order) == 1 {
                writes(&world);
            }
        })
    });
    readers.into_iter().for_each(|reader| reader.join());
}

#[test]
fn every_reader_counts_and_not_only_the_last() {
    holds(|| last_reader_writes(AcqRel));
    fails(FailureKind::DataRace, || last_reader_writes(Release));
    fails(FailureKind::DataRace, || last_reader_writes(Acquire));
}

/// Two threads read; the first one hears of the end of one of them only, and writes.
#[test]
fn a_reader_that_was_not_the_last_races_too() {
    for unheard in [0, 1] {
        let failure = fails(FailureKind::DataRace, move || {
            let world = Arc::new((Cell::new(0), Atomic::new(0)));
            for reader in 0..2 {
                let world = world.clone();
                thread::spawn(move || {
                    reads(&world);
                    if reader != unheard {
                        world.1.store(1, Release);
                    }
                });
            }
            world.1.wait_until(Acquire, |heard| heard == 1);
            writes(&world);
        });
        assert!(failure.message.contains(&format!("a read by thread {}", unheard + 1)), "{failure}");
    }
}

#[test]
fn a_thread_does_not_race_with_itself() {
    holds(|| {
        let cell = Cell::new(1);
        cell.set(cell.get() + 1);
        assert_eq!(cell.replace(5), 2);
        assert_eq!(cell.get(), 5);
    });
}

#[test]
fn what_is_before_the_start_and_after_the_join_is_ordered() {
    holds(|| {
        let cell = Arc::new(Cell::new(0));
        cell.set(1);
        let writer = thread::spawn({
            let cell = cell.clone();
            move || cell.set(cell.get() + 1)
        });
        writer.join();
        assert_eq!(cell.get(), 2);
    });
}

#[test]
fn what_is_after_the_start_is_not_ordered_with_the_thread() {
    fails(FailureKind::DataRace, || {
        let cell = Arc::new(Cell::new(0));
        let writer = thread::spawn({
            let cell = cell.clone();
            move || cell.set(1)
        });
        cell.get();
        writer.join();
    });
}

/// A thread makes an atomic and says so; another, once it hears so, uses it.
fn made_by_another(says: Ordering, hears: Ordering, uses: fn(&Atomic<u32>) -> u32) {
    let slot = Arc::new((OnceLock::new(), Atomic::new(0)));
    let maker = thread::spawn({
        let slot = slot.clone();
        move || {
            assert!(slot.0.set(Atomic::new(0)).is_ok(), "it is empty");
            slot.1.store(1, says);
        }
    });
    slot.1.wait_until(hears, |said| said == 1);
    uses(slot.0.get().expect("it was made"));
    maker.join();
}

#[test]
fn an_atomic_is_used_by_those_who_see_it_made() {
    let load: fn(&Atomic<u32>) -> u32 = |atomic| atomic.load(Relaxed);
    let store = |atomic: &Atomic<u32>| {
        atomic.store(1, Relaxed);
        1
    };
    for uses in [load, store, |atomic| atomic.fetch_add(1, Relaxed)] {
        holds(move || made_by_another(Release, Acquire, uses));
        let failure = fails(FailureKind::DataRace, move || made_by_another(Relaxed, Acquire, uses));
        assert!(failure.message.contains("uses an atomic that thread 1 has made"), "{failure}");
        fails(FailureKind::DataRace, move || made_by_another(Release, Relaxed, uses));
    }
}
