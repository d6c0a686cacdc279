//! Extension: an event is added, in one way, and all other ways are put aside.

use crate::coherence::lower_bound;
use crate::event::{Comparison, Event, EventId, Kind, LocId, Order};
use crate::failure::FailureKind;
use crate::graph::Graph;
use crate::op::{Attempt, Op, Outcome};
use crate::revisit::{Position, Revisitor};
use crate::run::{Item, Phase, Run, Status, Step};

impl Run {
    /// Adds the event of an operation, after the last one of the thread.
    pub(crate) fn extend(&mut self, thread: usize, op: &Op<'_>) -> Step {
        if self.graph.len() >= self.limits.events {
            let message = format!("an execution has more than {} operations", self.limits.events);
            self.fail(FailureKind::Endless, message);
            return Step::Suspend;
        }
        if self.fibers[thread].status == Status::Dangling {
            return self.extend_dangling(thread, op);
        }
        match op {
            Op::Load { .. } | Op::Update { .. } | Op::Exchange { .. } => {
                if self.granted_but_waiting(thread, op) {
                    return Step::Suspend;
                }
                self.extend_read(thread, op)
            }
            Op::Store { loc, order, value } => {
                self.check_made(thread, *loc);
                let write = self.draft(thread, Kind::Write { loc: *loc, rmw: false }, *order, *value);
                self.extend_write(thread, *loc, write, Position::Free);
                self.done(thread, Some(*loc), Outcome { value: *value, wrote: true })
            }
            Op::Fence { order } => {
                let mut fence = self.draft(thread, Kind::Fence, *order, 0);
                if order.acquires() {
                    fence.hb.join(&self.fibers[thread].acquirable);
                }
                self.add(thread, fence, 0);
                self.done(thread, None, Outcome { value: 0, wrote: false })
            }
            Op::Create { child } => {
                self.add(thread, self.draft(thread, Kind::Create { child: *child }, Order::RELAXED, 0), 0);
                self.done(thread, None, Outcome { value: 0, wrote: false })
            }
            Op::Join { child } => self.extend_join(thread, *child),
            Op::End => {
                self.add(thread, self.draft(thread, Kind::End, Order::RELAXED, 0), 0);
                self.fibers[thread].status = Status::Ended;
                Step::Done(Outcome { value: 0, wrote: false })
            }
            Op::Choose { of } => self.extend_choice(thread, *of),
            Op::Retry => unreachable!("no event is made of it"),
        }
    }

    fn draft(&self, thread: usize, kind: Kind, order: Order, value: u64) -> Event {
        let after_plain = self.fibers[thread].touched_plain;
        Event { after_plain, ..self.graph.draft(thread, kind, order, value) }
    }

    /// The thread ran on with its turn and came to an operation for which it has to wait: the turn is over, and comes
    /// again when it can go on, or when nobody else can.
    fn granted_but_waiting(&self, thread: usize, op: &Op<'_>) -> bool {
        if !op.waits() || self.fibers[thread].pending.is_some() {
            return false;
        }
        let Some((loc, ..)) = op.read() else { return false };
        op.attempt(self.value_at(loc, self.graph.last_place(loc))) == Attempt::Blocked
    }

    /// The thread may go on at once, unless one to the left may have been waiting for this.
    fn done(&mut self, thread: usize, written: Option<LocId>, outcome: Outcome) -> Step {
        if self.phase == Phase::Explore && written.is_some_and(|loc| self.wakes_to_the_left(loc)) {
            self.granted = None;
        }
        debug_assert_eq!(self.fibers[thread].next, self.graph.thread(thread).len());
        Step::Done(outcome)
    }

    fn add(&mut self, thread: usize, event: Event, place: usize) {
        self.graph.push(thread, event, place);
        self.pass(thread, &event);
    }

    fn extend_join(&mut self, thread: usize, child: u16) -> Step {
        if !self.has_thread_ended(child) {
            return Step::Suspend;
        }
        let mut join = self.draft(thread, Kind::Join { child }, Order::RELAXED, 0);
        let child = usize::from(child);
        let (hb, porf) = self.graph.before(child, self.graph.thread(child).len());
        join.hb.join(&hb);
        join.porf.join(&porf);
        self.add(thread, join, 0);
        self.done(thread, None, Outcome { value: 0, wrote: false })
    }

    fn extend_choice(&mut self, thread: usize, of: u32) -> Step {
        let event = |value| self.draft(thread, Kind::Choice { of }, Order::RELAXED, value);
        let others: Vec<Graph> = (1..u64::from(of))
            .filter(|_| self.phase == Phase::Explore)
            .map(|value| {
                let mut graph = self.graph.clone();
                graph.push(thread, event(value), 0);
                graph
            })
            .collect();
        self.add(thread, event(0), 0);
        self.put_aside(others);
        self.done(thread, None, Outcome { value: 0, wrote: false })
    }

    /// Reads the newest value, and puts aside the reads of older ones.
    fn extend_read(&mut self, thread: usize, op: &Op<'_>) -> Step {
        let (loc, order, compare) = op.read().expect("it reads");
        self.check_made(thread, loc);
        let id = EventId::new(thread, self.graph.thread(thread).len());
        let read = Kind::Read { loc, from: EventId::INIT, compare };
        let mut draft = self.draft(thread, read, order, 0);
        let last = self.graph.last_place(loc);
        if self.phase == Phase::Explore {
            let others = self.other_reads(id, draft, op, last);
            self.put_aside(others);
        }
        let value = self.value_at(loc, last);
        self.graph.read_from(id, &mut draft, self.graph.write_at(loc, last), value);
        match op.attempt(value) {
            // A walk has just taken another way.
            Attempt::Blocked if self.phase == Phase::Finish => Step::Suspend,
            Attempt::Blocked => {
                self.graph.push(thread, draft, 0);
                self.fibers[thread].status = Status::Blocked;
                Step::Suspend
            }
            Attempt::Read => {
                if self.spins(thread, loc, draft.from().expect("it is a read")) {
                    return Step::Suspend;
                }
                self.add(thread, draft, 0);
                self.done(thread, None, Outcome { value, wrote: false })
            }
            Attempt::Write(new) => {
                self.add(thread, draft, 0);
                let write = Kind::Write { loc, rmw: true };
                let write = self.draft(thread, write, op.write_order(), new);
                let from = self.graph.write_at(loc, last);
                self.extend_write(thread, loc, write, Position::After(from));
                self.done(thread, Some(loc), Outcome { value, wrote: true })
            }
        }
    }

    /// The graphs in which the read `id` does not read the newest value and succeed.
    fn other_reads(&mut self, id: EventId, draft: Event, op: &Op<'_>, last: usize) -> Vec<Graph> {
        let (loc, _, compare) = op.read().expect("it reads");
        let mut others = Vec::new();
        for place in lower_bound(&self.graph, loc, &draft.hb)..=last {
            let value = self.value_at(loc, place);
            let attempt = op.attempt(value);
            let writes = matches!(attempt, Attempt::Write(_));
            if writes && let Some(compare) = compare.filter(|compare| compare.weak) {
                let spurious = Comparison { spurious: true, ..compare };
                let kind = Kind::Read { loc, from: EventId::INIT, compare: Some(spurious) };
                others.extend(self.read_at(id, Event { kind, ..draft }, place, value));
            }
            if place == last || attempt == Attempt::Blocked {
                continue;
            }
            if let Attempt::Write(new) = attempt
                && self.graph.is_taken(loc, place)
            {
                self.revisits_from_taken(id, draft, op, place, new, &mut others);
            } else {
                others.extend(self.read_at(id, draft, place, value));
            }
        }
        others
    }

    /// The graph in which the read reads from the write at `place`, if it is consistent.
    ///
    /// What it acquires from the write knows of nothing later at its location, by the coherence of that write.
    fn read_at(&self, id: EventId, mut read: Event, place: usize, value: u64) -> Option<Graph> {
        let loc = read.loc().expect("it is a read");
        self.graph.read_from(id, &mut read, self.graph.write_at(loc, place), value);
        debug_assert!(lower_bound(&self.graph, loc, &read.hb) <= place);
        let mut graph = self.graph.clone();
        graph.push(id.thread(), read, 0);
        self.mode.orders_all(&graph).then_some(graph)
    }

    /// A read-modify-write reads what another one reads already. Both cannot be: this one's write, for as long as it
    /// takes to find what may read from it, breaks atomicity.
    fn revisits_from_taken(
        &mut self,
        id: EventId,
        read: Event,
        op: &Op<'_>,
        place: usize,
        new: u64,
        others: &mut Vec<Graph>,
    ) {
        let (loc, ..) = op.read().expect("it reads");
        let value = self.value_at(loc, place);
        let Some(broken) = self.read_at(id, read, place, value) else { return };
        let thread = id.thread();
        let mut write = broken.draft(thread, Kind::Write { loc, rmw: true }, op.write_order(), new);
        write.message = self.message(&broken, thread, &write);
        let revisitor = Revisitor {
            graph: &broken,
            loc,
            id: EventId::new(thread, id.index() + 1),
            write: &write,
            position: Position::After(broken.write_at(loc, place)),
            mode: self.mode,
        };
        revisitor.revisits(|graph| others.push(graph));
    }

    /// What a read acquires from a write, C++20's release sequences included: what happens before the write if it
    /// releases, or before its thread's last release fence, and what it acquires from a write that this one, as a
    /// read-modify-write, reads from.
    fn message(&self, graph: &Graph, thread: usize, write: &Event) -> crate::clock::Clock {
        let mut message = if write.order.releases() { write.hb } else { self.fibers[thread].released };
        if write.is_rmw_write() {
            let read = graph.thread(thread).last().and_then(Event::from).expect("its first half is there");
            if !read.is_init() {
                message.join(&graph.event(read).message);
            }
        }
        message
    }

    /// Adds a write, after having put aside the graphs in which earlier reads read from it, and those in which it
    /// is not the last one of its location.
    fn extend_write(&mut self, thread: usize, loc: LocId, mut write: Event, position: Position) {
        write.message = self.message(&self.graph, thread, &write);
        if self.phase == Phase::Explore {
            let mut others = self.revisits(thread, loc, &write, position);
            if position == Position::Free {
                self.other_places(thread, loc, &write, &mut others);
            }
            self.put_aside(others);
        }
        let place = match position {
            Position::Free => self.graph.last_place(loc),
            Position::After(write) => self.graph.place(loc, write),
        };
        self.add(thread, write, place);
    }

    /// The graphs in which an earlier read reads from a write that is about to be added.
    fn revisits(&self, thread: usize, loc: LocId, write: &Event, position: Position) -> Vec<Graph> {
        let id = EventId::new(thread, self.graph.thread(thread).len());
        let revisitor = Revisitor { graph: &self.graph, loc, id, write, position, mode: self.mode };
        let mut graphs = Vec::new();
        revisitor.revisits(|graph| graphs.push(graph));
        graphs
    }

    /// The graphs in which a write is not the last one of its location.
    fn other_places(&self, thread: usize, loc: LocId, write: &Event, others: &mut Vec<Graph>) {
        let places = lower_bound(&self.graph, loc, &write.hb)..self.graph.last_place(loc);
        for place in places.filter(|place| !self.graph.is_taken(loc, *place)) {
            let mut graph = self.graph.clone();
            graph.push(thread, *write, place);
            if self.mode.orders_all(&graph) {
                others.push(graph);
            }
        }
    }

    /// Adds the second half of a read-modify-write whose first half was put aside, or made to read from another write.
    ///
    /// It has one place, right after what the first half reads, and there it is consistent. What the first half knows of
    /// is before that place. Nobody else has taken it: no first half is put aside that reads what is taken, and one that
    /// was revisited reads a new write. And it adds nothing to the order of all: what it comes before, it does so by
    /// modification order, and to these writes there is an edge from the first half, and from all that precedes it
    /// there.
    fn extend_dangling(&mut self, thread: usize, op: &Op<'_>) -> Step {
        let read = *self.graph.thread(thread).last().expect("its first half is there");
        let (loc, from) = read.loc().zip(read.from()).expect("it is a read");
        let Attempt::Write(new) = op.attempt(read.value) else { unreachable!("it is to write") };
        let mut write = self.graph.draft(thread, Kind::Write { loc, rmw: true }, op.write_order(), new);
        write.message = self.message(&self.graph, thread, &write);
        let place = self.graph.place(loc, from);
        debug_assert!(lower_bound(&self.graph, loc, &write.hb) <= place);
        debug_assert!(!self.graph.is_taken(loc, place));
        let others = self.revisits(thread, loc, &write, Position::After(from));
        // A walk may finish the execution here.
        self.fibers[thread].status = Status::Alive;
        self.put_aside(others);
        self.graph.push(thread, write, place);
        debug_assert!(self.mode.orders_all(&self.graph));
        self.pass(thread, &read);
        self.pass(thread, &write);
        // Others may be to the left.
        self.granted = None;
        Step::Done(Outcome { value: read.value, wrote: true })
    }

    /// Puts graphs aside, and gives each of them, and what is left here, an equal share.
    ///
    /// A walk takes one of the ways instead, and forgets the others.
    fn put_aside(&mut self, mut graphs: Vec<Graph>) {
        if let Some(dice) = &mut self.walk {
            let way = dice.below(graphs.len() + 1);
            self.weight /= (graphs.len() + 1) as f64;
            if let Some(way) = way.checked_sub(1) {
                self.aside.push(Item { graph: graphs.swap_remove(way), weight: self.weight });
                self.finish();
            }
            return;
        }
        let weight = self.weight / (graphs.len() + 1) as f64;
        if !graphs.is_empty() {
            self.weight = weight;
        }
        self.aside.extend(graphs.into_iter().map(|graph| Item { graph, weight }));
    }

    /// Whether the thread has read the same write all too often: it looks again and again for something to change.
    fn spins(&mut self, thread: usize, loc: LocId, from: EventId) -> bool {
        let fiber = &mut self.fibers[thread];
        fiber.same_reads = if fiber.last_read == Some((loc, from)) { fiber.same_reads + 1 } else { 0 };
        fiber.last_read = Some((loc, from));
        if fiber.same_reads < self.limits.same_reads {
            return false;
        }
        let message = format!(
            "thread {thread} has read the same value of the same location {} times in a row: a loop that waits is to \
             use a wait, so that the engine knows what it waits for",
            self.limits.same_reads
        );
        self.fail(FailureKind::Endless, message);
        true
    }
}
