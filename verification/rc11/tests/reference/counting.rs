//! What the tests ask of a program: to hold, and to have so many complete executions.

#![allow(clippy::print_stdout, reason = "libtest keeps what a test prints, and shows it of one that fails")]

use rc11::{Explorer, Mode, Report};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

/// Both memory models, for a program that has the same executions under either.
pub(crate) const BOTH: [Mode; 2] = [Mode::Rc11, Mode::Sc];

/// Runs a test under both memory models.
pub(crate) fn under_both(test: impl Fn(Mode)) {
    BOTH.into_iter().for_each(test);
}

/// A memory model's name.
pub(crate) fn name(mode: Mode) -> &'static str {
    match mode {
        Mode::Rc11 => "RC11",
        Mode::Sc => "SC",
    }
}

/// Explores every execution of a program.
pub(crate) fn explore(mode: Mode, execution: impl Fn() + Send + Sync + 'static) -> Report {
    Explorer::new().mode(mode).workers(1).run(execution)
}

/// Explores a program that is to hold; prints how many executions there are.
pub(crate) fn holds(what: &str, mode: Mode, execution: impl Fn() + Send + Sync + 'static) -> Report {
    let report = explore(mode, execution);
    if let Some(failure) = &report.failure {
        panic!("{what}, {}: {:?}: {}", name(mode), failure.kind, failure.message);
    }
    println!("{what}, {}: {} complete, {} blocked", name(mode), report.complete, report.blocked);
    report
}

/// Explores a program that is to hold with exactly `complete` executions that come to their end.
pub(crate) fn counts(what: &str, mode: Mode, complete: u64, execution: impl Fn() + Send + Sync + 'static) {
    let report = holds(what, mode, execution);
    assert_eq!(report.complete, complete, "{what}, {}: complete executions", name(mode));
}

/// The same for a program with a loop that may turn in vain: an exchange that fails, a look that finds nothing.
///
/// The independent checker gives such an execution up, counts it as blocked, and leaves the next turn to another
/// execution. Here the loop turns, so that nothing is blocked that would not be in earnest; the program returns whether
/// its loops went straight through, and those executions are the ones that the other counts as complete. Of all that
/// come to their end there are `all`, where that is known.
pub(crate) fn counts_straight(
    what: &str,
    mode: Mode,
    straight: u64,
    all: Option<u64>,
    is_straight: impl Fn() -> bool + Send + Sync + 'static,
) {
    let counted = Arc::new(AtomicU64::new(0));
    let counter = counted.clone();
    let report = holds(what, mode, move || {
        // The end of a complete execution: what may block is behind it.
        counter.fetch_add(u64::from(is_straight()), Relaxed);
    });
    let counted = counted.load(Relaxed);
    println!("{what}, {}: {counted} straight", name(mode));
    assert_eq!(counted, straight, "{what}, {}: straight executions", name(mode));
    if let Some(all) = all {
        assert_eq!(report.complete, all, "{what}, {}: complete executions", name(mode));
    }
}
