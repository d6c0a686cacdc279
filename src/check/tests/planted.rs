//! Planted mistakes, each of which must be reported as what it is.

use super::{exhaustive_checks, is_loom};
use crate::check::FailureKind;
use crate::sync::Ordering::{Acquire, Relaxed, Release};
use crate::sync::alloc::{Atomic, Owned};
use crate::sync::{Arc, AtomicU32, Condvar, Mutex, thread, wait_until};

#[test]
fn use_after_free_in_one_interleaving() {
    for check in exhaustive_checks("use after free") {
        let failure = check
            .threads(2)
            .run(|| {
                let shared = Owned::try_new(AtomicU32::new(7)).unwrap().into_shared();
                let t = thread::spawn(move || {
                    // SAFETY: it is not: the other thread frees it.
                    let object = unsafe { shared.as_ref() };
                    object.load(Relaxed);
                });
                // SAFETY: it is owned by nobody else.
                drop(unsafe { shared.into_owned() });
                t.join().unwrap();
            })
            .assert_failed();
        assert_eq!(failure.kind, FailureKind::UseAfterFree, "{failure}");
        assert!(
            failure.message.starts_with("AtomicU32, allocated at src/check/tests/planted.rs:"),
            "{failure}"
        );
    }
}

#[test]
fn an_ordered_free_is_none() {
    for check in exhaustive_checks("ordered free") {
        check
            .threads(2)
            .run(|| {
                let done = Arc::new(AtomicU32::new(0));
                let shared = Owned::try_new(AtomicU32::new(7)).unwrap().into_shared();
                let told = done.clone();
                let t = thread::spawn(move || {
                    // SAFETY: the other thread frees it only when told.
                    unsafe { shared.as_ref() }.load(Relaxed);
                    told.store(1, Release);
                });
                wait_until(&*done, Acquire, |done| done == 1);
                // SAFETY: the other thread has said that it is done.
                drop(unsafe { shared.into_owned() });
                t.join().unwrap();
            })
            .assert_complete();
    }
}

#[test]
fn an_access_through_an_old_reference() {
    for check in exhaustive_checks("old reference") {
        let failure = check
            .run(|| {
                let shared = Owned::try_new(AtomicU32::new(7)).unwrap().into_shared();
                // SAFETY: it is not: the reference is used after the free.
                let old = unsafe { shared.as_ref() };
                // SAFETY: it is owned by nobody else.
                drop(unsafe { shared.into_owned() });
                old.load(Relaxed);
            })
            .assert_failed();
        assert_eq!(failure.kind, FailureKind::UseAfterFree, "{failure}");
        assert!(failure.message.contains("freed by thread 0:main"), "{failure}");
    }
}

/// shuttle runs other threads between the beginning of an operation and its effect.
#[cfg(feature = "shuttle")]
#[test]
fn a_free_in_the_middle_of_an_operation() {
    let failure = crate::check::dfs("free in the middle")
        .threads(2)
        .run(|| {
            // The checker does not see it: the free is in the middle of the load, or comes when all is done.
            let loads = Arc::new(std::sync::atomic::AtomicBool::new(false));
            let shared = Owned::try_new(AtomicU32::new(7)).unwrap().into_shared();
            let begun = loads.clone();
            let t = thread::spawn(move || {
                // SAFETY: it is not: the other thread frees it.
                let object = unsafe { shared.as_ref() };
                begun.store(true, Relaxed);
                object.load(Relaxed);
                begun.store(false, Relaxed);
            });
            thread::yield_now();
            // SAFETY: nobody else frees it.
            let free = || drop(unsafe { shared.into_owned() });
            if loads.load(Relaxed) {
                free();
                t.join().unwrap();
            } else {
                t.join().unwrap();
                free();
            }
        })
        .assert_failed();
    assert_eq!(failure.kind, FailureKind::UseAfterFree, "{failure}");
    assert!(failure.message.contains("freed by thread 0:main"), "{failure}");
}

#[test]
fn a_double_free() {
    for check in exhaustive_checks("double free") {
        let failure = check
            .run(|| {
                let shared = Owned::try_new(7).unwrap().into_shared();
                // SAFETY: it is owned by nobody else.
                drop(unsafe { shared.into_owned() });
                // SAFETY: it is not: it was freed.
                drop(unsafe { shared.into_owned() });
            })
            .assert_failed();
        assert_eq!(failure.kind, FailureKind::DoubleFree, "{failure}");
    }
}

#[test]
fn a_leak() {
    for check in exhaustive_checks("leak") {
        let failure = check
            .run(|| {
                let place = Atomic::new(None);
                place.store(Some(Owned::try_new(7).unwrap().into_shared()), Release);
            })
            .assert_failed();
        assert_eq!(failure.kind, FailureKind::Leak, "{failure}");
        assert!(failure.message.contains("planted.rs"), "{failure}");
    }
}

#[test]
fn a_deadlock() {
    for check in exhaustive_checks("deadlock") {
        let failure = check
            .threads(2)
            .run(|| {
                let locks = Arc::new((Mutex::new(()), Mutex::new(())));
                let other = locks.clone();
                let t = thread::spawn(move || {
                    let _b = other.1.lock();
                    let _a = other.0.lock();
                });
                {
                    let _a = locks.0.lock();
                    let _b = locks.1.lock();
                }
                t.join().unwrap();
            })
            .assert_failed();
        assert_eq!(failure.kind, FailureKind::Deadlock, "{failure}");
    }
}

#[test]
fn a_lost_wakeup() {
    for check in exhaustive_checks("lost wakeup") {
        let failure = check
            .threads(2)
            .run(|| {
                let shared = Arc::new((Mutex::new(false), Condvar::new()));
                let other = shared.clone();
                let t = thread::spawn(move || {
                    // The flag is not set: who waits later waits for ever.
                    other.1.notify_one();
                });
                let mut ready = shared.0.lock();
                if !*ready {
                    ready = shared.1.wait(ready);
                }
                drop(ready);
                t.join().unwrap();
            })
            .assert_failed();
        assert_eq!(failure.kind, FailureKind::Deadlock, "{failure}");
    }
}

#[test]
fn an_endless_wait() {
    for check in exhaustive_checks("endless") {
        // shuttle blocks a thread that waits.
        let kind = if is_loom(&check) { FailureKind::Endless } else { FailureKind::Deadlock };
        let failure = check
            .branches(100)
            .run(|| {
                let never = AtomicU32::new(0);
                wait_until(&never, Relaxed, |n| n == 1);
            })
            .assert_failed();
        assert_eq!(failure.kind, kind, "{failure}");
    }
}

#[test]
fn a_failed_assertion_with_its_execution() {
    for check in exhaustive_checks("assertion") {
        let loom = is_loom(&check);
        let failure = check
            .threads(2)
            .reproduce("again".into())
            .run(|| {
                let n = Arc::new(AtomicU32::new(0));
                crate::sync::name(&*n, "n");
                let other = n.clone();
                let t = thread::spawn_named("adder", move || other.store(other.load(Relaxed) + 1, Relaxed));
                n.store(n.load(Relaxed) + 1, Relaxed);
                t.join().unwrap();
                assert_eq!(n.load(Relaxed), 2, "no addition is lost");
            })
            .assert_failed();
        assert_eq!(failure.kind, FailureKind::Assertion, "{failure}");
        assert!(failure.message.contains("no addition is lost"));
        assert!(failure.execution > 0);
        assert_eq!(failure.reproduce, "again");
        let stores = failure.events.iter().filter(|e| e.operation == "store" && e.object == "n");
        assert_eq!(stores.clone().count(), 2, "the log is of that execution alone");
        assert!(stores.clone().any(|e| e.thread == "1:adder" && e.value == "1"), "loom: {loom}: {failure}");
    }
}

#[test]
fn an_object_from_outside() {
    for check in exhaustive_checks("outside") {
        let outside = Arc::new(AtomicU32::new(0));
        let failure = check.run(move || {
            outside.fetch_add(1, Relaxed);
        });
        let failure = failure.assert_failed();
        assert_eq!(failure.kind, FailureKind::ForeignObject, "{failure}");
    }
}

#[test]
fn a_wait_in_an_execution_that_has_failed_ends() {
    for check in exhaustive_checks("a wait after a failure") {
        let failure = check
            .run(|| {
                // Held back, as a thread's end may hold it back: what follows must not wait for ever.
                let _ = std::panic::catch_unwind(|| panic!("the failure"));
                let (flag, changed) = (Mutex::new(false), Condvar::new());
                let mut set = flag.lock();
                while !*set {
                    set = changed.wait(set);
                }
            })
            .assert_failed();
        assert!(failure.message.contains("the failure"), "{failure}");
    }
}
