//! A failed check, with the execution that shows it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What kind of check failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// An assertion of the model, or any other panic.
    Assertion,
    /// Two unordered accesses, one of them a write.
    DataRace,
    /// An access to a heap object that was freed, or that races with the free.
    UseAfterFree,
    /// A heap object freed twice.
    DoubleFree,
    /// A heap object that nobody freed.
    Leak,
    /// No thread can run.
    Deadlock,
    /// An execution did not end within the branches or steps that the engine allows.
    Endless,
    /// The same choices led to another operation: the program depends on something outside the facade.
    NonDeterminism,
    /// An object of one execution was used in another, or outside of any.
    ForeignObject,
    /// Nothing was explored, or a thread or an outcome that the model promised was never seen.
    Vacuous,
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
            FailureKind::ForeignObject => "foreign object",
            FailureKind::Vacuous => "vacuous",
        })
    }
}

/// What a read reads from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "from")]
pub enum Source {
    /// What the object held when it was made.
    Initial,
    /// A store.
    Event {
        /// Its place among the events.
        event: usize,
    },
}

/// One operation of an execution, as the event log tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRecord {
    /// The thread: its number in order of creation, and its name if it has one.
    pub thread: String,
    /// That number.
    #[serde(default)]
    pub thread_number: usize,
    /// What it did: `load`, `store`, `fetch_add`, `lock`, `free`, ..
    pub operation: String,
    /// To which object; empty for a fence.
    pub object: String,
    /// With which ordering; empty where there is none.
    pub ordering: String,
    /// What was read or written.
    pub value: String,
    /// `file:line:column`.
    pub location: String,
    /// What it reads from, if it reads an atomic and that is known. The RC11 engine knows; under the others it is found by
    /// value, where one store alone can be meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reads: Option<Source>,
    /// The newest store before it, if that is not the one that it reads from: by its place among the events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Option<usize>,
    /// Of a store, its place in the modification order of the object, from 1. Only the RC11 engine knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<usize>,
    /// The events that synchronise with it, directly: what was done before them happens before it. Known under the RC11
    /// engine; under the others only for threads, locks and reads whose store is known, without fences between.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub synchronises: Vec<usize>,
}

impl fmt::Display for EventRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<12} {:<11} {:<24} {:<8} {:<22} {}",
            self.thread, self.operation, self.object, self.ordering, self.value, self.location
        )
    }
}

/// A failed check, with the execution that showed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind it is.
    pub kind: FailureKind,
    /// What the check says.
    pub message: String,
    /// Where it was said, as `file:line:column`; empty if unknown.
    pub location: String,
    /// The execution, counted from 1; 0 if the failure is of no single one.
    pub execution: u64,
    /// The thread that failed, by its number, if it is one alone.
    #[serde(default)]
    pub thread: Option<usize>,
    /// The heap object or the cell that it is about; empty if it is about none.
    #[serde(default)]
    pub object: String,
    /// The operation that failed, if it is one, and the one that it is in conflict with: the free, the other access. By
    /// their places among the events.
    #[serde(default)]
    pub event: Option<usize>,
    /// See `event`.
    #[serde(default)]
    pub conflict: Option<usize>,
    /// The operations of that execution, in order: all, or the last 2,000. Under the RC11 engine this is an order in which
    /// as many reads as possible read the newest value, and a thread is not left without need.
    pub events: Vec<EventRecord>,
    /// The command, or the call, that shows it again.
    pub reproduce: String,
}

impl Failure {
    /// A failure of which nothing else is known.
    pub fn new(kind: FailureKind, message: String) -> Self {
        Failure {
            kind,
            message,
            location: String::new(),
            execution: 0,
            thread: None,
            object: String::new(),
            event: None,
            conflict: None,
            events: Vec::new(),
            reproduce: String::new(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.kind, self.message)?;
        if !self.location.is_empty() {
            writeln!(f, "  at {}", self.location)?;
        }
        if self.execution > 0 {
            writeln!(f, "  in execution {}, whose operations were", self.execution)?;
        }
        for event in &self.events {
            writeln!(f, "    {event}")?;
        }
        if !self.reproduce.is_empty() {
            writeln!(f, "  again: {}", self.reproduce)?;
        }
        Ok(())
    }
}
