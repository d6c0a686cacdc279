//! What the RC11 engine alone can do: spurious failures, exact asymmetric fences, parts, many workers.

use crate::check::{self, FailureKind, Incomplete, MergeError, Report, Weaken};
use crate::rcu::{Rcu, RcuCell};
use crate::sync::Ordering::{AcqRel, Acquire, Relaxed, Release};
use crate::sync::alloc::{Atomic, Owned};
use crate::sync::{
    Arc, AtomicU32, AtomicUsize, Condvar, Mutex, heavy_fence, light_fence, thread, wait_until,
};

fn weak_exchange() {
    let n = AtomicU32::new(0);
    check::reached(match n.compare_exchange_weak(0, 1, Relaxed, Relaxed) {
        Ok(_) => "exchanged",
        Err(_) => "failed for no reason",
    });
}

#[test]
fn a_weak_exchange_fails_for_no_reason_if_that_is_asked_for() {
    let report = check::rc11("weak").spurious_failures(true).run(weak_exchange).assert_complete();
    assert_eq!(report.outcomes.keys().collect::<Vec<_>>(), ["exchanged", "failed for no reason"]);
    let report = check::rc11("weak").run(weak_exchange).assert_complete();
    assert_eq!((report.executions, report.outcomes.len()), (1, 1));
}

/// Store buffering with a fence on each side; reports which values were read.
fn store_buffering(left: fn(), right: fn()) -> Report {
    check::rc11("store buffering").run(move || {
        let (x, y) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let (there, here) = (x.clone(), y.clone());
        let other = thread::spawn(move || {
            here.store(1, Relaxed);
            right();
            there.load(Relaxed)
        });
        x.store(1, Relaxed);
        left();
        if (y.load(Relaxed), other.join().unwrap()) == (0, 0) {
            check::reached("both old");
        }
    })
}

#[test]
fn a_light_fence_orders_against_heavy_ones_and_not_against_light_ones() {
    assert!(!store_buffering(light_fence, heavy_fence).assert_complete().outcomes.contains_key("both old"));
    assert!(store_buffering(light_fence, light_fence).assert_complete().outcomes.contains_key("both old"));
}

/// Addresses differ from execution to execution; what atomics keep of them must not.
#[test]
fn heap_objects_are_published_in_many_ways_and_freed_once() {
    let report = check::rc11("publish").threads(3).reaches(&["first", "second"]).run(|| {
        let place: Arc<Atomic<u32>> = Arc::new(Atomic::new(None));
        let put = |value: u32| {
            let place = place.clone();
            thread::spawn(move || {
                let new = Owned::try_new(value).expect("memory is not failing here").into_shared();
                if let Some(old) = place.swap(Some(new), AcqRel) {
                    // SAFETY: what is swapped out is nobody else's any more.
                    drop(unsafe { old.into_owned() });
                }
            })
        };
        for thread in [put(1), put(2)] {
            thread.join().unwrap();
        }
        let last = place.load(Acquire).expect("two were put there");
        // SAFETY: both threads have ended.
        let last = unsafe { last.into_owned() };
        check::reached(if *last == 1 { "first" } else { "second" });
    });
    assert_eq!(report.assert_complete().executions, 2);
}

#[test]
fn a_lost_wake_up_is_a_deadlock_with_the_interleaving_that_leads_to_it() {
    let failure = check::rc11("wake up").run(|| {
        let pair = Arc::new((Mutex::new(false), Condvar::new()));
        let there = pair.clone();
        let waker = thread::spawn(move || {
            *there.0.lock() = true;
            there.1.notify_one();
        });
        let (ready, wake) = (&pair.0, &pair.1);
        if !*ready.lock() {
            // The lock was given up in between.
            drop(wake.wait(ready.lock()));
        }
        waker.join().unwrap();
    });
    let failure = failure.assert_failed();
    assert_eq!(failure.kind, FailureKind::Deadlock, "{failure}");
    assert!(failure.events.iter().any(|event| event.operation == "lock"), "{failure}");
}

#[test]
fn a_wait_is_no_loop() {
    let report = check::rc11("wait").threads(2).run(|| {
        let ready = Arc::new(AtomicUsize::new(0));
        let there = ready.clone();
        let other = thread::spawn(move || there.store(7, Release));
        assert_eq!(wait_until(&*ready, Acquire, |value| value > 3), 7);
        other.join().unwrap();
    });
    assert_eq!(report.assert_complete().executions, 1);
}

/// Three threads add to one counter: 3! executions.
fn additions() {
    let n = Arc::new(AtomicU32::new(0));
    let add = |_| {
        let n = n.clone();
        thread::spawn(move || check::reached(if n.fetch_add(1, Relaxed) == 0 { "first" } else { "later" }))
    };
    for thread in [0; 3].map(add) {
        thread.join().unwrap();
    }
}

#[test]
fn workers_share_what_there_is() {
    for workers in [1, 2, 4] {
        let report = check::rc11("additions").threads(4).workers(workers).run(additions).assert_complete();
        assert_eq!((report.executions, report.outcomes["first"]), (6, 6), "{workers} workers");
    }
}

#[test]
fn the_parts_of_a_check_add_up_to_the_whole() {
    let check = || check::rc11("additions").threads(4).reaches(&["first"]);
    let whole = check().run(additions).assert_complete();
    let split = check().split(3, additions);
    assert!(split.pieces() >= 3 && !split.begun.is_complete());
    let text = serde_json::to_string(&split).unwrap();
    let split: check::Split = serde_json::from_str(&text).unwrap();
    let parts: Vec<Report> = (0..2).map(|part| check().run_part(&split, part, 2, additions)).collect();
    let sum = split.merge(&check(), &parts).unwrap().assert_complete();
    assert_eq!(
        (sum.executions, sum.blocked, sum.outcomes),
        (whole.executions, whole.blocked, whole.outcomes.clone())
    );
    let half = split.merge(&check(), &parts[..1]).unwrap();
    assert_eq!(half.incomplete, [Incomplete::MissingPart { part: 1, of: 2 }]);
    assert_eq!(split.merge(&check(), &[]), Err(MergeError::Nothing));
    let twice = [parts[1].clone(), parts[1].clone()];
    assert_eq!(split.merge(&check(), &twice), Err(MergeError::Twice { part: 1 }));
    assert_eq!(split.merge(&check(), std::slice::from_ref(&whole)), Err(MergeError::NoPart));
}

/// A reader against an updater that replaces what a cell holds, waits for a grace period and frees the old thing.
fn reader_against_grace_period() {
    let rcu = Rcu::new();
    let cell = RcuCell::new(&rcu, Some(Owned::try_new(1).expect("memory is not failing here")));
    let world = Arc::new((rcu, cell));
    let there = world.clone();
    let prepared = world.0.prepare_reader();
    let reader = thread::spawn(move || {
        prepared.register();
        let guard = there.0.read_lock();
        let value = *there.1.load(&guard).expect("the cell is never empty");
        check::reached(if value == 1 { "old" } else { "new" });
    });
    let (rcu, cell) = &*world;
    let old = cell.replace(Some(Owned::try_new(2).expect("memory is not failing here"))).expect("it held 1");
    rcu.synchronize_and_free(old);
    reader.join().unwrap();
}

/// A light fence acquires nothing, so the reader's load of the number must.
#[test]
fn the_acquire_of_the_grace_period_number_is_necessary() {
    const NUMBER: &str = "self.number.load(Ordering::Acquire)";
    let source = include_str!("../../rcu/grace_period.rs");
    let line = source.lines().position(|line| line.contains(NUMBER)).expect("it is loaded there") as u32 + 1;
    let check = || check::rc11("number").threads(2).reaches(&["old", "new"]);
    check().run(reader_against_grace_period).assert_complete();
    let weaken = Weaken { file: "rcu/grace_period.rs".into(), line, to: Some(Relaxed) };
    let failure = check().weaken(weaken).run(reader_against_grace_period).assert_failed();
    assert_eq!(failure.kind, FailureKind::UseAfterFree, "{failure}");
}
