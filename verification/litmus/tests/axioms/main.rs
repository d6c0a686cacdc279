//! What the models say of each row, derived from their axioms: the candidate executions that have the outcome are
//! enumerated, and the row is allowed if the axioms leave one.
//!
//! It shares nothing with the engines.

mod candidate;
mod kernel;
mod language;
mod relation;

use candidate::Candidate;
use netns_litmus::program::Claim;
use netns_litmus::row::{Row, Verdict};
use netns_litmus::rows;

/// Compares what the axioms allow with what the rows say, and returns how many rows say something.
#[track_caller]
fn compare(allows: impl Fn(&Candidate<'_>) -> bool, says: impl Fn(&Row) -> Option<Verdict>) -> usize {
    let mut compared = 0;
    let mut wrong = String::new();
    for row in rows::all() {
        let Some(says) = says(&row) else { continue };
        let asks_for_a_race = row.outcome.contains(&Claim::Race);
        let mut derived = Verdict::Forbidden;
        candidate::each(&row, |candidate| {
            if allows(candidate) && (!asks_for_a_race || language::races(candidate)) {
                derived = Verdict::Allowed;
            }
        });
        compared += 1;
        if derived != says {
            wrong += &format!("\n{}: the axioms say {derived:?}", row.name);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    compared
}

#[test]
fn the_language() {
    assert_eq!(compare(language::allows, |row| Some(row.language)), rows::all().len());
}

#[test]
fn rc11() {
    compare(
        |candidate| language::allows(candidate) && language::is_in_order(candidate),
        |row| Some(row.rc11()),
    );
}

#[test]
fn the_kernel() {
    let compared = compare(kernel::allows, |row| row.kernel);
    assert!(compared > rows::all().len() / 2, "the kernel has words for most of them, not for {compared}");
}

#[test]
fn interleavings() {
    compare(language::is_interleaved, |row| Some(row.interleaved()));
}
