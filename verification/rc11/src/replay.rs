//! Replay: threads do what the graph says that they did.
//!
//! What a thread reads is in the graph. Plain memory is not: it is the real one, so a thread that reads from another
//! waits until that one has come to the write, and what it did before is there. A program that asks for another
//! operation than last time depends on something that is not in the graph.

use crate::event::{Comparison, Event, EventId, Kind};
use crate::failure::FailureKind;
use crate::op::{Attempt, Op, Outcome};
use crate::run::{Run, Status, Step};

impl Run {
    /// Whether all is done that the next event of a thread depends on. Not if the thread has come to the end of its
    /// events.
    pub(crate) fn can_replay(&self, thread: usize) -> bool {
        let Some(event) = self.graph.thread(thread).get(self.fibers[thread].next) else { return false };
        match event.kind {
            Kind::Read { from, .. } => {
                from.is_init()
                    || self.fibers.get(from.thread()).is_some_and(|fiber| fiber.next > from.index())
            }
            Kind::Join { child } => self.has_thread_ended(child),
            _ => true,
        }
    }

    pub(crate) fn replay(&mut self, thread: usize, op: &Op<'_>) -> Step {
        if !self.can_replay(thread) {
            return Step::Suspend;
        }
        let next = self.fibers[thread].next;
        let event = self.graph.thread(thread)[next];
        if !matches(op, &event) {
            return self.differs(thread, op, &event);
        }
        match event.kind {
            Kind::Read { .. } => self.replay_read(thread, op, &event),
            Kind::End => {
                self.pass(thread, &event);
                self.fibers[thread].status = Status::Ended;
                Step::Done(Outcome { value: 0, wrote: false })
            }
            _ => {
                self.pass(thread, &event);
                Step::Done(Outcome { value: event.value, wrote: matches!(event.kind, Kind::Write { .. }) })
            }
        }
    }

    fn replay_read(&mut self, thread: usize, op: &Op<'_>, event: &Event) -> Step {
        let spurious = matches!(event.kind, Kind::Read { compare: Some(compare), .. } if compare.spurious);
        let next = self.graph.thread(thread).get(self.fibers[thread].next + 1).copied();
        match op.attempt(event.value) {
            // A wait that was over, once.
            Attempt::Blocked if next.is_some() => self.differs(thread, op, event),
            Attempt::Blocked => {
                self.fibers[thread].status = Status::Blocked;
                Step::Suspend
            }
            Attempt::Write(new) if !spurious => {
                let wanted = |write: &Event| {
                    write.is_rmw_write() && write.value == new && write.order == op.write_order()
                };
                match next {
                    Some(write) if wanted(&write) => {
                        self.pass(thread, event);
                        self.pass(thread, &write);
                        Step::Done(Outcome { value: event.value, wrote: true })
                    }
                    Some(other) => self.differs(thread, op, &other),
                    None => {
                        self.fibers[thread].status = Status::Dangling;
                        Step::Suspend
                    }
                }
            }
            Attempt::Write(_) | Attempt::Read => {
                self.pass(thread, event);
                Step::Done(Outcome { value: event.value, wrote: false })
            }
        }
    }

    /// The thread has an event behind it.
    pub(crate) fn pass(&mut self, thread: usize, event: &Event) {
        let message = match event.kind {
            Kind::Read { from, .. } if !from.is_init() => self.graph.event(from).message,
            _ => Default::default(),
        };
        let fiber = &mut self.fibers[thread];
        fiber.next += 1;
        fiber.touched_plain = false;
        fiber.hb = event.hb;
        fiber.acquirable.join(&message);
        if event.kind == Kind::Fence && event.order.releases() {
            fiber.released = event.hb;
        }
    }

    fn differs(&mut self, thread: usize, op: &Op<'_>, event: &Event) -> Step {
        let id = EventId::new(thread, self.fibers[thread].next);
        let message = format!(
            "the same choices led to another operation: thread {thread}, as its event {}, asked for a {op:?}, and \
             before it was {:?} of {}, {:?}: the program depends on something that the engine does not decide",
            id.index(),
            event.kind,
            event.value,
            event.order
        );
        self.fail(FailureKind::NonDeterminism, message);
        Step::Suspend
    }
}

/// Whether an operation is the one that an event was made for.
fn matches(op: &Op<'_>, event: &Event) -> bool {
    match (op, event.kind) {
        (Op::Store { loc, order, value }, Kind::Write { loc: written, rmw: false }) => {
            *loc == written && *order == event.order && *value == event.value
        }
        (Op::Fence { order }, Kind::Fence) => *order == event.order,
        (Op::Create { child }, Kind::Create { child: created }) => *child == created,
        (Op::Join { child }, Kind::Join { child: joined }) => *child == joined,
        (Op::End, Kind::End) => true,
        (Op::Choose { of }, Kind::Choice { of: chosen }) => *of == chosen,
        (_, Kind::Read { loc: read, compare, .. }) => match op.read() {
            Some((loc, order, None)) => loc == read && compare.is_none() && order == event.order,
            // Whether it failed for no reason is the engine's choice.
            Some((loc, _, Some(wanted))) => {
                let asked = compare.map(|compare| Comparison { spurious: false, ..compare });
                loc == read && asked == Some(wanted)
            }
            None => false,
        },
        _ => false,
    }
}
