//! The event log: what an execution did, operation by operation.

use crate::check::EventRecord;
use std::panic::Location;
use std::sync::atomic::Ordering;

/// What a value is, for printing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// There is none.
    None,
    /// A number.
    Number(u64),
    /// The address of a heap object, 0 for none.
    Address(u64),
    /// What was there, and what is there now.
    Change { from: u64, to: u64, address: bool },
}

/// One operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event {
    pub(super) thread: usize,
    pub(super) operation: &'static str,
    pub(super) object: Option<usize>,
    pub(super) order: Option<Ordering>,
    pub(super) value: Value,
    pub(super) at: &'static Location<'static>,
}

/// A facade object, by the identity that is the same in every execution: who created it, and as its how-manieth.
#[derive(Debug, Clone)]
pub(super) struct ObjectInfo {
    pub(super) kind: &'static str,
    pub(super) name: Option<&'static str>,
    pub(super) creator: usize,
    pub(super) nth: usize,
    /// Stores that no thread needs to have seen; see `Execution::count_store`.
    pub(super) racing_stores: u32,
}

/// The names of objects in a log: the given name, numbered if several have it, or `kind@creator.nth`.
pub(super) fn object_names(objects: &[ObjectInfo]) -> Vec<String> {
    let mut seen = std::collections::HashMap::new();
    objects
        .iter()
        .map(|object| match object.name {
            Some(name) => {
                let n = seen.entry(name).and_modify(|n| *n += 1).or_insert(1);
                if *n == 1 { name.to_owned() } else { format!("{name}#{n}") }
            }
            None => format!("{}@{}.{}", object.kind, object.creator, object.nth),
        })
        .collect()
}

/// An execution of more operations is endless: its last ones tell all.
const LONGEST: usize = 2_000;

/// Makes a log readable.
pub(super) fn render(
    events: &[Event],
    objects: &[ObjectInfo],
    threads: &[String],
    address: impl Fn(u64) -> String,
) -> Vec<EventRecord> {
    let names = object_names(objects);
    let number = |n: u64, is_address: bool| if is_address { address(n) } else { n.to_string() };
    events[events.len().saturating_sub(LONGEST)..]
        .iter()
        .map(|event| EventRecord {
            thread: threads.get(event.thread).cloned().unwrap_or_else(|| event.thread.to_string()),
            operation: event.operation.to_owned(),
            object: event.object.map(|i| names[i].clone()).unwrap_or_default(),
            ordering: event.order.map(|o| format!("{o:?}")).unwrap_or_default(),
            value: match event.value {
                Value::None => String::new(),
                Value::Number(n) => number(n, false),
                Value::Address(n) => number(n, true),
                Value::Change { from, to, address } => {
                    format!("{} -> {}", number(from, address), number(to, address))
                }
            },
            location: place(event.at),
        })
        .collect()
}

/// `file:line:column`.
pub(super) fn place(at: &Location<'_>) -> String {
    format!("{}:{}:{}", at.file(), at.line(), at.column())
}
