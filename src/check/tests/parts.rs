//! What is told of a divided check.

use crate::check::{self, Check, Incomplete, MergeError, Report};
use crate::sync::{Arc, AtomicU32, Ordering::*, thread};
use std::sync::Mutex;

fn check() -> Check {
    check::rc11("three adders and a reader").threads(4).reaches(&["0", "3"])
}

fn body() {
    let n = Arc::new(AtomicU32::new(0));
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let n = n.clone();
            thread::spawn(move || n.fetch_add(1, Relaxed))
        })
        .collect();
    match n.load(Relaxed) {
        0 => check::reached("0"),
        3 => check::reached("3"),
        _ => (),
    }
    threads.into_iter().for_each(|t| {
        t.join().unwrap();
    });
}

fn parts(of: usize) -> (check::Split, Vec<Report>) {
    let split = check().split(4, body);
    assert!(split.pieces() >= 4, "{}", split.pieces());
    let parts = (0..of).map(|part| check().run_part(&split, part, of, body)).collect();
    (split, parts)
}

#[test]
fn a_missing_part_is_no_failure_but_the_sum_is_incomplete() {
    let (split, parts) = parts(3);
    // With an outcome that only the missing part can have seen.
    let sum = split.merge(&check().reaches(&["elsewhere"]), &parts[..2]).unwrap().assert_held();
    assert_eq!(sum.incomplete, [Incomplete::MissingPart { part: 2, of: 3 }]);
    assert_eq!(sum.why_incomplete(), "part 3 of 3 is missing");
    let whole = split.merge(&check().reaches(&["elsewhere"]), &parts).unwrap();
    assert_eq!(whole.assert_failed().kind, check::FailureKind::Vacuous);
}

#[test]
fn the_part_of_another_check_is_told() {
    let (split, mut parts) = parts(3);
    parts[2].name = "another".into();
    assert_eq!(split.merge(&check(), &parts).unwrap_err(), MergeError::Others);
}

#[test]
fn a_part_ends_with_all_of_it_explored() {
    let (split, _) = parts(3);
    let last = Arc::new(Mutex::new(0.0));
    let seen = last.clone();
    let told = check().on_progress(move |progress| *seen.lock().unwrap() = progress.explored.unwrap());
    let _ = told.run_part(&split, 1, 3, body);
    let last = *last.lock().unwrap();
    assert!((last - 1.0_f64).abs() < 1e-9, "{last}");
}
