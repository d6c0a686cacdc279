//! Runs a closure under an engine and says what was explored.
//!
//! ```
//! # #[cfg(feature = "loom")] {
//! use netns_core::check;
//! use netns_core::sync::{Arc, AtomicU32, Ordering::*, thread};
//!
//! let report = check::exhaustive("two increments").threads(2).run(|| {
//!     let n = Arc::new(AtomicU32::new(0));
//!     let other = n.clone();
//!     let t = thread::spawn(move || other.fetch_add(1, Relaxed));
//!     n.fetch_add(1, Relaxed);
//!     t.join().unwrap();
//!     assert_eq!(n.load(Relaxed), 2);
//! });
//! report.assert_complete();
//! # }
//! ```
//!
//! The closure is one execution: it builds its world from [`sync`](crate::sync), starts threads, and asserts.
//! It runs once for each interleaving, so it must do the same each time, but for what the facade decides.
//!
//! A [`Report`] is *complete* only if the engine said that nothing is left: no bound, no limit met, no sample,
//! no read of a store that the engine had forgotten. A run in which nothing happened is a failure.

#[cfg(any(feature = "loom", feature = "shuttle"))]
mod explore;
mod failure;
#[cfg(feature = "loom")]
mod loom;
mod parts;
mod progress;
#[cfg(feature = "rc11")]
mod rc11;
#[cfg(not(feature = "rc11"))]
#[path = "rc11_absent.rs"]
mod rc11;
mod real;
mod report;
#[cfg(feature = "shuttle")]
mod shuttle;
mod site;
#[cfg(any(feature = "loom", feature = "rc11", feature = "shuttle"))]
mod summary;
mod vacuous;

pub use failure::{EventRecord, Failure, FailureKind, Source};
pub use parts::{MergeError, Split};
pub use progress::{Estimate, Progress};
pub use report::{Engine, Incomplete, Report, Search, Strategy};
pub use site::{OrderingSite, Weaken};

#[cfg(feature = "engine")]
use crate::sync::execution;
use progress::Teller;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Explores every execution that loom knows of. [`rc11()`] knows of more.
pub fn exhaustive(name: &str) -> Check {
    Check::new(name, Strategy::Exhaustive { preemptions: None })
}

/// Explores every schedule, depth first, under shuttle: every execution under sequential consistency.
pub fn dfs(name: &str) -> Check {
    Check::new(name, Strategy::Dfs)
}

/// Explores every execution that the RC11 memory model allows, each once, under the RC11 engine.
///
/// Executions that differ only in the order of operations that do not depend on each other are one, so there are far
/// fewer than [`exhaustive`] has. Up to 16 threads.
pub fn rc11(name: &str) -> Check {
    Check::new(name, Strategy::Rc11)
}

/// Explores every execution that sequential consistency allows, each once, under the RC11 engine.
pub fn sc(name: &str) -> Check {
    Check::new(name, Strategy::Sc)
}

/// Samples schedules by probabilistic concurrency testing, under shuttle.
pub fn pct(name: &str, depth: usize) -> Check {
    Check::new(name, Strategy::Pct { depth, seed: 0 })
}

/// Samples schedules by a random walk, under shuttle.
pub fn random(name: &str) -> Check {
    Check::new(name, Strategy::Random { seed: 0 })
}

/// Samples schedules by a random walk that is uniform over interleavings, under shuttle.
pub fn urw(name: &str) -> Check {
    Check::new(name, Strategy::Urw { seed: 0 })
}

/// Runs on real threads, again and again.
pub fn threads(name: &str) -> Check {
    Check::new(name, Strategy::Threads { seed: 0 })
}

/// A check to be run: what [`exhaustive`] and the others return.
#[derive(Clone)]
#[must_use = "nothing is checked before `run`"]
pub struct Check {
    name: String,
    strategy: Strategy,
    pub(crate) threads: Option<usize>,
    executions: Option<u64>,
    time: Option<Duration>,
    branches: usize,
    reaches: Vec<String>,
    pub(crate) reproduce: String,
    pub(crate) weaken: Option<Weaken>,
    pub(crate) sites: bool,
    pub(crate) log: bool,
    pub(crate) fence_events: bool,
    pub(crate) spurious_failures: bool,
    workers: usize,
    simplest: Option<(u64, Duration)>,
    progress: Option<Teller>,
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check")
            .field("name", &self.name)
            .field("strategy", &self.strategy)
            .finish_non_exhaustive()
    }
}

impl Check {
    /// The executions of a sampling strategy if nobody says how many.
    pub const SAMPLE: u64 = 1_000;

    fn new(name: &str, strategy: Strategy) -> Check {
        Check {
            name: name.into(),
            strategy,
            threads: None,
            executions: None,
            time: None,
            branches: 20_000,
            reaches: Vec::new(),
            reproduce: String::new(),
            weaken: None,
            sites: false,
            log: true,
            fence_events: false,
            spurious_failures: false,
            workers: 1,
            simplest: None,
            progress: None,
        }
    }

    /// Promises that some execution has this many threads, main included, and none has more. loom has room for 5.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Bounds the preemptions that loom explores. With a bound a run is never complete.
    pub fn preemptions(mut self, bound: Option<u8>) -> Self {
        if let Strategy::Exhaustive { preemptions } = &mut self.strategy {
            *preemptions = bound;
        }
        self
    }

    /// How many executions a sample has; for a strategy that can complete, the limit.
    pub fn executions(mut self, executions: u64) -> Self {
        self.executions = Some(executions);
        self
    }

    /// The time after which the run stops, incomplete. Looked at between executions.
    pub fn time(mut self, time: Duration) -> Self {
        self.time = Some(time);
        self
    }

    /// Where random numbers start. Of no meaning to a strategy without any.
    pub fn seed(mut self, from: u64) -> Self {
        match &mut self.strategy {
            Strategy::Pct { seed, .. }
            | Strategy::Random { seed }
            | Strategy::Urw { seed }
            | Strategy::Threads { seed } => *seed = from,
            Strategy::Exhaustive { .. } | Strategy::Dfs | Strategy::Rc11 | Strategy::Sc => {}
        }
        self
    }

    /// The greatest number of branches (loom) or steps (shuttle) of one execution; an execution that has more
    /// is a failure, [`FailureKind::Endless`].
    pub fn branches(mut self, branches: usize) -> Self {
        self.branches = branches;
        self
    }

    /// Promises outcomes that [`reached`] names: the run fails as vacuous if one of them was never seen.
    pub fn reaches<S: ToString>(mut self, outcomes: &[S]) -> Self {
        self.reaches.extend(outcomes.iter().map(S::to_string));
        self
    }

    /// What a failure says under "again".
    pub fn reproduce(mut self, command: String) -> Self {
        self.reproduce = command;
        self
    }

    /// Weakens one ordering. The run is never complete then.
    pub fn weaken(mut self, weaken: Weaken) -> Self {
        self.weaken = Some(weaken);
        self
    }

    /// Whether the report is to name the [ordering sites](OrderingSite) that the run came to, under an engine. It does
    /// not, if nobody says otherwise. Where an `ArcSwapOption` is used no ordering is named, so that is none.
    pub fn sites(mut self, sites: bool) -> Self {
        self.sites = sites;
        self
    }

    /// Whether operations are recorded. They are, if nobody says otherwise.
    pub fn log(mut self, log: bool) -> Self {
        self.log = log;
        self
    }

    /// Whether loom may switch threads at a `SeqCst` fence, and knows that the order of two of them matters.
    ///
    /// By itself it does neither: it never lets another thread run between an operation and a fence that follows
    /// it, and a bug that needs that goes unseen. The price is several times as many executions. The other engines
    /// need no such thing.
    pub fn fence_events(mut self, fence_events: bool) -> Self {
        self.fence_events = fence_events;
        self
    }

    /// Whether a weak compare-exchange may fail although it finds what it expects. The RC11 engine explores that; the other
    /// engines cannot. A loop that exchanges until it succeeds has executions without end then.
    pub fn spurious_failures(mut self, spurious_failures: bool) -> Self {
        self.spurious_failures = spurious_failures;
        self
    }

    /// How many threads of the system the RC11 engine explores with; 0 is one a processor. The other engines have one.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// Looks for the simplest failure under the RC11 engine: goes on when a check has failed, until it has failed in
    /// `failures` executions, or for `time`. Of those with the kind and the message of the first it keeps the one with the
    /// fewest operations, and of these the one that goes from thread to thread least often. With one worker.
    pub fn simplest(mut self, failures: u64, time: Duration) -> Self {
        self.simplest = Some((failures, time));
        self
    }

    /// Tells `progress` how far the run is, every now and then, from any thread.
    pub fn on_progress(mut self, progress: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }

    /// How executions are chosen.
    pub fn strategy(&self) -> Strategy {
        self.strategy
    }

    /// Runs `execution` for each interleaving.
    ///
    /// # Panics
    ///
    /// If the strategy's engine is not compiled in (see [`Engine::is_compiled`]), or if called from inside a
    /// check.
    #[must_use = "a check that nobody looks at checks nothing"]
    pub fn run(self, execution: impl Fn() + Send + Sync + 'static) -> Report {
        let engine = self.strategy.engine();
        assert!(engine.is_compiled(), "netns-core was built without the feature `{engine}`");
        let execution: Arc<dyn Fn() + Send + Sync> = Arc::new(execution);
        match engine {
            Engine::Std => real::run(&self, &execution),
            #[cfg(feature = "rc11")]
            Engine::Rc11 => rc11::run(&self, execution),
            #[cfg(feature = "loom")]
            Engine::Loom => explore::run(&self, execution),
            #[cfg(feature = "shuttle")]
            Engine::Shuttle => explore::run(&self, execution),
            #[allow(unreachable_patterns, reason = "with every engine compiled in, there is no other")]
            _ => unreachable!("only engines that are compiled in are run"),
        }
    }
}

/// A number greater than that of every call before this one, in the order in which the interleaving makes them. Which
/// numbers they are is not the same in every run: compare those of one execution with each other, and nothing else.
///
/// It is for histories of concurrent operations: an operation that takes one number before it begins and one after it
/// has ended overlaps with every other whose numbers do not all lie on one side of its own. Whether such a history is
/// linearisable can be asked when all threads are joined.
///
/// Under an engine the call is no operation: it is no place to switch threads at, adds no interleaving, orders no
/// memory and hides no race. Three things follow from that:
///
/// * Engines switch threads before operations of the facade. So a number is taken together with the operation that the
///   thread did last, and a call seems as early as that: what others did since then seems to overlap with it. Where it
///   matters that they had returned before the call, look at an atomic that they write (a `Relaxed` load will do)
///   right before the call's number is taken.
/// * loom need not explore more than one order of operations that are independent, so their numbers may be seen in that
///   order alone.
/// * The order is the interleaving's and not happens-before. Under loom a `Relaxed` load whose number is greater may
///   still read what was there before a store whose number is less; a protocol that allows it is not linearisable in
///   this sense.
///
/// Because of the first two a check of histories may miss a mistake; what it finds is one.
///
/// On real threads it is a read-modify-write of one counter of the process, which costs what that costs and does order
/// memory: what was done before a call is seen by what follows a call with a greater number.
pub fn tick() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    // AcqRel: pairs with itself. Read-modify-writes of one atomic are totally ordered, and each of these synchronises
    // with all that come after it.
    NEXT.fetch_add(1, Ordering::AcqRel)
}

/// Tells that this execution came to an interesting point. The report counts the executions that did.
pub fn reached(outcome: &'static str) {
    #[cfg(feature = "engine")]
    if execution::reached(outcome) {
        return;
    }
    real::reached(outcome);
}

/// A number below `n`. An exhaustive strategy explores every one, a sample picks one.
///
/// # Panics
///
/// If `n` is 0.
pub fn choose(n: usize) -> usize {
    assert!(n > 0, "there is nothing to choose from");
    #[cfg(feature = "engine")]
    if let Some(choice) = execution::choose(n) {
        return choice;
    }
    real::choose(n)
}

/// From here on in this execution, up to `failures` allocations of [`sync::alloc`](crate::sync::alloc) fail;
/// which ones is a [`choice`](choose). Under real threads in a plain build none does.
pub fn fail_allocations(failures: u32) {
    #[cfg(feature = "engine")]
    execution::fail_allocations(failures);
    #[cfg(not(feature = "engine"))]
    let _ = failures;
}

/// Whether this thread runs inside a check.
pub fn is_checking() -> bool {
    #[cfg(feature = "engine")]
    if execution::is_active() {
        return true;
    }
    real::is_running()
}

type FailureListener = dyn Fn(&Failure) + Send + Sync;
static LISTENER: std::sync::OnceLock<Box<FailureListener>> = std::sync::OnceLock::new();

/// Calls `listener` at once when a check fails, before anything unwinds. Unwinding can abort the process; who
/// must not lose the failure listens. The first listener of the process stays.
pub fn on_failure(listener: impl Fn(&Failure) + Send + Sync + 'static) {
    let _ = LISTENER.set(Box::new(listener));
}

pub(crate) fn tell_listener(failure: &Failure) {
    if let Some(listener) = LISTENER.get() {
        listener(failure);
    }
}

#[cfg(all(test, feature = "engine"))]
mod tests;
