//! How far a check is, and how far it has to go.

use super::rc11;
use super::{Check, Failure};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// How far a check is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Executions that were run, those included that the report counts as blocked.
    pub executions: u64,
    /// The share of the whole that was explored, from 0 to 1, if what is left is like what was seen. Only the RC11
    /// engine can tell.
    pub explored: Option<f64>,
}

/// Whoever wants to know.
pub(super) type Teller = Arc<dyn Fn(Progress) + Send + Sync>;

/// How much there is to explore, as random walks tell it. The spread is wide: trust the order of magnitude.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// How many walks there were.
    pub walks: u64,
    /// Executions that run to their end.
    pub executions: f64,
    /// The standard error of that number.
    pub error: f64,
    /// Executions in which a thread waits for what comes in another execution.
    pub blocked: f64,
    /// How long all of them take with one worker, in seconds.
    pub seconds: f64,
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Estimate { walks, executions, error, blocked, seconds } = self;
        write!(
            f,
            "about {executions:.0} executions (standard error {error:.0}), {blocked:.0} blocked, {seconds:.1} s with one \
             worker, by {walks} random walks"
        )
    }
}

impl Check {
    /// Estimates, by so many random walks, how much there is to explore, without exploring it.
    ///
    /// # Errors
    ///
    /// The failure, if a walk meets one.
    ///
    /// # Panics
    ///
    /// If the strategy is not one of the RC11 engine's, if that is not compiled in, or if called from inside a check.
    pub fn estimate(
        self,
        walks: u64,
        seed: u64,
        execution: impl Fn() + Send + Sync + 'static,
    ) -> Result<Estimate, Box<Failure>> {
        self.assert_is_rc11();
        rc11::estimate(&self, walks, seed, Arc::new(execution))
    }
}
