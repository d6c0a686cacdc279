//! What a model is.

use netns_core::check::{self, Check, Engine, Report};
use std::time::Duration;

/// A scenario: a few threads, what each does, what must hold whatever the interleaving.
#[derive(Debug, Clone, Copy)]
pub struct Model {
    /// Its name: what happens, in words joined by hyphens. A bounded model says so in it.
    pub name: &'static str,
    /// The protocol that it is a scenario of: the file it stands in.
    pub protocol: &'static str,
    /// The actors and the claim, in a sentence or two.
    pub about: &'static str,
    /// Threads, main included.
    pub threads: usize,
    /// The invariants of INVARIANTS.md that it asserts, by number.
    pub claims: &'static [u8],
    /// The outcomes that must each be seen in some execution, or the run proves nothing.
    pub reaches: &'static [&'static str],
    /// The greatest number of preemptions under loom; `None`, the rule, is no bound.
    pub preemptions: Option<u8>,
    /// Whether loom is to explore where `SeqCst` fences fall: see
    /// [`Check::fence_events`](netns_core::check::Check::fence_events).
    pub fence_events: bool,
    /// One execution.
    pub body: fn(),
}

/// How to run a model.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Plan {
    /// Under which engine.
    pub engine: Engine,
    /// shuttle's strategy: `dfs`, `pct`, `random` or `urw`. Of no meaning to the other engines.
    pub scheduler: Scheduler,
    /// Executions of a strategy that samples, and the limit of one that does not.
    pub executions: Option<u64>,
    /// The time limit.
    pub time: Option<Duration>,
    /// Where random numbers start.
    pub seed: u64,
}

/// A strategy of shuttle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheduler {
    /// All schedules, depth first.
    Dfs,
    /// Probabilistic concurrency testing, depth 3.
    Pct,
    /// A random walk.
    Random,
    /// A uniform random walk.
    Urw,
}

impl Plan {
    /// The executions of a sampling run if the plan names no number.
    pub const SAMPLE: u64 = 2_000;

    /// The plan of the gate for `engine`: exhaustive under loom, a random sample under shuttle, real threads.
    pub fn of(engine: Engine) -> Plan {
        Plan { engine, scheduler: Scheduler::Random, executions: None, time: None, seed: 0x6e65_746e }
    }

    fn check(&self, name: &str, preemptions: Option<u8>) -> Check {
        match (self.engine, self.scheduler) {
            (Engine::Loom, _) => check::exhaustive(name).preemptions(preemptions),
            (Engine::Shuttle, Scheduler::Dfs) => check::dfs(name),
            (Engine::Shuttle, Scheduler::Pct) => check::pct(name, 3),
            (Engine::Shuttle, Scheduler::Random) => check::random(name),
            (Engine::Shuttle, Scheduler::Urw) => check::urw(name),
            (Engine::Rc11, Scheduler::Dfs) => check::sc(name),
            (Engine::Rc11, _) => check::rc11(name),
            (Engine::Std, _) => check::threads(name),
        }
    }
}

impl Model {
    /// Runs it in this process. `progress` is told the number of executions now and then.
    pub fn run(&self, plan: &Plan, progress: impl Fn(u64) + Send + Sync + 'static) -> Report {
        let mut check = plan.check(self.name, self.preemptions).threads(self.threads).seed(plan.seed);
        let sampled = !check.strategy().can_complete() && plan.engine != Engine::Loom;
        if let Some(executions) = plan.executions.or(sampled.then_some(Plan::SAMPLE)) {
            check = check.executions(executions);
        }
        if let Some(time) = plan.time {
            check = check.time(time);
        }
        // A sample need not meet every outcome; all executions must.
        if !sampled {
            check = check.reaches(self.reaches);
        }
        check
            .on_progress(progress)
            .fence_events(self.fence_events)
            .spurious_failures(true)
            .reproduce(format!("cargo verify run {} --engine {}", self.name, plan.engine))
            .run(self.body)
    }
}
