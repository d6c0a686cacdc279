//! Cleanup in batches: droppers put their objects on a list, and whoever finds that no work is pending posts it to a
//! worker. The worker clears PENDING, takes the whole list, and cleans what is on it.
//!
//! Claimed: every object is cleaned once, as its dropper left it; the work item is posted by one at a time.

use crate::counting::{counts_straight, under_both};
use crate::mutation::{Expected, Row, SEEN, check};
use rc11::{Atomic, Cell, Mode, Mutex, thread};
use std::sync::Arc;
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release};

#[derive(Clone, Copy)]
struct Program {
    droppers: usize,
    /// How often the worker looks.
    rounds: u32,
    /// The work item has plain memory of its own, handed over with PENDING and the post.
    strict: bool,
    /// The decrement of an object's count.
    put: Ordering,
    test_and_set: Ordering,
    clear: Ordering,
    post: Ordering,
    /// The worker's load of the number of posts.
    wait: Ordering,
    lock: Lock,
    mistake: Mistake,
}

/// What the list's lock is made of.
#[derive(Clone, Copy)]
enum Lock {
    Mutex,
    Spin { lock: Ordering, unlock: Ordering },
}

const SPIN: Lock = Lock::Spin { lock: Acquire, unlock: Release };

#[derive(Clone, Copy, PartialEq)]
enum Mistake {
    None,
    PushWithoutLock,
    SnapshotWithoutLock,
    ClearAfterSnapshot,
    NoClear,
    SetBeforePush,
    SetByLoadAndStore,
    PostAlways,
    KeepList,
}

impl Default for Program {
    fn default() -> Self {
        Program {
            droppers: 2,
            rounds: 3,
            strict: true,
            put: AcqRel,
            test_and_set: AcqRel,
            clear: Release,
            post: Release,
            wait: Acquire,
            lock: Lock::Mutex,
            mistake: Mistake::None,
        }
    }
}

/// An object, and its link on the list: the index of the next.
struct Object {
    count: Atomic<u32>,
    payload: Cell<u32>,
    cleaned: Cell<u32>,
    next: Cell<Option<usize>>,
}

struct World {
    p: Program,
    objects: Vec<Object>,
    mutex: Mutex<()>,
    spin: Atomic<u32>,
    list: Cell<Option<usize>>,
    pending: Atomic<u32>,
    queued: Cell<bool>,
    posts: Atomic<u32>,
    /// How many droppers have ended.
    done: Atomic<usize>,
}

impl World {
    fn new(p: Program) -> Self {
        let object = |_| Object {
            count: Atomic::new(1),
            payload: Cell::new(0),
            cleaned: Cell::new(0),
            next: Cell::new(None),
        };
        World {
            p,
            objects: (0..p.droppers).map(object).collect(),
            mutex: Mutex::new(()),
            spin: Atomic::new(0),
            list: Cell::new(None),
            pending: Atomic::new(0),
            queued: Cell::new(false),
            posts: Atomic::new(0),
            done: Atomic::new(0),
        }
    }

    fn is(&self, mistake: Mistake) -> bool {
        self.p.mistake == mistake
    }

    /// Calls `f` with the list's lock held, or, by mistake, without it.
    fn locked<R>(&self, without: Mistake, f: impl FnOnce() -> R) -> R {
        if self.is(without) {
            return f();
        }
        match self.p.lock {
            Lock::Mutex => {
                let _held = self.mutex.lock();
                f()
            }
            Lock::Spin { lock, unlock } => {
                // Pairs with the store below.
                self.spin.wait_update(lock, |held| if held == 0 { Some(1) } else { None });
                let result = f();
                self.spin.store(0, unlock);
                result
            }
        }
    }

    fn push(&self, index: usize) {
        self.locked(Mistake::PushWithoutLock, || {
            self.objects[index].next.set(self.list.get());
            self.list.set(Some(index));
        });
    }

    fn snapshot(&self) -> Option<usize> {
        self.locked(Mistake::SnapshotWithoutLock, || {
            let first = self.list.get();
            if !self.is(Mistake::KeepList) {
                self.list.set(None);
            }
            first
        })
    }

    /// Sets PENDING; whether it was set before.
    fn test_and_set(&self) -> bool {
        if self.is(Mistake::SetByLoadAndStore) {
            let was = self.pending.load(Acquire);
            if was == 0 {
                self.pending.store(1, Release);
            }
            return was == 1;
        }
        // Acquire pairs with the clear: the work item is this thread's to post.
        self.pending.swap(1, self.p.test_and_set) == 1
    }

    fn clear(&self) {
        // Pairs with the test-and-set.
        self.pending.store(0, self.p.clear);
    }

    fn queue(&self) {
        let was_pending = self.test_and_set();
        if !was_pending || self.is(Mistake::PostAlways) {
            if self.p.strict {
                assert!(!self.queued.get(), "the work is queued by one at a time");
                self.queued.set(true);
            }
            // Pairs with the worker's wait.
            self.posts.fetch_add(1, self.p.post);
        }
    }

    fn dequeue(&self) {
        if self.p.strict {
            assert!(self.queued.get(), "work that was posted is queued");
            self.queued.set(false);
        }
    }
}

fn dropper(world: &World, index: usize) {
    let object = &world.objects[index];
    object.payload.set(7);
    if object.count.fetch_sub(1, world.p.put) == 1 {
        if world.is(Mistake::SetBeforePush) {
            world.queue();
            world.push(index);
        } else {
            world.push(index);
            world.queue();
        }
    }
    // Pairs with the worker's loads: who has seen that all have ended sees all their posts.
    world.done.fetch_add(1, Release);
}

/// What came of a wait for work.
struct Looked {
    is_posted: bool,
    /// The worker had to look twice.
    again: bool,
}

/// Sleeps until there are more than `seen` posts, or all droppers have ended.
///
/// The original spins on *two* atomics: `do { d = done; p = posts } while (p <= seen && d < droppers)`; its checker
/// gives up an execution in which that loop turns. Here it may turn once. A worker that has looked in vain goes on when
/// the droppers have ended, which they do without its help: so no execution is blocked for good, nothing is taken for
/// a deadlock, and every condition is of one atomic. Waiting for the *next* change would be as right; all that it adds
/// are executions with more looks in vain, and what the last look finds is found without these too.
fn wait_for_work(world: &World, seen: u32) -> Looked {
    let droppers = world.p.droppers;
    let done = world.done.load(Acquire);
    let is_posted = world.posts.load(world.p.wait) > seen;
    if is_posted || done == droppers {
        return Looked { is_posted, again: false };
    }
    world.done.wait_until(Acquire, move |done| done == droppers);
    Looked { is_posted: world.posts.load(world.p.wait) > seen, again: true }
}

/// Runs the worker; whether none of its looks was in vain.
fn worker(world: &World) -> bool {
    let mut straight = true;
    for round in 0..world.p.rounds {
        let looked = wait_for_work(world, round);
        straight &= !looked.again;
        if !looked.is_posted {
            break;
        }
        world.dequeue();
        // Before the snapshot: what is pushed after it is then posted again.
        if !world.is(Mistake::ClearAfterSnapshot) && !world.is(Mistake::NoClear) {
            world.clear();
        }
        let mut next = world.snapshot();
        if world.is(Mistake::ClearAfterSnapshot) {
            world.clear();
        }
        while let Some(index) = next {
            let object = &world.objects[index];
            next = object.next.get();
            assert_eq!(object.payload.get(), 7, "an object is cleaned as its dropper left it");
            object.cleaned.set(object.cleaned.get() + 1);
        }
    }
    straight
}

/// One execution; whether it is one that the original counts.
fn is_straight(p: Program) -> bool {
    let world = Arc::new(World::new(p));
    let droppers: Vec<_> = (0..p.droppers)
        .map(|index| {
            let world = world.clone();
            thread::spawn(move || dropper(&world, index))
        })
        .collect();
    let works = world.clone();
    let worker = thread::spawn(move || worker(&works));
    for dropper in droppers {
        dropper.join();
    }
    let straight = worker.join();
    for object in &world.objects {
        assert_eq!(object.cleaned.get(), 1, "every object is cleaned once");
    }
    assert!(world.list.get().is_none(), "nothing is left on the list");
    straight
}

fn execution(p: Program) {
    is_straight(p);
}

/// Counts the executions in which no look was in vain, and all.
fn has(p: Program, mode: Mode, straight: u64, all: u64) {
    let what = format!("batch, {} droppers, {} rounds, strict: {}", p.droppers, p.rounds, p.strict);
    counts_straight(&what, mode, straight, Some(all), move || is_straight(p));
}

#[test]
fn two_droppers_of_two_rounds_have_72_straight_executions() {
    let p = Program { rounds: 2, strict: false, ..Program::default() };
    under_both(|mode| has(p, mode, 72, 132));
}

#[test]
fn two_droppers_of_three_rounds_have_72_straight_executions() {
    let p = Program { rounds: 3, strict: false, ..Program::default() };
    under_both(|mode| has(p, mode, 72, 174));
}

#[test]
fn a_spin_lock_has_as_many_executions_as_a_mutex() {
    let p = Program { strict: false, lock: SPIN, ..Program::default() };
    under_both(|mode| has(p, mode, 72, 174));
}

#[test]
fn three_droppers_have_9264_straight_executions() {
    has(Program { droppers: 3, rounds: 4, ..Program::default() }, Mode::Rc11, 9264, 25746);
}

#[test]
fn three_droppers_have_9264_straight_executions_under_sc() {
    has(Program { droppers: 3, rounds: 4, ..Program::default() }, Mode::Sc, 9264, 25746);
}

#[test]
fn every_mistake_in_the_batching_is_found() {
    let right = Program::default();
    let mistaken = |mistake| Program { mistake, ..right };
    let lock_relaxed = Lock::Spin { lock: Relaxed, unlock: Release };
    let unlock_relaxed = Lock::Spin { lock: Acquire, unlock: Relaxed };
    let rows: Vec<Row<Program>> = vec![
        ("as it is", right, Expected::Holds),
        ("with a spin lock", Program { lock: SPIN, ..right }, Expected::Holds),
        ("list locked relaxed", Program { lock: lock_relaxed, ..right }, SEEN),
        ("list unlocked relaxed", Program { lock: unlock_relaxed, ..right }, SEEN),
        ("push without the lock", mistaken(Mistake::PushWithoutLock), SEEN),
        ("snapshot without the lock", mistaken(Mistake::SnapshotWithoutLock), SEEN),
        ("PENDING cleared after the snapshot", mistaken(Mistake::ClearAfterSnapshot), SEEN),
        ("PENDING never cleared", mistaken(Mistake::NoClear), SEEN),
        ("PENDING set before the push", mistaken(Mistake::SetBeforePush), SEEN),
        ("PENDING set by load and store", mistaken(Mistake::SetByLoadAndStore), SEEN),
        ("posted whether or not it was pending", mistaken(Mistake::PostAlways), SEEN),
        ("list not emptied", mistaken(Mistake::KeepList), SEEN),
        ("test-and-set relaxed", Program { test_and_set: Relaxed, ..right }, SEEN),
        ("clear relaxed", Program { clear: Relaxed, ..right }, SEEN),
        ("post relaxed", Program { post: Relaxed, ..right }, SEEN),
        ("wait relaxed", Program { wait: Relaxed, ..right }, SEEN),
    ];
    check("batch", &rows, execution);
}
