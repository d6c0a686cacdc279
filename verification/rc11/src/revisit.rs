//! Backward revisits: a write that is added may be what an earlier read reads from.
//!
//! The algorithm is TruSt (Kokologiannakis, Marmanis, Gladstein, Vafeiadis: "Truly Stateless, Optimal Dynamic Partial
//! Order Reduction", POPL 2022). When a write is added, each read of its location that it does not depend on is made
//! to read from it, in a graph of its own from which all is deleted that was added after the read and that the write
//! does not depend on. Several graphs lead to the same one in this way. One of them is singled out, that in which the
//! read and all that is deleted were added *maximally*, and only that one may revisit. So every execution is met once.

use crate::clock::Clock;
use crate::coherence::lower_bound;
use crate::event::{Comparison, Event, EventId, Kind, LocId};
use crate::graph::Graph;
use crate::mode::Mode;

/// Where a write may be put in the modification order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Position {
    /// Anywhere.
    Free,
    /// Right after this write: it is the second half of a read-modify-write that reads from it.
    After(EventId),
}

/// A write that is about to be added.
pub(crate) struct Revisitor<'a> {
    /// The graph without the write; with its first half, if it has one.
    pub(crate) graph: &'a Graph,
    pub(crate) loc: LocId,
    pub(crate) id: EventId,
    pub(crate) write: &'a Event,
    pub(crate) position: Position,
    pub(crate) mode: Mode,
}

impl Revisitor<'_> {
    /// Calls `found` for each graph in which an earlier read reads from the write.
    pub(crate) fn revisits(&self, mut found: impl FnMut(Graph)) {
        for read in self.graph.reads(self.loc) {
            if self.write.porf.contains(read) {
                continue;
            }
            let cut = self.cut(read);
            if self.is_maximal(read) && self.deleted(&cut).all(|event| self.is_maximal(event)) {
                self.make_read(read, &cut, &mut found);
            }
        }
    }

    /// What stays: all that was there when the read was added, and all that the write depends on.
    fn cut(&self, read: EventId) -> Clock {
        let stamp = self.graph.event(read).stamp;
        let mut cut = self.write.porf;
        for thread in 0..self.graph.threads() {
            let older = self.graph.thread(thread).partition_point(|event| event.stamp <= stamp);
            cut.set(thread, older.max(cut.of(thread)));
        }
        cut
    }

    fn deleted(&self, cut: &Clock) -> impl Iterator<Item = EventId> {
        let cut = *cut;
        (0..self.graph.threads()).flat_map(move |thread| {
            (cut.of(thread)..self.graph.thread(thread).len()).map(move |index| EventId::new(thread, index))
        })
    }

    /// Whether the event was added as the first choice would have been, had all been there that was there before it
    /// and all that the write depends on.
    fn is_maximal(&self, id: EventId) -> bool {
        let event = self.graph.event(id);
        let was_there =
            |other: EventId| self.write.porf.contains(other) || self.graph.event(other).stamp <= event.stamp;
        let is_last = |loc, place: usize| !self.graph.writes(loc).skip(place).any(was_there);
        match event.kind {
            Kind::Read { loc, from, compare } => {
                (from.is_init() || was_there(from))
                    && !compare.is_some_and(|compare| compare.spurious)
                    && is_last(loc, self.graph.place(loc, from))
            }
            Kind::Write { loc, .. } => {
                let reads_it = |read: &EventId| self.graph.event(*read).from() == Some(id);
                self.graph.reads(loc).filter(reads_it).all(|read| self.graph.event(read).stamp > event.stamp)
                    && is_last(loc, self.graph.place(loc, id))
            }
            Kind::Choice { .. } => event.value == 0,
            Kind::Fence | Kind::Create { .. } | Kind::Join { .. } | Kind::End => true,
        }
    }

    fn make_read(&self, read: EventId, cut: &Clock, found: &mut impl FnMut(Graph)) {
        let mut rest = self.graph.restricted(cut);
        let lowest = lower_bound(&rest, self.loc, &self.write.hb);
        let places = match self.position {
            Position::Free => lowest..=rest.last_place(self.loc),
            Position::After(write) => {
                let place = rest.place(self.loc, write);
                // What the first half knows of is before what it reads.
                debug_assert!(lowest <= place);
                place..=place
            }
        };
        for place in places {
            if rest.is_taken(self.loc, place) {
                continue;
            }
            rest.push(self.id.thread(), *self.write, place);
            self.with_read(&rest, read, place + 1, found);
            rest.pop(self.id.thread());
        }
    }

    /// The write is in place: now the read.
    fn with_read(&self, rest: &Graph, read: EventId, place: usize, found: &mut impl FnMut(Graph)) {
        let old = rest.event(read);
        let Kind::Read { compare, .. } = old.kind else { unreachable!("only reads are revisited") };
        let may_fail = compare.is_some_and(|c| c.weak && c.expected == self.write.value);
        for spurious in [false, true].into_iter().take(1 + usize::from(may_fail)) {
            let mut new = *old;
            new.kind = Kind::Read {
                loc: self.loc,
                from: self.id,
                compare: compare.map(|compare| Comparison { spurious, ..compare }),
            };
            rest.read_from(read, &mut new, self.id, self.write.value);
            if lower_bound_without(rest, self.loc, &new.hb, read) > place {
                continue;
            }
            let mut graph = rest.clone();
            graph.replace(read, new);
            if self.mode.orders_all(&graph) {
                found(graph);
            }
        }
    }
}

/// As [`lower_bound`], for a read that is in the graph and reads something else there.
fn lower_bound_without(graph: &Graph, loc: LocId, hb: &Clock, read: EventId) -> usize {
    let mut past = *hb;
    past.set(read.thread(), read.index());
    lower_bound(graph, loc, &past)
}
