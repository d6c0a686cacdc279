//! What a model is.

use netns_core::check::{
    self, Check, Engine, Estimate, Failure, MergeError, Progress, Report, Split, Weaken,
};
use std::fmt;
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
    /// The engines that explore it to the end.
    pub engines: Engines,
    /// The greatest number of preemptions under loom; `None`, the rule, is no bound.
    pub preemptions: Option<u8>,
    /// Whether loom is to explore where `SeqCst` fences fall: see
    /// [`Check::fence_events`](netns_core::check::Check::fence_events).
    pub fence_events: bool,
    /// One execution.
    pub body: fn(),
}

/// The exhaustive engines that a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engines {
    /// The RC11 engine and loom.
    Both,
    /// The RC11 engine only.
    Rc11Only {
        /// Why loom is not for it.
        why: &'static str,
    },
    /// Neither: there is too much to explore, and only samples are run.
    Samples,
}

/// How to run a model.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Plan {
    /// Under which engine.
    pub engine: Engine,
    /// shuttle's strategy: `dfs`, `pct`, `random` or `urw`. Of no meaning to the other engines.
    pub scheduler: Scheduler,
    /// The memory model of the RC11 engine. Of no meaning to the other engines.
    pub memory: Memory,
    /// How many threads of the system the RC11 engine explores with; 0 is one a processor. The other engines have one.
    pub workers: usize,
    /// Executions of a strategy that samples, and the limit of one that does not.
    pub executions: Option<u64>,
    /// The time limit.
    pub time: Option<Duration>,
    /// Where random numbers start.
    pub seed: u64,
    /// One ordering, weakened.
    #[serde(default)]
    pub weaken: Option<Weaken>,
    /// Whether the report is to name the ordering sites that the run comes to.
    #[serde(default)]
    pub sites: bool,
    /// The greatest number of preemptions under loom, if it is not the model's own.
    #[serde(default)]
    pub preemptions: Option<u8>,
    /// Whether the RC11 engine goes on when a check has failed, for a while, and looks for the simplest failure.
    #[serde(default)]
    pub simplest: bool,
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

/// A memory model of the RC11 engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Memory {
    /// RC11.
    Rc11,
    /// Sequential consistency.
    Sc,
}

impl fmt::Display for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Scheduler::Dfs => "dfs",
            Scheduler::Pct => "pct",
            Scheduler::Random => "random",
            Scheduler::Urw => "urw",
        })
    }
}

impl Plan {
    /// The executions of a sampling run if the plan names no number.
    pub const SAMPLE: u64 = 2_000;

    /// In how many executions a check may fail while the simplest failure is looked for.
    pub const FAILING: u64 = 1_000;

    /// For how long after the first failure the simplest one is looked for.
    pub const SEARCH: Duration = Duration::from_secs(10);

    /// The plan of the gate for `engine`: exhaustive under rc11 and loom, a random sample under shuttle, real threads.
    pub fn of(engine: Engine) -> Plan {
        Plan {
            engine,
            scheduler: Scheduler::Random,
            memory: Memory::Rc11,
            workers: 1,
            executions: None,
            time: None,
            seed: 0x6e65_746e,
            weaken: None,
            sites: false,
            preemptions: None,
            simplest: false,
        }
    }

    /// The command that runs the model of that name under the same engine; a sample from the same seed.
    pub fn command(&self, name: &str) -> String {
        let how = match (self.engine, self.memory) {
            (Engine::Rc11, Memory::Sc) => " --model sc".into(),
            (Engine::Rc11 | Engine::Loom, _) => String::new(),
            (Engine::Shuttle, _) if self.scheduler == Scheduler::Dfs => " --scheduler dfs".into(),
            (Engine::Shuttle, _) => format!(" --scheduler {}{}", self.scheduler, self.sample()),
            (Engine::Std, _) => self.sample(),
        };
        let weaken = self.weaken.as_ref().map(|Weaken { file, line, to }| {
            let to = to.map_or("none".into(), |to| format!("{to:?}"));
            format!(" --weaken {file}:{line}={to}")
        });
        format!("cargo verify run {name} --engine {}{how}{}", self.engine, weaken.unwrap_or_default())
    }

    fn sample(&self) -> String {
        format!(" --seed {} --executions {}", self.seed, self.executions.unwrap_or(Self::SAMPLE))
    }

    fn check(&self, name: &str, preemptions: Option<u8>) -> Check {
        match (self.engine, self.scheduler) {
            (Engine::Loom, _) => check::exhaustive(name).preemptions(preemptions),
            (Engine::Shuttle, Scheduler::Dfs) => check::dfs(name),
            (Engine::Shuttle, Scheduler::Pct) => check::pct(name, 3),
            (Engine::Shuttle, Scheduler::Random) => check::random(name),
            (Engine::Shuttle, Scheduler::Urw) => check::urw(name),
            (Engine::Rc11, _) if self.memory == Memory::Sc => check::sc(name),
            (Engine::Rc11, _) => check::rc11(name),
            (Engine::Std, _) => check::threads(name),
        }
    }
}

impl Model {
    /// The steps after which an execution of a campaign is taken for one that does not end.
    const STEPS: usize = 1_000_000;

    /// Why the engine is not for it; `None` if it is.
    pub fn why_not(&self, engine: Engine) -> Option<&'static str> {
        match self.engines {
            Engines::Rc11Only { why } if engine == Engine::Loom => Some(why),
            Engines::Samples if matches!(engine, Engine::Loom | Engine::Rc11) => Some("it is for samples"),
            Engines::Rc11Only { .. } | Engines::Both | Engines::Samples => None,
        }
    }

    /// Runs it in this process. `progress` is told how far it is, now and then.
    pub fn run(&self, plan: &Plan, progress: impl Fn(Progress) + Send + Sync + 'static) -> Report {
        self.check(plan).on_progress(progress).run(self.body)
    }

    /// Explores it in this process until `pieces` pieces or more are left.
    ///
    /// # Panics
    ///
    /// If the plan's engine is not the RC11 engine.
    pub fn split(
        &self,
        plan: &Plan,
        pieces: usize,
        progress: impl Fn(Progress) + Send + Sync + 'static,
    ) -> Split {
        self.check(plan).on_progress(progress).split(pieces, self.body)
    }

    /// Explores part `part` of `of`, the first being part 0, of what a split has left.
    ///
    /// # Panics
    ///
    /// If there is no such part, or if the plan's engine is not the RC11 engine.
    pub fn run_part(
        &self,
        plan: &Plan,
        split: &Split,
        (part, of): (usize, usize),
        progress: impl Fn(Progress) + Send + Sync + 'static,
    ) -> Report {
        self.check(plan).on_progress(progress).run_part(split, part, of, self.body)
    }

    /// Estimates, by so many random walks in this process, how much there is to explore.
    ///
    /// # Errors
    ///
    /// The failure, if a walk meets one.
    ///
    /// # Panics
    ///
    /// If the plan's engine is not the RC11 engine.
    pub fn estimate(&self, plan: &Plan, walks: u64) -> Result<Estimate, Box<Failure>> {
        self.check(plan).estimate(walks, plan.seed, self.body)
    }

    /// Adds up what the parts of a split found.
    ///
    /// # Errors
    ///
    /// If the reports are not those of the parts of one split of this model.
    pub fn merge(&self, plan: &Plan, split: &Split, parts: &[Report]) -> Result<Report, MergeError> {
        split.merge(&self.check(plan), parts)
    }

    /// The check that a plan makes of it.
    fn check(&self, plan: &Plan) -> Check {
        let bound = plan.preemptions.or(self.preemptions);
        let mut check = plan.check(self.name, bound).threads(self.threads).seed(plan.seed);
        if self.engines == Engines::Samples {
            check = check.branches(Self::STEPS);
        }
        let sampled = !check.strategy().can_complete() && plan.engine != Engine::Loom;
        if let Some(executions) = plan.executions.or(sampled.then_some(Plan::SAMPLE)) {
            check = check.executions(executions);
        }
        if let Some(time) = plan.time {
            check = check.time(time);
        }
        if let Some(weaken) = &plan.weaken {
            check = check.weaken(weaken.clone());
        }
        if plan.simplest {
            check = check.simplest(Plan::FAILING, Plan::SEARCH);
        }
        // A sample need not meet every outcome, nor need some executions; all executions must.
        if !sampled && plan.preemptions.is_none() {
            check = check.reaches(self.reaches);
        }
        check
            .workers(plan.workers)
            .sites(plan.sites)
            .fence_events(self.fence_events)
            .spurious_failures(true)
            .reproduce(plan.command(self.name))
    }
}
