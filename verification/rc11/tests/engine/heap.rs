//! Objects on the heap: used after they are freed, freed twice, never freed; races with the free.

use crate::{fails, holds};
use rc11::heap::Handle;
use rc11::{Atomic, FailureKind, thread};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{self, Acquire, Relaxed, Release};

#[test]
fn an_object_is_read_until_it_is_freed() {
    let report = holds(|| {
        let object = Handle::new(7);
        assert_eq!(object.with(|value| *value), 7);
        object.free();
    });
    assert_eq!(report.complete, 1);
}

#[test]
fn reading_a_freed_object_is_a_use_after_free() {
    let failure = fails(FailureKind::UseAfterFree, || {
        let object = Handle::new(7);
        object.free();
        object.with(|_| unreachable!("it is freed"));
    });
    assert!(failure.message.contains("was freed by thread 0"), "{failure}");
}

#[test]
fn freeing_an_object_again_is_a_double_free() {
    fails(FailureKind::DoubleFree, || {
        let object = Handle::new(7);
        object.free();
        object.free();
    });
}

#[test]
fn an_object_that_nobody_frees_is_a_leak() {
    let failure = fails(FailureKind::Leak, || {
        Handle::new(1).free();
        Handle::new(2);
    });
    assert!(failure.message.contains("Handle(0.1)"), "{failure}");
}

#[test]
fn the_leak_of_another_thread_is_found() {
    fails(FailureKind::Leak, || {
        thread::spawn(|| Handle::new(1)).join();
    });
}

/// A thread reads the object and says so; the first thread frees it when it has heard that.
fn read_then_free(says: Ordering, hears: Ordering) {
    let object = Handle::new(1);
    let done = Arc::new(Atomic::new(false));
    let reader = thread::spawn({
        let done = done.clone();
        move || {
            object.with(|_| ());
            done.store(true, says);
        }
    });
    done.wait_until(hears, |done| done);
    object.free();
    reader.join();
}

#[test]
fn a_free_after_the_last_read_is_no_race() {
    holds(|| read_then_free(Release, Acquire));
}

#[test]
fn a_free_that_is_not_ordered_after_a_read_is_a_race() {
    fails(FailureKind::DataRace, || read_then_free(Relaxed, Acquire));
    fails(FailureKind::DataRace, || read_then_free(Release, Relaxed));
}

/// A thread publishes an object; another reads it where it finds it, and the first thread frees it in the end.
fn publish(store: Ordering, load: Ordering) {
    let published = Arc::new(Atomic::new(None::<Handle<u32>>));
    let writer = thread::spawn({
        let published = published.clone();
        move || published.store(Some(Handle::new(5)), store)
    });
    let reader = thread::spawn({
        let published = published.clone();
        move || published.load(load).map(|object| object.with(|value| *value))
    });
    writer.join();
    let read = reader.join();
    assert!(read.is_none_or(|value| value == 5));
    published.load(Relaxed).expect("it is published").free();
}

#[test]
fn an_object_is_read_where_its_handle_was_acquired() {
    assert_eq!(holds(|| publish(Release, Acquire)).complete, 2);
}

#[test]
fn reading_an_object_that_one_need_not_see_made_is_a_race() {
    fails(FailureKind::DataRace, || publish(Relaxed, Acquire));
    fails(FailureKind::DataRace, || publish(Release, Relaxed));
}

#[test]
fn every_object_is_dropped_once_an_execution() {
    static MADE: AtomicU64 = AtomicU64::new(0);
    static DROPPED: AtomicU64 = AtomicU64::new(0);

    struct Counted;
    impl Drop for Counted {
        fn drop(&mut self) {
            DROPPED.fetch_add(1, Relaxed);
        }
    }

    let report = holds(|| {
        let shared = Arc::new(Atomic::new(0));
        let writer = thread::spawn({
            let shared = shared.clone();
            move || shared.store(1, Relaxed)
        });
        MADE.fetch_add(1, Relaxed);
        let object = Handle::new(Counted);
        shared.load(Relaxed);
        object.free();
        writer.join();
    });
    assert_eq!(report.complete, 2);
    assert_eq!(MADE.load(Relaxed), DROPPED.load(Relaxed));
}

/// Asks for operations when it is dropped.
struct Asks(Arc<Atomic<u32>>);

impl Drop for Asks {
    fn drop(&mut self) {
        assert_eq!(self.0.load(Relaxed), 0);
        self.0.store(0, Relaxed);
    }
}

#[test]
fn what_an_object_does_when_it_is_dropped_is_no_part_of_the_execution() {
    let report = holds(|| {
        let shared = Arc::new(Atomic::new(0));
        Handle::new(Asks(shared.clone())).free();
        rc11::choose(2);
        shared.store(1, Relaxed);
    });
    assert_eq!(report.complete, 2);
    fails(FailureKind::Leak, || Handle::new(Asks(Arc::new(Atomic::new(0)))));
}

#[test]
fn handles_are_of_one_object_if_they_are_equal() {
    holds(|| {
        let (one, other) = (Handle::new(1), Handle::new(1));
        let held = Atomic::new(Some(one));
        assert_eq!(held.load(Relaxed), Some(one));
        assert_ne!(held.swap(None, Relaxed), Some(other));
        assert_eq!(held.load(Relaxed), None);
        one.free();
        other.free();
    });
}
