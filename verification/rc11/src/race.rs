//! Races: two accesses of which none happens before the other, one of them a write.
//!
//! Accesses to plain memory are no events. An execution meets them in an order in which each comes after all that it
//! depends on, so of two that race one is met second; and it is enough to know, for each piece of memory, when it was
//! written last and when each thread has read it since (as in FastTrack, Flanagan & Freund, PLDI 2009).

use crate::clock::Clock;
use crate::event::LocId;
use crate::failure::FailureKind;
use crate::run::{Location, Run};

/// A moment of a thread: before its event of this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    thread: usize,
    /// How many events of the thread are in the past of whatever comes after the moment.
    events: usize,
}

/// The last accesses to a piece of plain memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Accesses {
    written: Moment,
    read: Clock,
}

impl Run {
    /// Now, for the running thread.
    pub(crate) fn now(&self) -> Moment {
        Moment { thread: self.current, events: self.fibers[self.current].next + 1 }
    }

    /// Whether what a thread did at that moment happens before what the running thread does now.
    fn is_past(&self, moment: Moment) -> bool {
        moment.thread == self.current || self.fibers[self.current].hb.of(moment.thread) >= moment.events
    }

    /// What is known of a location that the running thread makes.
    pub(crate) fn location_now(&self, initial: u64) -> Location {
        let Moment { thread, events } = self.now();
        Location { initial, maker: thread, made: events }
    }

    /// A new piece of memory, written by the running thread.
    pub(crate) fn written_now(&self) -> Accesses {
        Accesses { written: self.now(), read: Clock::default() }
    }

    fn touches_plain(&mut self) {
        let thread = self.current;
        self.fibers[thread].touched_plain = true;
    }

    /// The running thread reads. Fails the check, and returns false, if that is a race.
    pub(crate) fn read_plain(&mut self, accesses: &mut Accesses) -> bool {
        self.touches_plain();
        if !self.is_past(accesses.written) {
            return self.race("a read", "a write", accesses.written.thread);
        }
        let now = self.now();
        accesses.read.set(now.thread, now.events);
        true
    }

    /// The running thread writes. Fails the check, and returns false, if that is a race.
    pub(crate) fn write_plain(&mut self, accesses: &mut Accesses) -> bool {
        self.touches_plain();
        if !self.is_past(accesses.written) {
            return self.race("a write", "a write", accesses.written.thread);
        }
        for thread in 0..self.fibers.len() {
            let moment = Moment { thread, events: accesses.read.of(thread) };
            if !self.is_past(moment) {
                return self.race("a write", "a read", thread);
            }
        }
        *accesses = self.written_now();
        true
    }

    fn race(&mut self, this: &str, that: &str, other: usize) -> bool {
        let message = format!(
            "{this} of plain memory by thread {} and {that} by thread {other} are not ordered",
            self.current
        );
        self.fail(FailureKind::DataRace, message);
        false
    }

    /// Fails the check if a location is used by a thread that need not see it made.
    pub(crate) fn check_made(&mut self, thread: usize, loc: LocId) {
        let location = self.locations[loc.0 as usize];
        if !self.is_past(Moment { thread: location.maker, events: location.made }) {
            let message = format!(
                "thread {thread} uses an atomic that thread {} has made: the two are not ordered",
                location.maker
            );
            self.fail(FailureKind::DataRace, message);
        }
    }

    /// The value of a location for its one owner. Fails the check if some access to it is not ordered with this.
    pub(crate) fn read_exclusive(&mut self, loc: LocId) -> Option<u64> {
        let now = self.now();
        let mut last = self.locations[loc.0 as usize].initial;
        let before = |run: &Run, id| run.fibers[run.current].hb.contains(id);
        for write in self.graph.writes(loc) {
            if before(self, write) {
                last = self.graph.event(write).value;
            }
        }
        let accesses: Vec<_> = self.graph.writes(loc).chain(self.graph.reads(loc)).collect();
        for id in accesses {
            let after = self.graph.event(id).hb.of(now.thread) >= now.events;
            if !before(self, id) && !after {
                self.race("an exclusive access", "an access", id.thread());
                return None;
            }
        }
        Some(last)
    }
}
