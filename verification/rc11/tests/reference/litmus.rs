//! Litmus tests of which the number of executions is known: a wrong rule of the memory model changes it.

use crate::counting::{BOTH, counts};
use rc11::{Atomic, Cell, Mode, Mutex, thread};
use std::sync::Arc;
use std::sync::atomic::Ordering::{self, Acquire, Relaxed, Release, SeqCst};

/// Two atomics, both 0 at first.
type Two = (Atomic<u32>, Atomic<u32>);

/// Runs threads on two atomics; what each returns.
fn run<const N: usize>(threads: [fn(&Two, Orderings) -> Seen; N], orderings: Orderings) -> [Seen; N] {
    let world = Arc::new((Atomic::new(0), Atomic::new(0)));
    let threads = threads.map(|body| {
        let world = world.clone();
        thread::spawn(move || body(&world, orderings))
    });
    threads.map(|thread| thread.join())
}

/// What a thread has read.
type Seen = (u32, u32);

/// The orderings of loads and of stores.
#[derive(Clone, Copy)]
struct Orderings {
    load: Ordering,
    store: Ordering,
}

const RELAXED: Orderings = Orderings { load: Relaxed, store: Relaxed };
const ORDERED: Orderings = Orderings { load: Acquire, store: Release };
const CONSISTENT: Orderings = Orderings { load: SeqCst, store: SeqCst };

/// Each of two threads writes its own atomic and reads the other's.
fn store_buffering(o: Orderings) -> [Seen; 2] {
    let left = |(x, y): &Two, o: Orderings| {
        x.store(1, o.store);
        (y.load(o.load), 0)
    };
    let right = |(x, y): &Two, o: Orderings| {
        y.store(1, o.store);
        (x.load(o.load), 0)
    };
    run([left, right], o)
}

/// Each of two threads reads one atomic and writes the other.
fn load_buffering(o: Orderings) -> [Seen; 2] {
    let left = |(x, y): &Two, o: Orderings| {
        let seen = x.load(o.load);
        y.store(1, o.store);
        (seen, 0)
    };
    let right = |(x, y): &Two, o: Orderings| {
        let seen = y.load(o.load);
        x.store(1, o.store);
        (seen, 0)
    };
    run([left, right], o)
}

/// Two threads write one atomic each; two read both, in opposite orders.
fn independent_reads_of_independent_writes(o: Orderings) -> [Seen; 4] {
    let writes_x = |(x, _): &Two, o: Orderings| {
        x.store(1, o.store);
        (0, 0)
    };
    let writes_y = |(_, y): &Two, o: Orderings| {
        y.store(1, o.store);
        (0, 0)
    };
    let reads_x_first = |(x, y): &Two, o: Orderings| (x.load(o.load), y.load(o.load));
    let reads_y_first = |(x, y): &Two, o: Orderings| {
        let seen = y.load(o.load);
        (x.load(o.load), seen)
    };
    run([writes_x, writes_y, reads_x_first, reads_y_first], o)
}

/// Two threads write two atomics each, in opposite orders.
fn two_plus_two_writes(o: Orderings) -> [Seen; 2] {
    let left = |(x, y): &Two, o: Orderings| {
        x.store(1, o.store);
        y.store(2, o.store);
        (0, 0)
    };
    let right = |(x, y): &Two, o: Orderings| {
        y.store(1, o.store);
        x.store(2, o.store);
        (0, 0)
    };
    run([left, right], o)
}

#[test]
fn relaxed_store_buffering_has_4_executions() {
    counts("SB, relaxed", Mode::Rc11, 4, || {
        store_buffering(RELAXED);
    });
}

#[test]
fn sequentially_consistent_store_buffering_has_3_executions_and_reads_a_new_value() {
    let execution = |o| {
        let [(left, _), (right, _)] = store_buffering(o);
        assert!(left == 1 || right == 1, "one of the two reads is after both writes");
    };
    counts("SB, SeqCst", Mode::Rc11, 3, move || execution(CONSISTENT));
    counts("SB, relaxed", Mode::Sc, 3, move || execution(RELAXED));
}

#[test]
fn load_buffering_has_3_executions_and_nothing_out_of_thin_air() {
    for mode in BOTH {
        counts("LB, relaxed", mode, 3, || {
            let [(left, _), (right, _)] = load_buffering(RELAXED);
            assert!(left == 0 || right == 0, "no write is before the read that it is after");
        });
    }
}

#[test]
fn readers_of_released_writes_have_16_executions() {
    counts("IRIW, release and acquire", Mode::Rc11, 16, || {
        independent_reads_of_independent_writes(ORDERED);
    });
}

#[test]
fn readers_of_sequentially_consistent_writes_have_15_executions_and_agree() {
    let execution = |o| {
        let [_, _, one, other] = independent_reads_of_independent_writes(o);
        assert!(!(one == (1, 0) && other == (0, 1)), "the readers agree on which write came first");
    };
    counts("IRIW, SeqCst", Mode::Rc11, 15, move || execution(CONSISTENT));
    counts("IRIW, relaxed", Mode::Sc, 15, move || execution(RELAXED));
}

#[test]
fn two_plus_two_relaxed_writes_have_4_executions() {
    counts("2+2W, relaxed", Mode::Rc11, 4, || {
        two_plus_two_writes(RELAXED);
    });
}

#[test]
fn two_plus_two_sequentially_consistent_writes_have_3_executions() {
    counts("2+2W, SeqCst", Mode::Rc11, 3, || {
        two_plus_two_writes(CONSISTENT);
    });
    counts("2+2W, relaxed", Mode::Sc, 3, || {
        two_plus_two_writes(RELAXED);
    });
}

fn factorial(n: u64) -> u64 {
    (1..=n).product()
}

#[test]
fn n_additions_have_as_many_executions_as_orders() {
    for (n, mode) in (2..=5).flat_map(|n| BOTH.map(|mode| (n, mode))) {
        counts(&format!("{n} additions"), mode, factorial(n), move || {
            let count = Arc::new(Atomic::new(0_u64));
            let add = |_| {
                let count = count.clone();
                thread::spawn(move || count.fetch_add(1, Relaxed))
            };
            let threads: Vec<_> = (0..n).map(add).collect();
            let mut seen: Vec<_> = threads.into_iter().map(|thread| thread.join()).collect();
            seen.sort_unstable();
            assert!(seen.into_iter().eq(0..n), "each has found another number");
            assert_eq!(count.load(Relaxed), n, "none is lost");
        });
    }
}

#[test]
fn n_holders_of_a_mutex_have_as_many_executions_as_orders() {
    for (n, mode) in (2..=5).flat_map(|n| BOTH.map(|mode| (n, mode))) {
        counts(&format!("mutex, {n} threads"), mode, factorial(n), move || {
            let world = Arc::new((Mutex::new(0_u64), Cell::new(0_u64)));
            let lock = |_| {
                let world = world.clone();
                thread::spawn(move || {
                    let (mutex, cell) = &*world;
                    let mut held = mutex.lock();
                    *held += 1;
                    cell.set(cell.get() + 1);
                })
            };
            let threads: Vec<_> = (0..n).map(lock).collect();
            threads.into_iter().for_each(|thread| thread.join());
            assert_eq!(*world.0.lock(), n, "the mutex owns its value");
            assert_eq!(world.1.get(), n, "and guards what is not its own");
        });
    }
}
