//! What an engine sees of a row.

use crate::differences;
use crate::play::{SEEN, play};
use crate::program::Claim;
use crate::row::{Row, Verdict};
use netns_core::check::{self, Check, FailureKind};

/// A way to explore every execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explorer {
    /// The RC11 engine.
    Rc11,
    /// loom.
    Loom,
    /// The RC11 engine under sequential consistency.
    Sc,
    /// shuttle, depth first.
    Dfs,
}

impl Explorer {
    /// All of them, in the order of the page.
    pub const ALL: [Explorer; 4] = [Explorer::Rc11, Explorer::Loom, Explorer::Sc, Explorer::Dfs];

    /// Its name on the page.
    pub fn name(self) -> &'static str {
        match self {
            Explorer::Rc11 => "rc11",
            Explorer::Loom => "loom",
            Explorer::Sc => "sc",
            Explorer::Dfs => "dfs",
        }
    }

    fn check(self, name: &str) -> Check {
        match self {
            Explorer::Rc11 => check::rc11(name),
            Explorer::Loom => check::exhaustive(name),
            Explorer::Sc => check::sc(name),
            Explorer::Dfs => check::dfs(name),
        }
    }

    /// What the model that it stands for says: RC11, C++20, or sequential consistency.
    pub fn expects(self, row: &Row) -> Verdict {
        match self {
            Explorer::Rc11 => row.rc11(),
            Explorer::Loom => row.language,
            Explorer::Sc | Explorer::Dfs => row.interleaved(),
        }
    }

    /// Whether it is as expected that it sees the row's outcome, or does not: its model says so, or it is a difference
    /// that is listed, and not both.
    pub fn is_explained(self, row: &Row, sees: bool) -> bool {
        let as_its_model = sees == (self.expects(row) == Verdict::Allowed);
        as_its_model == differences::why(self, row.name).is_none()
    }

    /// Whether the last thread is the one that starts the others, as the row wants it, or because there would be too much to
    /// explore.
    fn last_starts(self, row: &Row) -> bool {
        row.last_starts || row.threads.len() > 3 || self == Explorer::Dfs
    }

    /// Plays the row in every execution, and says whether some had the outcome.
    ///
    /// # Panics
    ///
    /// If the engine is not compiled in, did not explore every execution, or found a mistake that is not what the row
    /// asks about.
    pub fn sees(self, row: &Row) -> bool {
        let (threads, outcome, starts) = (row.threads.clone(), row.outcome.clone(), self.last_starts(row));
        let check =
            self.check(row.name).threads(threads.len() + usize::from(!starts)).spurious_failures(true);
        let report = check.run(move || play(&threads, &outcome, starts));
        match &report.failure {
            Some(failure) if failure.kind == FailureKind::DataRace && row.outcome == [Claim::Race] => true,
            _ => report.assert_complete().outcomes.contains_key(SEEN),
        }
    }
}

/// A row, and which of the explorers see its outcome.
#[derive(Debug)]
pub struct Measured {
    /// The row.
    pub row: Row,
    /// In the order of [`Explorer::ALL`].
    pub seen: [bool; 4],
}

/// Plays all rows under every explorer.
///
/// # Panics
///
/// As [`Explorer::sees`].
pub fn all() -> Vec<Measured> {
    let measured = |row: Row| Measured { seen: Explorer::ALL.map(|explorer| explorer.sees(&row)), row };
    crate::rows::all().into_iter().map(measured).collect()
}
