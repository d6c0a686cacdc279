//! One exploration by several workers, and in parts: the totals are those of the undivided one.

use rc11::{Atomic, Explorer, Mode, Mutex, Report, Split, Stopped, choose, fence, thread};
use std::sync::Arc;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};

type Totals = (u64, u64, u64, u64, usize, usize);

fn totals(report: &Report) -> Totals {
    let r = report;
    (r.complete, r.blocked, r.deadlocked, r.events, r.deepest, r.threads)
}

/// A reference count: one drops the first reference, the others try to get one and put it.
fn refcount(threads: usize) {
    let count = Arc::new(Atomic::new(1_u32));
    let users: Vec<_> = (1..threads)
        .map(|_| {
            let count = count.clone();
            thread::spawn(move || {
                while let seen @ 1.. = count.load(Relaxed) {
                    if count.compare_exchange(seen, seen + 1, Relaxed, Relaxed).is_ok() {
                        return count.fetch_sub(1, AcqRel) == 1;
                    }
                    thread::retry();
                }
                false
            })
        })
        .collect();
    let mine = count.fetch_sub(1, AcqRel) == 1;
    let last = users.into_iter().map(|user| user.join()).filter(|last| *last).count() + usize::from(mine);
    assert_eq!(last, 1, "one is the last");
}

/// Readers in a section each, against one grace period.
fn grace_period(readers: usize) {
    let world = Arc::new((Atomic::new(1_u64), Atomic::new(0), Atomic::new(0)));
    let slots: Vec<_> = (0..readers).map(|_| Arc::new(Atomic::new(0_u64))).collect();
    for slot in slots.clone() {
        let world = world.clone();
        thread::spawn(move || {
            slot.store(world.0.load(Relaxed), Relaxed);
            fence(SeqCst);
            let (x, y) = (world.1.load(Relaxed), world.2.load(Relaxed));
            slot.store(0, Release);
            assert!(x == 1 || y == 0, "a section is not before and after a grace period");
        });
    }
    world.1.store(1, Relaxed);
    let number = world.0.fetch_add(1, AcqRel) + 1;
    fence(SeqCst);
    for slot in &slots {
        slot.wait_until(Acquire, |entered| entered == 0 || entered >= number);
    }
    world.2.store(1, Relaxed);
}

/// Threads that make atomics only where they read something: who makes one first differs from execution to execution.
fn late_makers() {
    let world = Arc::new((Atomic::new(0), Atomic::new(0)));
    let makers = [(); 3].map(|()| {
        let world = world.clone();
        thread::spawn(move || {
            if world.0.fetch_add(1, Relaxed) > 0 {
                let own = Arc::new(Atomic::new(0));
                let theirs = own.clone();
                thread::spawn(move || theirs.store(1, Relaxed));
                world.1.fetch_add(own.load(Relaxed), Relaxed);
            }
        })
    });
    makers.into_iter().for_each(|maker| maker.join());
}

/// Threads of which some start another, which takes the locks that they take: some executions are blocked on the way.
fn late_lockers() {
    let world = Arc::new((Atomic::new(0), Mutex::new(()), Mutex::new(())));
    for _ in 0..2 {
        let world = world.clone();
        thread::spawn(move || {
            if world.0.fetch_add(1, Relaxed) > 0 {
                let world = world.clone();
                thread::spawn(move || {
                    let _one = world.1.lock();
                    let _other = world.2.lock();
                });
            }
            drop(world.1.lock());
            drop(world.2.lock());
        });
    }
}

const PROGRAMS: [(&str, fn()); 5] = [
    ("refcount", || refcount(4)),
    ("grace period", || grace_period(2)),
    ("late makers", late_makers),
    ("late lockers", late_lockers),
    ("one execution", || assert_eq!(Atomic::new(0).swap(1, Relaxed), 0)),
];

#[test]
fn several_workers_find_what_one_finds() {
    for (name, program) in PROGRAMS {
        let one = Explorer::new().run(program).assert_complete();
        for workers in [2, 5] {
            let several = Explorer::new().workers(workers).count_duplicates(true).run(program);
            let several = several.assert_complete();
            assert_eq!(totals(&several), totals(&one), "{name}, {workers} workers");
            assert_eq!(several.duplicates, 0, "{name}");
            assert!((several.explored - 1.0).abs() < 1e-6, "{name}: {}", several.explored);
        }
    }
}

#[test]
fn a_worker_for_each_processor_finds_what_one_finds() {
    let report = Explorer::new().workers(0).run(|| grace_period(2));
    assert_eq!(report.assert_complete().complete, 81);
}

#[test]
fn a_failure_ends_the_work_of_all() {
    let report = Explorer::new().workers(4).run(|| {
        refcount(4);
        assert!(choose(2) == 0, "chosen");
    });
    assert_eq!(report.assert_failed().message, "chosen");
}

/// Divides the exploration, sends everything through JSON, and adds up what the parts find.
fn divided(explorer: &Explorer, program: fn(), items: usize, parts: usize) -> Report {
    let split = explorer.split(items, program);
    let sent = serde_json::to_string(&split).expect("it is serialised");
    let split: Split = serde_json::from_str(&sent).expect("it is read back");
    let mut sum = split.begun.clone();
    if split.items() > 0 {
        assert_eq!(sum.stopped, Some(Stopped::Part));
    }
    for part in 0..parts {
        let report = explorer.run_part(&split, part, parts, program);
        let sent = serde_json::to_string(&report).expect("it is serialised");
        sum.merge(&serde_json::from_str(&sent).expect("it is read back"));
    }
    sum
}

#[test]
fn the_parts_add_up_to_the_whole() {
    for (name, program) in PROGRAMS {
        for mode in [Mode::Rc11, Mode::Sc] {
            let explorer = Explorer::new().mode(mode);
            let whole = explorer.run(program).assert_complete();
            for (items, parts) in [(1, 1), (10, 3), (40, 7)] {
                let sum = divided(&explorer, program, items, parts).assert_complete();
                assert_eq!(totals(&sum), totals(&whole), "{name}, {mode:?}: {items} items in {parts} parts");
                assert!((sum.explored - 1.0).abs() < 1e-6, "{name}: {}", sum.explored);
            }
        }
    }
}

#[test]
fn as_many_items_are_left_as_asked_for() {
    for items in 1..40 {
        let left = Explorer::new().split(items, || refcount(4)).items();
        assert!((items..items + 30).contains(&left), "{left} items for {items}");
    }
}

#[test]
fn no_item_stands_for_most_of_what_is_left() {
    let explorer = Explorer::new();
    let split = explorer.split(30, || refcount(4));
    let share = |item| explorer.run_part(&split, item, split.items(), || refcount(4)).explored;
    let greatest = (0..split.items()).map(share).fold(0.0, f64::max);
    assert!(greatest < 0.1, "{greatest}");
}

#[test]
fn a_sum_of_parts_is_not_complete_if_one_is_not() {
    let explorer = Explorer::new();
    let split = explorer.split(10, || refcount(4));
    let mut sum = split.begun.clone();
    sum.merge(&explorer.clone().executions(1).run_part(&split, 0, 2, || refcount(4)));
    sum.merge(&explorer.run_part(&split, 1, 2, || refcount(4)));
    assert_eq!(sum.stopped, Some(Stopped::Executions));
}

#[test]
fn the_failure_of_a_part_is_that_of_the_sum() {
    let execution = || {
        refcount(3);
        assert!(choose(2) == 0, "chosen");
    };
    let explorer = Explorer::new();
    let split = explorer.split(2, execution);
    let mut sum = split.begun.clone();
    for part in 0..2 {
        sum.merge(&explorer.run_part(&split, part, 2, execution));
    }
    assert_eq!(sum.assert_failed().message, "chosen");
}

#[test]
#[should_panic(expected = "parts are numbered from 0")]
fn there_is_no_part_beyond_the_last() {
    let split = Explorer::new().split(2, || refcount(2));
    drop(Explorer::new().run_part(&split, 2, 2, || refcount(2)));
}
