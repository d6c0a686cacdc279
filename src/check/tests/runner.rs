//! What a run says of itself.

use super::{exhaustive_checks, is_loom};
use crate::check::{self, Engine, FailureKind, Incomplete};
use crate::sync::Ordering::Relaxed;
use crate::sync::alloc::Owned;
use crate::sync::{self, Arc, AtomicU32, catch_unwind, planned_panic, thread};
use std::cell::Cell;

/// Adds one to `n` in each of `threads` threads besides main.
fn adders(threads: u32) {
    let n = Arc::new(AtomicU32::new(0));
    let adders: Vec<_> = (0..threads)
        .map(|_| {
            let n = n.clone();
            thread::spawn(move || {
                n.fetch_add(1, Relaxed);
            })
        })
        .collect();
    for adder in adders {
        adder.join().unwrap();
    }
    assert_eq!(n.load(Relaxed), threads);
}

#[test]
fn all_executions_are_counted_and_the_same_every_time() {
    for (first, second) in exhaustive_checks("count").into_iter().zip(exhaustive_checks("count")) {
        let first = first.run(|| adders(2)).assert_complete();
        let second = second.run(|| adders(2)).assert_complete();
        assert!(first.executions > 1);
        assert_eq!((first.executions, first.deepest), (second.executions, second.deepest));
        assert_eq!(first.threads, 3);
    }
}

/// So many threads that the engine looks at its limits before it has explored everything: that of RC11 does so now and
/// then.
fn enough(check: &check::Check) -> u32 {
    if check.strategy().engine() == Engine::Rc11 { 5 } else { 2 }
}

#[test]
fn a_limit_is_seen() {
    for check in exhaustive_checks("limit") {
        let threads = enough(&check);
        let report = check.executions(1).run(move || adders(threads)).assert_held();
        assert!(report.executions == 1 || threads == 5, "{report}");
        assert_eq!(report.incomplete, [Incomplete::ExecutionLimit { executions: 1 }]);
    }
}

#[test]
fn time_that_is_over_is_seen() {
    for check in exhaustive_checks("time") {
        let threads = enough(&check);
        let report = check.time(std::time::Duration::ZERO).run(move || adders(threads));
        assert!(report.incomplete.contains(&Incomplete::TimeLimit), "{report}");
    }
}

#[test]
fn a_sample_is_never_complete() {
    if Engine::Shuttle.is_compiled() {
        for check in [check::random("random"), check::urw("urw"), check::pct("pct", 2)] {
            let report = check.executions(20).seed(7).run(|| adders(2)).assert_held();
            assert_eq!(report.executions, 20);
            assert_eq!(report.incomplete, [Incomplete::Sampled]);
        }
    }
    let report = check::threads("real").executions(3).run(|| adders(2)).assert_held();
    assert_eq!((report.executions, report.incomplete), (3, vec![Incomplete::Sampled]));
}

#[test]
fn a_run_that_explores_nothing_fails() {
    for check in exhaustive_checks("nothing") {
        let failure = check.run(|| ()).assert_failed();
        assert_eq!(failure.kind, FailureKind::Vacuous);
    }
    for check in exhaustive_checks("too few threads") {
        let failure = check.threads(4).run(|| adders(2)).assert_failed();
        assert!(failure.message.contains("4 threads were promised, 3 were seen"), "{failure}");
    }
    for check in exhaustive_checks("too many threads") {
        let failure = check.threads(2).run(|| adders(2)).assert_failed();
        assert!(failure.message.contains("more threads than promised"), "{failure}");
    }
    for check in exhaustive_checks("not reached") {
        let failure = check.reaches(&["the moon"]).run(|| adders(2)).assert_failed();
        assert!(failure.message.contains("never reached: the moon"), "{failure}");
    }
}

#[test]
fn every_choice_is_explored() {
    for check in exhaustive_checks("choices") {
        let report = check
            .reaches(&["0 0", "0 1", "1 0", "1 1", "2"])
            .run(|| {
                let t = thread::spawn(|| if check::choose(3) < 2 { check::choose(2) } else { 2 });
                let n = AtomicU32::new(0);
                n.fetch_add(1, Relaxed);
                let first = check::choose(2);
                check::reached(match (first, t.join().unwrap()) {
                    (0, 0) => "0 0",
                    (0, 1) => "0 1",
                    (1, 0) => "1 0",
                    (1, 1) => "1 1",
                    _ => "2",
                });
            })
            .assert_complete();
        assert!(report.executions >= 10);
    }
}

#[test]
fn every_allocation_fails_once() {
    for check in exhaustive_checks("allocations") {
        check
            .reaches(&["none failed", "first failed", "second failed"])
            .run(|| {
                check::fail_allocations(1);
                let first = Owned::try_new(AtomicU32::new(1));
                let second = Owned::try_new(AtomicU32::new(2));
                check::reached(match (&first, &second) {
                    (Ok(first), Ok(second)) => {
                        assert_eq!(first.load(Relaxed) + second.load(Relaxed), 3);
                        "none failed"
                    }
                    (Err(_), Ok(_)) => "first failed",
                    (Ok(_), Err(_)) => "second failed",
                    (Err(_), Err(_)) => unreachable!("one failure was allowed"),
                });
            })
            .assert_complete();
    }
}

#[test]
fn a_planned_panic_is_caught_and_no_other() {
    for check in exhaustive_checks("planned") {
        check
            .run(|| {
                AtomicU32::new(0).load(Relaxed);
                assert!(catch_unwind(|| planned_panic()).is_err());
                assert!(thread::spawn(|| planned_panic()).join().is_err());
            })
            .assert_complete();
    }
    for check in exhaustive_checks("unplanned") {
        let failure = check.run(|| _ = catch_unwind(|| panic!("a bug in a callback"))).assert_failed();
        assert_eq!(failure.message, "a bug in a callback");
    }
}

struct TellsWhenDropped(Cell<Option<Arc<AtomicU32>>>);

impl Drop for TellsWhenDropped {
    fn drop(&mut self) {
        if let Some(dropped) = self.0.take() {
            dropped.fetch_add(1, Relaxed);
        }
    }
}

sync::thread_local! { static LOCAL: TellsWhenDropped = const { TellsWhenDropped(Cell::new(None)) } }

#[test]
fn thread_locals_are_per_thread_and_dropped_with_it() {
    for check in exhaustive_checks("locals") {
        check
            .run(|| {
                let dropped = Arc::new(AtomicU32::new(0));
                let there = dropped.clone();
                let t = thread::spawn(move || {
                    let set = LOCAL.with(|local| local.0.set(Some(there)));
                    assert!(set.is_some());
                });
                assert!(LOCAL.with(|local| local.0.take().is_none()).unwrap());
                t.join().unwrap();
                assert_eq!(dropped.load(Relaxed), 1);
            })
            .assert_complete();
    }
}

#[test]
fn threads_that_nobody_joins_are_waited_for() {
    for check in exhaustive_checks("detached") {
        let loom = is_loom(&check);
        let report = check
            .threads(2)
            .reaches(&["ran"])
            .run(|| {
                drop(thread::spawn(|| {
                    AtomicU32::new(0).load(Relaxed);
                    check::reached("ran");
                }));
            })
            .assert_complete();
        assert_eq!(report.outcomes["ran"], report.executions, "loom: {loom}");
    }
}

#[test]
#[should_panic(expected = "a check cannot run inside a check")]
fn checks_do_not_nest() {
    let Some(outer) = exhaustive_checks("outer").pop() else { unreachable!("an engine is compiled in") };
    outer
        .run(|| {
            for inner in exhaustive_checks("inner") {
                drop(inner.run(|| adders(1)));
            }
        })
        .assert_held();
}

#[test]
fn a_report_survives_json() {
    for check in exhaustive_checks("json") {
        let report = check.run(|| assert!(AtomicU32::new(1).load(Relaxed) == 0, "planted"));
        let text = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<check::Report>(&text).unwrap(), report);
    }
}
