//! Explorations that stop before the end, and what is told on the way.

use rc11::{Atomic, Explorer, Progress, Stopped, choose, thread};
use std::collections::HashSet;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// `n!` executions.
fn additions(n: u32) -> impl Fn() + Send + Sync + 'static {
    move || {
        let count = Arc::new(Atomic::new(0));
        for _ in 0..n {
            let count = count.clone();
            thread::spawn(move || count.fetch_add(1, Relaxed));
        }
    }
}

#[test]
fn a_number_of_executions_stops_the_exploration() {
    let report = Explorer::new().executions(100).run(additions(6));
    assert_eq!(report.stopped, Some(Stopped::Executions));
    assert!((100..300).contains(&report.executions()), "{report}");
    assert!(!report.is_complete());
}

#[test]
fn a_limit_that_the_last_execution_meets_leaves_nothing_out() {
    let report = Explorer::new().executions(64).run(|| assert!(choose(64) < 64));
    assert_eq!(report.assert_complete().complete, 64);
}

#[test]
fn time_stops_the_exploration() {
    let report = Explorer::new().time(Duration::ZERO).run(additions(6));
    assert_eq!(report.stopped, Some(Stopped::Time));
    assert!(report.executions() < 720, "{report}");
}

#[test]
fn a_failure_stops_the_exploration() {
    let report = Explorer::new().run(|| assert!(choose(1000) != 900));
    assert_eq!(report.stopped, Some(Stopped::Failure));
    assert!(report.executions() < 999, "{report}");
    report.assert_failed();
}

#[test]
#[should_panic(expected = "not complete: Executions")]
fn an_exploration_that_was_stopped_is_not_taken_for_complete() {
    Explorer::new().executions(1).run(additions(5)).assert_complete();
}

#[test]
#[should_panic(expected = "no check failed, in 2 executions")]
fn an_exploration_without_a_failure_is_not_taken_for_one_with() {
    Explorer::new().run(|| assert!(choose(2) < 2)).assert_failed();
}

#[test]
fn progress_grows_from_nothing_to_all() {
    let told = Arc::new(Mutex::new(Vec::<Progress>::new()));
    let listener = told.clone();
    let explorer = Explorer::new().on_progress(move |p| listener.lock().expect("nobody panics").push(p));
    explorer.run(additions(6)).assert_complete();
    let told = told.lock().expect("nobody panics");
    assert!(told.len() > 5, "{} times", told.len());
    assert!(told.is_sorted_by(|a, b| a.executions <= b.executions && a.explored <= b.explored));
    let last = told.last().expect("it was told");
    assert_eq!(last.executions, 720);
    assert!((last.explored - 1.0).abs() < 1e-9, "{last:?}");
    assert!(told[0].explored < 0.5, "{:?}", told[0]);
}

#[test]
fn what_is_around_the_workers_is_called_once_for_each() {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let explorer = Explorer::new().workers(3).around_workers(|work| {
        CALLS.fetch_add(1, Relaxed);
        work();
    });
    assert_eq!(explorer.run(additions(5)).assert_complete().complete, 120);
    assert_eq!(CALLS.load(Relaxed), 3);
}

/// The executions are slow until a second worker has had one: it has seconds to come.
#[test]
fn several_workers_work() {
    let workers = Arc::new(Mutex::new(HashSet::new()));
    let (seen, execution) = (workers.clone(), additions(7));
    let report = Explorer::new().workers(2).run(move || {
        let mut seen = seen.lock().expect("nobody panics");
        seen.insert(std::thread::current().id());
        let is_alone = seen.len() < 2;
        drop(seen);
        if is_alone {
            std::thread::sleep(Duration::from_millis(1));
        }
        execution();
    });
    assert_eq!(report.assert_complete().complete, 5040);
    assert_eq!(workers.lock().expect("nobody panics").len(), 2);
}

#[test]
fn an_estimate_is_of_the_right_order() {
    for (n, executions) in [(4, 24.0), (6, 720.0)] {
        let estimate = Explorer::new().estimate(400, 1, additions(n)).expect("no check fails");
        let ratio = estimate.complete / executions;
        assert!((0.8..1.25).contains(&ratio), "{n}: {estimate}");
    }
}

#[test]
fn an_estimate_meets_failures() {
    let failure = Explorer::new().estimate(400, 1, || assert!(choose(4) != 2)).expect_err("a check fails");
    assert!(failure.message.contains("assertion failed"), "{failure}");
}
