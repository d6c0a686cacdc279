//! Tables of changes to a program, and what is to become of each.

#![allow(clippy::print_stdout, reason = "libtest keeps what a test prints, and shows it of one that fails")]

use crate::counting::explore;
use rc11::{FailureKind, Mode};

/// What a wrong ordering or a missing lock leads to: something is seen that must not be, or plain memory is raced for.
pub(crate) const SEEN: Expected = Expected::Fails(&[FailureKind::Assertion, FailureKind::DataRace]);

/// The same, where memory is freed: or it is used after that.
pub(crate) const FREED: Expected =
    Expected::Fails(&[FailureKind::Assertion, FailureKind::DataRace, FailureKind::UseAfterFree]);

/// What is to become of a change.
#[derive(Clone, Copy)]
pub(crate) enum Expected {
    /// It changes nothing that is claimed.
    Holds,
    /// It is a mistake, and reported as one of these.
    Fails(&'static [FailureKind]),
}

/// A row: the change's name, the program with the change in it, and what is to become of it.
pub(crate) type Row<P> = (&'static str, P, Expected);

/// Runs every row under RC11.
///
/// # Panics
/// If any row is not as expected; names all that are not.
pub(crate) fn check<P: Copy + Send + Sync + 'static>(program: &str, rows: &[Row<P>], execution: fn(P)) {
    let wrong: Vec<_> = rows.iter().filter_map(|row| wrong(program, row, execution)).collect();
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

/// What is wrong with a row, if anything.
fn wrong<P: Copy + Send + Sync + 'static>(
    program: &str,
    &(name, parameters, expected): &Row<P>,
    execution: fn(P),
) -> Option<String> {
    let report = explore(Mode::Rc11, move || execution(parameters));
    let found = match &report.failure {
        Some(failure) => format!("{:?}: {}", failure.kind, failure.message),
        None => format!("holds, {} complete, {} blocked", report.complete, report.blocked),
    };
    println!("{program}, {name}: {found}");
    let (is_expected, expected) = match (expected, &report.failure) {
        (Expected::Holds, failure) => (failure.is_none(), "to hold".to_string()),
        (Expected::Fails(kinds), None) => (false, format!("one of {kinds:?}")),
        (Expected::Fails(kinds), Some(failure)) => {
            (kinds.contains(&failure.kind), format!("one of {kinds:?}"))
        }
    };
    (!is_expected).then(|| format!("{program}, {name}: expected {expected}, found {found}"))
}
