//! A reference count that starts at 1: one thread drops that reference, the others try to get one of their own, read
//! the object and put it. Whoever puts the last links the object on a list and overwrites it.
//!
//! Claimed: who got a reference reads the object as it was; exactly one thread was the last.

use crate::counting::{counts, counts_straight, holds, under_both};
use crate::mutation::{Expected, Row, SEEN, check};
use rc11::{Atomic, Cell, Mode, fence, thread};
use std::sync::Arc;
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release};

#[derive(Clone, Copy)]
struct Program {
    /// The one that drops and those that try.
    threads: usize,
    increment: Ordering,
    decrement: Ordering,
    /// A fence of whoever finds that it was the last.
    last: Option<Ordering>,
    lock: Ordering,
    unlock: Ordering,
    get: Get,
    put: Put,
}

/// How a reference is got.
#[derive(Clone, Copy, Debug)]
enum Get {
    /// Unless the count is 0, by compare-exchange, until it is got or the count is 0.
    NotZero,
    /// The same with one attempt: who finds that the count has changed goes without. It has the same executions without
    /// a failed exchange, and far fewer with one.
    Attempt,
    /// The loop, and a turn in vain is left to another execution, as the independent checker has it.
    Retry,
    /// Without a look.
    Blind,
    /// A look, then an addition.
    CheckThenAdd,
    /// A load, then a store.
    LoadThenStore,
}

/// How a reference is put.
#[derive(Clone, Copy)]
enum Put {
    Subtract,
    /// A load, then a store.
    LoadThenStore,
}

impl Default for Program {
    fn default() -> Self {
        Program {
            threads: 3,
            increment: Relaxed,
            decrement: AcqRel,
            last: None,
            lock: Acquire,
            unlock: Release,
            get: Get::NotZero,
            put: Put::Subtract,
        }
    }
}

/// The same protocol with an acquire fence of the last in place of an acquire of everybody.
fn with_a_fence() -> Program {
    Program { decrement: Release, last: Some(Acquire), ..Program::default() }
}

const ALIVE: i32 = 42;
const DEAD: i32 = -1;

/// What came of getting a reference.
struct Got {
    is_got: bool,
    /// An exchange failed.
    again: bool,
}

/// The object, and the list that the dead are on. There is one object: a link is whether there is one.
struct World {
    count: Atomic<i32>,
    payload: Cell<i32>,
    next: Cell<bool>,
    lock: Atomic<i32>,
    list: Cell<bool>,
    kills: Cell<u32>,
}

impl World {
    fn new() -> Self {
        World {
            count: Atomic::new(1),
            payload: Cell::new(ALIVE),
            next: Cell::new(false),
            lock: Atomic::new(0),
            list: Cell::new(false),
            kills: Cell::new(0),
        }
    }

    fn get(&self, p: Program) -> Got {
        let is_got = match p.get {
            Get::NotZero => return self.get_unless_zero(p.increment),
            Get::Attempt => return self.attempt(p.increment),
            Get::Retry => return self.get_or_retry(p.increment),
            Get::Blind => {
                self.count.fetch_add(1, p.increment);
                true
            }
            Get::CheckThenAdd => {
                let is_alive = self.count.load(Relaxed) != 0;
                if is_alive {
                    self.count.fetch_add(1, p.increment);
                }
                is_alive
            }
            Get::LoadThenStore => {
                let count = self.count.load(Relaxed);
                if count != 0 {
                    self.count.store(count + 1, Relaxed);
                }
                count != 0
            }
        };
        Got { is_got, again: false }
    }

    /// A failed exchange has read a later value than the one before, so there are no more of them than changes of the
    /// count: the loop needs no wait.
    fn get_unless_zero(&self, increment: Ordering) -> Got {
        let mut count = self.count.load(Relaxed);
        let mut again = false;
        while count != 0 {
            match self.count.compare_exchange(count, count + 1, increment, Relaxed) {
                Ok(_) => return Got { is_got: true, again },
                Err(now) => (count, again) = (now, true),
            }
        }
        Got { is_got: false, again }
    }

    fn get_or_retry(&self, increment: Ordering) -> Got {
        loop {
            let got = self.attempt(increment);
            if !got.again {
                return got;
            }
            thread::retry();
        }
    }

    fn attempt(&self, increment: Ordering) -> Got {
        let count = self.count.load(Relaxed);
        let is_alive = count != 0;
        let is_got = is_alive && self.count.compare_exchange(count, count + 1, increment, Relaxed).is_ok();
        Got { is_got, again: is_alive && !is_got }
    }

    fn put(&self, p: Program) {
        let before = match p.put {
            // Pairs with itself: what the holders did is before what the last does.
            Put::Subtract => self.count.fetch_sub(1, p.decrement),
            Put::LoadThenStore => {
                let before = self.count.load(Acquire);
                self.count.store(before - 1, Release);
                before
            }
        };
        if before == 1 {
            if let Some(ordering) = p.last {
                // Pairs with the releases of the decrements.
                fence(ordering);
            }
            self.kill(p);
        }
    }

    fn kill(&self, p: Program) {
        // Pairs with the store below.
        self.lock.wait_update(p.lock, |held| if held == 0 { Some(1) } else { None });
        self.next.set(self.list.get());
        self.list.set(true);
        self.kills.set(self.kills.get() + 1);
        self.payload.set(DEAD);
        self.lock.store(0, p.unlock);
    }
}

/// Runs a user; whether its first exchange succeeded, if there was one.
fn user(world: &World, p: Program) -> bool {
    let got = world.get(p);
    if got.is_got {
        assert_eq!(world.payload.get(), ALIVE, "who holds a reference reads a live object");
        world.put(p);
    }
    !got.again
}

/// One execution; whether no exchange failed in it.
fn is_straight(p: Program) -> bool {
    let world = Arc::new(World::new());
    let puts = world.clone();
    let dropper = thread::spawn(move || puts.put(p));
    let users: Vec<_> = (1..p.threads)
        .map(|_| {
            let world = world.clone();
            thread::spawn(move || user(&world, p))
        })
        .collect();
    dropper.join();
    let straight: Vec<_> = users.into_iter().map(|user| user.join()).collect();
    assert_eq!(world.kills.get(), 1, "there is one that was the last");
    assert!(world.list.get() && !world.next.get(), "the object is on the list, alone");
    assert_eq!(world.payload.get(), DEAD, "the last overwrites the object");
    assert_eq!(world.count.load(Relaxed), 0, "no reference is left");
    straight.into_iter().all(|straight| straight)
}

fn execution(p: Program) {
    is_straight(p);
}

/// Counts the executions without a failed exchange, and all, of a loop and of one attempt.
fn threads_have(threads: usize, straight: u64, looped: u64, attempted: u64) {
    under_both(|mode| {
        for (get, all) in [(Get::NotZero, looped), (Get::Attempt, attempted)] {
            let p = Program { threads, get, ..Program::default() };
            let what = format!("refcount, {threads} threads, {get:?}");
            counts_straight(&what, mode, straight, Some(all), move || is_straight(p));
        }
        let p = Program { threads, get: Get::Retry, ..Program::default() };
        counts(&format!("refcount, {threads} threads, Retry"), mode, straight, move || execution(p));
    });
}

fn five_threads_have_86001(mode: Mode) {
    let p = Program { threads: 5, get: Get::Retry, ..Program::default() };
    counts("refcount, 5 threads, Retry", mode, 86001, move || execution(p));
}

#[test]
fn two_threads_have_3_straight_executions() {
    threads_have(2, 3, 4, 4);
}

#[test]
fn three_threads_have_33_straight_executions() {
    threads_have(3, 33, 88, 56);
}

#[test]
fn four_threads_have_1171_straight_executions() {
    threads_have(4, 1171, 13382, 2384);
}

#[test]
fn five_threads_have_86001_straight_executions() {
    five_threads_have_86001(Mode::Rc11);
}

#[test]
fn five_threads_have_86001_straight_executions_under_sc() {
    five_threads_have_86001(Mode::Sc);
}

#[test]
fn an_acquire_fence_of_the_last_is_enough() {
    under_both(|mode| drop(holds("refcount, fence form", mode, || execution(with_a_fence()))));
}

#[test]
fn every_mistake_in_the_counting_is_found() {
    let right = Program::default();
    let rows: [Row<Program>; 11] = [
        ("as it is", right, Expected::Holds),
        ("one attempt", Program { get: Get::Attempt, ..right }, Expected::Holds),
        ("decrement relaxed", Program { decrement: Relaxed, ..right }, SEEN),
        ("decrement release only", Program { decrement: Release, ..right }, SEEN),
        ("decrement acquire only", Program { decrement: Acquire, ..right }, SEEN),
        ("fence form", with_a_fence(), Expected::Holds),
        ("fence form without the fence", Program { last: None, ..with_a_fence() }, SEEN),
        ("increment without a look", Program { get: Get::Blind, ..right }, SEEN),
        ("look, then add", Program { get: Get::CheckThenAdd, ..right }, SEEN),
        ("increment by load and store", Program { get: Get::LoadThenStore, ..right }, SEEN),
        ("decrement by load and store", Program { put: Put::LoadThenStore, ..right }, SEEN),
    ];
    check("refcount", &rows, execution);
}
