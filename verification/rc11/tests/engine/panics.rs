//! Panics: of the program, planned and not, and of who uses the engine in a wrong place.

use crate::{fails, holds};
use rc11::{Atomic, Cell, Explorer, FailureKind, Mutex, thread};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::{Arc, OnceLock};

#[test]
fn a_panic_is_told_with_its_words() {
    let failure = fails(FailureKind::Assertion, || panic!("said plainly"));
    assert_eq!(failure.message, "said plainly");
    let failure = fails(FailureKind::Assertion, || panic!("said by {}", thread::current()));
    assert_eq!(failure.message, "said by 0");
    let failure = fails(FailureKind::Assertion, || panic_any(7));
    assert_eq!(failure.message, "a panic without a message");
}

#[test]
fn a_panic_that_the_program_catches_is_no_failure() {
    let report = holds(|| {
        let shared = Arc::new(Atomic::new(0));
        let writer = thread::spawn({
            let shared = shared.clone();
            move || {
                let caught = catch_unwind(AssertUnwindSafe(|| {
                    shared.store(1, Relaxed);
                    resume_unwind(Box::new(7));
                }));
                let payload = caught.expect_err("it is planned");
                assert_eq!(payload.downcast_ref(), Some(&7));
                shared.store(2, Relaxed);
            }
        });
        shared.load(Relaxed);
        writer.join();
    });
    assert_eq!(report.complete, 3);
}

#[test]
fn operations_while_a_panic_that_is_caught_unwinds_are_refused() {
    let failure = fails(FailureKind::Assertion, || {
        let lock = Mutex::new(());
        let caught = catch_unwind(AssertUnwindSafe(|| {
            let _held = lock.lock();
            resume_unwind(Box::new(7));
        }));
        assert!(caught.is_err());
        drop(lock.lock());
    });
    assert!(failure.message.contains("while a panic"), "{failure}");
}

/// Counts when it is dropped, and looks at an atomic then.
struct Looks(Arc<Atomic<u32>>, &'static AtomicU64);

impl Drop for Looks {
    fn drop(&mut self) {
        self.0.load(Relaxed);
        self.1.fetch_add(1, Relaxed);
    }
}

fn fails_with_others_waiting(drops: &'static AtomicU64) {
    let shared = Arc::new(Atomic::new(0));
    let looks = Looks(shared.clone(), drops);
    thread::spawn(move || {
        let looks = looks;
        looks.0.wait_until(Relaxed, |value| value == 1);
    });
    let _mine = Looks(shared.clone(), drops);
    shared.load(Relaxed);
    panic!("planned");
}

#[test]
fn the_threads_of_a_failed_execution_are_unwound() {
    static DROPS: AtomicU64 = AtomicU64::new(0);
    let report = Explorer::new().run(|| fails_with_others_waiting(&DROPS));
    assert_eq!(report.assert_failed().message, "planned");
    assert_eq!(DROPS.load(Relaxed), 2);
}

#[test]
fn the_threads_of_a_failed_execution_are_left_alone_if_asked() {
    static DROPS: AtomicU64 = AtomicU64::new(0);
    let report = Explorer::new().unwind_failed(false).run(|| fails_with_others_waiting(&DROPS));
    assert_eq!(report.assert_failed().message, "planned");
    assert_eq!(DROPS.load(Relaxed), 1);
}

#[test]
fn the_failure_is_told_when_it_is_found_with_its_events() {
    static TOLD: OnceLock<String> = OnceLock::new();
    let explorer =
        Explorer::new().on_failure(|failure| TOLD.set(failure.message.clone()).expect("told once"));
    let report = explorer.run(|| {
        let shared = Atomic::new(5_u32);
        shared.fetch_add(1, Relaxed);
        assert_eq!(shared.load(Relaxed), 0, "wrong");
    });
    let failure = report.assert_failed();
    assert_eq!(TOLD.get(), Some(&failure.message));
    assert_eq!(failure.events.len(), 3);
    let text = failure.to_string();
    assert!(text.contains("read          a0.0     relaxed  = 5  the initial value"), "{text}");
    assert!(text.contains("and write   a0.0     relaxed  = 6  as number 1"), "{text}");
    assert!(text.contains("= 6  from 0.1"), "{text}");
}

#[test]
fn an_exploration_inside_an_exploration_is_refused() {
    let failure = fails(FailureKind::Assertion, || Explorer::new().run(|| ()));
    assert!(failure.message.contains("inside an exploration"), "{failure}");
    let failure = fails(FailureKind::Assertion, || Explorer::new().estimate(1, 0, || ()));
    assert!(failure.message.contains("inside an exploration"), "{failure}");
}

#[test]
#[should_panic(expected = "outside of an exploration")]
fn an_operation_outside_of_an_exploration_is_refused() {
    Atomic::new(0);
}

#[test]
fn an_atomic_of_another_execution_is_refused() {
    static KEPT: OnceLock<Atomic<u32>> = OnceLock::new();
    let failure = fails(FailureKind::Assertion, || {
        thread::spawn(|| ());
        rc11::choose(2);
        KEPT.get_or_init(|| Atomic::new(0)).load(Relaxed);
    });
    assert!(failure.message.contains("belongs to another execution"), "{failure}");
}

#[test]
fn plain_memory_of_another_execution_is_refused() {
    static KEPT: OnceLock<Cell<u32>> = OnceLock::new();
    let failure = fails(FailureKind::Assertion, || {
        rc11::choose(2);
        KEPT.get_or_init(|| Cell::new(0)).get();
    });
    assert!(failure.message.contains("belongs to another execution"), "{failure}");
}

#[test]
#[should_panic(expected = "there is no such operation with Release")]
fn a_load_that_releases_is_refused() {
    holds(|| Atomic::new(0).load(Release));
}

#[test]
#[should_panic(expected = "there is no such operation with Acquire")]
fn a_store_that_acquires_is_refused() {
    holds(|| Atomic::new(0).store(1, Acquire));
}
