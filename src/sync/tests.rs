//! What holds of the facade on real threads, in every build.

use super::{Arc, ArcSwapOption, AtomicU32, Counted, Ordering::Relaxed, thread};

/// Counts how many of them were dropped.
struct Value {
    number: u32,
    drops: Arc<AtomicU32>,
}

impl Drop for Value {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Relaxed);
    }
}

#[test]
fn a_swapped_value_goes_with_its_last_reference() {
    let drops = Arc::new(AtomicU32::new(0));
    let value = |number| Some(Counted::new(Value { number, drops: drops.clone() }));
    let place = ArcSwapOption::default();
    assert!(place.load_full().is_none());
    assert!(place.swap(value(1)).is_none());
    let loaded = place.load_full().expect("it is there");
    let swapped = place.swap(value(2)).expect("it was there");
    assert!(Counted::ptr_eq(&loaded, &swapped));
    assert_eq!((swapped.number, Counted::strong_count(&swapped)), (1, 2), "the place keeps no reference");
    drop((loaded, swapped));
    assert_eq!(drops.load(Relaxed), 1);
    place.store(value(3));
    assert_eq!(drops.load(Relaxed), 2);
    drop(place);
    assert_eq!(drops.load(Relaxed), 3);
}

#[test]
fn values_are_dropped_once_under_load() {
    const VALUES: u32 = 2_000;
    let drops = Arc::new(AtomicU32::new(0));
    let value = |number| Some(Counted::new(Value { number, drops: drops.clone() }));
    let place = Arc::new(ArcSwapOption::new(value(0)));
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let place = place.clone();
            thread::spawn(move || {
                let mut newest = 0;
                while newest < VALUES {
                    let number = place.load_full().expect("there always is one").number;
                    assert!(number >= newest, "{number} was swapped out before {newest} was loaded");
                    newest = number;
                }
            })
        })
        .collect();
    for number in 1..=VALUES {
        let old = place.swap(value(number)).expect("there always is one");
        assert_eq!(old.number, number - 1);
    }
    for reader in readers {
        reader.join().expect("it did not panic");
    }
    assert_eq!(drops.load(Relaxed), VALUES);
    drop(place);
    assert_eq!(drops.load(Relaxed), VALUES + 1);
}
