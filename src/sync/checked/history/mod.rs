//! The log of a failed execution, told: with names, and with what each operation has to do with the others.
//!
//! The log is one interleaving of operations. What a read reads from is not in it. An engine of execution graphs knows:
//! then operations are joined with events of its graph, by how many of them their thread had behind it, and told in the
//! graph's order ([`graph`]). Under another engine it is found by value, where only one store can be meant ([`log`]).
//!
//! All this is done when a check has failed, and not before.

mod graph;
mod log;
mod names;

use super::engine::Graph;
use super::event::{Event, ObjectInfo, Target, Value, place};
use crate::check::{EventRecord, Source};
pub(super) use names::Names;

/// An operation, by its place in the log.
type Index = usize;

/// What an operation has to do with others.
#[derive(Debug, Clone, Default)]
struct Relation {
    /// What it reads from; `None` if that is not known, or it is no read.
    reads: Option<From>,
    /// The newest store before it, if that is not the one that it reads from.
    missed: Option<Index>,
    /// Its place among the stores to its object, from 1.
    place: Option<usize>,
    /// What synchronises with it, directly.
    synchronises: Vec<Index>,
    /// The operations of each thread that happen before it, as their number.
    past: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Initial,
    Store(Index),
}

/// All of them, and in which order they are told.
#[derive(Debug, Default)]
struct Relations {
    order: Vec<Index>,
    each: Vec<Relation>,
}

/// An execution that failed.
pub(super) struct Failed<'a> {
    pub(super) events: &'a [Event],
    pub(super) objects: &'a [ObjectInfo],
    /// The names of the threads.
    pub(super) threads: &'a [String],
    pub(super) names: &'a Names,
    /// The thread that failed, if it is one.
    pub(super) thread: Option<usize>,
    /// The operation that failed, if it is one.
    pub(super) event: Option<Index>,
    /// Operations that may be what it is in conflict with.
    pub(super) suspects: Vec<Index>,
    /// For each thread of the engine's its number here, and what the engine knows.
    pub(super) graph: Option<(Vec<usize>, Graph)>,
    /// Whether the engine is sequentially consistent.
    pub(super) is_sc: bool,
}

/// A failed execution as it is told.
pub(super) struct Told {
    pub(super) events: Vec<EventRecord>,
    pub(super) event: Option<usize>,
    pub(super) conflict: Option<usize>,
}

/// An execution of more operations is endless: its last ones tell all.
const LONGEST: usize = 2_000;

impl Failed<'_> {
    pub(super) fn tell(&self) -> Told {
        let relations = match &self.graph {
            Some((threads, graph)) => graph::relations(self, threads, graph),
            None => log::relations(self),
        };
        let left_out = relations.order.len().saturating_sub(LONGEST);
        let mut now = vec![None; self.events.len()];
        for (place, index) in relations.order.iter().skip(left_out).enumerate() {
            now[*index] = Some(place);
        }
        let records = relations.order.iter().skip(left_out).map(|index| {
            let relation = &relations.each[*index];
            EventRecord {
                reads: relation.reads.and_then(|from| match from {
                    From::Initial => Some(Source::Initial),
                    From::Store(store) => now[store].map(|event| Source::Event { event }),
                }),
                missed: relation.missed.and_then(|missed| now[missed]),
                place: relation.place,
                synchronises: relation.synchronises.iter().filter_map(|index| now[*index]).collect(),
                ..self.record(&self.events[*index])
            }
        });
        let events = records.collect();
        let event = self.event.and_then(|event| now[event]);
        Told { events, event, conflict: self.conflict(&relations).and_then(|conflict| now[conflict]) }
    }

    /// What the failed operation is in conflict with: the last of the suspects that does not happen before it.
    fn conflict(&self, relations: &Relations) -> Option<Index> {
        let past = self.event.map(|event| &relations.each[event].past);
        let is_past = |suspect: &Index| {
            let event = &self.events[*suspect];
            let nth = self.events[..*suspect].iter().filter(|other| other.thread == event.thread).count();
            past.is_some_and(|past| past.get(event.thread).is_some_and(|n| *n > nth))
        };
        let unordered = self.suspects.iter().filter(|suspect| !is_past(suspect)).max();
        unordered.or(self.suspects.iter().max()).copied()
    }

    /// The operation by itself.
    fn record(&self, event: &Event) -> EventRecord {
        let address = |address| match address {
            0 => "null".to_owned(),
            _ => self.names.block(address as usize).to_owned(),
        };
        let number = |n: u64, is_address: bool| if is_address { address(n) } else { n.to_string() };
        let thread = |index: usize| self.threads.get(index).cloned().unwrap_or_else(|| index.to_string());
        EventRecord {
            thread: thread(event.thread),
            thread_number: event.thread,
            operation: event.operation.to_owned(),
            object: match event.target {
                Target::None => String::new(),
                Target::Object(index) => self.names.object(index).to_owned(),
                Target::Block(address) => self.names.block(address).to_owned(),
                Target::Thread(index) => thread(index),
            },
            ordering: event.order.map(|o| format!("{o:?}")).unwrap_or_default(),
            value: match event.value {
                Value::None => String::new(),
                Value::Number(n) => number(n, false),
                Value::Address(n) => number(n, true),
                Value::Change { from, to, address } => {
                    format!("{} -> {}", number(from, address), number(to, address))
                }
                Value::Waits => "waits".to_owned(),
            },
            location: place(event.at),
            reads: None,
            missed: None,
            place: None,
            synchronises: Vec::new(),
        }
    }
}

/// What an operation of this name does to the atomic that it is done to.
fn accesses(event: &Event) -> (bool, bool) {
    match (event.target, event.order, event.value) {
        (Target::Object(_), Some(_), Value::Change { .. }) => (true, true),
        (Target::Object(_), Some(_), _) if event.operation == "store" => (false, true),
        (Target::Object(_), Some(_), _) => (true, false),
        _ => (false, false),
    }
}
