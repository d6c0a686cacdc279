//! Events: the operations of an execution that the memory model speaks of.

use crate::clock::Clock;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::atomic::Ordering;

/// An event, by its thread and its number there; or the initial value of a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct EventId {
    thread: u16,
    index: u16,
}

impl EventId {
    /// What a read reads from if it reads what a location held when it was made.
    pub(crate) const INIT: EventId = EventId { thread: u16::MAX, index: u16::MAX };

    pub(crate) fn new(thread: usize, index: usize) -> Self {
        let small = |n| u16::try_from(n).expect("threads and events are bounded");
        EventId { thread: small(thread), index: small(index) }
    }

    pub(crate) fn thread(self) -> usize {
        usize::from(self.thread)
    }

    pub(crate) fn index(self) -> usize {
        usize::from(self.index)
    }

    pub(crate) fn is_init(self) -> bool {
        self == Self::INIT
    }
}

/// A location, by its number in the [`Names`](crate::names::Names) of the exploration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct LocId(pub(crate) u32);

/// What an event is as to ordering.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
pub(crate) struct Order(u8);

impl Order {
    pub(crate) const RELAXED: Order = Order(0);
    const ACQUIRE: u8 = 1;
    const RELEASE: u8 = 2;
    const SC: u8 = 4;
    const LIGHT: u8 = 8;

    /// Of a fence of this order.
    pub(crate) fn fence(order: Ordering) -> Order {
        Order(match order {
            Ordering::Acquire => Self::ACQUIRE,
            Ordering::Release => Self::RELEASE,
            Ordering::AcqRel => Self::ACQUIRE | Self::RELEASE,
            Ordering::SeqCst => Self::ACQUIRE | Self::RELEASE | Self::SC,
            _ => 0,
        })
    }

    /// Of the light half of an asymmetric fence: it synchronises nothing by itself.
    pub(crate) const LIGHT_FENCE: Order = Order(Self::SC | Self::LIGHT);

    /// Of a read, or the reading half of a read-modify-write, of this order.
    pub(crate) fn read(order: Ordering) -> Order {
        Order(Self::fence(order).0 & !Self::RELEASE)
    }

    /// Of a write, or the writing half of a read-modify-write, of this order.
    pub(crate) fn write(order: Ordering) -> Order {
        Order(Self::fence(order).0 & !Self::ACQUIRE)
    }

    pub(crate) fn acquires(self) -> bool {
        self.0 & Self::ACQUIRE != 0
    }

    pub(crate) fn releases(self) -> bool {
        self.0 & Self::RELEASE != 0
    }

    /// Whether it takes part in the order of all sequentially consistent events.
    pub(crate) fn is_sc(self) -> bool {
        self.0 & Self::SC != 0
    }

    pub(crate) fn is_light(self) -> bool {
        self.0 & Self::LIGHT != 0
    }
}

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match (self.is_light(), self.is_sc(), self.acquires(), self.releases()) {
            (true, ..) => "light",
            (_, true, ..) => "seq_cst",
            (_, _, true, true) => "acq_rel",
            (_, _, true, false) => "acquire",
            (_, _, false, true) => "release",
            (_, _, false, false) => "relaxed",
        })
    }
}

/// The comparison of a compare-and-exchange: what a read that takes part in one needs to know when it is made to read
/// another write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Comparison {
    pub(crate) expected: u64,
    /// The order of the read if it succeeds.
    pub(crate) success: Order,
    /// The order of the read if it fails.
    pub(crate) failure: Order,
    /// Whether it may fail although it finds what it expects.
    pub(crate) weak: bool,
    /// Whether it did.
    pub(crate) spurious: bool,
}

impl Comparison {
    /// The order of a read of `value`.
    pub(crate) fn order(&self, value: u64) -> Order {
        if self.succeeds(value) { self.success } else { self.failure }
    }

    /// Whether a read of `value` is followed by a write.
    pub(crate) fn succeeds(&self, value: u64) -> bool {
        value == self.expected && !self.spurious
    }
}

/// What an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// A read of `loc` from `from`, alone or as the first half of a read-modify-write.
    Read { loc: LocId, from: EventId, compare: Option<Comparison> },
    /// A write to `loc`; with `rmw`, the second half of a read-modify-write whose first half is the event before it.
    Write { loc: LocId, rmw: bool },
    /// A fence.
    Fence,
    /// The start of the thread with this number.
    Create { child: u16 },
    /// The end of the thread with this number was waited for.
    Join { child: u16 },
    /// The end of the thread.
    End,
    /// A choice among so many.
    Choice { of: u32 },
}

/// An event, with what the memory model derives for it when it is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) kind: Kind,
    pub(crate) order: Order,
    /// What was read, written or chosen.
    pub(crate) value: u64,
    /// Whether its thread has accessed plain memory since the event before. Such accesses are no events, but `psc` knows
    /// of them as something that is at another location.
    pub(crate) after_plain: bool,
    /// Events are numbered in the order in which they are added to a graph.
    pub(crate) stamp: u32,
    /// What happens before it, itself included.
    pub(crate) hb: Clock,
    /// What it depends on: the transitive closure of program order and reads-from, itself included.
    pub(crate) porf: Clock,
    /// Of a write: what happens before a read that acquires from it.
    pub(crate) message: Clock,
}

impl Event {
    /// What it reads or writes.
    pub(crate) fn loc(&self) -> Option<LocId> {
        match self.kind {
            Kind::Read { loc, .. } | Kind::Write { loc, .. } => Some(loc),
            _ => None,
        }
    }

    /// What it reads from, if it is a read.
    pub(crate) fn from(&self) -> Option<EventId> {
        match self.kind {
            Kind::Read { from, .. } => Some(from),
            _ => None,
        }
    }

    /// Whether it is the second half of a read-modify-write.
    pub(crate) fn is_rmw_write(&self) -> bool {
        matches!(self.kind, Kind::Write { rmw: true, .. })
    }
}
