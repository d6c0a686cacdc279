//! What a thread asks the engine to do.

use crate::event::{Comparison, LocId, Order};
use std::fmt;
use std::sync::atomic::Ordering;

/// An operation on shared memory, or on threads.
pub(crate) enum Op<'a> {
    /// Reads; with `until`, waits for a value for which it holds.
    Load { loc: LocId, order: Order, until: Option<&'a dyn Fn(u64) -> bool> },
    /// Writes.
    Store { loc: LocId, order: Order, value: u64 },
    /// Reads, and writes what `change` makes of the value. If that is nothing it was only a read, or, with `waits`, the
    /// thread waits for a value of which it makes something.
    Update { loc: LocId, order: Ordering, change: &'a dyn Fn(u64) -> Option<u64>, waits: bool },
    /// Reads, and writes `new` if the comparison succeeds.
    Exchange { loc: LocId, compare: Comparison, write: Order, new: u64 },
    /// A fence.
    Fence { order: Order },
    /// Starts a thread.
    Create { child: u16 },
    /// Waits for a thread's end.
    Join { child: u16 },
    /// Ends the thread.
    End,
    /// Chooses one of so many.
    Choose { of: u32 },
    /// Says that a turn of a loop was in vain.
    Retry,
}

/// What became of reading a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// It was a read.
    Read,
    /// It is not what the thread waits for.
    Blocked,
    /// This is written.
    Write(u64),
}

/// What an operation returns to its thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// What was read or chosen.
    pub(crate) value: u64,
    /// Whether something was written.
    pub(crate) wrote: bool,
}

impl Op<'_> {
    /// The location and the order of the reading half.
    pub(crate) fn read(&self) -> Option<(LocId, Order, Option<Comparison>)> {
        match self {
            Op::Load { loc, order, .. } => Some((*loc, *order, None)),
            Op::Update { loc, order, .. } => Some((*loc, Order::read(*order), None)),
            Op::Exchange { loc, compare, .. } => Some((*loc, compare.failure, Some(*compare))),
            _ => None,
        }
    }

    /// The order of the writing half.
    pub(crate) fn write_order(&self) -> Order {
        match self {
            Op::Store { order, .. } => *order,
            Op::Update { order, .. } => Order::write(*order),
            Op::Exchange { write, .. } => *write,
            _ => Order::RELAXED,
        }
    }

    /// What becomes of reading `value`.
    pub(crate) fn attempt(&self, value: u64) -> Attempt {
        match self {
            Op::Load { until: Some(until), .. } if !until(value) => Attempt::Blocked,
            Op::Update { change, waits, .. } => match change(value) {
                Some(new) => Attempt::Write(new),
                None if *waits => Attempt::Blocked,
                None => Attempt::Read,
            },
            Op::Exchange { compare, new, .. } if compare.succeeds(value) => Attempt::Write(*new),
            _ => Attempt::Read,
        }
    }

    /// Whether the thread may have to wait for a value.
    pub(crate) fn waits(&self) -> bool {
        matches!(self, Op::Load { until: Some(_), .. } | Op::Update { waits: true, .. })
    }
}

impl fmt::Debug for Op<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Op::Load { loc, order, until: None } => write!(f, "load of {loc:?}, {order:?}"),
            Op::Load { loc, order, .. } => write!(f, "wait on {loc:?}, {order:?}"),
            Op::Store { loc, order, value } => write!(f, "store of {value} to {loc:?}, {order:?}"),
            Op::Update { loc, order, .. } => write!(f, "read-modify-write of {loc:?}, {order:?}"),
            Op::Exchange { loc, compare, .. } => {
                write!(f, "compare-and-exchange of {loc:?}, {:?}", compare.success)
            }
            Op::Fence { order } => write!(f, "fence, {order:?}"),
            Op::Create { child } => write!(f, "start of thread {child}"),
            Op::Join { child } => write!(f, "join of thread {child}"),
            Op::End => f.write_str("end of the thread"),
            Op::Choose { of } => write!(f, "choice among {of}"),
            Op::Retry => f.write_str("another turn of a loop"),
        }
    }
}
