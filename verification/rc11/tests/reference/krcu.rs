//! The litmus test of a grace period: an updater writes `x`, waits for a grace period, writes `y`; readers read `x`,
//! then `y`, within a section, all relaxed.
//!
//! Claimed: no section sees the second write without the first.

use crate::counting::{BOTH, counts, holds, under_both};
use crate::mutation::{Expected, Row, SEEN, check};
use crate::rcu::{Barrier, Protocol, Rcu, changes};
use rc11::{Atomic, Mode, thread};
use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed};

#[derive(Clone, Copy)]
struct Program {
    readers: usize,
    /// How often each enters.
    sections: usize,
    rcu: Protocol,
}

impl Default for Program {
    fn default() -> Self {
        Program { readers: 1, sections: 1, rcu: Protocol::default() }
    }
}

struct World {
    rcu: Rcu,
    x: Atomic<u32>,
    y: Atomic<u32>,
}

fn reader(world: &World, index: usize, sections: usize) {
    for _ in 0..sections {
        world.rcu.read_lock(index);
        let x = world.x.load(Relaxed);
        let y = world.y.load(Relaxed);
        world.rcu.read_unlock(index);
        assert!(!(x == 0 && y == 1), "a section is not before and after a grace period");
    }
}

fn updater(world: &World) {
    world.x.store(1, Relaxed);
    world.rcu.synchronize();
    world.y.store(1, Relaxed);
}

fn execution(p: Program) {
    let world = Arc::new(World { rcu: Rcu::new(p.rcu, p.readers), x: Atomic::new(0), y: Atomic::new(0) });
    let writes = world.clone();
    let mut threads = vec![thread::spawn(move || updater(&writes))];
    threads.extend((0..p.readers).map(|i| {
        let world = world.clone();
        thread::spawn(move || reader(&world, i, p.sections))
    }));
    for thread in threads {
        thread.join();
    }
}

fn readers_have(readers: usize, sections: usize, complete: u64, mode: Mode) {
    let p = Program { readers, sections, ..Program::default() };
    let what = format!("grace period, {readers} readers of {sections} sections");
    counts(&what, mode, complete, move || execution(p));
}

#[test]
fn one_reader_has_9_executions() {
    under_both(|mode| readers_have(1, 1, 9, mode));
}

#[test]
fn two_readers_have_9_executions_each() {
    under_both(|mode| readers_have(2, 1, 81, mode));
}

#[test]
fn five_readers_have_9_executions_each() {
    readers_have(5, 1, 59049, Mode::Rc11);
}

#[test]
fn five_readers_have_9_executions_each_under_sc() {
    readers_have(5, 1, 59049, Mode::Sc);
}

#[test]
fn two_readers_of_two_sections_have_961_executions() {
    under_both(|mode| readers_have(2, 2, 961, mode));
}

/// Under SC every read is of the newest value, so only RC11 can tell the changes apart.
#[test]
fn asymmetric_fences_are_enough_if_the_number_is_acquired() {
    let light =
        Protocol { reader: Barrier::Light, updater: Barrier::Heavy, number: Acquire, ..Protocol::default() };
    let both_light = Protocol { updater: Barrier::Light, ..light };
    let program = |rcu| Program { readers: 2, rcu, ..Program::default() };
    let rows = [
        ("light and heavy", program(light), Expected::Holds),
        ("light and heavy, number relaxed", program(Protocol { number: Relaxed, ..light }), SEEN),
        ("light and light", program(both_light), SEEN),
    ];
    check("grace period", &rows, execution);
    for mode in BOTH {
        holds("grace period, asymmetric fences", mode, move || execution(program(light)));
    }
}

/// With two readers: that the second is waited for is a claim too.
#[test]
fn every_mistake_in_the_grace_period_is_found() {
    let rows: Vec<Row<Program>> = changes(SEEN)
        .into_iter()
        .map(|(name, rcu, expected)| (name, Program { readers: 2, rcu, ..Program::default() }, expected))
        .collect();
    check("grace period", &rows, execution);
}
