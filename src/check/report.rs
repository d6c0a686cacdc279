//! What a check found.

use super::{Failure, OrderingSite};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

/// Who runs the threads of a checked closure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Real threads, scheduled by the operating system.
    Std,
    /// loom: the interleavings and stale reads that C11 allows, but for those that it misses (README, "Trusted base").
    Loom,
    /// shuttle: schedules under sequential consistency.
    Shuttle,
    /// The engine of this project: every execution that RC11 allows, each once.
    Rc11,
}

impl Engine {
    /// The engines that this build can run.
    pub fn compiled() -> &'static [Engine] {
        &[
            Engine::Std,
            #[cfg(feature = "loom")]
            Engine::Loom,
            #[cfg(feature = "shuttle")]
            Engine::Shuttle,
            #[cfg(feature = "rc11")]
            Engine::Rc11,
        ]
    }

    /// Whether this build can run it.
    pub fn is_compiled(self) -> bool {
        Self::compiled().contains(&self)
    }

    /// `std`, `loom`, `shuttle`, `rc11`.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Std => "std",
            Engine::Loom => "loom",
            Engine::Shuttle => "shuttle",
            Engine::Rc11 => "rc11",
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How executions are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Strategy {
    /// loom: all of them, or all with at most so many preemptions.
    Exhaustive {
        /// The greatest number of preemptions; `None` is no bound.
        preemptions: Option<u8>,
    },
    /// shuttle: all schedules, depth first.
    Dfs,
    /// shuttle: probabilistic concurrency testing.
    Pct {
        /// The number of preemptions that a sought bug needs, and one.
        depth: usize,
        /// Where the random numbers start.
        seed: u64,
    },
    /// shuttle: a random walk.
    Random {
        /// Where the random numbers start.
        seed: u64,
    },
    /// shuttle: a random walk, uniform over the interleavings.
    Urw {
        /// Where the random numbers start.
        seed: u64,
    },
    /// rc11: every execution that RC11 allows, each once.
    Rc11,
    /// rc11: every execution that sequential consistency allows, each once.
    Sc,
    /// Real threads, again and again.
    Threads {
        /// Where the choices of [`choose`](crate::check::choose) start.
        seed: u64,
    },
}

impl Strategy {
    /// The engine that it is a strategy of.
    pub fn engine(self) -> Engine {
        match self {
            Strategy::Exhaustive { .. } => Engine::Loom,
            Strategy::Dfs | Strategy::Pct { .. } | Strategy::Random { .. } | Strategy::Urw { .. } => {
                Engine::Shuttle
            }
            Strategy::Rc11 | Strategy::Sc => Engine::Rc11,
            Strategy::Threads { .. } => Engine::Std,
        }
    }

    /// Whether it can end with nothing left to explore.
    pub fn can_complete(self) -> bool {
        matches!(
            self,
            Strategy::Exhaustive { preemptions: None } | Strategy::Dfs | Strategy::Rc11 | Strategy::Sc
        )
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Strategy::Exhaustive { preemptions: None } => f.pad("exhaustive"),
            Strategy::Exhaustive { preemptions: Some(n) } => f.pad(&format!("preemptions <= {n}")),
            Strategy::Dfs => f.pad("dfs"),
            Strategy::Pct { depth, seed } => f.pad(&format!("pct depth {depth} seed {seed}")),
            Strategy::Random { seed } => f.pad(&format!("random seed {seed}")),
            Strategy::Urw { seed } => f.pad(&format!("urw seed {seed}")),
            Strategy::Rc11 => f.pad("RC11"),
            Strategy::Sc => f.pad("SC"),
            Strategy::Threads { .. } => f.pad("real threads"),
        }
    }
}

/// Why a run did not explore everything.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "reason")]
pub enum Incomplete {
    /// It stopped at a failure.
    Failed,
    /// It samples: nothing that it does is ever all.
    Sampled,
    /// Interleavings with more preemptions were left out.
    PreemptionBound {
        /// The bound.
        preemptions: u8,
    },
    /// The number of executions that was asked for is reached.
    ExecutionLimit {
        /// The limit.
        executions: u64,
    },
    /// The time that was given is over.
    TimeLimit,
    /// An atomic had more racing stores than loom remembers: reads of the oldest were left out.
    StoreHistory {
        /// The object's name.
        object: String,
        /// How many racing stores it had.
        stores: u32,
    },
    /// The engine returned without the word that it had completed.
    NoCompletion,
    /// An ordering site was weakened: the run says nothing of the code as it is.
    Weakened,
    /// It was divided, and its parts are still to be explored.
    Divided,
    /// It is one part of a divided check.
    Part {
        /// Which, from 0.
        part: usize,
        /// Of how many.
        of: usize,
    },
    /// A part of a divided check was not explored.
    MissingPart {
        /// Which, from 0.
        part: usize,
        /// Of how many.
        of: usize,
    },
}

impl fmt::Display for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Incomplete::Failed => f.write_str("stopped at a failure"),
            Incomplete::Sampled => f.write_str("a sample"),
            Incomplete::PreemptionBound { preemptions } => write!(f, "at most {preemptions} preemptions"),
            Incomplete::ExecutionLimit { executions } => write!(f, "limit of {executions} executions"),
            Incomplete::TimeLimit => f.write_str("out of time"),
            Incomplete::StoreHistory { object, stores } => {
                write!(f, "{stores} racing stores to {object}, of which loom remembers 7")
            }
            Incomplete::NoCompletion => f.write_str("the engine did not say that it completed"),
            Incomplete::Weakened => f.write_str("an ordering was weakened"),
            Incomplete::Divided => f.write_str("divided into parts"),
            Incomplete::Part { part, of } => write!(f, "part {} of {of}", part + 1),
            Incomplete::MissingPart { part, of } => write!(f, "part {} of {of} is missing", part + 1),
        }
    }
}

/// How far the simplest failure was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// In how many executions a check failed.
    pub failing: u64,
    /// Whether all executions were gone through that are explored in spite of failures.
    pub finished: bool,
}

/// What a run explored, and whether that was all and held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The name given to the check.
    pub name: String,
    /// The engine.
    pub engine: Engine,
    /// How executions were chosen.
    pub strategy: Strategy,
    /// Threads, main included: as many as the busiest execution had.
    pub threads: usize,
    /// Executions run to their end.
    pub executions: u64,
    /// Executions of the RC11 engine in which a thread waits for what comes in another execution.
    #[serde(default)]
    pub blocked: u64,
    /// The operations of the longest execution.
    pub deepest: usize,
    /// The time it took.
    pub elapsed: Duration,
    /// In how many executions each outcome named with [`reached`](crate::check::reached) was seen.
    pub outcomes: BTreeMap<String, u64>,
    /// The ordering sites that it came to, in order, if [asked for](crate::check::Check::sites).
    #[serde(default)]
    pub sites: BTreeSet<OrderingSite>,
    /// Why the run is not complete; empty if it is.
    pub incomplete: Vec<Incomplete>,
    /// The first failure, or the [simplest](crate::check::Check::simplest).
    pub failure: Option<Failure>,
    /// What was searched for a simpler failure than the first, if that was asked for and there was one.
    #[serde(default)]
    pub search: Option<Search>,
}

impl Report {
    /// Whether every execution was explored: no bound, no limit met, no sample, no failure.
    pub fn is_complete(&self) -> bool {
        self.incomplete.is_empty()
    }

    /// Whether no check failed.
    pub fn held(&self) -> bool {
        self.failure.is_none()
    }

    /// Executions a second.
    pub fn rate(&self) -> f64 {
        self.executions as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// Returns the report of a run that held and was complete.
    ///
    /// # Panics
    ///
    /// With the whole failure, or with what was left out.
    #[track_caller]
    pub fn assert_complete(self) -> Self {
        let this = self.assert_held();
        assert!(this.is_complete(), "{}: not complete: {}", this.name, this.why_incomplete());
        this
    }

    /// Returns the report of a run that held.
    ///
    /// # Panics
    ///
    /// With the whole failure.
    #[track_caller]
    pub fn assert_held(self) -> Self {
        if let Some(failure) = &self.failure {
            panic!("{} under {}: {failure}", self.name, self.engine);
        }
        self
    }

    /// Returns the failure of a run that was expected to fail.
    ///
    /// # Panics
    ///
    /// If it held.
    #[track_caller]
    pub fn assert_failed(self) -> Failure {
        match self.failure {
            Some(failure) => failure,
            None => panic!("{} held under {}, in {} executions", self.name, self.engine, self.executions),
        }
    }

    /// The reasons in one line; empty if complete.
    pub fn why_incomplete(&self) -> String {
        self.incomplete.iter().map(Incomplete::to_string).collect::<Vec<_>>().join("; ")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match (&self.failure, self.is_complete()) {
            (Some(_), _) => "FAILED",
            (None, true) => "complete, holds",
            (None, false) => "holds as far as explored",
        };
        writeln!(
            f,
            "{}: {verdict}: {} under {}, {} threads, {} executions{} in {:.3} s, deepest {}",
            self.name,
            self.strategy,
            self.engine,
            self.threads,
            self.executions,
            if self.blocked > 0 { format!(", {} blocked,", self.blocked) } else { String::new() },
            self.elapsed.as_secs_f64(),
            self.deepest
        )?;
        if !self.is_complete() {
            writeln!(f, "  not complete: {}", self.why_incomplete())?;
        }
        if let Some(failure) = &self.failure {
            write!(f, "  {failure}")?;
        }
        Ok(())
    }
}
