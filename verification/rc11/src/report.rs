//! What an exploration found.

use crate::failure::Failure;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// Why an exploration is not complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stopped {
    /// It stopped at a failure.
    Failure,
    /// The number of executions that was asked for is reached.
    Executions,
    /// The time is over.
    Time,
    /// It was divided, and the parts are left.
    Part,
}

/// What an exploration found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Executions in which every thread ended.
    pub complete: u64,
    /// Executions in which threads waited for what did not come; it comes in another execution.
    pub blocked: u64,
    /// Executions in which threads wait for ever, where that is not a failure.
    pub deadlocked: u64,
    /// Events of all complete executions.
    pub events: u64,
    /// Events of the longest complete execution.
    pub deepest: usize,
    /// Threads, the first included: as many as the busiest complete execution had.
    pub threads: usize,
    /// Graphs of complete executions that were met more than once, if that was looked for. There are none.
    pub duplicates: u64,
    /// Executions in which a check failed.
    #[serde(default)]
    pub failing: u64,
    /// The share of the whole that was explored, as far as can be said before the end; 1 at the end.
    pub explored: f64,
    /// How long it took.
    pub elapsed: Duration,
    /// Why it is not complete; `None` if it is.
    pub stopped: Option<Stopped>,
    /// The first failure, or the simplest if that was [looked for](crate::Explorer::simplest).
    pub failure: Option<Failure>,
}

impl Report {
    /// Whether every execution was explored, and no check failed.
    pub fn is_complete(&self) -> bool {
        self.stopped.is_none() && self.failure.is_none()
    }

    /// All executions that were begun.
    pub fn executions(&self) -> u64 {
        self.complete + self.blocked + self.deadlocked
    }

    /// Returns the report of an exploration that was complete.
    ///
    /// # Panics
    ///
    /// With the failure, or with what was left out.
    #[track_caller]
    pub fn assert_complete(self) -> Self {
        if let Some(failure) = &self.failure {
            panic!("{failure}");
        }
        if let Some(stopped) = self.stopped {
            panic!("not complete: {stopped:?}, after {} executions", self.executions());
        }
        self
    }

    /// Returns the failure of an exploration that was expected to fail.
    ///
    /// # Panics
    ///
    /// If it did not.
    #[track_caller]
    pub fn assert_failed(self) -> Failure {
        let executions = self.executions();
        self.failure.unwrap_or_else(|| panic!("no check failed, in {executions} executions"))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} executions, {} blocked, {:.3} s",
            self.complete,
            self.blocked,
            self.elapsed.as_secs_f64()
        )?;
        match (&self.failure, self.stopped) {
            (Some(failure), _) => write!(f, "; FAILED: {failure}"),
            (None, Some(stopped)) => write!(f, "; not complete: {stopped:?}"),
            (None, None) => f.write_str("; complete"),
        }
    }
}
