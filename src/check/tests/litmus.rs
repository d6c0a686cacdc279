//! The classic litmus tests through the facade, under the engines of weak memory: which outcomes there are, and which
//! not.

use super::{is_loom, weak_checks};
use crate::check::{self, Check, Report, Weaken};
use crate::sync::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};
use crate::sync::{Arc, AtomicU32, fence, heavy_fence, light_fence, thread};

/// Runs two threads on two atomics. The outcomes are `r0 r1`: what the threads return.
fn two(
    check: Check,
    left: impl Fn(&AtomicU32, &AtomicU32) -> u32 + Send + Sync + Copy + 'static,
    right: impl Fn(&AtomicU32, &AtomicU32) -> u32 + Send + Sync + Copy + 'static,
) -> Vec<String> {
    let report = check.threads(3).run(move || {
        let (x, y) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let (x1, y1, x2, y2) = (x.clone(), y.clone(), x, y);
        let t1 = thread::spawn(move || left(&x1, &y1));
        let t2 = thread::spawn(move || right(&x2, &y2));
        check::reached(match (t1.join().unwrap(), t2.join().unwrap()) {
            (0, 0) => "0 0",
            (0, 1) => "0 1",
            (1, 0) => "1 0",
            (1, 1) => "1 1",
            _ => "other",
        });
    });
    report.assert_complete().outcomes.into_keys().collect()
}

/// Expects these outcomes of [`two`] under every engine.
fn expect(
    outcomes: &[&str],
    left: impl Fn(&AtomicU32, &AtomicU32) -> u32 + Send + Sync + Copy + 'static,
    right: impl Fn(&AtomicU32, &AtomicU32) -> u32 + Send + Sync + Copy + 'static,
) {
    for check in weak_checks("litmus") {
        let engine = check.strategy().engine();
        assert_eq!(two(check, left, right), outcomes, "under {engine}");
    }
}

#[test]
fn store_buffering_without_fences_reads_both_old() {
    let side = |mine: &AtomicU32, theirs: &AtomicU32| {
        mine.store(1, Relaxed);
        theirs.load(Relaxed)
    };
    expect(&["0 0", "0 1", "1 0", "1 1"], side, move |x, y| side(y, x));
}

#[test]
fn store_buffering_with_fences_does_not() {
    let side = |mine: &AtomicU32, theirs: &AtomicU32| {
        mine.store(1, Relaxed);
        fence(SeqCst);
        theirs.load(Relaxed)
    };
    expect(&["0 1", "1 0", "1 1"], side, move |x, y| side(y, x));
}

#[test]
fn the_asymmetric_fences_forbid_it_too() {
    expect(
        &["0 1", "1 0", "1 1"],
        |x, y| {
            x.store(1, Relaxed);
            light_fence();
            y.load(Relaxed)
        },
        |x, y| {
            y.store(1, Relaxed);
            heavy_fence();
            x.load(Relaxed)
        },
    );
}

#[test]
fn two_light_fences_order_nothing_between_them() {
    let side = |mine: &AtomicU32, theirs: &AtomicU32| {
        mine.store(1, Relaxed);
        light_fence();
        theirs.load(Relaxed)
    };
    for check in weak_checks("light fences") {
        let both_old = two(check.clone(), side, move |x, y| side(y, x)).contains(&"0 0".to_owned());
        // loom has full fences for them, which the README says.
        assert_eq!(both_old, !is_loom(&check), "under {}", check.strategy().engine());
    }
}

#[test]
fn acquire_and_release_fences_are_not_enough() {
    let side = |mine: &AtomicU32, theirs: &AtomicU32| {
        mine.store(1, Release);
        fence(AcqRel);
        theirs.load(Acquire)
    };
    expect(&["0 0", "0 1", "1 0", "1 1"], side, move |x, y| side(y, x));
}

/// Message passing: the right side returns 1 if it saw the flag without the data.
fn message_passing(outcomes: &[&str], flag: Ordering, look: Ordering) {
    expect(
        outcomes,
        move |data, ready| {
            data.store(1, Relaxed);
            ready.store(1, flag);
            0
        },
        move |data, ready| u32::from(ready.load(look) == 1 && data.load(Relaxed) == 0),
    );
}

#[test]
fn message_passing_needs_release_and_acquire() {
    message_passing(&["0 0"], Release, Acquire);
    message_passing(&["0 0", "0 1"], Relaxed, Acquire);
    message_passing(&["0 0", "0 1"], Release, Relaxed);
}

#[test]
fn two_reads_of_one_atomic_never_go_back() {
    expect(
        &["0 0"],
        |x, _| {
            x.store(1, Relaxed);
            0
        },
        |x, _| {
            let first = x.load(Relaxed);
            u32::from(first == 1 && x.load(Relaxed) == 0)
        },
    );
}

/// A release, a read-modify-write of another thread, an acquire of the latter's value.
fn release_sequence(check: Check, middle: Ordering) -> Report {
    check.threads(4).run(move || {
        let (data, flag) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let (d1, f1) = (data.clone(), flag.clone());
        let t1 = thread::spawn(move || {
            d1.store(1, Relaxed);
            f1.fetch_add(1, Release);
        });
        let f2 = flag.clone();
        let t2 = thread::spawn(move || {
            f2.fetch_add(1, middle);
        });
        let t3 = thread::spawn(move || {
            if flag.load(Acquire) == 2 {
                check::reached("saw both");
                assert_eq!(data.load(Relaxed), 1, "the sequence carries the release on");
            }
        });
        for t in [t1, t2, t3] {
            t.join().unwrap();
        }
    })
}

#[test]
fn a_relaxed_read_modify_write_continues_a_release_sequence() {
    for check in weak_checks("release sequence") {
        let report = release_sequence(check, Relaxed).assert_complete();
        assert!(report.outcomes.contains_key("saw both"));
    }
}

#[test]
fn weakening_a_site_changes_the_outcome() {
    let line = line!() + 6;
    let program = || {
        let (data, flag) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let (d, f) = (data.clone(), flag.clone());
        let t = thread::spawn(move || {
            d.store(1, Relaxed);
            f.store(1, Release);
        });
        if flag.load(Acquire) == 1 {
            assert_eq!(data.load(Relaxed), 1, "published data is seen");
        }
        t.join().unwrap();
    };
    let weaken = |to| Weaken { file: "tests/litmus.rs".into(), line, to: Some(to) };
    for check in weak_checks("a site").into_iter().map(|check| check.threads(2)) {
        check.clone().run(program).assert_complete();
        let failure = check.clone().weaken(weaken(Relaxed)).run(program).assert_failed();
        assert!(failure.message.contains("published data is seen"), "{failure}");
        let report = check.weaken(weaken(Release)).run(program).assert_held();
        assert_eq!(report.incomplete, [check::Incomplete::Weakened]);
    }
}

#[test]
fn a_weakened_fence_is_no_fence() {
    let line = line!() + 4;
    let side = |mine: &AtomicU32, theirs: &AtomicU32| {
        mine.store(1, Relaxed);
        // The fence that is taken away stands on the next line but one.
        if true {
            fence(SeqCst);
        }
        theirs.load(Relaxed)
    };
    let program = move || {
        let (x, y) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let (x1, y1) = (x.clone(), y.clone());
        let t = thread::spawn(move || side(&x1, &y1));
        let here = side(&y, &x);
        assert!(here == 1 || t.join().unwrap() == 1, "one of them is second");
    };
    for check in weak_checks("a fence").into_iter().map(|check| check.threads(2)) {
        check.clone().run(program).assert_complete();
        let weaken = Weaken { file: "tests/litmus.rs".into(), line: line + 1, to: None };
        let failure = check.weaken(weaken).run(program).assert_failed();
        assert!(failure.message.contains("one of them is second"), "{failure}");
    }
}
