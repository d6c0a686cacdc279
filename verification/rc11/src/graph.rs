//! Execution graphs: events, what each read reads from, and the modification order of each location.

use crate::clock::{Clock, MAX_THREADS};
use crate::event::{Event, EventId, Kind, LocId, Order};
use serde::{Deserialize, Serialize};

/// An execution, or the beginning of one.
///
/// # Invariants
///
/// * It is closed: with an event it has all that the event depends on (`Event::porf`).
/// * `writes` has every write, those of one location in modification order; `reads` has every read.
/// * Along a thread, stamps grow. No two events have the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Graph {
    threads: Vec<Vec<Event>>,
    /// Of each thread, the event that started it.
    parents: Vec<EventId>,
    writes: ByLocation,
    reads: ByLocation,
    stamp: u32,
}

/// Events by location; those of one location keep the order in which they are put.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct ByLocation(Vec<(LocId, EventId)>);

impl ByLocation {
    fn of(&self, loc: LocId) -> &[(LocId, EventId)] {
        let begin = self.0.partition_point(|(other, _)| *other < loc);
        let len = self.0[begin..].partition_point(|(other, _)| *other == loc);
        &self.0[begin..begin + len]
    }

    fn insert(&mut self, loc: LocId, place: usize, id: EventId) {
        let begin = self.0.partition_point(|(other, _)| *other < loc);
        self.0.insert(begin + place, (loc, id));
    }

    fn remove(&mut self, id: EventId) {
        self.0.retain(|(_, other)| *other != id);
    }

    fn within(&self, cut: &Clock) -> Self {
        ByLocation(self.0.iter().copied().filter(|(_, id)| cut.contains(*id)).collect())
    }

    fn locations(&self) -> impl Iterator<Item = &[(LocId, EventId)]> {
        self.0.chunk_by(|(a, _), (b, _)| a == b)
    }
}

impl Graph {
    /// The events of a thread.
    pub(crate) fn thread(&self, thread: usize) -> &[Event] {
        self.threads.get(thread).map_or(&[], Vec::as_slice)
    }

    /// How many threads there may be events of.
    pub(crate) fn threads(&self) -> usize {
        self.threads.len()
    }

    /// An event that is in the graph.
    pub(crate) fn event(&self, id: EventId) -> &Event {
        &self.threads[id.thread()][id.index()]
    }

    /// All events, thread by thread.
    pub(crate) fn events(&self) -> impl Iterator<Item = (EventId, &Event)> {
        self.threads.iter().enumerate().flat_map(|(thread, events)| {
            events.iter().enumerate().map(move |(index, event)| (EventId::new(thread, index), event))
        })
    }

    /// How many events there are.
    pub(crate) fn len(&self) -> usize {
        self.threads.iter().map(Vec::len).sum()
    }

    /// How many of them are writes.
    pub(crate) fn all_writes(&self) -> usize {
        self.writes.0.len()
    }

    /// The writes to a location, in modification order; the initial value is none of them.
    pub(crate) fn writes(&self, loc: LocId) -> impl DoubleEndedIterator<Item = EventId> + ExactSizeIterator {
        self.writes.of(loc).iter().map(|(_, id)| *id)
    }

    /// The write at a place of the modification order; the initial value is at place 0.
    pub(crate) fn write_at(&self, loc: LocId, place: usize) -> EventId {
        place.checked_sub(1).map_or(EventId::INIT, |i| self.writes.of(loc)[i].1)
    }

    /// The place of the last write to a location.
    pub(crate) fn last_place(&self, loc: LocId) -> usize {
        self.writes.of(loc).len()
    }

    /// The place of a write in the modification order of its location.
    pub(crate) fn place(&self, loc: LocId, write: EventId) -> usize {
        if write.is_init() {
            return 0;
        }
        let found = self.writes.of(loc).iter().position(|(_, id)| *id == write);
        found.expect("the write is in the graph") + 1
    }

    /// The reads of a location.
    pub(crate) fn reads(&self, loc: LocId) -> impl Iterator<Item = EventId> {
        self.reads.of(loc).iter().map(|(_, id)| *id)
    }

    /// The writes of each location that has some, in modification order.
    pub(crate) fn modification_orders(&self) -> impl Iterator<Item = (LocId, impl Iterator<Item = EventId>)> {
        self.writes.locations().map(|writes| (writes[0].0, writes.iter().map(|(_, id)| *id)))
    }

    /// Whether the write at a place is followed at once by the second half of a read-modify-write.
    ///
    /// That one reads it, by atomicity. So nothing is ever put between the two.
    pub(crate) fn is_taken(&self, loc: LocId, place: usize) -> bool {
        self.writes.of(loc).get(place).is_some_and(|(_, id)| self.event(*id).is_rmw_write())
    }

    /// The event that started a thread; `None` of the first one.
    pub(crate) fn parent(&self, thread: usize) -> Option<EventId> {
        self.parents.get(thread).copied().filter(|parent| !parent.is_init())
    }

    /// What happens before the end of a thread's first `index` events, and what that depends on.
    pub(crate) fn before(&self, thread: usize, index: usize) -> (Clock, Clock) {
        let last = match index.checked_sub(1) {
            Some(last) => EventId::new(thread, last),
            None => match self.parent(thread) {
                Some(parent) => parent,
                None => return (Clock::default(), Clock::default()),
            },
        };
        let event = self.event(last);
        (event.hb, event.porf)
    }

    /// The next event of a thread, with the clocks that it has if nothing synchronises with it.
    pub(crate) fn draft(&self, thread: usize, kind: Kind, order: Order, value: u64) -> Event {
        let index = self.thread(thread).len();
        let (mut hb, mut porf) = self.before(thread, index);
        hb.set(thread, index + 1);
        porf.set(thread, index + 1);
        Event {
            kind,
            order,
            value,
            after_plain: false,
            stamp: self.stamp,
            hb,
            porf,
            message: Clock::default(),
        }
    }

    /// Makes a read, which is its thread's last event or next one, read from a write that the graph has: all that
    /// depends on what it reads.
    pub(crate) fn read_from(&self, id: EventId, read: &mut Event, write: EventId, value: u64) {
        let Kind::Read { loc, compare, .. } = read.kind else { unreachable!("only a read reads") };
        read.kind = Kind::Read { loc, from: write, compare };
        read.value = value;
        if let Some(compare) = compare {
            read.order = compare.order(value);
        }
        (read.hb, read.porf) = self.before(id.thread(), id.index());
        read.hb.set(id.thread(), id.index() + 1);
        read.porf.set(id.thread(), id.index() + 1);
        if !write.is_init() {
            let write = self.event(write);
            read.porf.join(&write.porf);
            if read.order.acquires() {
                read.hb.join(&write.message);
            }
        }
    }

    /// Adds the next event of a thread. A write goes after the one at `place` of the modification order.
    pub(crate) fn push(&mut self, thread: usize, event: Event, place: usize) -> EventId {
        self.make_room(thread);
        let id = EventId::new(thread, self.threads[thread].len());
        match event.kind {
            Kind::Read { loc, .. } => {
                let last = self.reads.of(loc).len();
                self.reads.insert(loc, last, id);
            }
            Kind::Write { loc, .. } => self.writes.insert(loc, place, id),
            Kind::Create { child } => {
                self.make_room(usize::from(child));
                self.parents[usize::from(child)] = id;
            }
            Kind::Fence | Kind::Join { .. } | Kind::End | Kind::Choice { .. } => {}
        }
        self.stamp = self.stamp.max(event.stamp + 1);
        self.threads[thread].push(event);
        id
    }

    fn make_room(&mut self, thread: usize) {
        assert!(thread < MAX_THREADS, "the names of threads are bounded");
        while self.threads.len() <= thread {
            self.threads.push(Vec::new());
            self.parents.push(EventId::INIT);
        }
    }

    /// Takes the last event of a thread back: a read that nothing depends on, or a write that nothing reads from.
    pub(crate) fn pop(&mut self, thread: usize) -> Event {
        let event = self.threads[thread].pop().expect("the thread has an event");
        let id = EventId::new(thread, self.threads[thread].len());
        match event.kind {
            Kind::Read { .. } => self.reads.remove(id),
            Kind::Write { .. } => self.writes.remove(id),
            _ => unreachable!("only accesses are taken back"),
        }
        event
    }

    /// Replaces a read that is its thread's last event.
    pub(crate) fn replace(&mut self, id: EventId, read: Event) {
        self.threads[id.thread()][id.index()] = read;
    }

    /// The part of the graph that is in `cut`, which is closed.
    pub(crate) fn restricted(&self, cut: &Clock) -> Graph {
        let threads: Vec<Vec<Event>> = self
            .threads
            .iter()
            .enumerate()
            .map(|(thread, events)| {
                let kept = &events[..cut.of(thread).min(events.len())];
                let mut thread = Vec::with_capacity(kept.len() + 1);
                thread.extend_from_slice(kept);
                thread
            })
            .collect();
        Graph {
            threads,
            parents: self.parents.clone(),
            writes: self.writes.within(cut),
            reads: self.reads.within(cut),
            stamp: self.stamp,
        }
    }
}
