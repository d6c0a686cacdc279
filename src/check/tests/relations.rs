//! What a failure says of its operations: what they read, what they missed, what they synchronise with.

use super::{exhaustive_checks, is_rc11};
use crate::check::{self, Check, EventRecord, Failure, FailureKind, Source};
use crate::sync::Ordering::{self, Acquire, Relaxed, Release};
use crate::sync::alloc::{Owned, Shared};
use crate::sync::{self, Arc, AtomicU32, Mutex, UnsafeCell, fence, thread, wait_until};

/// The one operation of this name on this object by this thread, and its place.
#[track_caller]
fn find<'a>(failure: &'a Failure, thread: usize, operation: &str, object: &str) -> (usize, &'a EventRecord) {
    let is_it = |event: &EventRecord| {
        (event.thread_number, event.operation.as_str(), event.object.as_str()) == (thread, operation, object)
    };
    let mut found = failure.events.iter().enumerate().filter(|(_, event)| is_it(event));
    match (found.next(), found.next()) {
        (Some(found), None) => found,
        _ => panic!("thread {thread}, {operation} of {object}: {failure}"),
    }
}

/// A message and a flag that says that it is there. It is read too early.
fn message(store: Ordering, load: Ordering) {
    let sent = Arc::new((AtomicU32::new(0), AtomicU32::new(0)));
    sync::name(&sent.0, "message");
    sync::name(&sent.1, "flag");
    let there = sent.clone();
    let sender = thread::spawn(move || {
        there.0.store(7, Relaxed);
        there.1.store(1, store);
    });
    if sent.1.load(load) == 1 {
        assert_eq!(sent.0.load(Relaxed), 7, "too early");
    }
    sender.join().unwrap();
}

fn weak(check: &Check) -> bool {
    super::is_loom(check) || is_rc11(check)
}

#[test]
fn a_stale_read_names_what_it_read_and_what_it_missed() {
    for check in exhaustive_checks("stale").into_iter().filter(weak) {
        let failure = check.run(|| message(Relaxed, Acquire)).assert_failed();
        let ((flag, _), (stored, _)) =
            (find(&failure, 1, "store", "flag"), find(&failure, 1, "store", "message"));
        let (_, seen) = find(&failure, 0, "load", "flag");
        assert_eq!((seen.reads, seen.missed), (Some(Source::Event { event: flag }), None), "{failure}");
        let (_, stale) = find(&failure, 0, "load", "message");
        assert_eq!((stale.reads, stale.missed), (Some(Source::Initial), Some(stored)), "{failure}");
        assert!(seen.synchronises.is_empty(), "the store was relaxed: {failure}");
        assert_eq!(failure.thread, Some(0));
    }
}

/// Fails when it has seen the flag.
fn seen(store: Ordering, load: Ordering) {
    let sent = Arc::new(AtomicU32::new(0));
    sync::name(&*sent, "flag");
    let there = sent.clone();
    let sender = thread::spawn(move || there.store(1, store));
    assert_eq!(sent.load(load), 0, "seen");
    sender.join().unwrap();
}

#[test]
fn an_acquire_synchronises_with_the_release_that_it_reads() {
    for check in exhaustive_checks("synchronises") {
        let failure = check.run(|| seen(Release, Acquire)).assert_failed();
        let (store, _) = find(&failure, 1, "store", "flag");
        assert_eq!(find(&failure, 0, "load", "flag").1.synchronises, [store], "{failure}");
    }
    for check in exhaustive_checks("does not").into_iter().filter(weak) {
        for (store, load) in [(Relaxed, Acquire), (Release, Relaxed)] {
            let failure = check.clone().run(move || seen(store, load)).assert_failed();
            assert!(find(&failure, 0, "load", "flag").1.synchronises.is_empty(), "{failure}");
        }
    }
}

#[test]
fn threads_and_locks_synchronise() {
    for check in exhaustive_checks("locks") {
        let failure = check.run(|| {
            let lock = Arc::new(Mutex::new(0));
            sync::name(&*lock, "lock");
            let there = lock.clone();
            let other = thread::spawn(move || {
                *there.lock() += 1;
                AtomicU32::new(0).load(Relaxed)
            });
            let first = *lock.lock() == 1;
            other.join().unwrap();
            assert!(!first, "the other was first");
        });
        let failure = failure.assert_failed();
        let ((lock, locked), (unlock, _)) =
            (find(&failure, 1, "lock", "lock"), find(&failure, 1, "unlock", "lock"));
        assert_eq!(find(&failure, 0, "lock", "lock").1.synchronises, [unlock], "{failure}");
        let (spawn, _) = find(&failure, 0, "spawn", "1");
        assert_eq!((lock, locked.synchronises.as_slice()), (spawn + 1, [spawn].as_slice()), "{failure}");
        let (last, _) = find(&failure, 1, "load", "AtomicU32@1.1");
        assert_eq!(find(&failure, 0, "join", "1").1.synchronises, [last], "{failure}");
    }
}

#[test]
fn only_who_synchronises_directly_is_named() {
    for check in exhaustive_checks("relay").into_iter().filter(is_rc11) {
        let failure = check.run(|| {
            let relay = Arc::new([0; 2].map(AtomicU32::new));
            sync::name(&relay[0], "first");
            sync::name(&relay[1], "second");
            let (first, second) = (relay.clone(), relay.clone());
            let first = thread::spawn(move || first[0].store(1, Release));
            let second = thread::spawn(move || second[1].store(second[0].load(Acquire), Release));
            assert_eq!(relay[1].load(Acquire), 0, "it has come");
            first.join().unwrap();
            second.join().unwrap();
        });
        let failure = failure.assert_failed();
        let (store, _) = find(&failure, 2, "store", "second");
        assert_eq!(find(&failure, 0, "load", "second").1.synchronises, [store], "{failure}");
    }
}

/// Under an engine with a graph.
#[test]
fn fences_synchronise_through_what_is_read_between_them() {
    for check in exhaustive_checks("fences").into_iter().filter(is_rc11) {
        let failure = check.run(|| {
            let sent = Arc::new(AtomicU32::new(0));
            sync::name(&*sent, "flag");
            let there = sent.clone();
            let sender = thread::spawn(move || {
                fence(Release);
                there.store(1, Relaxed);
            });
            let seen = sent.load(Relaxed);
            fence(Acquire);
            assert_eq!(seen, 0, "seen");
            sender.join().unwrap();
        });
        let failure = failure.assert_failed();
        let (release, _) = find(&failure, 1, "fence", "");
        assert!(find(&failure, 0, "load", "flag").1.synchronises.is_empty(), "{failure}");
        assert_eq!(find(&failure, 0, "fence", "").1.synchronises, [release], "{failure}");
    }
}

#[test]
fn a_race_names_both_accesses() {
    for check in exhaustive_checks("race").into_iter().filter(weak) {
        let failure = check.run(|| {
            struct Cell(UnsafeCell<u32>);
            // SAFETY: it is not: the accesses race, which is the point.
            unsafe impl Sync for Cell {}
            let cell = Arc::new(Cell(UnsafeCell::new(0)));
            sync::name(&cell.0, "cell");
            let there = cell.clone();
            let writer = thread::spawn(move || there.0.with_mut(|_| ()));
            AtomicU32::new(0).load(Relaxed);
            cell.0.with(|_| ());
            writer.join().unwrap();
        });
        let failure = failure.assert_failed();
        assert_eq!((failure.kind, failure.object.as_str()), (FailureKind::DataRace, "cell"), "{failure}");
        let (read, (write, written)) =
            (find(&failure, 0, "read", "cell").0, find(&failure, 1, "write", "cell"));
        assert_eq!(written.synchronises, [find(&failure, 0, "spawn", "1").0], "{failure}");
        let both = [failure.event, failure.conflict];
        assert!(both == [Some(read), Some(write)] || both == [Some(write), Some(read)], "{failure}");
    }
}

/// A thread goes through an address, in one way or another, and another frees what is there.
fn freed_too_early(access: fn(Shared<AtomicU32>), waits: bool) {
    let object = Owned::try_new(AtomicU32::new(0)).unwrap();
    sync::name(&object, "object");
    let object = object.into_shared();
    let done = Arc::new(AtomicU32::new(0));
    let there = done.clone();
    let reader = thread::spawn(move || {
        access(object);
        there.store(1, Relaxed);
    });
    if waits {
        // It is done, but that orders nothing.
        wait_until(&*done, Relaxed, |done| done == 1);
    }
    // SAFETY: it is not: the reader may still access it, or so it seems.
    drop(unsafe { object.into_owned() });
    reader.join().unwrap();
}

#[test]
fn a_use_after_free_names_the_free_and_the_access() {
    let operation = |object: Shared<AtomicU32>| {
        // SAFETY: it is not: see above.
        unsafe { object.as_ref() }.load(Relaxed);
    };
    let address = |object: Shared<AtomicU32>| {
        // SAFETY: it is not: see above.
        let _ = unsafe { object.as_ref() };
    };
    for (access, waits) in [(operation as fn(_), false), (operation, true), (address, false), (address, true)]
    {
        for check in exhaustive_checks("freed").into_iter().filter(|check| !waits || weak(check)) {
            let failure = check.run(move || freed_too_early(access, waits)).assert_failed();
            assert_eq!((failure.kind, failure.object.as_str()), (FailureKind::UseAfterFree, "object"));
            let (free, _) = find(&failure, 0, "free", "object");
            let both = [failure.event, failure.conflict];
            let Some(access) = both.into_iter().flatten().find(|event| *event != free) else {
                panic!("there is no access: {failure}")
            };
            assert!(both.contains(&Some(free)), "{failure}");
            assert_eq!(failure.events[access].thread_number, 1, "{failure}");
            assert_eq!(failure.event, Some(failure.events.len() - 1), "what failed is last: {failure}");
        }
    }
}

#[test]
fn a_deadlock_tells_what_each_thread_waits_for() {
    for check in exhaustive_checks("deadlock") {
        let failure = check.run(|| {
            let locks = Arc::new([0; 2].map(Mutex::new));
            sync::name(&locks[0], "first");
            sync::name(&locks[1], "second");
            let there = locks.clone();
            let other = thread::spawn(move || {
                let _second = there[1].lock();
                drop(there[0].lock());
            });
            let first = locks[0].lock();
            drop(locks[1].lock());
            drop(first);
            other.join().unwrap();
        });
        let failure = failure.assert_failed();
        assert_eq!((failure.kind, failure.thread), (FailureKind::Deadlock, None), "{failure}");
        assert_eq!(find(&failure, 0, "lock", "second").1.value, "waits", "{failure}");
        assert_eq!(find(&failure, 1, "lock", "first").1.value, "waits", "{failure}");
    }
}

#[test]
fn what_is_a_part_of_a_heap_object_is_called_after_it() {
    for check in exhaustive_checks("names") {
        let failure = check.run(|| {
            let objects = [0, 1].map(|_| Owned::try_new(AtomicU32::new(0)).unwrap());
            for object in &objects {
                sync::name(&**object, "count");
            }
            objects[1].load(Relaxed);
            assert!(thread::spawn(|| false).join().unwrap(), "planted");
        });
        let failure = failure.assert_failed();
        find(&failure, 0, "load", "AtomicU32#2.count");
        find(&failure, 0, "allocate", "AtomicU32#1");
    }
}

/// Does less if the other thread comes first, and fails at the end.
fn always_fails() {
    let n = Arc::new(AtomicU32::new(0));
    let there = n.clone();
    let other = thread::spawn(move || there.fetch_add(1, Relaxed));
    let seen = n.load(Relaxed);
    (seen..1).for_each(|_| _ = n.fetch_add(1, Relaxed));
    other.join().unwrap();
    panic!("planted");
}

#[test]
fn the_simplest_failure_is_kept() {
    for check in exhaustive_checks("simplest").into_iter().filter(is_rc11) {
        let first = check::rc11("first").run(always_fails).assert_failed();
        let report = check.simplest(100, std::time::Duration::from_secs(3600)).run(always_fails);
        assert_eq!(report.search, Some(check::Search { failing: 3, finished: true }), "{report}");
        let simplest = report.assert_failed();
        assert_eq!((first.events.len(), simplest.events.len()), (5, 4), "{simplest}");
    }
}
