//! What can be known of the operations in a log without a graph.
//!
//! The log is taken for the order in which things happened, and so for the modification order of each atomic. A read
//! reads from the store whose value it returned, if that can be one store only: none that its thread knows to be
//! overwritten counts.

use super::{Failed, From, Index, Relation, Relations, accesses};
use crate::sync::imp::event::{Event, Target, Value};
use std::collections::HashMap;
use std::sync::atomic::Ordering;

/// What an atomic has held, in order: the value, and who stored it.
type Stores = Vec<(u64, From)>;

pub(super) fn relations(failed: &Failed<'_>) -> Relations {
    let mut reader = Reader { failed, stores: HashMap::new(), known: HashMap::new() };
    let mut each: Vec<Relation> = (0..failed.events.len()).map(|index| reader.accessed(index)).collect();
    for (from, to) in pairs(failed.events) {
        each[to].synchronises.push(from);
    }
    for (relation, to) in each.iter_mut().zip(failed.events) {
        if let Some(From::Store(store)) = relation.reads
            && let from = &failed.events[store]
            && releases(from)
            && acquires(to)
            && from.thread != to.thread
        {
            relation.synchronises.push(store);
        }
    }
    Relations { order: (0..failed.events.len()).collect(), each }
}

struct Reader<'a> {
    failed: &'a Failed<'a>,
    stores: HashMap<usize, Stores>,
    /// By thread and object, the oldest store that the thread may still read.
    known: HashMap<(usize, usize), usize>,
}

impl Reader<'_> {
    fn accessed(&mut self, index: Index) -> Relation {
        let (event, mut relation) = (&self.failed.events[index], Relation::default());
        let (reads, writes) = accesses(event);
        let (read, written) = values(event);
        let Target::Object(object) = event.target else { return relation };
        if !reads && !writes {
            return relation;
        }
        let initial = self.failed.objects[object].initial;
        let stores =
            self.stores.entry(object).or_insert_with(|| Vec::from_iter(initial.map(|n| (n, From::Initial))));
        let known = self.known.entry((event.thread, object)).or_default();
        let newest = stores.len().saturating_sub(1);
        if reads {
            // A read-modify-write reads the newest.
            let oldest = if writes || self.failed.is_sc { newest } else { *known };
            let mut possible = (oldest..stores.len()).filter(|store| Some(stores[*store].0) == read);
            if let (Some(store), None) = (possible.next(), possible.next()) {
                *known = store;
                relation.reads = Some(stores[store].1);
                relation.missed = match stores[newest].1 {
                    From::Store(missed) if store < newest => Some(missed),
                    _ => None,
                };
            }
        }
        if let Some(value) = written {
            *known = stores.len();
            stores.push((value, From::Store(index)));
        }
        relation
    }
}

/// What an access to an atomic read, and what it wrote.
fn values(event: &Event) -> (Option<u64>, Option<u64>) {
    match event.value {
        Value::Change { from, to, .. } => (Some(from), Some(to)),
        Value::Number(n) | Value::Address(n) if event.operation == "store" => (None, Some(n)),
        Value::Number(n) | Value::Address(n) => (Some(n), None),
        Value::None | Value::Waits => (None, None),
    }
}

fn releases(event: &Event) -> bool {
    matches!(event.order, Some(Ordering::Release | Ordering::AcqRel | Ordering::SeqCst))
}

fn acquires(event: &Event) -> bool {
    matches!(event.order, Some(Ordering::Acquire | Ordering::AcqRel | Ordering::SeqCst))
}

/// What synchronises whatever the memory model: threads with their start and their end, and locks.
fn pairs(events: &[Event]) -> Vec<(Index, Index)> {
    let (mut pairs, mut last_of, mut started) = (Vec::new(), HashMap::new(), HashMap::new());
    let mut unlocked = HashMap::new();
    for (index, event) in events.iter().enumerate() {
        if !last_of.contains_key(&event.thread) {
            pairs.extend(started.get(&event.thread).map(|spawn| (*spawn, index)));
        }
        match (event.operation, event.target) {
            ("spawn", Target::Thread(child)) => drop(started.insert(child, index)),
            ("join", Target::Thread(child)) if event.value != Value::Waits => {
                pairs.extend(last_of.get(&child).map(|last| (*last, index)))
            }
            ("unlock", _) => drop(unlocked.insert(event.target, (event.thread, index))),
            ("lock", _) => {
                let by_another = unlocked.get(&event.target).filter(|(by, _)| *by != event.thread);
                pairs.extend(by_another.map(|(_, unlock)| (*unlock, index)));
            }
            _ => {}
        }
        last_of.insert(event.thread, index);
    }
    pairs
}
