//! What is known of the execution that is running on this thread of the system.
//!
//! An engine runs all threads of an execution on one thread of the system, one at a time, so the record is a
//! thread-local. It is never borrowed while the engine is called: the engine may switch threads, or panic.

use super::choices::{Choices, Tree};
use super::engine::{Engine, Join, Parker, STD, Track, Width, Word};
use super::event::{self, Event, ObjectInfo, Value};
use super::memory::{Found, Memory};
use crate::check::{Failure, FailureKind, Weaken};
use crate::sync::PlannedPanic;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

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
    fences: Option<Rc<dyn Word>>,
    threads: Vec<ThreadInfo>,
    /// The thread that is running. Each restores it when it comes back from the engine: see `Recorder::call`.
    running: usize,
    /// Threads started and not joined, main included.
    unjoined: usize,
    detached: Vec<Box<dyn Join>>,
    /// Threads that wait for a store to an object.
    waiting: Vec<(usize, Arc<dyn Parker>)>,
    memory: Memory,
    /// The heap block that the engine is being asked about.
    watching: Option<usize>,
    failing_allocations: u32,
    reached: BTreeSet<&'static str>,
    choices: Choices,
    pub(crate) totals: Totals,
}

/// What a check wants.
#[derive(Debug, Clone, Default)]
pub(crate) struct Config {
    pub(crate) log: bool,
    pub(crate) fence_events: bool,
    pub(crate) weaken: Option<Weaken>,
    pub(crate) max_threads: Option<usize>,
    pub(crate) reproduce: String,
    /// Where random choices start; `None` explores all of them.
    pub(crate) seed: Option<u64>,
}

/// What adds up over executions.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) executions: u64,
    pub(crate) operations: u64,
    pub(crate) deepest: usize,
    pub(crate) threads: usize,
    pub(crate) outcomes: BTreeMap<String, u64>,
    /// The atomic with most racing stores, if the engine does not remember them all.
    pub(crate) overflow: Option<(String, u32)>,
    pub(crate) failure: Option<Failure>,
}

#[derive(Default)]
struct ThreadInfo {
    name: Option<String>,
    created: usize,
    choices: usize,
    locals: Vec<(usize, Rc<dyn Any>)>,
    /// Its locals are being dropped: no new ones.
    ending: bool,
}

impl ThreadInfo {
    fn label(&self, index: usize) -> String {
        match &self.name {
            Some(name) => format!("{index}:{name}"),
            None if index == 0 => "0:main".to_owned(),
            None => index.to_string(),
        }
    }
}

/// What a facade object knows of itself: of which execution it is (0: of none) and its number there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Object {
    execution: u64,
    index: usize,
}

/// Whose turn an operation is.
pub(super) enum Turn {
    /// Nobody's: `std` carries it out.
    Outside,
    /// A failed execution unwinds: leave it.
    Over,
    /// The engine's.
    Engine(Recorder),
}

/// Writes an operation down.
#[derive(Clone, Copy)]
pub(super) struct Recorder {
    engine: &'static dyn Engine,
    thread: usize,
    object: Option<usize>,
    weakening: bool,
    at: Site,
}

fn with<R>(f: impl FnOnce(&mut Execution) -> R) -> R {
    CURRENT.with_borrow_mut(|current| f(current.as_mut().expect("an execution is running")))
}

// ---- the check's side ----

/// Starts a check on this thread.
///
/// # Panics
///
/// If one is running: checks do not nest.
pub(crate) fn start_check(engine: &'static dyn Engine, config: Config) {
    install_hook();
    let choices = match config.seed {
        Some(seed) => Choices::Random(seed),
        None => Choices::All(Tree::default()),
    };
    CURRENT.with_borrow_mut(|current| {
        assert!(current.is_none(), "a check cannot run inside a check");
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
            totals: Totals::default(),
        }));
    });
}

/// Ends the check and returns what it added up to.
pub(crate) fn end_check() -> Totals {
    let mut execution = CURRENT.with_borrow_mut(Option::take).expect("a check is running");
    let failed = PHASE.replace(Phase::Outside) == Phase::Failed;
    if failed {
        // Threads that were not unwound may still hold what these own.
        std::mem::forget(std::mem::take(&mut execution.threads));
        std::mem::forget(std::mem::take(&mut execution.detached));
        std::mem::forget(std::mem::take(&mut execution.waiting));
    } else {
        execution.memory.release();
    }
    std::mem::take(&mut execution.totals)
}

/// Goes to the next assignment of choices; `false` if there is none.
pub(crate) fn next_choices() -> bool {
    with(|x| x.choices.advance())
}

/// How many executions have ended.
pub(crate) fn executions() -> u64 {
    with(|x| x.totals.executions)
}

/// Puts a failure on record that no thread of an execution raised.
pub(crate) fn record_failure(message: String, location: String) {
    with(|x| x.fail(classify(&message), message, location));
    PHASE.set(Phase::Failed);
}

/// Whether a failure is on record.
pub(crate) fn has_failed() -> bool {
    with(|x| x.totals.failure.is_some())
}

/// Begins an execution. Called by its first thread.
pub(crate) fn begin() {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    let (engine, wanted) = with(|x| (x.engine, x.config.fence_events));
    let fences = (wanted && engine.announces_fences()).then(|| Rc::from(engine.word(Width::W32, 0)));
    with(|x| {
        x.fences = fences;
        x.memory.release();
        x.id = NEXT.fetch_add(1, Ordering::Relaxed);
        x.events.clear();
        x.operations = 0;
        x.objects.clear();
        x.threads.clear();
        x.threads.push(ThreadInfo::default());
        x.running = 0;
        x.unjoined = 1;
        x.waiting.clear();
        x.watching = None;
        x.failing_allocations = 0;
        x.reached.clear();
    });
    PHASE.set(Phase::Running);
}

/// Ends an execution. Called by its first thread when the closure has returned.
pub(crate) fn end() {
    while let Some(join) = with(|x| x.detached.pop()) {
        with(|x| x.recorder(None, Location::caller())).call(|_| join.join());
        with(|x| x.unjoined -= 1);
    }
    end_thread(0);
    let leaks = with(|x| x.memory.leaks());
    if !leaks.is_empty() {
        fail(FailureKind::Leak, format!("never freed: {}", leaks.join("; ")), Location::caller());
    }
    PHASE.set(Phase::Outside);
    with(|x| {
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

// ---- failures ----

/// The payload that unwinds a failed execution.
struct CheckFailed;

/// Fails the check.
pub(super) fn fail(kind: FailureKind, message: String, at: &Location<'_>) -> ! {
    with(|x| x.fail(kind, message, event::place(at)));
    PHASE.set(Phase::Failed);
    std::panic::resume_unwind(Box::new(CheckFailed))
}

impl Execution {
    fn fail(&mut self, mut kind: FailureKind, mut message: String, location: String) {
        if self.totals.failure.is_some() {
            return;
        }
        if let Some(race) = self.watching.and_then(|addr| self.memory.race(addr)) {
            (kind, message) = race;
        }
        let threads: Vec<_> = self.threads.iter().enumerate().map(|(i, t)| t.label(i)).collect();
        let events = event::render(&self.events, &self.objects, &threads, |addr| match addr {
            0 => "null".to_owned(),
            _ => self.memory.name(addr as usize).unwrap_or("outside").to_owned(),
        });
        let failure = Failure {
            kind,
            message,
            location,
            execution: self.totals.executions + 1,
            events,
            reproduce: self.config.reproduce.clone(),
        };
        crate::check::tell_listener(&failure);
        self.totals.failure = Some(failure);
    }
}

/// What an engine's own words mean.
fn classify(message: &str) -> FailureKind {
    if message.starts_with("Causality violation")
        || message.contains("to cell")
        || message.contains("from cell")
    {
        FailureKind::DataRace
    } else if message.starts_with("deadlock") {
        FailureKind::Deadlock
    } else if message.starts_with("Model exceeded maximum number of branches")
        || message.starts_with("exceeded max_steps")
    {
        FailureKind::Endless
    } else if message.starts_with("Reached unexpected exploration state") {
        FailureKind::NonDeterminism
    } else {
        FailureKind::Assertion
    }
}

/// Notes a panic under an engine before it unwinds; other panics go to the hook that was there before.
fn install_hook() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        #[cfg(feature = "shuttle")]
        super::engine::let_shuttle_install_its_hook();
        std::panic::set_hook(Box::new(move |info| match PHASE.try_with(Cell::get) {
            Ok(Phase::Running) => {
                let message = info.payload_as_str().unwrap_or("a panic without a message").to_owned();
                let location = info.location().map(event::place).unwrap_or_default();
                let noted = CURRENT.with(|current| match current.try_borrow_mut() {
                    Ok(mut current) => {
                        let x = current.as_mut().expect("an execution is running");
                        x.fail(classify(&message), message, location);
                        true
                    }
                    Err(_) => false,
                });
                PHASE.set(Phase::Failed);
                if !noted {
                    before(info);
                }
            }
            // The first failure is the one that counts.
            Ok(Phase::Failed) => {}
            Ok(Phase::Outside) | Err(_) => before(info),
        }));
    });
}

// ---- the facade's side ----

/// Whether an execution runs on this thread.
pub(crate) fn is_active() -> bool {
    PHASE.get() == Phase::Running
}

/// Whether `payload` may be caught by [`crate::sync::catch_unwind`].
pub(super) fn may_catch(payload: &(dyn Any + Send)) -> bool {
    PHASE.get() == Phase::Outside || payload.is::<PlannedPanic>()
}

/// The engine for new objects, and a number for one.
pub(super) fn create(kind: &'static str) -> (&'static dyn Engine, Object) {
    match PHASE.get() {
        Phase::Running => with(|x| {
            let (index, creator) = (x.objects.len(), x.running);
            let nth = x.next_nth();
            x.objects.push(ObjectInfo { kind, name: None, creator, nth, racing_stores: 1 });
            (x.engine, Object { execution: x.id, index })
        }),
        // A failed execution makes no more objects that count.
        Phase::Failed | Phase::Outside => (&STD, Object { execution: 0, index: 0 }),
    }
}

impl Execution {
    /// The number of the next creation by the running thread.
    fn next_nth(&mut self) -> usize {
        let thread = &mut self.threads[self.running];
        thread.created += 1;
        thread.created
    }

    fn recorder(&self, object: Option<usize>, at: Site) -> Recorder {
        let (engine, thread) = (self.engine, self.running);
        Recorder { engine, thread, object, weakening: self.config.weaken.is_some(), at }
    }
}

/// Names an object.
pub(super) fn name(object: Object, name: &'static str) {
    if is_active() {
        with(|x| {
            if x.id == object.execution {
                x.objects[object.index].name = Some(name);
            }
        });
    }
}

/// Asks whose an operation on `object`, which lies at `addr`, is.
pub(super) fn enter(object: Object, addr: usize, at: Site) -> Turn {
    match PHASE.get() {
        Phase::Outside if object.execution == 0 => Turn::Outside,
        Phase::Outside => panic!("an object of a checked execution is used outside of it, at {at}"),
        Phase::Failed => Turn::Over,
        Phase::Running => {
            // A freed object is poisoned, its number too: look at the memory first.
            touch(addr, at);
            let (id, recorder) = with(|x| (x.id, x.recorder(Some(object.index), at)));
            if object.execution != id {
                let message = "the object was not made in this execution: make all of them in the closure";
                fail(FailureKind::ForeignObject, message.to_owned(), at);
            }
            Turn::Engine(recorder)
        }
    }
}

/// As [`enter`], for an operation on no object.
pub(super) fn enter_plain(at: Site) -> Turn {
    match PHASE.get() {
        Phase::Outside => Turn::Outside,
        Phase::Failed => Turn::Over,
        Phase::Running => Turn::Engine(with(|x| x.recorder(None, at))),
    }
}

/// A thread touches memory at `addr`.
pub(super) fn touch(addr: usize, at: Site) {
    if !is_active() {
        return;
    }
    match with(|x| x.memory.find(addr)) {
        Found::Nothing => {}
        Found::Live(track) => watch(addr, || track.read()),
        Found::Freed(block) => fail(FailureKind::UseAfterFree, block, at),
    }
}

/// Runs an access to a heap block that the engine may find racing with another.
fn watch(addr: usize, access: impl FnOnce()) {
    with(|x| x.watching = Some(addr));
    access();
    with(|x| x.watching = None);
}

impl Recorder {
    /// Calls the engine, which may run other threads before it returns.
    pub(super) fn call<R>(&self, operation: impl FnOnce(&'static dyn Engine) -> R) -> R {
        let result = operation(self.engine);
        with(|x| x.running = self.thread);
        result
    }

    /// The ordering to use: the given one, unless this site is weakened.
    pub(super) fn order(&self, order: Ordering) -> Ordering {
        if !self.weakening {
            return order;
        }
        with(|x| match &x.config.weaken {
            Some(weaken) if weaken.is_at(self.at) => weaken.to.unwrap_or(Ordering::Relaxed),
            _ => order,
        })
    }

    /// Writes down what was done.
    pub(super) fn record(&self, operation: &'static str, order: Option<Ordering>, value: Value) {
        with(|x| {
            x.operations += 1;
            if x.config.log {
                let (thread, object, at) = (self.thread, self.object, self.at);
                x.events.push(Event { thread, operation, object, order, value, at });
            }
        });
    }

    /// A fence of this order.
    pub(super) fn fence(&self, order: Ordering) {
        if order == Ordering::SeqCst
            && let Some(fences) = with(|x| x.fences.clone())
        {
            self.call(|_| fences.store(0, Ordering::Relaxed));
        }
        self.call(|engine| engine.fence(order));
    }

    /// A store to this atomic was made: counts it, and wakes who waits for one.
    pub(super) fn stored(&self) {
        let index = self.object.expect("a store is to an object");
        if let Some(remembered) = self.engine.remembered_stores() {
            with(|x| x.count_store(index, remembered));
        }
        loop {
            let waiting = with(|x| {
                let found = x.waiting.iter().position(|(object, _)| *object == index);
                found.map(|i| x.waiting.swap_remove(i).1)
            });
            match waiting {
                Some(parker) => self.call(|_| parker.wake()),
                None => return,
            }
        }
    }

    /// Lets others run until somebody stores to this atomic, if the engine can block a thread so.
    pub(super) fn wait_for_store(&self) {
        match self.engine.parker() {
            Some(parker) => {
                let index = self.object.expect("a wait is on an object");
                with(|x| x.waiting.push((index, Arc::clone(&parker))));
                self.call(|_| parker.park());
            }
            None => self.call(Engine::yield_now),
        }
    }
}

impl Execution {
    /// Counts a store that the engine may have to remember. One made while no other thread is running, or
    /// unjoined, hides all before it from everybody.
    fn count_store(&mut self, index: usize, remembered: u32) {
        let alone = self.unjoined == 1;
        let object = &mut self.objects[index];
        object.racing_stores = if alone { 1 } else { object.racing_stores + 1 };
        let stores = object.racing_stores;
        if stores > remembered && self.totals.overflow.as_ref().is_none_or(|(_, most)| stores > *most) {
            let name = event::object_names(&self.objects).swap_remove(index);
            self.totals.overflow = Some((name, stores));
        }
    }
}

impl Weaken {
    fn is_at(&self, at: Site) -> bool {
        at.line() == self.line && at.file().ends_with(&self.file)
    }
}

// ---- memory ----

/// What to do with a request for memory.
pub(super) enum Grant {
    /// No check, or a failed one: plain memory.
    Plain,
    /// Give it, and tell [`allocated`].
    Tracked,
    /// Refuse it.
    Refused,
}

/// Asks for memory.
pub(super) fn request() -> Grant {
    if !is_active() {
        return Grant::Plain;
    }
    if with(|x| x.failing_allocations) > 0 && choose(2) == Some(1) {
        with(|x| x.failing_allocations -= 1);
        return Grant::Refused;
    }
    Grant::Tracked
}

/// Memory was given.
pub(super) fn allocated(ptr: std::ptr::NonNull<u8>, layout: std::alloc::Layout, at: Site) {
    let track: Rc<dyn Track> = Rc::from(with(|x| x.engine).track());
    let recorder = with(|x| {
        let (thread, nth) = (x.running, x.next_nth());
        x.memory.insert(ptr, layout, format!("heap@{thread}.{nth}"), at, track);
        x.recorder(None, at)
    });
    recorder.record("allocate", None, Value::Address(ptr.addr().get() as u64));
}

/// A thread begins to free memory. Returns whether it is to be kept in quarantine.
pub(super) fn begin_free(addr: usize, at: Site) -> bool {
    if !is_active() {
        return false;
    }
    match with(|x| x.memory.find(addr)) {
        Found::Nothing => {
            let message = "memory is freed that was not allocated in this execution".to_owned();
            fail(FailureKind::ForeignObject, message, at)
        }
        Found::Live(track) => {
            with(|x| x.memory.begin_free(addr));
            watch(addr, || track.write());
        }
        Found::Freed(block) => fail(FailureKind::DoubleFree, block, at),
    }
    true
}

/// The contents are dropped: the memory is dead from now on.
pub(super) fn end_free(ptr: std::ptr::NonNull<u8>, at: Site) {
    if is_active() {
        let recorder = with(|x| x.recorder(None, at));
        recorder.record("free", None, Value::Address(ptr.addr().get() as u64));
        with(|x| {
            let by = format!("thread {} at {}", x.threads[x.running].label(x.running), event::place(at));
            x.memory.free(ptr, by);
        });
    }
}

/// Whether the running execution has failed.
pub(super) fn is_over() -> bool {
    PHASE.get() == Phase::Failed
}

// ---- choices and outcomes ----

/// See [`crate::check::reached`]. `false` if no execution is running here.
pub(crate) fn reached(outcome: &'static str) -> bool {
    match PHASE.get() {
        Phase::Outside => false,
        Phase::Failed => true,
        Phase::Running => {
            with(|x| x.reached.insert(outcome));
            true
        }
    }
}

/// See [`crate::check::choose`]. `None` if no execution is running here.
#[track_caller]
pub(crate) fn choose(n: usize) -> Option<usize> {
    match PHASE.get() {
        Phase::Outside => None,
        Phase::Failed => Some(0),
        Phase::Running => {
            let choice = with(|x| {
                let thread = x.running;
                let nth = x.threads[thread].choices;
                x.threads[thread].choices += 1;
                x.choices.choose(thread, nth, n)
            });
            Some(choice.unwrap_or_else(|| {
                let message = "a choice is among another number than in an execution before".to_owned();
                fail(FailureKind::NonDeterminism, message, Location::caller())
            }))
        }
    }
}

/// See [`crate::check::fail_allocations`].
pub(crate) fn fail_allocations(failures: u32) {
    if is_active() {
        with(|x| x.failing_allocations = failures);
    }
}

/// See [`crate::sync::unique`]. `None` if no execution is running here.
pub(super) fn unique() -> Option<u64> {
    is_active().then(|| {
        let (thread, nth) = with(|x| (x.running, x.next_nth()));
        (thread as u64 + 1) << 32 | nth as u64
    })
}

// ---- threads and their storage ----

/// A thread is about to be started: its index. `None` outside of an execution.
pub(super) fn new_thread(name: Option<&str>, at: Site) -> Option<(Recorder, usize)> {
    if !is_active() {
        return None;
    }
    let (recorder, index, max) = with(|x| {
        let index = x.threads.len();
        x.threads.push(ThreadInfo { name: name.map(str::to_owned), ..ThreadInfo::default() });
        x.unjoined += 1;
        (x.recorder(None, at), index, x.config.max_threads.unwrap_or(usize::MAX).min(x.engine.max_threads()))
    });
    if index >= max {
        fail(FailureKind::Vacuous, format!("more threads than promised, or possible: {}", index + 1), at);
    }
    Some((recorder, index))
}

/// A thread begins to run.
pub(super) fn begin_thread(index: usize) {
    if is_active() {
        with(|x| x.running = index);
    }
}

/// A thread was waited for.
pub(super) fn joined() {
    if is_active() {
        with(|x| x.unjoined -= 1);
    }
}

/// Nobody will wait for a thread: the end of the execution does.
pub(super) fn detach(join: Box<dyn Join>) {
    match PHASE.get() {
        Phase::Running => with(|x| x.detached.push(join)),
        Phase::Failed => std::mem::forget(join),
        Phase::Outside => drop(join),
    }
}

/// A thread has run its closure: drops its storage.
pub(super) fn end_thread(index: usize) {
    if !is_active() {
        return;
    }
    while let Some(local) = with(|x| x.threads[index].locals.pop()) {
        with(|x| x.threads[index].ending = true);
        drop(local);
    }
}

/// What a thread has in its storage under a key.
pub(super) enum Local {
    /// No execution is running here.
    Outside,
    /// This.
    Value(Rc<dyn Any>),
    /// Nothing yet.
    Missing,
    /// The storage is being dropped.
    Ending,
}

/// Looks in the running thread's storage.
pub(super) fn local(key: usize) -> Local {
    match PHASE.get() {
        Phase::Outside => Local::Outside,
        Phase::Failed => Local::Ending,
        Phase::Running => with(|x| {
            let thread = &x.threads[x.running];
            match thread.locals.iter().find(|(k, _)| *k == key) {
                Some((_, value)) => Local::Value(Rc::clone(value)),
                None if thread.ending => Local::Ending,
                None => Local::Missing,
            }
        }),
    }
}

/// Puts a value in the running thread's storage.
pub(super) fn set_local(key: usize, value: Rc<dyn Any>) {
    with(|x| x.threads[x.running].locals.push((key, value)));
}
