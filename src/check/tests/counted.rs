//! Counted values: which reference is the last one, and what its drop sees.

use super::{exhaustive_checks, is_rc11, is_weak};
use crate::check::{self, Check, FailureKind, Weaken};
use crate::sync::Ordering::Relaxed;
use crate::sync::{Arc, ArcSwapOption, AtomicU32, Counted, UnsafeCell, thread};

/// Plain memory, of which each user writes a piece before it lets go of the value, and the value's drop reads all.
struct Value {
    pieces: [UnsafeCell<u32>; 2],
    /// Where the drop tells how many of them it has seen written.
    told: Arc<AtomicU32>,
}

// SAFETY: a piece has one user; the checker watches whether the drop comes after what that does.
unsafe impl Sync for Value {}

impl Value {
    fn new(told: &Arc<AtomicU32>) -> Counted<Value> {
        Counted::new(Value { pieces: [UnsafeCell::new(0), UnsafeCell::new(0)], told: told.clone() })
    }

    fn write(&self, piece: usize) {
        // SAFETY: nobody else has this piece.
        self.pieces[piece].with_mut(|piece| unsafe { *piece += 1 });
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        // SAFETY: there are no users any more.
        let seen = |piece: &UnsafeCell<u32>| piece.with(|piece| unsafe { *piece });
        self.told.fetch_add(self.pieces.iter().map(seen).sum(), Relaxed);
    }
}

/// Drops a reference; whether the value is still there after that, as far as this thread can tell. The one who drops the
/// value can tell.
fn drop_one(value: Counted<Value>, told: &AtomicU32) -> bool {
    drop(value);
    told.load(Relaxed) == 0
}

/// Two threads drop the two references.
fn two_drops() {
    let told = Arc::new(AtomicU32::new(0));
    let (ours, tells) = (Value::new(&told), told.clone());
    let theirs = ours.clone();
    let other = thread::spawn(move || {
        theirs.write(1);
        if drop_one(theirs, &tells) {
            check::reached("the other thread's is not the last");
        }
    });
    ours.write(0);
    if drop_one(ours, &told) {
        check::reached("ours is not the last");
    }
    other.join().unwrap();
    assert_eq!(told.load(Relaxed), 2, "the value is dropped once, and sees what both did");
}

#[test]
fn either_of_two_unordered_drops_may_be_the_last() {
    for check in exhaustive_checks("two drops") {
        let outcomes = ["ours is not the last", "the other thread's is not the last"];
        check.threads(2).reaches(&outcomes).run(two_drops).assert_complete();
    }
}

/// A thread loads a value that another takes out; both drop what they have.
fn load_against_swap() {
    let told = Arc::new(AtomicU32::new(0));
    let place = Arc::new(ArcSwapOption::new(Some(Value::new(&told))));
    let (there, tells) = (place.clone(), told.clone());
    let reader = thread::spawn(move || {
        let Some(value) = there.load_full() else { return false };
        value.write(1);
        if drop_one(value, &tells) {
            check::reached("the swapped one is the last");
        }
        true
    });
    let value = place.swap(None).expect("it was there");
    value.write(0);
    let is_there = drop_one(value, &told);
    let loaded = reader.join().unwrap();
    assert!(loaded || !is_there, "what is in no place and was not loaded is dropped");
    check::reached(match (loaded, is_there) {
        (true, true) => "the loaded one is the last",
        (true, false) => "either",
        (false, _) => "the load came late",
    });
    assert_eq!(told.load(Relaxed), 1 + u32::from(loaded));
}

#[test]
fn the_loaded_reference_or_the_swapped_one_is_the_last() {
    for check in exhaustive_checks("load and swap") {
        let outcomes =
            ["the swapped one is the last", "the loaded one is the last", "either", "the load came late"];
        check.threads(2).reaches(&outcomes).run(load_against_swap).assert_complete();
    }
}

#[test]
fn to_clone_is_no_operation() {
    for check in exhaustive_checks("orders").into_iter().filter(is_rc11) {
        let report = check.threads(3).run(|| {
            let value = Counted::new(7);
            let threads = [value.clone(), value.clone()];
            let threads = threads.map(|value| thread::spawn(move || drop(value.clone())));
            drop(value);
            threads.into_iter().for_each(|thread| thread.join().unwrap());
        });
        // The orders of five drops, two of each thread and one of the first: 5! / (2! * 2!).
        assert_eq!(report.assert_complete().executions, 30);
    }
}

#[test]
fn a_reference_that_is_alone_is_dropped_without_an_operation() {
    for check in exhaustive_checks("alone") {
        let report = check.run(|| {
            AtomicU32::new(0).load(Relaxed);
            drop(Counted::new(7));
        });
        assert_eq!(report.assert_complete().deepest, 1);
    }
}

/// The line of `src/sync/checked/counted.rs` that has this ordering, with the check in which it is relaxed.
fn relaxed(check: Check, order: &str) -> Check {
    let source = include_str!("../../sync/checked/counted.rs");
    let lines: Vec<_> = (1..).zip(source.lines()).filter(|(_, line)| line.contains(order)).collect();
    let [(line, _)] = lines[..] else { panic!("{order} is there once") };
    check.weaken(Weaken { file: "checked/counted.rs".into(), line, to: Some(Relaxed) })
}

#[test]
fn without_release_or_acquire_the_drop_races_with_what_others_did() {
    for order in ["Ordering::Release", "Ordering::Acquire"] {
        for program in [two_drops, load_against_swap] {
            for check in exhaustive_checks(order).into_iter().filter(is_weak) {
                let failure = relaxed(check, order).threads(2).run(program).assert_failed();
                assert_eq!(failure.kind, FailureKind::DataRace, "{failure}");
            }
        }
    }
}

#[test]
fn a_value_from_outside() {
    for check in exhaustive_checks("outside") {
        let outside = Counted::new(7);
        let failure = check.run(move || drop(outside.clone())).assert_failed();
        assert_eq!(failure.kind, FailureKind::ForeignObject, "{failure}");
    }
}

#[test]
fn the_log_calls_it_by_its_type() {
    for check in exhaustive_checks("log") {
        let failure = check.run(|| {
            let value = Value::new(&Arc::new(AtomicU32::new(0)));
            drop(value.clone());
            panic!("the log is wanted");
        });
        let events = failure.assert_failed().events;
        let [given_up] = &events[..] else { panic!("one operation: {events:?}") };
        assert!(given_up.object.starts_with("Value@0."), "{}", given_up.object);
        assert_eq!((given_up.operation.as_str(), given_up.value.as_str()), ("fetch_add", "0 -> 1"));
    }
}
