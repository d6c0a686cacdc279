//! An atomic in the hands of its one owner: `Atomic::get`.

use crate::{fails, holds};
use rc11::{Atomic, FailureKind, thread};
use std::sync::Arc;
use std::sync::atomic::Ordering::{self, Acquire, Relaxed, Release};

/// A thread uses an atomic, lets go of it and says so; the first thread, when it hears so, owns it alone.
fn left_to_the_owner<R: 'static>(says: Ordering, hears: Ordering, uses: fn(&Atomic<u32>) -> R) -> u32 {
    let mut atomic = Arc::new(Atomic::new(1));
    let done = Arc::new(Atomic::new(false));
    let user = thread::spawn({
        let (atomic, done) = (atomic.clone(), done.clone());
        move || {
            uses(&atomic);
            drop(atomic);
            done.store(true, says);
        }
    });
    done.wait_until(hears, |done| done);
    let value = Arc::get_mut(&mut atomic).expect("nobody else has it").get();
    user.join();
    value
}

#[test]
fn the_owner_finds_what_was_written_last() {
    holds(|| {
        let value = left_to_the_owner(Release, Acquire, |atomic| {
            atomic.store(2, Relaxed);
            atomic.store(3, Relaxed);
        });
        assert_eq!(value, 3);
        assert_eq!(Atomic::new(4).get(), 4);
    });
}

#[test]
fn the_owner_races_with_a_write_that_is_not_ordered_before() {
    fails(FailureKind::DataRace, || left_to_the_owner(Relaxed, Acquire, |a| a.store(2, Relaxed)));
    fails(FailureKind::DataRace, || left_to_the_owner(Release, Relaxed, |a| a.store(2, Relaxed)));
}

#[test]
fn the_owner_races_with_a_read_that_is_not_ordered_before() {
    let reads: fn(&Atomic<u32>) -> u32 = |atomic| atomic.load(Relaxed);
    assert_eq!(holds(move || left_to_the_owner(Release, Acquire, reads)).complete, 1);
    fails(FailureKind::DataRace, move || left_to_the_owner(Relaxed, Acquire, reads));
}

#[test]
fn what_is_shared_later_does_not_race_with_the_owner_now() {
    let report = holds(|| {
        let mut atomic = Atomic::new(1);
        assert_eq!(atomic.get(), 1);
        let shared = Arc::new(atomic);
        let writer = thread::spawn({
            let shared = shared.clone();
            move || shared.store(2, Relaxed)
        });
        shared.load(Relaxed);
        writer.join();
    });
    assert_eq!(report.complete, 2);
}
