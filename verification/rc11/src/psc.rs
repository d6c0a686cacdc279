//! The order of sequentially consistent events.
//!
//! RC11 (Lahav et al., PLDI 2017) asks that `psc = psc_base ∪ psc_F` be acyclic, where
//!
//! ```text
//! scb      = sb ∪ sb≠loc; hb; sb≠loc ∪ hb|loc ∪ mo ∪ rb
//! psc_base = ([E_sc] ∪ [F_sc]; hb?); scb; ([E_sc] ∪ hb?; [F_sc])
//! psc_F    = [F_sc]; (hb ∪ hb; eco; hb); [F_sc]
//! ```
//!
//! Of two accesses to one location, `eco` goes from the one with the smaller key to the one with the greater, the key of
//! a write being twice its place in the modification order, and that of a read one more than that of the write that it
//! reads.
//!
//! The light half of an asymmetric fence is a member of `F_sc`, but no edge leads from one light fence to another: in
//! every execution a light fence and a heavy one are ordered, and two light ones need not be.

use crate::event::{Event, EventId, Kind, LocId};
use crate::graph::Graph;

/// An access as `eco` sees it.
#[derive(Clone, Copy)]
struct Access {
    id: EventId,
    key: u32,
    writes: bool,
}

/// The accesses to a location that was written.
struct Location {
    loc: LocId,
    accesses: Vec<Access>,
}

struct Psc<'a> {
    graph: &'a Graph,
    nodes: Vec<EventId>,
    locations: Vec<Location>,
    /// For each fence among the nodes and each location, the least key after it and the greatest before it.
    reach: Vec<Vec<(u32, u32)>>,
}

/// Whether the sequentially consistent events can be ordered.
pub(crate) fn is_acyclic(graph: &Graph) -> bool {
    let nodes: Vec<EventId> =
        graph.events().filter(|(_, event)| event.order.is_sc()).map(|(id, _)| id).collect();
    if nodes.len() < 2 {
        return true;
    }
    let locations = locations(graph);
    let psc = Psc { graph, reach: reach(graph, &nodes, &locations), nodes, locations };
    let edges: Vec<Vec<bool>> = (0..psc.nodes.len())
        .map(|a| (0..psc.nodes.len()).map(|b| a != b && psc.edge(a, b)).collect())
        .collect();
    has_no_cycle(&edges)
}

fn locations(graph: &Graph) -> Vec<Location> {
    graph
        .modification_orders()
        .map(|(loc, writes)| {
            let writes: Vec<EventId> = writes.collect();
            let place = |write: EventId| {
                if write.is_init() {
                    return 0;
                }
                writes.iter().position(|other| *other == write).expect("it is in the order") as u32 + 1
            };
            let written = writes.iter().map(|id| Access { id: *id, key: 2 * place(*id), writes: true });
            let read = graph.reads(loc).map(|id| {
                let from = graph.event(id).from().expect("it is a read");
                Access { id, key: 2 * place(from) + 1, writes: false }
            });
            Location { loc, accesses: written.chain(read).collect() }
        })
        .collect()
}

fn reach(graph: &Graph, nodes: &[EventId], locations: &[Location]) -> Vec<Vec<(u32, u32)>> {
    let of = |fence: EventId, location: &Location| {
        let before = &graph.event(fence).hb;
        let mut reach = (u32::MAX, 0);
        for access in &location.accesses {
            if graph.event(access.id).hb.contains(fence) {
                reach.0 = reach.0.min(access.key);
            } else if before.contains(access.id) {
                reach.1 = reach.1.max(access.key);
            }
        }
        reach
    };
    nodes
        .iter()
        .map(|node| match graph.event(*node).kind {
            Kind::Fence => locations.iter().map(|location| of(*node, location)).collect(),
            _ => Vec::new(),
        })
        .collect()
}

impl Psc<'_> {
    fn edge(&self, a: usize, b: usize) -> bool {
        let (from, to) = (self.graph.event(self.nodes[a]), self.graph.event(self.nodes[b]));
        match (from.kind, to.kind) {
            (Kind::Fence, Kind::Fence) => {
                !(from.order.is_light() && to.order.is_light()) && self.fence_to_fence(a, b)
            }
            (Kind::Fence, _) => self.fence_to_access(a, b),
            (_, Kind::Fence) => self.access_to_fence(a, b),
            _ => self.access_to_access(a, b),
        }
    }

    fn hb(&self, a: EventId, b: EventId) -> bool {
        a != b && self.graph.event(b).hb.contains(a)
    }

    /// `hb ∪ hb; eco; hb`.
    fn fence_to_fence(&self, a: usize, b: usize) -> bool {
        self.hb(self.nodes[a], self.nodes[b])
            || self.reach[a].iter().zip(&self.reach[b]).any(|((after, _), (_, before))| after < before)
    }

    fn location(&self, event: &Event) -> Option<(usize, &Location)> {
        let loc = event.loc()?;
        self.locations.iter().enumerate().find(|(_, location)| location.loc == loc)
    }

    fn key(&self, id: EventId) -> u32 {
        let location = self.location(self.graph.event(id)).map(|(_, location)| location);
        // A location without writes has reads of the initial value only.
        location.and_then(|l| l.accesses.iter().find(|access| access.id == id)).map_or(1, |access| access.key)
    }

    /// `hb?; (sb ∪ hb|loc ∪ mo ∪ rb)` into the access; what `sb≠loc; hb; sb≠loc` adds begins and ends with these.
    fn fence_to_access(&self, a: usize, b: usize) -> bool {
        let (fence, id) = (self.nodes[a], self.nodes[b]);
        let event = self.graph.event(id);
        // `hb?; sb`: the fence is in the past of what precedes the access in its thread.
        if self.graph.before(id.thread(), id.index()).0.contains(fence) {
            return true;
        }
        let Some((_, location)) = self.location(event) else { return false };
        let key = self.key(id);
        location
            .accesses
            .iter()
            .filter(|x| self.hb(fence, x.id))
            .any(|x| self.hb(x.id, id) || matches!(event.kind, Kind::Write { .. }) && x.key < key)
    }

    /// `(sb ∪ hb|loc ∪ mo ∪ rb); hb?` out of the access.
    fn access_to_fence(&self, a: usize, b: usize) -> bool {
        let (id, fence) = (self.nodes[a], self.nodes[b]);
        let next = EventId::new(id.thread(), id.index() + 1);
        if self.graph.event(fence).hb.contains(next) {
            return true;
        }
        let Some((_, location)) = self.location(self.graph.event(id)) else { return false };
        let key = self.key(id);
        let mut before = location.accesses.iter().filter(|y| self.hb(y.id, fence));
        before.any(|y| self.hb(id, y.id) || y.writes && key < y.key)
    }

    /// `scb`.
    fn access_to_access(&self, a: usize, b: usize) -> bool {
        let (x, y) = (self.nodes[a], self.nodes[b]);
        if x.thread() == y.thread() {
            return x.index() < y.index();
        }
        let (from, to) = (self.graph.event(x), self.graph.event(y));
        if from.loc() == to.loc() {
            let into_write = matches!(to.kind, Kind::Write { .. });
            return self.hb(x, y) || into_write && self.key(x) < self.key(y);
        }
        self.leaves_and_enters_elsewhere(x, y)
    }

    /// `sb≠loc; hb; sb≠loc` between events of two threads.
    ///
    /// The first event after `x` to another location, if it happens before anything, reaches furthest; the last one
    /// before `y` is reached from most.
    fn leaves_and_enters_elsewhere(&self, x: EventId, y: EventId) -> bool {
        let at = |thread: usize, index: usize| EventId::new(thread, index);
        let after_plain = |id: EventId| self.graph.event(id).after_plain;
        let differs = |id: EventId, from: EventId| self.graph.event(id).loc() != self.graph.event(from).loc();
        let leaves = (x.index() + 1..self.graph.thread(x.thread()).len())
            .map(|index| at(x.thread(), index))
            .find(|id| after_plain(*id) || differs(*id, x));
        // Before this event of its thread `y` is entered: after one at another location, after an access to plain memory,
        // or where the thread begins.
        let entered = (1..=y.index())
            .rev()
            .find(|index| after_plain(at(y.thread(), *index)) || differs(at(y.thread(), index - 1), y));
        let (past, _) = self.graph.before(y.thread(), entered.unwrap_or(0));
        leaves.is_some_and(|leaves| past.contains(leaves))
    }
}

/// Takes away what has no edge to anything that is left, until nothing can be taken.
fn has_no_cycle(edges: &[Vec<bool>]) -> bool {
    let mut left: Vec<usize> = (0..edges.len()).collect();
    loop {
        let before = left.len();
        let stays = |a: &usize| left.iter().any(|b| edges[*a][*b]);
        let staying: Vec<usize> = left.iter().copied().filter(|a| stays(a)).collect();
        if staying.is_empty() {
            return true;
        }
        if staying.len() == before {
            return false;
        }
        left = staying;
    }
}
