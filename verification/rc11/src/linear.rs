//! An order of the events in which a failed execution can be told.
//!
//! An execution is no interleaving: it has a partial order. To be read it needs a line. Program order and reads-from are
//! always kept, and with them happens-before. Modification order, and that a read comes before the writes which it did not
//! see, are kept if possible: where an execution is sequentially consistent, every read then reads the newest write, and a
//! read that does not is one that no interleaving explains. Otherwise the order stays with a thread for as long as it can.

use crate::event::{EventId, Kind};
use crate::graph::Graph;
use std::collections::HashMap;

/// An execution with more events is endless, and nobody reads its story.
const LONGEST: usize = 2_000;

/// The first `events[t]` events of each thread `t`, in order; the last one of thread `failed` as late as may be.
pub(crate) fn order(graph: &Graph, events: &[usize], failed: usize) -> Vec<EventId> {
    let count: usize = events.iter().sum();
    if count > LONGEST {
        return by_dependencies(graph, events);
    }
    let mut story = Story { graph, events, failed, told: vec![0; events.len()], late: late(graph, events) };
    let (mut order, mut thread) = (Vec::with_capacity(count), 0);
    while let Some(next) = story.next(thread) {
        thread = next;
        order.push(EventId::new(thread, story.told[thread]));
        story.told[thread] += 1;
    }
    debug_assert_eq!(order.len(), count);
    order
}

/// What an event depends on has a smaller set of dependencies.
fn by_dependencies(graph: &Graph, events: &[usize]) -> Vec<EventId> {
    let mut ids: Vec<EventId> =
        graph.events().map(|(id, _)| id).filter(|id| id.index() < events[id.thread()]).collect();
    ids.sort_by_key(|id| {
        let event = graph.event(*id);
        (event.porf.counts().iter().map(|n| u32::from(*n)).sum::<u32>(), event.stamp)
    });
    ids
}

/// What is better told before a write.
#[derive(Default)]
struct Late {
    /// Writes that are before it in modification order.
    writes: Vec<EventId>,
    /// Reads that did not see it.
    reads: Vec<EventId>,
}

fn late(graph: &Graph, events: &[usize]) -> HashMap<EventId, Late> {
    let is_told = |id: &EventId| id.index() < events[id.thread()];
    let mut all: HashMap<EventId, Late> = HashMap::new();
    for (loc, writes) in graph.modification_orders() {
        let mut before = None;
        let reads: Vec<(usize, EventId)> = graph
            .reads(loc)
            .filter(is_told)
            .map(|read| (graph.place(loc, graph.event(read).from().expect("it is a read")), read))
            .collect();
        for write in writes.filter(is_told) {
            let place = graph.place(loc, write);
            // Its own first half comes before it anyway.
            let reads = reads.iter().filter(|(from, read)| *from < place && read.thread() != write.thread());
            let late = all.entry(write).or_default();
            late.writes.extend(before);
            late.reads.extend(reads.map(|(_, read)| *read));
            before = Some(write);
        }
    }
    all
}

struct Story<'a> {
    graph: &'a Graph,
    /// How many events of each thread are to be told, and were.
    events: &'a [usize],
    told: Vec<usize>,
    failed: usize,
    late: HashMap<EventId, Late>,
}

/// What telling an event now would break, the worst first. The least is nothing at all.
type Price = (usize, usize, bool);

const NOTHING: Price = (0, 0, false);

impl Story<'_> {
    /// Whose event is the next, after one of `thread`.
    fn next(&self, thread: usize) -> Option<usize> {
        if self.price(thread, self.told[thread]) == Some(NOTHING) {
            return Some(thread);
        }
        let threads = 0..self.events.len();
        let others = threads.clone().map(|other| (self.stretch(other), other)).filter(|(n, _)| *n > 0);
        if let Some((_, longest)) = others.max_by_key(|&(n, other)| (n, std::cmp::Reverse(other))) {
            return Some(longest);
        }
        let possible =
            threads.filter_map(|other| Some((self.price(other, self.told[other])?, other != thread, other)));
        possible.min().map(|(.., other)| other)
    }

    /// How many events of a thread could be told one after the other now.
    fn stretch(&self, thread: usize) -> usize {
        (self.told[thread]..).take_while(|index| self.price(thread, *index) == Some(NOTHING)).count()
    }

    /// What it would break to tell the thread up to this event now; `None` if that is impossible.
    fn price(&self, thread: usize, index: usize) -> Option<Price> {
        if index >= self.events[thread] {
            return None;
        }
        let id = EventId::new(thread, index);
        let is_told = |id: EventId| id.thread() == thread || id.index() < self.told[id.thread()];
        let parent = self.graph.parent(thread).filter(|_| index == 0);
        let depends_on = match self.graph.event(id).kind {
            Kind::Read { from, .. } => (!from.is_init()).then_some(from),
            Kind::Join { child } => self.events[usize::from(child)]
                .checked_sub(1)
                .map(|last| EventId::new(usize::from(child), last)),
            _ => None,
        };
        if !parent.into_iter().chain(depends_on).all(is_told) {
            return None;
        }
        let is_last = thread == self.failed && index + 1 == self.events[thread];
        let others_left = (0..self.events.len()).any(|t| t != thread && self.told[t] < self.events[t]);
        let missing = |ids: &[EventId]| ids.iter().filter(|id| !is_told(**id)).count();
        let (writes, reads) =
            self.late.get(&id).map_or((0, 0), |late| (missing(&late.writes), missing(&late.reads)));
        Some((writes, reads, is_last && others_left))
    }
}
