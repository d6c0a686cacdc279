//! A check under the RC11 engine, spread over processes and machines.

use super::rc11::{self, Rest};
use super::vacuous::finish;
use super::{Check, Engine, Incomplete, Report};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

impl Check {
    /// Explores until `pieces` pieces or more are left, so that they can be explored by several processes: see
    /// [`run_part`](Check::run_part) and [`Split::merge`].
    ///
    /// # Panics
    ///
    /// If the strategy is not one of the RC11 engine's, if that is not compiled in, or if called from inside a check.
    #[must_use = "what is left is still to be explored"]
    pub fn split(self, pieces: usize, execution: impl Fn() + Send + Sync + 'static) -> Split {
        self.assert_is_rc11();
        rc11::split(&self, pieces, Arc::new(execution))
    }

    /// Explores part `part` of `of` of what `split` has left; the first is part 0. The check and the closure are those
    /// that were split. The report is never complete: [`Split::merge`] adds those of all parts up.
    ///
    /// # Panics
    ///
    /// If there is no such part, if the strategy is not one of the RC11 engine's, if that is not compiled in, or if
    /// called from inside a check.
    #[must_use = "a check that nobody looks at checks nothing"]
    pub fn run_part(
        self,
        split: &Split,
        part: usize,
        of: usize,
        execution: impl Fn() + Send + Sync + 'static,
    ) -> Report {
        self.assert_is_rc11();
        rc11::run_part(&self, split, part, of, Arc::new(execution))
    }

    pub(super) fn assert_is_rc11(&self) {
        let engine = self.strategy.engine();
        assert!(
            engine == Engine::Rc11,
            "only a check under rc11 can do this, and this is one under {engine}"
        );
        assert!(engine.is_compiled(), "netns-core was built without the feature `{engine}`");
    }
}

/// A check that was begun and divided: what was found on the way, and what is left to be explored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Split {
    /// What was explored before it was divided.
    pub begun: Report,
    pub(super) rest: Rest,
}

impl Split {
    /// How many pieces are left. More parts than that are of no use.
    pub fn pieces(&self) -> usize {
        rc11::pieces(&self.rest)
    }

    /// Adds up what was found before the check was divided and by each of its parts. If all of them are there, the sum
    /// is what the undivided check would have found; if one is missing, the sum is incomplete and says which.
    ///
    /// # Errors
    ///
    /// [`MergeError`], if the reports are not those of the parts of one check.
    pub fn merge(&self, check: &Check, parts: &[Report]) -> Result<Report, MergeError> {
        let of =
            parts.first().map(|report| part_of(report).map(|(_, of)| of)).ok_or(MergeError::Nothing)??;
        let mut there = vec![false; of];
        let mut sum = self.begun.clone();
        for report in parts {
            let (part, its_of) = part_of(report)?;
            if report.name != sum.name || report.strategy != sum.strategy || its_of != of {
                return Err(MergeError::Others);
            }
            if std::mem::replace(&mut there[part], true) {
                return Err(MergeError::Twice { part });
            }
            sum.add(report);
        }
        let is_of_parts =
            |reason: &Incomplete| matches!(reason, Incomplete::Divided | Incomplete::Part { .. });
        sum.incomplete.retain(|reason| !is_of_parts(reason));
        let missing = (0..of).filter(|part| !there[*part]);
        sum.incomplete.extend(missing.map(|part| Incomplete::MissingPart { part, of }));
        // What was promised may come in the part that is missing.
        Ok(if there.contains(&false) { sum } else { finish(check, sum) })
    }
}

/// Which part a report is of, and of how many.
fn part_of(report: &Report) -> Result<(usize, usize), MergeError> {
    let part = |reason: &Incomplete| match reason {
        Incomplete::Part { part, of } if part < of => Some((*part, *of)),
        _ => None,
    };
    report.incomplete.iter().find_map(part).ok_or(MergeError::NoPart)
}

impl Report {
    /// Adds another part's findings.
    fn add(&mut self, other: &Report) {
        self.threads = self.threads.max(other.threads);
        self.executions += other.executions;
        self.blocked += other.blocked;
        self.deepest = self.deepest.max(other.deepest);
        self.elapsed += other.elapsed;
        for (outcome, n) in &other.outcomes {
            *self.outcomes.entry(outcome.clone()).or_default() += n;
        }
        self.sites.extend(other.sites.iter().cloned());
        self.incomplete.extend(other.incomplete.iter().cloned());
        self.incomplete.sort();
        self.incomplete.dedup();
        self.failure = self.failure.take().or_else(|| other.failure.clone());
    }
}

/// Why reports cannot be added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeError {
    /// There is none.
    Nothing,
    /// One is not of a part.
    NoPart,
    /// They are of different checks, or of different divisions of one.
    Others,
    /// A part is there twice.
    Twice {
        /// Which.
        part: usize,
    },
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MergeError::Nothing => f.write_str("there is no report to merge"),
            MergeError::NoPart => f.write_str("a report is not that of a part"),
            MergeError::Others => f.write_str("the reports are not of the parts of one check"),
            MergeError::Twice { part } => write!(f, "part {} is there twice", part + 1),
        }
    }
}

impl std::error::Error for MergeError {}
