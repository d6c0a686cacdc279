//! Callbacks, barriers and reclaimers.

use super::*;
use crate::sync::{AtomicU64, Mutex, Ordering, planned_panic, thread};

type Log = Arc<Mutex<Vec<u32>>>;

/// A log, and a maker of callbacks that write a number to it.
fn log() -> (Log, impl Fn(u32) -> Box<dyn FnOnce() + Send>) {
    let log = Arc::new(Mutex::new(Vec::new()));
    let write = {
        let log = log.clone();
        move |n| -> Box<dyn FnOnce() + Send> {
            let log = log.clone();
            Box::new(move || log.lock().push(n))
        }
    };
    (log, write)
}

#[test]
fn callbacks_run_in_order_and_not_before_a_barrier() {
    let (rcu, (log, write)) = (Rcu::new(), log());
    (0..5).for_each(|n| rcu.call(write(n)));
    assert!(log.lock().is_empty());
    rcu.barrier();
    assert_eq!(*log.lock(), [0, 1, 2, 3, 4]);
}

#[test]
fn what_a_callback_queues_belongs_to_the_next_barrier() {
    let (rcu, (log, write)) = (Rcu::new(), log());
    let (first, second) = (write(1), write(2));
    rcu.call({
        let rcu = rcu.clone();
        move || {
            first();
            rcu.call(second);
        }
    });
    rcu.barrier();
    assert_eq!(*log.lock(), [1]);
    rcu.barrier();
    assert_eq!(*log.lock(), [1, 2]);
}

#[test]
fn a_callback_that_panics_harms_no_other() {
    let (rcu, (log, write)) = (Rcu::new(), log());
    rcu.call(|| planned_panic());
    rcu.call(write(1));
    rcu.barrier();
    assert_eq!(*log.lock(), [1]);
    assert!(!rcu.in_callback());
}

#[test]
fn a_barrier_in_a_callback_or_a_section_panics() {
    let rcu = Rcu::new();
    let panicked = Arc::new(AtomicU64::new(0));
    rcu.call({
        let (rcu, panicked) = (rcu.clone(), panicked.clone());
        move || {
            assert!(rcu.in_callback());
            let barrier = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| rcu.barrier()));
            panicked.fetch_add(u64::from(barrier.is_err()), Ordering::Relaxed);
        }
    });
    rcu.barrier();
    let guard = rcu.read_lock();
    let barrier = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| rcu.barrier()));
    drop(guard);
    assert!(barrier.is_err());
    assert_eq!(panicked.load(Ordering::Relaxed), 1);
}

#[test]
fn the_last_handle_runs_what_is_left_chained_callbacks_too() {
    let (rcu, (log, write)) = (Rcu::new(), log());
    let (first, second) = (write(1), write(2));
    let other = rcu.clone();
    rcu.call(move || {
        first();
        other.call(second);
    });
    rcu.call(write(3));
    rcu.barrier(); // Runs the first, which held a handle.
    assert_eq!(*log.lock(), [1, 3]);
    drop(rcu);
    assert_eq!(*log.lock(), [1, 3, 2]);
}

#[test]
fn a_reclaimer_runs_callbacks_without_being_asked() {
    let rcu = Rcu::with_reclaimer(Workqueue::spawn("reclaimer"));
    let ran = Arc::new(AtomicU64::new(0));
    for _ in 0..1000 {
        let ran = ran.clone();
        rcu.call(move || _ = ran.fetch_add(1, Ordering::Relaxed));
    }
    while ran.load(Ordering::Relaxed) < 1000 {
        thread::yield_now();
    }
}

#[test]
fn a_barrier_waits_for_a_batch_that_another_thread_took() {
    let rcu = Rcu::with_reclaimer(Workqueue::spawn("reclaimer"));
    for _ in 0..200 {
        let ran = Arc::new(AtomicU64::new(0));
        for _ in 0..3 {
            let ran = ran.clone();
            rcu.call(move || {
                thread::yield_now();
                ran.fetch_add(1, Ordering::Relaxed);
            });
        }
        rcu.barrier();
        assert_eq!(ran.load(Ordering::Relaxed), 3);
    }
}

#[test]
fn a_callback_may_hold_the_last_handle_of_a_reclaimed_domain() {
    let queue = Workqueue::manual();
    let (log, write) = log();
    let rcu = Rcu::with_reclaimer(queue.clone());
    let (inner, second, first) = (rcu.clone(), write(2), write(1));
    rcu.call(move || {
        first();
        inner.call(second);
    });
    drop(rcu);
    assert!(queue.run_pending() >= 1);
    assert_eq!(*log.lock(), [1, 2]);
}

#[test]
fn callbacks_that_were_refused_run_with_the_next_one() {
    let queue = Workqueue::manual();
    let (rcu, (log, write)) = (Rcu::with_reclaimer(queue.clone()), log());
    queue.shutdown();
    let guard = rcu.read_lock();
    rcu.call(write(1));
    drop(guard);
    assert!(log.lock().is_empty(), "nobody waits for a section inside it");
    rcu.call(write(2));
    assert_eq!(*log.lock(), [1, 2]);
}
