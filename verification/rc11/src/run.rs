//! One execution: a graph is replayed, and then extended until nothing can be added.
//!
//! Threads are coroutines. An operation looks first whether the graph has an event for it; then what that event says
//! is returned. When every thread has come to the end of its events, the execution is extended by one event at a time,
//! always of the leftmost thread that can go on, and all ways to add it but one are put aside as graphs of their own.
//! Which event is the next depends on the graph alone: that is what makes each execution come once.
//!
//! An execution in which every thread that has not ended waits for something is *blocked*. It is finished all the same,
//! with nothing put aside and every read reading the newest value: so destructors run, and if nobody can go on even
//! then, it is a deadlock.

use crate::clock::Clock;
use crate::estimate::Dice;
use crate::event::{EventId, LocId};
use crate::failure::{Failure, FailureKind};
use crate::fiber::{Coroutine, Stacks};
use crate::graph::Graph;
use crate::mode::Mode;
use crate::names::Names;
use crate::op::{Attempt, Op, Outcome};
use crate::race::Accesses;
use std::sync::atomic::{AtomicU64, Ordering};

/// A graph that is still to be explored, and which share of the whole it stands for.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Item {
    pub(crate) graph: Graph,
    pub(crate) weight: f64,
}

impl Item {
    /// From where everything is explored.
    pub(crate) fn root() -> Self {
        Item { graph: Graph::default(), weight: 1.0 }
    }
}

/// How an execution ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Every thread ended.
    Complete,
    /// Threads that wait cannot go on, in this graph.
    Blocked,
    /// As `Blocked`, and not even the newest values let anybody go on.
    Deadlocked,
    /// A check failed.
    Failed,
}

/// What the engine says to a thread that asks for an operation.
pub(crate) enum Step {
    Done(Outcome),
    /// It is somebody else's turn. Ask again when resumed.
    Suspend,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Threads do what the graph says.
    Replay,
    /// Events are added, and alternatives put aside.
    Explore,
    /// Events are added, so that the threads come to an end.
    Finish,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Nobody started it.
    Absent,
    /// It was started and has not run yet.
    Fresh,
    /// It runs, or asks for an operation.
    Alive,
    /// It reads, in this graph, what it does not wait for.
    Blocked,
    /// It has turned in a loop in vain.
    InVain,
    /// It has read, and is to write what goes with that first.
    Dangling,
    /// It has ended.
    Ended,
}

pub(crate) struct Fiber {
    pub(crate) coroutine: Option<Coroutine>,
    /// What it is suspended with.
    pub(crate) yielder: *const corosensei::Yielder<(), ()>,
    pub(crate) body: Option<Box<dyn FnOnce()>>,
    pub(crate) status: Status,
    /// The operation that it asks for. It lives on the coroutine's stack, which waits.
    pub(crate) pending: Option<*const Op<'static>>,
    /// How many events it has behind it.
    pub(crate) next: usize,
    /// What happens before its next event.
    pub(crate) hb: Clock,
    /// What happened before its last release fence.
    pub(crate) released: Clock,
    /// What an acquire fence would acquire.
    pub(crate) acquirable: Clock,
    /// Whether it has accessed plain memory since its last event.
    pub(crate) touched_plain: bool,
    /// Whether it has asked for an operation while it panicked, which was not done.
    pub(crate) refused: bool,
    /// How many locations it has made.
    pub(crate) made: u32,
    /// How many threads it has started.
    pub(crate) started: u32,
    /// How often in a row it has read the same, and where.
    pub(crate) same_reads: u32,
    pub(crate) last_read: Option<(LocId, EventId)>,
    /// How many writes there were when it last turned in vain.
    pub(crate) writes_then: Option<usize>,
}

impl Fiber {
    fn absent() -> Self {
        Fiber {
            coroutine: None,
            yielder: std::ptr::null(),
            body: None,
            status: Status::Absent,
            pending: None,
            next: 0,
            hb: Clock::default(),
            released: Clock::default(),
            acquirable: Clock::default(),
            touched_plain: false,
            refused: false,
            made: 0,
            started: 0,
            same_reads: 0,
            last_read: None,
            writes_then: None,
        }
    }
}

/// What is known of a location in this execution.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Location {
    /// What it held when it was made.
    pub(crate) initial: u64,
    /// When it was made: before this many events of that thread.
    pub(crate) maker: usize,
    pub(crate) made: usize,
}

/// What an execution may cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Events of one execution.
    pub(crate) events: usize,
    /// Reads of the same write by the same thread, one after the other.
    pub(crate) same_reads: u32,
}

/// How executions are run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) mode: Mode,
    pub(crate) limits: Limits,
    /// A deadlock is no failure.
    pub(crate) allow_deadlocks: bool,
    /// The threads of a failed execution are unwound, and not left as they are.
    pub(crate) unwinds: bool,
    /// Of each thread, in bytes.
    pub(crate) stack_size: usize,
}

/// An execution that runs. Each worker has one and uses it again and again.
pub(crate) struct Run {
    /// Of this execution, in this process.
    pub(crate) id: u64,
    pub(crate) mode: Mode,
    pub(crate) limits: Limits,
    pub(crate) allow_deadlocks: bool,
    pub(crate) unwinds: bool,
    pub(crate) names: Names,
    pub(crate) graph: Graph,
    pub(crate) phase: Phase,
    pub(crate) fibers: Vec<Fiber>,
    /// The thread that runs.
    pub(crate) current: usize,
    /// The thread that may add an event.
    pub(crate) granted: Option<usize>,
    pub(crate) locations: Vec<Location>,
    /// Plain memory.
    pub(crate) plain: Vec<Accesses>,
    /// Where a walk goes; `None` if everything is explored.
    pub(crate) walk: Option<Dice>,
    /// Graphs put aside. Of a walk, the one that it goes on with.
    pub(crate) aside: Vec<Item>,
    /// The share of the whole that this execution stands for.
    pub(crate) weight: f64,
    pub(crate) failure: Option<Failure>,
    /// Objects of the execution, see [`heap`](crate::heap).
    pub(crate) heap: crate::heap::Heap,
    pub(crate) stacks: Stacks,
    /// Coroutines are being unwound: operations do nothing.
    pub(crate) unwinding: bool,
}

impl Run {
    pub(crate) fn new(settings: Settings, names: Names) -> Self {
        let Settings { mode, limits, allow_deadlocks, unwinds, stack_size } = settings;
        Run {
            id: 0,
            mode,
            limits,
            allow_deadlocks,
            unwinds,
            names,
            graph: Graph::default(),
            phase: Phase::Replay,
            fibers: Vec::new(),
            current: 0,
            granted: None,
            locations: Vec::new(),
            plain: Vec::new(),
            walk: None,
            aside: Vec::new(),
            weight: 1.0,
            failure: None,
            heap: Default::default(),
            stacks: Stacks::new(stack_size),
            unwinding: false,
        }
    }

    /// Gets ready for an execution whose first thread runs `main`.
    pub(crate) fn begin(&mut self, item: Item, main: Box<dyn FnOnce()>) {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        // Relaxed: only that numbers differ matters.
        self.id = NEXT.fetch_add(1, Ordering::Relaxed);
        self.graph = item.graph;
        self.weight = item.weight;
        self.phase = Phase::Replay;
        self.fibers.clear();
        self.granted = None;
        self.locations.clear();
        self.plain.clear();
        self.start(0, main);
    }

    /// A thread will run `body` when it is its turn.
    pub(crate) fn start(&mut self, thread: usize, body: Box<dyn FnOnce()>) {
        while self.fibers.len() <= thread {
            self.fibers.push(Fiber::absent());
        }
        let hb = self.graph.before(thread, 0).0;
        self.fibers[thread] = Fiber { body: Some(body), status: Status::Fresh, hb, ..Fiber::absent() };
    }

    /// Carries out an operation of the running thread, or has it wait for its turn.
    pub(crate) fn step(&mut self, op: &Op<'_>) -> Step {
        let thread = self.current;
        let fiber = &self.fibers[thread];
        if self.failure.is_some() {
            return Step::Suspend;
        }
        if fiber.refused {
            let message = "the thread asked for operations while a panic unwound, and then caught it: those were not done";
            self.fail(FailureKind::Assertion, message.to_owned());
            return Step::Suspend;
        }
        if let Op::Retry = op {
            return self.retry(thread);
        }
        if fiber.next < self.graph.thread(thread).len() && fiber.status != Status::Dangling {
            return self.replay(thread, op);
        }
        if self.granted == Some(thread) { self.extend(thread, op) } else { Step::Suspend }
    }

    /// A turn of a loop was in vain. That it is not so is another execution, so here the thread is blocked; until the
    /// execution is only to be finished, and something was written.
    fn retry(&mut self, thread: usize) -> Step {
        let fiber = &mut self.fibers[thread];
        if self.granted == Some(thread) && fiber.status == Status::InVain {
            fiber.status = Status::Alive;
            fiber.writes_then = Some(self.graph.all_writes());
            return Step::Done(Outcome { value: 0, wrote: false });
        }
        fiber.status = Status::InVain;
        Step::Suspend
    }

    /// The next thread to resume, or how the execution ended.
    pub(crate) fn schedule(&mut self) -> Result<usize, End> {
        loop {
            if self.failure.is_some() {
                return Err(End::Failed);
            }
            let next = match self.phase {
                Phase::Replay => self.next_in_replay(),
                Phase::Explore => self.next_in_exploration(),
                Phase::Finish => self.next_in_finish(),
            };
            match next {
                Some(thread) => return Ok(thread),
                None => match self.phase {
                    Phase::Replay => self.phase = Phase::Explore,
                    Phase::Explore if self.has_ended() => return Err(End::Complete),
                    Phase::Explore => self.finish(),
                    Phase::Finish if self.has_ended() => return Err(End::Blocked),
                    Phase::Finish => return Err(self.deadlock()),
                },
            }
        }
    }

    fn deadlock(&mut self) -> End {
        if self.allow_deadlocks {
            return End::Deadlocked;
        }
        let waits = |thread: usize| match self.pending(thread) {
            Some(op) => Some(format!("thread {thread}: {op:?}")),
            None if self.fibers[thread].status == Status::InVain => {
                Some(format!("thread {thread}: {:?}", Op::Retry))
            }
            None => None,
        };
        let waiting: Vec<String> = (0..self.fibers.len()).filter_map(waits).collect();
        self.fail(FailureKind::Deadlock, format!("nobody can go on: {}", waiting.join("; ")));
        End::Failed
    }

    pub(crate) fn has_thread_ended(&self, thread: u16) -> bool {
        self.fibers.get(usize::from(thread)).is_some_and(|fiber| fiber.status == Status::Ended)
    }

    fn has_ended(&self) -> bool {
        self.fibers.iter().all(|fiber| matches!(fiber.status, Status::Absent | Status::Ended))
    }

    fn next_in_replay(&mut self) -> Option<usize> {
        self.granted = None;
        (0..self.fibers.len()).find(|thread| {
            let fiber = &self.fibers[*thread];
            match fiber.status {
                Status::Fresh => true,
                Status::Alive => self.can_replay(*thread),
                _ => false,
            }
        })
    }

    fn next_in_exploration(&mut self) -> Option<usize> {
        let leftmost = |run: &Run, holds: &dyn Fn(&Run, usize) -> bool| {
            let threads = (0..run.fibers.len()).filter(|thread| holds(run, *thread));
            threads.min_by_key(|thread| run.names.rank(*thread))
        };
        self.granted = leftmost(self, &|run, t| run.fibers[t].status == Status::Dangling);
        if self.granted.is_some() {
            return self.granted;
        }
        let fresh = leftmost(self, &|run, t| run.fibers[t].status == Status::Fresh);
        if fresh.is_some() {
            return fresh;
        }
        // Who waits for what is not there comes last: often it is there by then.
        self.granted = leftmost(self, &Run::is_enabled)
            .or_else(|| leftmost(self, &|run, t| run.pending(t).is_some_and(Op::waits)));
        self.granted
    }

    fn next_in_finish(&mut self) -> Option<usize> {
        if let Some(fresh) = self.fibers.iter().position(|fiber| fiber.status == Status::Fresh) {
            self.granted = None;
            return Some(fresh);
        }
        let writes = self.graph.all_writes();
        let may_retry = |thread: &usize| {
            let fiber = &self.fibers[*thread];
            fiber.status == Status::InVain && fiber.writes_then != Some(writes)
        };
        let threads = 0..self.fibers.len();
        let enabled = threads.clone().find(|thread| self.is_enabled(*thread));
        self.granted = enabled.or_else(|| threads.clone().find(may_retry));
        self.granted
    }

    /// The operation that a thread asks for, if it does.
    pub(crate) fn pending(&self, thread: usize) -> Option<&Op<'static>> {
        let fiber = &self.fibers[thread];
        if fiber.status != Status::Alive {
            return None;
        }
        // SAFETY: the operation is on the stack of a coroutine that is suspended where it asked for it.
        fiber.pending.map(|op| unsafe { &*op })
    }

    /// Whether a thread can go on: it waits for nothing, or for what is there.
    fn is_enabled(&self, thread: usize) -> bool {
        match self.pending(thread) {
            None => false,
            Some(Op::Join { child }) => self.has_thread_ended(*child),
            Some(op @ (Op::Load { loc, .. } | Op::Update { loc, .. })) if op.waits() => {
                op.attempt(self.value_at(*loc, self.graph.last_place(*loc))) != Attempt::Blocked
            }
            Some(_) => true,
        }
    }

    /// What a location holds at a place of its modification order.
    pub(crate) fn value_at(&self, loc: LocId, place: usize) -> u64 {
        match place {
            0 => self.locations[loc.0 as usize].initial,
            _ => self.graph.event(self.graph.write_at(loc, place)).value,
        }
    }

    /// From now on threads are only to come to their ends: reads that block them are forgotten.
    pub(crate) fn finish(&mut self) {
        self.phase = Phase::Finish;
        for (thread, fiber) in self.fibers.iter_mut().enumerate() {
            if fiber.status == Status::Blocked {
                self.graph.pop(thread);
                fiber.status = Status::Alive;
            }
        }
    }

    /// Whether a thread to the left of the running one may have been waiting for a write to `loc`.
    pub(crate) fn wakes_to_the_left(&self, loc: LocId) -> bool {
        let rank = self.names.rank(self.current);
        (0..self.fibers.len()).any(|thread| {
            let waits = self.pending(thread).filter(|op| op.waits());
            waits.and_then(|op| op.read()).is_some_and(|(waited, ..)| waited == loc)
                && self.names.rank(thread) < rank
        })
    }

    /// Refuses what was made in another execution.
    pub(crate) fn check_owns(&self, execution: u64) {
        assert!(
            execution == self.id,
            "the object belongs to another execution: make all objects in the closure"
        );
    }

    /// A check failed.
    pub(crate) fn fail(&mut self, kind: FailureKind, message: String) {
        if self.failure.is_none() {
            self.failure = Some(Failure::new(kind, message, self));
        }
    }
}
