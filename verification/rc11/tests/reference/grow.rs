//! An array that grows by copy: a writer allocates a longer one, copies, publishes it, fills the new place, and frees
//! the old array after a grace period, while readers walk the one that they found.
//!
//! Claimed: a reader never finds less than there was, never an object that is not filled in, never freed memory.

use crate::counting::{BOTH, counts, under_both};
use crate::mutation::{Expected, FREED, Row, check};
use crate::rcu::{Protocol, Rcu, changes};
use rc11::heap::Handle;
use rc11::{Atomic, Cell, Mode, Mutex, thread};
use std::sync::Arc;
use std::sync::atomic::Ordering::{self, Acquire, Relaxed, Release};

#[derive(Clone, Copy)]
struct Program {
    readers: usize,
    /// How often each enters.
    sections: usize,
    rcu: Protocol,
    /// The store of the pointer to the array, and the readers' load.
    publish: Ordering,
    load: Ordering,
    /// The store of the pointer to the new object, and the readers' loads of such.
    fill: Ordering,
    look: Ordering,
    mistake: Mistake,
}

#[derive(Clone, Copy, PartialEq)]
enum Mistake {
    None,
    PublishBeforeCopy,
    NoCopy,
    FreeEarly,
    NoSynchronize,
    NoReadLock,
    UnlockEarly,
}

impl Default for Program {
    fn default() -> Self {
        Program {
            readers: 1,
            sections: 1,
            rcu: Protocol::default(),
            publish: Release,
            load: Acquire,
            fill: Release,
            look: Acquire,
            mistake: Mistake::None,
        }
    }
}

/// What the array points at.
struct Object {
    payload: Cell<u32>,
}

/// Room for two pointers, of which the first `len` are valid.
struct Array {
    len: Cell<usize>,
    places: [Atomic<Option<Handle<Object>>>; 2],
}

/// Allocates an array. Its length is written after that: an access that the publication orders, or not.
fn array(len: usize) -> Handle<Array> {
    let places = [Atomic::new(None), Atomic::new(None)];
    let array = Handle::new(Array { len: Cell::new(0), places });
    array.with(|array| array.len.set(len));
    array
}

struct World {
    rcu: Rcu,
    writers: Mutex<()>,
    current: Atomic<Option<Handle<Array>>>,
    new: Handle<Object>,
}

impl World {
    fn current(&self, ordering: Ordering) -> Handle<Array> {
        self.current.load(ordering).expect("there is always an array")
    }
}

fn writer(world: &World, p: Program) {
    let _alone = world.writers.lock();
    let old = world.current(Relaxed);
    let longer = array(2);
    // Pairs with the readers' load.
    let publish = || world.current.store(Some(longer), p.publish);
    if p.mistake == Mistake::PublishBeforeCopy {
        publish();
    }
    if p.mistake != Mistake::NoCopy {
        for i in 0..old.with(|old| old.len.get()) {
            let object = old.with(|old| old.places[i].load(Relaxed));
            longer.with(|longer| longer.places[i].store(object, Relaxed));
        }
    }
    if p.mistake != Mistake::PublishBeforeCopy {
        publish();
    }
    world.new.with(|new| new.payload.set(11));
    // Pairs with the readers' look.
    longer.with(|longer| longer.places[1].store(Some(world.new), p.fill));
    match p.mistake {
        Mistake::FreeEarly => {
            old.free();
            world.rcu.synchronize();
        }
        Mistake::NoSynchronize => old.free(),
        _ => {
            world.rcu.synchronize();
            old.free();
        }
    }
}

fn reader(world: &World, index: usize, p: Program) {
    for _ in 0..p.sections {
        if p.mistake != Mistake::NoReadLock {
            world.rcu.read_lock(index);
        }
        let array = world.current(p.load);
        let len = array.with(|array| array.len.get());
        assert!(len == 1 || len == 2, "the array has a length");
        if p.mistake == Mistake::UnlockEarly {
            world.rcu.read_unlock(index);
        }
        let first = array.with(|array| array.places[0].load(p.look));
        let first = first.expect("what was there is there");
        assert_eq!(first.with(|object| object.payload.get()), 10, "the first object is filled in");
        if len > 1
            && let Some(second) = array.with(|array| array.places[1].load(p.look))
        {
            assert_eq!(second.with(|object| object.payload.get()), 11, "so is the second");
        }
        if !matches!(p.mistake, Mistake::NoReadLock | Mistake::UnlockEarly) {
            world.rcu.read_unlock(index);
        }
    }
}

fn execution(p: Program) {
    let first = Handle::new(Object { payload: Cell::new(10) });
    let new = Handle::new(Object { payload: Cell::new(0) });
    let initial = array(1);
    initial.with(|array| array.places[0].store(Some(first), Relaxed));
    let world = Arc::new(World {
        rcu: Rcu::new(p.rcu, p.readers),
        writers: Mutex::new(()),
        current: Atomic::new(Some(initial)),
        new,
    });
    let writes = world.clone();
    let mut threads = vec![thread::spawn(move || writer(&writes, p))];
    threads.extend((0..p.readers).map(|i| {
        let world = world.clone();
        thread::spawn(move || reader(&world, i, p))
    }));
    for thread in threads {
        thread.join();
    }
    world.current(Relaxed).free();
    first.free();
    new.free();
}

fn readers_have(readers: usize, complete: u64, mode: Mode) {
    let p = Program { readers, ..Program::default() };
    counts(&format!("growing array, {readers} readers"), mode, complete, move || execution(p));
}

/// Readers that enter twice: the number must be stored to the slot with release.
fn of_two_sections(readers: usize, enter: Ordering) -> Program {
    Program { readers, sections: 2, rcu: Protocol { enter, ..Protocol::default() }, ..Program::default() }
}

#[test]
fn one_reader_has_7_executions() {
    under_both(|mode| readers_have(1, 7, mode));
}

#[test]
fn two_readers_have_7_executions_each() {
    under_both(|mode| readers_have(2, 49, mode));
}

#[test]
fn five_readers_have_7_executions_each() {
    readers_have(5, 16807, Mode::Rc11);
}

#[test]
fn five_readers_have_7_executions_each_under_sc() {
    readers_have(5, 16807, Mode::Sc);
}

#[test]
fn two_readers_of_two_sections_have_576_executions() {
    for mode in BOTH {
        let what = "growing array, 2 readers of 2 sections";
        counts(what, mode, 576, || execution(of_two_sections(2, Release)));
    }
}

/// With two readers: that the second is waited for is a claim too.
#[test]
fn every_mistake_in_the_grace_period_of_the_array_is_found() {
    let rows: Vec<Row<Program>> = changes(FREED)
        .into_iter()
        .map(|(name, rcu, expected)| (name, Program { readers: 2, rcu, ..Program::default() }, expected))
        .collect();
    check("growing array", &rows, execution);
}

#[test]
fn every_mistake_in_the_growing_is_found() {
    let right = Program::default();
    let mistaken = |mistake| Program { mistake, ..right };
    let unlock_relaxed = Protocol { leave: Relaxed, ..Protocol::default() };
    let look_relaxed = Protocol { look: Relaxed, ..Protocol::default() };
    let rows: Vec<Row<Program>> = vec![
        ("as it is", right, Expected::Holds),
        ("unlock relaxed", Program { rcu: unlock_relaxed, ..right }, FREED),
        ("reader's slot loaded relaxed", Program { rcu: look_relaxed, ..right }, FREED),
        ("array published relaxed", Program { publish: Relaxed, ..right }, FREED),
        ("array loaded relaxed", Program { load: Relaxed, ..right }, FREED),
        ("place stored relaxed", Program { fill: Relaxed, ..right }, FREED),
        ("place loaded relaxed", Program { look: Relaxed, ..right }, FREED),
        ("published before the copy", mistaken(Mistake::PublishBeforeCopy), FREED),
        ("no copy", mistaken(Mistake::NoCopy), FREED),
        ("old array freed early", mistaken(Mistake::FreeEarly), FREED),
        ("no synchronize", mistaken(Mistake::NoSynchronize), FREED),
        ("no read lock", mistaken(Mistake::NoReadLock), FREED),
        ("unlock early", mistaken(Mistake::UnlockEarly), FREED),
        ("two sections", of_two_sections(1, Release), Expected::Holds),
        ("two sections, reader's slot stored relaxed", of_two_sections(1, Relaxed), FREED),
    ];
    check("growing array", &rows, execution);
}
