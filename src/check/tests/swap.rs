//! The cell that stands for arc-swap's under an engine: what it must share with the original.

use super::{exhaustive_checks, is_weak};
use crate::check::{self, FailureKind, Weaken};
use crate::sync::Ordering::Relaxed;
use crate::sync::{self, Arc, ArcSwapOption, AtomicU32, Counted, UnsafeCell, thread};

/// Plain memory, written before it is put in a place and when its last reference goes.
struct Value {
    number: UnsafeCell<u32>,
    drops: Arc<AtomicU32>,
}

// SAFETY: written while there is one reference; the checker watches whether that is so.
unsafe impl Sync for Value {}

impl Value {
    fn new(number: u32, drops: &Arc<AtomicU32>) -> Option<Counted<Value>> {
        let value = Value { number: UnsafeCell::new(0), drops: drops.clone() };
        // SAFETY: nobody else has it.
        value.number.with_mut(|place| unsafe { *place = number });
        Some(Counted::new(value))
    }

    fn get(&self) -> u32 {
        // SAFETY: it is written before it is shared.
        self.number.with(|number| unsafe { *number })
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Relaxed);
    }
}

/// The line of the swap.
const SITE: u32 = line!() + 2;
fn put(place: &ArcSwapOption<Value>, value: Option<Counted<Value>>) -> Option<Counted<Value>> {
    place.swap(value)
}

/// A load against a swap.
fn load_against_swap() {
    let drops = Arc::new(AtomicU32::new(0));
    let place = Arc::new(ArcSwapOption::new(Value::new(1, &drops)));
    let there = place.clone();
    let reader = thread::spawn(move || {
        let seen = there.load_full().map(|value| value.get());
        check::reached(if seen == Some(1) { "old" } else { "new" });
        assert!(matches!(seen, Some(1 | 2)));
    });
    let old = put(&place, Value::new(2, &drops));
    assert_eq!(old.expect("it was there").get(), 1);
    assert_eq!(
        place.load_full().map(|value| value.get()),
        Some(2),
        "no load that begins later finds the old one"
    );
    reader.join().unwrap();
    assert_eq!(drops.load(Relaxed), 1, "the old value went with its last reference");
    drop(place.swap(None));
    assert_eq!(drops.load(Relaxed), 2);
    assert!(place.load_full().is_none());
}

#[test]
fn a_load_sees_the_old_value_or_the_new_one_and_all_behind_it() {
    for check in exhaustive_checks("load against swap") {
        check.threads(2).reaches(&["old", "new"]).run(load_against_swap).assert_complete();
    }
}

#[test]
fn two_swaps_hand_each_value_out_once() {
    for check in exhaustive_checks("two swaps") {
        let report = check.threads(2).run(|| {
            let drops = Arc::new(AtomicU32::new(0));
            let place = Arc::new(ArcSwapOption::new(None));
            let (there, theirs) = (place.clone(), Value::new(1, &drops));
            let other = thread::spawn(move || there.swap(theirs).map(|value| value.get()));
            let first = place.swap(Value::new(2, &drops)).map(|value| value.get());
            let second = other.join().unwrap();
            let last = place.swap(None).map(|value| value.get());
            let mut all = [first, second, last];
            all.sort();
            assert_eq!(all, [None, Some(1), Some(2)]);
            assert_eq!(drops.load(Relaxed), 2);
        });
        report.assert_complete();
    }
}

#[test]
fn a_cell_frees_what_it_holds() {
    for check in exhaustive_checks("dropped with a value") {
        let report = check.run(|| {
            let drops = Arc::new(AtomicU32::new(0));
            let place = ArcSwapOption::new(Value::new(1, &drops));
            drop(place.swap(Value::new(2, &drops)));
            assert_eq!(drops.load(Relaxed), 1);
            drop(place);
            assert_eq!(drops.load(Relaxed), 2);
        });
        report.assert_held();
    }
}

#[test]
fn without_its_release_a_load_sees_half_a_value() {
    for check in exhaustive_checks("weakened").into_iter().filter(is_weak) {
        let weaken = Weaken { file: "tests/swap.rs".into(), line: SITE, to: Some(Relaxed) };
        let failure = check.threads(2).weaken(weaken).run(load_against_swap).assert_failed();
        assert!(failure.to_string().contains("race"), "{failure}");
    }
}

#[test]
fn a_store_drops_what_was_there() {
    for check in exhaustive_checks("store") {
        let report = check.run(|| {
            let drops = Arc::new(AtomicU32::new(0));
            let place = ArcSwapOption::default();
            place.store(Value::new(1, &drops));
            assert_eq!(drops.load(Relaxed), 0);
            place.store(Value::new(2, &drops));
            assert_eq!(drops.load(Relaxed), 1);
            place.store(None);
            assert_eq!(drops.load(Relaxed), 2);
        });
        report.assert_held();
    }
}

#[test]
fn the_log_knows_a_place_by_its_name() {
    for check in exhaustive_checks("log") {
        let failure = check.run(|| {
            let place = ArcSwapOption::new(Some(Counted::new(7)));
            sync::name(&place, "place");
            place.store(None);
            panic!("the log is wanted");
        });
        let events = failure.assert_failed().events;
        let swap = events.iter().find(|event| event.object == "place").expect("it is in the log");
        // The first thread has made the value before it put it there.
        let first = format!("{} -> 0", (1u64 << 32) + 2);
        assert_eq!((swap.operation.as_str(), swap.value.as_str()), ("swap", first.as_str()));
    }
}

#[test]
fn a_place_from_outside() {
    for check in exhaustive_checks("outside") {
        let outside = Arc::new(ArcSwapOption::new(Some(Counted::new(7))));
        let failure = check.run(move || drop(outside.load_full())).assert_failed();
        assert_eq!(failure.kind, FailureKind::ForeignObject, "{failure}");
    }
}
