//! What is known of the execution that is running on this thread of the system.
//!
//! An engine runs all threads of an execution on one thread of the system, one at a time, so the record is a
//! thread-local. It is never borrowed while the engine is called: the engine may switch threads, or panic.

mod failure;
mod heap;
mod model;
mod subject;
mod threads;
mod turn;

#[cfg(feature = "rc11")]
pub(crate) use failure::record_finding;
pub(in crate::sync::imp) use failure::{fail, may_catch};
#[cfg(any(feature = "loom", feature = "shuttle"))]
pub(crate) use failure::{has_failed, record_failure};
pub(in crate::sync::imp) use heap::{Grant, allocated, begin_free, end_free, name_block, request};
pub(crate) use model::{choose, fail_allocations, reached};
pub(in crate::sync::imp) use model::{fails_spuriously, unique};
pub(in crate::sync::imp) use threads::{
    Local, begin_thread, detach, end_thread, joined, local, new_thread, set_local,
};
pub(in crate::sync::imp) use turn::{
    ARC_SWAP, Object, Recorder, Turn, create, create_with, encode, enter, enter_plain, foreign, name, touch,
};

use super::choices::{Choices, Tree};
use super::engine::{Engine, Join, Parker, Width, Word};
use super::event::{Event, ObjectInfo, Target};
use super::memory::Memory;
use crate::check::{Check, Failure, OrderingSite, Weaken};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use subject::Access;
use threads::ThreadInfo;

type Site = &'static Location<'static>;

thread_local! {
    /// The check that this thread runs, if any.
    static CURRENT: RefCell<Option<Box<Execution>>> = const { RefCell::new(None) };
    /// Mirrors the phase of `CURRENT`, for the quick question "is there a check at all?".
    static PHASE: Cell<Phase> = const { Cell::new(Phase::Outside) };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No execution is running.
    Outside,
    /// One is.
    Running,
    /// One failed and unwinds: operations do nothing more.
    Failed,
}

/// The record of a check: the running execution, and what adds up over all of them.
pub(crate) struct Execution {
    engine: &'static dyn Engine,
    config: Config,
    /// Tells objects of this execution from those of others. Never 0.
    id: u64,
    events: Vec<Event>,
    operations: usize,
    objects: Vec<ObjectInfo>,
    /// What fences are announced on: see `Engine::announces_fences`.
    fences: Option<Arc<dyn Word>>,
    threads: Vec<ThreadInfo>,
    /// The thread that is running. Each restores it when it comes back from the engine: see `Recorder::call`.
    running: usize,
    /// Threads started and not joined, main included.
    unjoined: usize,
    detached: Vec<Box<dyn Join>>,
    /// Threads that wait for a store to an object.
    waiting: Vec<(usize, Arc<dyn Parker>)>,
    memory: Memory,
    /// The access to a heap object that the engine is being asked about.
    watching: Option<Access>,
    failing_allocations: u32,
    reached: BTreeSet<&'static str>,
    choices: Choices,
    /// What failed in the running execution.
    failure: Option<Failure>,
    pub(crate) totals: Totals,
}

/// What a check wants.
#[derive(Debug, Clone, Default)]
pub(crate) struct Config {
    pub(crate) log: bool,
    pub(crate) fence_events: bool,
    pub(crate) spurious_failures: bool,
    pub(crate) weaken: Option<Weaken>,
    pub(crate) sites: bool,
    pub(crate) max_threads: Option<usize>,
    pub(crate) reproduce: String,
    /// Where random choices start; `None` explores all of them.
    pub(crate) seed: Option<u64>,
}

impl Config {
    /// What a check wants, but for random choices.
    pub(crate) fn of(check: &Check) -> Self {
        Config {
            log: check.log,
            fence_events: check.fence_events,
            spurious_failures: check.spurious_failures,
            weaken: check.weaken.clone(),
            sites: check.sites,
            max_threads: check.threads,
            reproduce: check.reproduce.clone(),
            seed: None,
        }
    }
}

/// What adds up over executions.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) executions: u64,
    /// Executions that were run and are none of those that are explored.
    pub(crate) blocked: u64,
    pub(crate) operations: u64,
    pub(crate) deepest: usize,
    pub(crate) threads: usize,
    pub(crate) outcomes: BTreeMap<String, u64>,
    pub(crate) sites: BTreeSet<OrderingSite>,
    /// The atomic with most racing stores, if the engine does not remember them all.
    pub(crate) overflow: Option<(String, u32)>,
    /// The failure that is to be shown.
    pub(crate) failure: Option<Failure>,
}

impl Totals {
    /// Adds what another worker has done.
    #[cfg(feature = "rc11")]
    pub(crate) fn add(&mut self, other: Totals) {
        self.executions += other.executions;
        self.blocked += other.blocked;
        self.operations += other.operations;
        self.deepest = self.deepest.max(other.deepest);
        self.threads = self.threads.max(other.threads);
        for (outcome, n) in other.outcomes {
            *self.outcomes.entry(outcome).or_default() += n;
        }
        self.sites.extend(other.sites);
        self.overflow = self.overflow.take().or(other.overflow);
        self.failure = self.failure.take().or(other.failure);
    }
}

impl Execution {
    /// Leaves what a failed execution had: threads that were not unwound may still hold what it owns.
    fn abandon(&mut self) {
        std::mem::forget(std::mem::take(&mut self.threads));
        std::mem::forget(std::mem::take(&mut self.detached));
        std::mem::forget(std::mem::take(&mut self.waiting));
        std::mem::forget(std::mem::take(&mut self.memory));
    }
}

fn with<R>(f: impl FnOnce(&mut Execution) -> R) -> R {
    CURRENT.with_borrow_mut(|current| f(current.as_mut().expect("an execution is running")))
}

/// Refuses a check inside of a check.
///
/// # Panics
///
/// If one is running on this thread.
pub(crate) fn assert_outside() {
    CURRENT.with_borrow(|current| assert!(current.is_none(), "a check cannot run inside a check"));
}

/// Starts a check on this thread.
///
/// # Panics
///
/// If one is running: checks do not nest.
pub(crate) fn start_check(engine: &'static dyn Engine, config: Config) {
    failure::install_hook();
    let choices = match config.seed {
        Some(seed) => Choices::Random(seed),
        None => Choices::All(Tree::default()),
    };
    assert_outside();
    CURRENT.with_borrow_mut(|current| {
        *current = Some(Box::new(Execution {
            engine,
            config,
            id: 0,
            events: Vec::new(),
            operations: 0,
            objects: Vec::new(),
            fences: None,
            threads: Vec::new(),
            running: 0,
            unjoined: 0,
            detached: Vec::new(),
            waiting: Vec::new(),
            memory: Memory::default(),
            watching: None,
            failing_allocations: 0,
            reached: BTreeSet::new(),
            choices,
            failure: None,
            totals: Totals::default(),
        }));
    });
}

/// Ends the check and returns what it added up to.
pub(crate) fn end_check() -> Totals {
    let mut execution = CURRENT.with_borrow_mut(Option::take).expect("a check is running");
    let failed = PHASE.replace(Phase::Outside) == Phase::Failed;
    if failed {
        execution.abandon();
    } else {
        execution.memory.release();
    }
    std::mem::take(&mut execution.totals)
}

/// Goes to the next assignment of choices; `false` if there is none.
#[cfg(any(feature = "loom", feature = "shuttle"))]
pub(crate) fn next_choices() -> bool {
    with(|x| x.choices.advance())
}

/// How many executions have ended.
pub(crate) fn executions() -> u64 {
    with(|x| x.totals.executions)
}

/// Begins an execution. Called by its first thread.
pub(crate) fn begin() {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    if is_over() {
        with(Execution::abandon);
    }
    let (engine, wanted) = with(|x| (x.engine, x.config.fence_events));
    let fences = (wanted && engine.announces_fences()).then(|| engine.word(Width::W32, 0));
    with(|x| {
        x.fences = fences;
        x.memory.release();
        x.id = NEXT.fetch_add(1, Ordering::Relaxed);
        x.events.clear();
        x.operations = 0;
        x.objects.clear();
        x.threads.clear();
        x.threads.push(ThreadInfo { of_engine: engine.running_thread(), ..ThreadInfo::default() });
        x.running = 0;
        x.unjoined = 1;
        x.waiting.clear();
        x.watching = None;
        x.failing_allocations = 0;
        x.failure = None;
        x.reached.clear();
    });
    PHASE.set(Phase::Running);
}

/// Ends an execution. Called by its first thread when the closure has returned.
pub(crate) fn end() {
    while let Some(join) = with(|x| x.detached.pop()) {
        with(|x| x.recorder(Target::None, Location::caller())).call(|_| join.join());
        with(|x| x.unjoined -= 1);
    }
    end_thread(0);
    let leaks = with(|x| x.memory.leaks());
    if !leaks.is_empty() {
        failure::fail_at_leaks(&leaks);
    }
    PHASE.set(Phase::Outside);
    with(|x| {
        if !x.engine.is_counted() {
            return;
        }
        let totals = &mut x.totals;
        totals.executions += 1;
        totals.operations += x.operations as u64;
        totals.deepest = totals.deepest.max(x.operations);
        totals.threads = totals.threads.max(x.threads.len());
        for outcome in &x.reached {
            match totals.outcomes.get_mut(*outcome) {
                Some(n) => *n += 1,
                None => {
                    totals.outcomes.insert((*outcome).to_owned(), 1);
                }
            }
        }
    });
}

/// Whether an execution runs on this thread.
pub(crate) fn is_active() -> bool {
    PHASE.get() == Phase::Running
}

/// Whether the running execution has failed.
pub(in crate::sync::imp) fn is_over() -> bool {
    PHASE.get() == Phase::Failed
}
