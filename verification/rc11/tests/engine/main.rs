//! What the engine does for programs, seen from outside: one behaviour a test.

mod choices;
mod determinism;
mod exclusive;
mod heap;
mod limits;
mod modes;
mod panics;
mod parts;
mod races;
mod replays;
mod search;
mod spins;
mod story;
mod threads;
mod updates;
mod waits;

use rc11::{Explorer, Failure, FailureKind, Report};

/// The executions of a program in which no check fails; none comes twice.
#[track_caller]
fn holds<R>(execution: impl Fn() -> R + Send + Sync + 'static) -> Report {
    let explorer = Explorer::new().count_duplicates(true);
    let report = explorer.run(move || drop(execution())).assert_complete();
    assert_eq!(report.duplicates, 0, "no execution comes twice");
    assert!((report.explored - 1.0).abs() < 1e-9, "the shares add up: {}", report.explored);
    report
}

/// The failure of a program in which a check of this kind fails.
#[track_caller]
fn fails<R>(kind: FailureKind, execution: impl Fn() -> R + Send + Sync + 'static) -> Failure {
    let failure = Explorer::new().run(move || drop(execution())).assert_failed();
    assert_eq!(failure.kind, kind, "{failure}");
    failure
}
