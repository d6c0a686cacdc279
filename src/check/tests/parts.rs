//! A divided check is the sum of its parts.

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
fn the_sum_of_the_parts_is_what_the_undivided_run_finds() {
    let whole = check().run(body).assert_complete();
    for of in [1, 3] {
        let (split, parts) = parts(of);
        assert!(split.begun.executions < whole.executions && !split.begun.is_complete());
        assert!(parts.iter().all(|part| !part.is_complete()));
        let sum = split.merge(&check(), &parts).unwrap().assert_complete();
        assert_eq!(
            (sum.executions, sum.blocked, sum.deepest),
            (whole.executions, whole.blocked, whole.deepest)
        );
        assert_eq!((sum.threads, &sum.outcomes), (whole.threads, &whole.outcomes));
    }
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
fn what_is_there_twice_or_does_not_belong_is_told() {
    let (split, mut parts) = parts(3);
    let merge = |parts: &[Report]| split.merge(&check(), parts).unwrap_err();
    assert_eq!(merge(&[]), MergeError::Nothing);
    assert_eq!(merge(&[parts[1].clone(), parts[1].clone()]), MergeError::Twice { part: 1 });
    assert_eq!(merge(&[parts[0].clone(), check().run(body)]), MergeError::NoPart);
    parts[2].name = "another".into();
    assert_eq!(merge(&parts), MergeError::Others);
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
