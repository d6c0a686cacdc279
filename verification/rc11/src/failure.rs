//! Failed checks, with the execution that shows them.

use crate::event::{Event, EventId, Kind};
use crate::linear;
use crate::run::Run;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What kind of check failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// An assertion of the program, or any other panic.
    Assertion,
    /// Two accesses to plain memory of which none happens before the other, one of them a write.
    DataRace,
    /// An access to a heap object that was freed, or that races with the free.
    UseAfterFree,
    /// A heap object is freed twice.
    DoubleFree,
    /// A heap object that nobody freed.
    Leak,
    /// Every thread that has not ended waits, and nothing that it waits for will ever come: a lost wake-up is one.
    Deadlock,
    /// An execution is too long, or a loop waits without a wait.
    Endless,
    /// The program did not do the same when the same was read.
    NonDeterminism,
    /// There are more threads than an exploration can have.
    TooManyThreads,
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            FailureKind::Assertion => "assertion",
            FailureKind::DataRace => "data race",
            FailureKind::UseAfterFree => "use after free",
            FailureKind::DoubleFree => "double free",
            FailureKind::Leak => "leak",
            FailureKind::Deadlock => "deadlock",
            FailureKind::Endless => "endless execution",
            FailureKind::NonDeterminism => "non-determinism",
            FailureKind::TooManyThreads => "too many threads",
        })
    }
}

/// A failed check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind it is.
    pub kind: FailureKind,
    /// What the check says.
    pub message: String,
    /// The thread that ran when it failed.
    pub thread: usize,
    /// The events of the execution, in an order in which each comes after all that it depends on. As far as that is
    /// possible each read reads the newest write, and one thread is not left for another without need.
    pub events: Vec<EventView>,
}

/// An event of an execution, to be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventView {
    /// Its thread.
    pub thread: usize,
    /// Its number in the thread, from 0.
    pub index: usize,
    /// What it is.
    pub what: EventKind,
    /// Its ordering; of a read-modify-write, that of the half.
    pub order: String,
    /// The location that it reads or writes: who made it, and as its how-manieth.
    pub location: Option<(usize, u32)>,
    /// What was read, written or chosen.
    pub value: u64,
    /// The event that it reads from, by thread and index; `None` for a read of the initial value.
    pub reads_from: Option<(usize, usize)>,
    /// The place in the modification order: of a write its own, of a read that of what it reads; 0 is the initial value.
    pub place: Option<usize>,
    /// How many events of each thread happen before it, itself included.
    pub happens_before: Vec<u16>,
}

/// What an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum EventKind {
    /// A read.
    Read,
    /// A write.
    Write {
        /// Whether it is the second half of a read-modify-write; the first is the event before it.
        rmw: bool,
    },
    /// A fence.
    Fence,
    /// The start of a thread.
    Create {
        /// Which.
        child: usize,
    },
    /// A thread was waited for.
    Join {
        /// Which.
        child: usize,
    },
    /// The end of the thread.
    End,
    /// A choice.
    Choice {
        /// Among so many.
        of: usize,
    },
}

impl Failure {
    pub(crate) fn new(kind: FailureKind, message: String, run: &Run) -> Self {
        Failure { kind, message, thread: run.current, events: EventView::all(run) }
    }

    /// How often the order of the events goes from one thread to another.
    pub fn switches(&self) -> usize {
        self.events.windows(2).filter(|pair| pair[0].thread != pair[1].thread).count()
    }
}

impl EventView {
    /// What the threads of an execution have done so far.
    pub(crate) fn all(run: &Run) -> Vec<Self> {
        let done: Vec<usize> = run.fibers.iter().map(|fiber| fiber.next).collect();
        let order = linear::order(&run.graph, &done, run.current);
        order.into_iter().map(|id| EventView::new(run, id, run.graph.event(id))).collect()
    }

    fn new(run: &Run, id: EventId, event: &Event) -> Self {
        let reads_from = event.from().filter(|from| !from.is_init());
        let place = match event.kind {
            Kind::Read { loc, from, .. } => Some(run.graph.place(loc, from)),
            Kind::Write { loc, .. } => Some(run.graph.place(loc, id)),
            _ => None,
        };
        EventView {
            thread: id.thread(),
            index: id.index(),
            what: match event.kind {
                Kind::Read { .. } => EventKind::Read,
                Kind::Write { rmw, .. } => EventKind::Write { rmw },
                Kind::Fence => EventKind::Fence,
                Kind::Create { child } => EventKind::Create { child: child.into() },
                Kind::Join { child } => EventKind::Join { child: child.into() },
                Kind::End => EventKind::End,
                Kind::Choice { of } => EventKind::Choice { of: of as usize },
            },
            order: match event.loc() {
                Some(_) => format!("{:?}", event.order),
                None if event.kind == Kind::Fence => format!("{:?}", event.order),
                None => String::new(),
            },
            location: event.loc().map(|loc| run.names.maker(loc)),
            value: event.value,
            reads_from: reads_from.map(|from| (from.thread(), from.index())),
            place,
            happens_before: event.hb.counts()[..run.fibers.len().max(1)].to_vec(),
        }
    }
}

impl fmt::Display for EventView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:<3} ", self.thread, self.index)?;
        let location = self.location.map(|(maker, nth)| format!("a{maker}.{nth}")).unwrap_or_default();
        match self.what {
            EventKind::Read => {
                write!(f, "{:<13} {location:<8} {:<8} = {}", "read", self.order, self.value)?;
                match self.reads_from {
                    Some((thread, index)) => write!(f, "  from {thread}.{index}"),
                    None => f.write_str("  the initial value"),
                }
            }
            EventKind::Write { rmw } => {
                let what = if rmw { "  and write" } else { "write" };
                let place = self.place.unwrap_or_default();
                write!(f, "{what:<13} {location:<8} {:<8} = {}  as number {place}", self.order, self.value)
            }
            EventKind::Fence => write!(f, "{:<13} {:<8} {:<8}", "fence", "", self.order),
            EventKind::Create { child } => write!(f, "starts thread {child}"),
            EventKind::Join { child } => write!(f, "joins thread {child}"),
            EventKind::End => f.write_str("ends"),
            EventKind::Choice { of } => write!(f, "chooses {} of {of}", self.value),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.kind, self.message)?;
        writeln!(f, "  in thread {}, in an execution whose events are", self.thread)?;
        for event in &self.events {
            writeln!(f, "    {event}")?;
        }
        Ok(())
    }
}
