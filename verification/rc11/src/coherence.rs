//! Coherence: each location by itself behaves as if there were one order of its writes.
//!
//! RC11 asks that `hb; eco?` be irreflexive (Lahav et al., PLDI 2017, "coherence"). For an event that is added last in its
//! thread, after all that happens before it, this comes to a lower bound: a read must not read from before, and a write
//! must not be put before, what the thread knows of already.

use crate::clock::Clock;
use crate::event::LocId;
use crate::graph::Graph;

/// The first place of the modification order that an access whose past is `hb` may read from, or be put after.
///
/// That is the last among the writes that happen before it, and among the writes that a read that happens before it
/// reads from.
pub(crate) fn lower_bound(graph: &Graph, loc: LocId, hb: &Clock) -> usize {
    let last = graph.last_place(loc);
    let written = graph.writes(loc).rev().position(|write| hb.contains(write));
    let written = written.map_or(0, |later| last - later);
    graph
        .reads(loc)
        .filter(|read| hb.contains(*read))
        .map(|read| graph.place(loc, graph.event(read).from().expect("it is a read")))
        .fold(written, usize::max)
}
