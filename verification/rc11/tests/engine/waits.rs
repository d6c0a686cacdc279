//! Threads that wait: for a value, a lock, to be woken, another turn of a loop; and in vain.

use crate::{fails, holds};
use rc11::{Atomic, Condvar, Explorer, FailureKind, Mutex, thread};
use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

#[test]
fn locking_twice_is_a_deadlock() {
    let failure = fails(FailureKind::Deadlock, || {
        let lock = Mutex::new(());
        let _held = lock.lock();
        let _again = lock.lock();
    });
    assert!(failure.message.contains("thread 0: read-modify-write"), "{failure}");
}

/// Two threads take two locks in opposite orders.
fn crossed_locks() {
    let locks = Arc::new((Mutex::new(()), Mutex::new(())));
    let other = locks.clone();
    let thread = thread::spawn(move || {
        let _second = other.1.lock();
        let _first = other.0.lock();
    });
    {
        let _first = locks.0.lock();
        let _second = locks.1.lock();
    }
    thread.join();
}

#[test]
fn locks_taken_in_opposite_orders_are_a_deadlock() {
    let failure = fails(FailureKind::Deadlock, crossed_locks);
    assert!(failure.message.contains("thread 0: read-modify-write"), "{failure}");
    assert!(failure.message.contains("thread 1: read-modify-write"), "{failure}");
}

#[test]
fn a_deadlock_that_is_allowed_is_counted() {
    let report = Explorer::new().allow_deadlocks(true).count_duplicates(true).run(crossed_locks);
    let report = report.assert_complete();
    assert_eq!((report.complete, report.deadlocked, report.duplicates), (2, 1, 0));
}

/// A waiter without a flag; it hears only what is said while it waits.
#[test]
fn a_wake_up_before_the_wait_is_lost() {
    fails(FailureKind::Deadlock, || {
        let world = Arc::new((Mutex::new(()), Condvar::new()));
        let waker = thread::spawn({
            let world = world.clone();
            move || {
                let _held = world.0.lock();
                world.1.notify_one();
            }
        });
        drop(world.1.wait(world.0.lock()));
        waker.join();
    });
}

#[test]
fn no_wake_up_is_lost_with_a_flag_under_the_lock() {
    let report = holds(|| {
        let world = Arc::new((Mutex::new(false), Condvar::new()));
        let waker = thread::spawn({
            let world = world.clone();
            move || {
                *world.0.lock() = true;
                world.1.notify_one();
            }
        });
        let mut ready = world.0.lock();
        while !*ready {
            ready = world.1.wait(ready);
        }
        drop(ready);
        waker.join();
    });
    assert!(report.complete >= 2, "the flag is set before and after the look: {report}");
}

/// Two threads wait, under the lock, until a number is theirs; the first thread wakes when both wait.
fn two_waiters(wake: fn(&Condvar)) {
    let world = Arc::new((Mutex::new(0), Condvar::new(), Atomic::new(0)));
    let waiters = [(); 2].map(|()| {
        let world = world.clone();
        thread::spawn(move || {
            let held = world.0.lock();
            world.2.fetch_add(1, Relaxed);
            let mut held = world.1.wait(held);
            *held += 1;
        })
    });
    world.2.wait_until(Relaxed, |waiting| waiting == 2);
    let held = world.0.lock();
    wake(&world.1);
    drop(held);
    waiters.into_iter().for_each(|waiter| waiter.join());
    assert_eq!(*world.0.lock(), 2);
}

#[test]
fn one_is_woken_by_one_call() {
    fails(FailureKind::Deadlock, || two_waiters(Condvar::notify_one));
    holds(|| {
        two_waiters(|condvar| {
            condvar.notify_one();
            condvar.notify_one();
        });
    });
}

#[test]
fn all_are_woken_at_once() {
    holds(|| two_waiters(Condvar::notify_all));
}

#[test]
fn nobody_is_woken_if_nobody_waits() {
    fails(FailureKind::Deadlock, || {
        let (lock, condvar) = (Mutex::new(()), Condvar::new());
        condvar.notify_one();
        condvar.notify_all();
        drop(condvar.wait(lock.lock()));
    });
}

/// A thread waits for a value that another overwrites.
fn overwritten() {
    let shared = Arc::new(Atomic::new(0));
    let writer = thread::spawn({
        let shared = shared.clone();
        move || {
            shared.store(1, Relaxed);
            shared.store(2, Relaxed);
        }
    });
    shared.wait_until(Relaxed, |value| value == 1);
    writer.join();
}

#[test]
fn a_value_that_is_overwritten_may_be_missed() {
    fails(FailureKind::Deadlock, overwritten);
    let report = Explorer::new().allow_deadlocks(true).run(overwritten).assert_complete();
    assert_eq!((report.complete, report.deadlocked), (1, 1));
}

#[test]
fn a_wait_reads_every_value_that_is_enough() {
    let report = holds(|| {
        let shared = Arc::new(Atomic::new(0));
        let writer = thread::spawn({
            let shared = shared.clone();
            move || (1..=3).for_each(|value| shared.store(value, Relaxed))
        });
        assert!(shared.wait_until(Relaxed, |value| value >= 2) >= 2);
        writer.join();
    });
    assert_eq!((report.complete, report.blocked), (2, 0));
}

#[test]
fn a_wait_that_is_over_has_synchronised() {
    let execution = |order| {
        let world = Arc::new((rc11::Cell::new(0), Atomic::new(0)));
        let writer = thread::spawn({
            let world = world.clone();
            move || {
                world.0.set(1);
                world.1.store(1, Release);
            }
        });
        world.1.wait_until(order, |value| value == 1);
        assert_eq!(world.0.get(), 1);
        writer.join();
    };
    assert_eq!(holds(move || execution(Acquire)).complete, 1);
    fails(FailureKind::DataRace, move || execution(Relaxed));
}

/// Pops what another thread pushes, with a loop that says that a turn was in vain.
fn in_turns(pushes: bool) {
    let count = Arc::new(Atomic::new(0));
    let pusher = thread::spawn({
        let count = count.clone();
        move || {
            if pushes {
                count.fetch_add(1, Relaxed);
            }
        }
    });
    while count.update(Relaxed, |count: u32| count.checked_sub(1)).is_err() {
        thread::retry();
    }
    pusher.join();
}

#[test]
fn a_turn_in_vain_is_taken_back() {
    let report = holds(|| in_turns(true));
    assert_eq!((report.complete, report.blocked), (1, 1));
}

#[test]
fn turns_that_are_all_in_vain_are_a_deadlock() {
    let failure = fails(FailureKind::Deadlock, || in_turns(false));
    assert!(failure.message.contains("thread 0: another turn of a loop"), "{failure}");
}

#[test]
fn a_blocked_execution_runs_to_its_end_and_is_not_one_of_those_explored() {
    use std::sync::atomic::AtomicU64;
    static ENDS: AtomicU64 = AtomicU64::new(0);
    static EXPLORED: AtomicU64 = AtomicU64::new(0);
    let report = holds(|| {
        in_turns(true);
        ENDS.fetch_add(1, Relaxed);
        EXPLORED.fetch_add(u64::from(thread::is_explored()), Relaxed);
    });
    assert_eq!(
        (ENDS.load(Relaxed), EXPLORED.load(Relaxed)),
        (report.complete + report.blocked, report.complete)
    );
}
