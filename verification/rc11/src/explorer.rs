//! Explorations: settings, workers, and what is counted.

mod search;
mod walk;

use crate::failure::Failure;
use crate::fiber;
use crate::graph::Graph;
use crate::mode::Mode;
use crate::names::{Names, Table};
use crate::parts::Split;
use crate::pool::Pool;
use crate::report::{Report, Stopped};
use crate::run::{End, Item, Limits, Run, Settings};
use search::{Found, Search};
use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

type Body = dyn Fn() + Send + Sync;
type Teller = dyn Fn(Progress) + Send + Sync;
type Listener = dyn Fn(&Failure) + Send + Sync;
type Around = dyn Fn(&mut dyn FnMut()) + Send + Sync;

/// How far an exploration is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Executions that were run, those that are not complete included.
    pub executions: u64,
    /// The share of the whole that they are, if what is left is like what was seen.
    pub explored: f64,
    /// The time since the beginning.
    pub elapsed: Duration,
}

/// An exploration to be run.
#[derive(Clone)]
#[must_use = "nothing is explored before `run`"]
pub struct Explorer {
    run: Settings,
    workers: usize,
    executions: Option<u64>,
    time: Option<Duration>,
    duplicates: bool,
    search: Search,
    progress: Option<Arc<Teller>>,
    around: Option<Arc<Around>>,
    on_failure: Option<Arc<Listener>>,
}

impl Default for Explorer {
    fn default() -> Self {
        Explorer::new()
    }
}

impl Explorer {
    /// Explores under RC11 with one worker, without limits but those against endless executions.
    pub fn new() -> Self {
        Explorer {
            run: Settings {
                mode: Mode::Rc11,
                limits: Limits { events: 10_000, same_reads: 1_000 },
                allow_deadlocks: false,
                unwinds: true,
                stack_size: 512 * 1024,
            },
            workers: 1,
            executions: None,
            time: None,
            duplicates: false,
            search: Search::NONE,
            progress: None,
            around: None,
            on_failure: None,
        }
    }

    /// The memory model.
    pub fn mode(mut self, mode: Mode) -> Self {
        self.run.mode = mode;
        self
    }

    /// How many threads of the system explore; 0 is one a processor.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = match workers {
            0 => thread::available_parallelism().map_or(1, NonZeroUsize::get),
            _ => workers,
        };
        self
    }

    /// The greatest number of operations of one execution. One that has more is a failure: most likely it is endless.
    pub fn operations(mut self, operations: usize) -> Self {
        self.run.limits.events = operations.min(usize::from(u16::MAX) - 1);
        self
    }

    /// Stops, incomplete, when so many executions were run, or a few more: each worker looks every 64.
    pub fn executions(mut self, executions: u64) -> Self {
        self.executions = Some(executions);
        self
    }

    /// Stops, incomplete, after this time. Each worker looks every 64 executions.
    pub fn time(mut self, time: Duration) -> Self {
        self.time = Some(time);
        self
    }

    /// The size of each thread's stack, in bytes.
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.run.stack_size = bytes;
        self
    }

    /// Whether executions in which threads wait for ever are counted and are no failures. Their threads are unwound.
    pub fn allow_deadlocks(mut self, allow: bool) -> Self {
        self.run.allow_deadlocks = allow;
        self
    }

    /// Whether the threads of a failed execution are unwound, which they are if nobody says otherwise: destructors run, and
    /// the operations that they ask for do nothing. Else the threads are left as they are, with what they own.
    pub fn unwind_failed(mut self, unwind: bool) -> Self {
        self.run.unwinds = unwind;
        self
    }

    /// Whether to look for executions that come twice. It takes memory for each execution.
    pub fn count_duplicates(mut self, count: bool) -> Self {
        self.duplicates = count;
        self
    }

    /// Calls `progress` now and then, from any worker.
    pub fn on_progress(mut self, progress: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }

    /// Calls `around` on each worker's thread; it is to call what it is given once, which does all of the work.
    pub fn around_workers(mut self, around: impl Fn(&mut dyn FnMut()) + Send + Sync + 'static) -> Self {
        self.around = Some(Arc::new(around));
        self
    }

    /// Goes on when a check has failed, until it has failed in `failures` executions, or for `time`, and keeps the simplest
    /// failure: of the kind and with the message of the first, that with the fewest events, and of those the one that goes
    /// from thread to thread least often. What would have come after the failure in the same execution is not explored.
    ///
    /// If nothing is left then, [`Report::stopped`] is `None`. Threads of failed executions that are
    /// [not unwound](Explorer::unwind_failed) keep their memory.
    pub fn simplest(mut self, failures: u64, time: Duration) -> Self {
        self.search = Search { failures, time };
        self
    }

    /// Calls `listener` with the failure, on the thread that found it. If the [simplest](Explorer::simplest) one is looked
    /// for, it is called with the first and with each that is simpler than those before.
    pub fn on_failure(mut self, listener: impl Fn(&Failure) + Send + Sync + 'static) -> Self {
        self.on_failure = Some(Arc::new(listener));
        self
    }

    /// Explores the executions of `body`.
    ///
    /// # Panics
    ///
    /// If called inside an exploration.
    #[must_use = "an exploration that nobody looks at shows nothing"]
    pub fn run(&self, body: impl Fn() + Send + Sync + 'static) -> Report {
        self.explore(vec![Item::root()], Table::default(), None, Arc::new(body)).begun
    }

    /// Explores, with one worker, until `parts` graphs or more are left, and returns those.
    ///
    /// # Panics
    ///
    /// If called inside an exploration.
    #[must_use = "what is left is still to be explored"]
    pub fn split(&self, parts: usize, body: impl Fn() + Send + Sync + 'static) -> Split {
        let alone = self.clone().workers(1);
        alone.explore(vec![Item::root()], Table::default(), Some(parts.max(1)), Arc::new(body))
    }

    /// Explores part `part` of `parts` of what a split has left; the first is part 0.
    ///
    /// # Panics
    ///
    /// If there is no such part, or if called inside an exploration.
    #[must_use = "an exploration that nobody looks at shows nothing"]
    pub fn run_part(
        &self,
        split: &Split,
        part: usize,
        parts: usize,
        body: impl Fn() + Send + Sync + 'static,
    ) -> Report {
        self.explore(split.part(part, parts), split.names.clone(), None, Arc::new(body)).begun
    }

    /// Explores from `items` to the end, or until `parts` are left.
    fn explore(&self, items: Vec<Item>, names: Table, parts: Option<usize>, body: Arc<Body>) -> Split {
        assert!(!fiber::is_running(), "an exploration cannot run inside an exploration");
        assert!(!thread::panicking(), "an exploration cannot run while a panic unwinds");
        let exploration = Exploration {
            settings: self,
            body,
            pool: Pool::new(items, self.workers),
            names: Arc::new(Mutex::new(names)),
            parts,
            totals: Mutex::default(),
            found: Mutex::default(),
            begun: Instant::now(),
        };
        thread::scope(|scope| {
            for _ in 1..self.workers {
                scope.spawn(|| exploration.worker());
            }
            exploration.worker();
        });
        exploration.result()
    }
}

impl fmt::Debug for Explorer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explorer")
            .field("mode", &self.run.mode)
            .field("workers", &self.workers)
            .finish_non_exhaustive()
    }
}

/// A worker that panics, and that none of its own code caught, leaves nobody waiting for it.
struct StopsOthers<'a>(&'a Pool);

impl Drop for StopsOthers<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stop(Stopped::Failure);
        }
    }
}

/// What adds up over executions.
#[derive(Debug, Default)]
struct Totals {
    complete: u64,
    blocked: u64,
    deadlocked: u64,
    events: u64,
    deepest: usize,
    threads: usize,
    explored: f64,
    duplicates: u64,
    seen: HashSet<u64>,
}

impl Totals {
    fn executions(&self) -> u64 {
        self.complete + self.blocked + self.deadlocked
    }

    fn add(&mut self, other: Totals) {
        self.complete += other.complete;
        self.blocked += other.blocked;
        self.deadlocked += other.deadlocked;
        self.events += other.events;
        self.deepest = self.deepest.max(other.deepest);
        self.threads = self.threads.max(other.threads);
        self.explored += other.explored;
        for graph in other.seen {
            self.duplicates += u64::from(!self.seen.insert(graph));
        }
        self.duplicates += other.duplicates;
    }
}

/// After how many executions a worker tells what it has done.
const REPORT_EVERY: u64 = 64;

struct Exploration<'a> {
    settings: &'a Explorer,
    body: Arc<Body>,
    pool: Pool,
    names: Arc<Mutex<Table>>,
    /// How many graphs are to be left, if it is to be divided.
    parts: Option<usize>,
    totals: Mutex<Totals>,
    found: Mutex<Found>,
    begun: Instant,
}

impl Exploration<'_> {
    fn worker(&self) {
        match &self.settings.around {
            Some(around) => around(&mut || self.work()),
            None => self.work(),
        }
    }

    fn work(&self) {
        let _guard = StopsOthers(&self.pool);
        let names = Names::new(Arc::clone(&self.names));
        let mut run = Box::new(Run::new(self.settings.run, names));
        let mut mine = Vec::new();
        let mut totals = Totals::default();
        while let Some(item) = self.next(&mut mine) {
            let end;
            (run, end) = execute(run, item, &self.body);
            mine.append(&mut run.aside);
            self.count(&mut totals, &mut run, end);
            if totals.executions().is_multiple_of(REPORT_EVERY) || end == End::Failed {
                self.tell(std::mem::take(&mut totals));
                if self.pool.stopped().is_some() {
                    break;
                }
            }
            self.pool.share(&mut mine);
        }
        self.tell(totals);
        self.pool.put_back(mine);
    }

    /// The newest of a worker's own graphs, or one of another's.
    fn next(&self, mine: &mut Vec<Item>) -> Option<Item> {
        match self.parts {
            Some(parts) if mine.len() >= parts => {
                self.pool.stop(Stopped::Part);
                None
            }
            // What stands for most is divided first.
            Some(_) if !mine.is_empty() => {
                let weights = mine.iter().map(|item| item.weight).enumerate();
                let (heaviest, _) = weights.max_by(|a, b| a.1.total_cmp(&b.1))?;
                Some(mine.swap_remove(heaviest))
            }
            _ => mine.pop().or_else(|| self.pool.take()),
        }
    }

    fn count(&self, totals: &mut Totals, run: &mut Run, end: End) {
        totals.explored += run.weight;
        match end {
            End::Complete => {
                totals.complete += 1;
                let events = run.graph.len();
                totals.events += events as u64;
                totals.deepest = totals.deepest.max(events);
                totals.threads = totals.threads.max(run.fibers.len());
                if self.settings.duplicates && !totals.seen.insert(fingerprint(&run.graph)) {
                    totals.duplicates += 1;
                }
            }
            End::Blocked => totals.blocked += 1,
            End::Deadlocked => totals.deadlocked += 1,
            End::Failed => self.found(run.failure.take().expect("it failed")),
        }
    }

    /// Adds to what all workers have done, and stops them if that is enough.
    fn tell(&self, some: Totals) {
        let mut totals = self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        totals.add(some);
        let (executions, explored) = (totals.executions(), totals.explored);
        drop(totals);
        self.end_search();
        let elapsed = self.begun.elapsed();
        if self.settings.executions.is_some_and(|limit| executions >= limit) {
            self.pool.stop(Stopped::Executions);
        } else if self.settings.time.is_some_and(|limit| elapsed >= limit) {
            self.pool.stop(Stopped::Time);
        }
        if let Some(progress) = &self.settings.progress {
            progress(Progress { executions, explored, elapsed });
        }
    }

    fn result(self) -> Split {
        let totals = self.totals.into_inner().unwrap_or_else(PoisonError::into_inner);
        let Found { failing, simplest: failure, .. } =
            self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let stopped = self.pool.stopped();
        let items = self.pool.into_items();
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let begun = Report {
            complete: totals.complete,
            blocked: totals.blocked,
            deadlocked: totals.deadlocked,
            events: totals.events,
            deepest: totals.deepest,
            threads: totals.threads,
            duplicates: totals.duplicates,
            failing,
            explored: totals.explored,
            elapsed: self.begun.elapsed(),
            // A limit that is met by the last execution left nothing out.
            stopped: stopped.filter(|_| failure.is_some() || !items.is_empty()),
            failure,
        };
        Split { begun, names, items }
    }
}

fn execute(run: Box<Run>, item: Item, body: &Arc<Body>) -> (Box<Run>, End) {
    let body = Arc::clone(body);
    let main = Box::new(move || {
        body();
        crate::heap::check_leaks();
    });
    fiber::execute(run, item, main)
}

/// The same for the same execution, and for no other that is likely to be met.
fn fingerprint(graph: &Graph) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (id, event) in graph.events() {
        id.hash(&mut hasher);
        (event.order, event.value, event.loc(), event.from()).hash(&mut hasher);
    }
    for (loc, writes) in graph.modification_orders() {
        loc.hash(&mut hasher);
        writes.for_each(|write| write.hash(&mut hasher));
    }
    hasher.finish()
}
