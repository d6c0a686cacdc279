//! How large an exploration will be, from random walks.
//!
//! The graphs that an exploration goes through are a tree. A walk goes down from its root and takes, wherever there are
//! several ways, each with the same probability; the inverse of the probability of the whole way, if it ends in a
//! complete execution and 0 if not, is on average the number of those (Knuth, "Estimating the Efficiency of Backtrack
//! Programs", 1975). The spread is wide: trust the order of magnitude.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What random walks say of the size of an exploration.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// How many walks there were.
    pub walks: u64,
    /// The number of complete executions, on average over the walks.
    pub complete: f64,
    /// The standard error of that average.
    pub error: f64,
    /// The number of blocked executions.
    pub blocked: f64,
    /// How long an execution takes, in seconds.
    pub seconds_an_execution: f64,
}

impl Estimate {
    /// How long the exploration would take with one worker, in seconds.
    pub fn seconds(&self) -> f64 {
        (self.complete + self.blocked) * self.seconds_an_execution
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "about {:.0} executions (standard error {:.0}), {:.0} blocked, {:.1} s with one worker",
            self.complete,
            self.error,
            self.blocked,
            self.seconds()
        )
    }
}

/// The walks so far.
#[derive(Debug, Default)]
pub(crate) struct Walks {
    walks: u64,
    sum: f64,
    squares: f64,
    blocked: f64,
    /// Executions that were run on the way.
    executions: u64,
}

impl Walks {
    /// A walk has ended, in a complete execution or not.
    pub(crate) fn add(&mut self, probability: f64, complete: bool, executions: u64) {
        let inverse = 1.0 / probability;
        self.walks += 1;
        self.executions += executions;
        if complete {
            self.sum += inverse;
            self.squares += inverse * inverse;
        } else {
            self.blocked += inverse;
        }
    }

    pub(crate) fn estimate(&self, seconds: f64) -> Estimate {
        let n = self.walks.max(1) as f64;
        let mean = self.sum / n;
        let variance = (self.squares / n - mean * mean).max(0.0);
        Estimate {
            walks: self.walks,
            complete: mean,
            error: (variance / n).sqrt(),
            blocked: self.blocked / n,
            seconds_an_execution: seconds / self.executions.max(1) as f64,
        }
    }
}

/// Where a walk goes (SplitMix64).
#[derive(Debug, Clone)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_that_all_say_the_same_leave_no_doubt() {
        let mut walks = Walks::default();
        (0..4).for_each(|_| walks.add(0.25, true, 1));
        let estimate = walks.estimate(4.0);
        assert_eq!((estimate.complete, estimate.error, estimate.blocked), (4.0, 0.0, 0.0));
        assert_eq!((estimate.seconds_an_execution, estimate.seconds()), (1.0, 4.0));
    }

    #[test]
    fn a_walk_into_a_blocked_execution_is_none_into_a_complete_one() {
        let mut walks = Walks::default();
        walks.add(0.5, true, 1);
        walks.add(0.5, false, 1);
        let estimate = walks.estimate(0.0);
        assert_eq!((estimate.complete, estimate.blocked), (1.0, 1.0));
        assert!(estimate.error > 0.0);
    }
}
