//! Litmus tests as data: a few threads of a few steps each, and the outcome that is asked about.

use netns_core::sync::Ordering::{self, AcqRel, Acquire, Relaxed, Release};
use std::fmt;

/// A place in memory that threads share. All hold 0 in the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// An atomic.
    X,
    /// An atomic.
    Y,
    /// An atomic.
    Z,
}

/// What a thread does next. What it reads it keeps: the first thing that it reads is its r0, the next r1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Reads.
    Load(Place, Ordering),
    /// Writes.
    Store(Place, u32, Ordering),
    /// Writes what it has read last.
    Copy(Place),
    /// Adds 1, and reads what was there.
    Increment(Place, Ordering),
    /// Writes, and reads what was there.
    Swap(Place, u32, Ordering),
    /// Writes a number if it reads a certain one.
    Exchange(Exchange),
    /// A fence.
    Fence(Ordering),
    /// The light half of an asymmetric fence.
    LightFence,
    /// The heavy half.
    HeavyFence,
    /// Goes on only if it has read this last.
    Only(u32),
    /// Reads memory that is not atomic.
    ReadPlain,
    /// Writes it.
    WritePlain,
}

/// A compare-exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    /// Of which atomic.
    pub place: Place,
    /// The value that it must find.
    pub from: u32,
    /// The value that it writes then.
    pub to: u32,
    /// The ordering if it succeeds.
    pub success: Ordering,
    /// The ordering of the read if it fails.
    pub failure: Ordering,
    /// Whether it may fail for no reason.
    pub weak: bool,
}

/// A part of the outcome that is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// What a thread has read as its n-th is this, and if it was a compare-exchange, that succeeded.
    Reads(usize, usize, u32),
    /// What a thread has read as its n-th is this, by a compare-exchange that failed.
    Fails(usize, usize, u32),
    /// What a place holds when all threads are done.
    Ends(Place, u32),
    /// Two unordered accesses to memory that is not atomic.
    Race,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Place::X => "x",
            Place::Y => "y",
            Place::Z => "z",
        })
    }
}

/// An ordering as the page has it: nothing for `Relaxed`.
fn short(ordering: Ordering) -> &'static str {
    match ordering {
        Relaxed => "",
        Acquire => "acq",
        Release => "rel",
        AcqRel => "acq-rel",
        _ => "sc",
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let space = |ordering| if ordering == Relaxed { "" } else { " " };
        match *self {
            Step::Load(place, ordering) => write!(f, "r ={} {place}", short(ordering)),
            Step::Store(place, value, ordering) => write!(f, "{place} ={} {value}", short(ordering)),
            Step::Copy(place) => write!(f, "{place} = r"),
            Step::Increment(place, ordering) => {
                write!(f, "r = inc{}{} {place}", space(ordering), short(ordering))
            }
            Step::Swap(place, value, ordering) => {
                write!(f, "r = swap{}{} {place} {value}", space(ordering), short(ordering))
            }
            Step::Exchange(Exchange { place, from, to, success, failure, weak }) => {
                let name = if weak { "weak cas" } else { "cas" };
                write!(f, "r = {name} {place} {from}→{to}")?;
                match (success, failure) {
                    (Relaxed, Relaxed) => Ok(()),
                    _ => write!(f, " ({} / {})", long(success), long(failure)),
                }
            }
            Step::Fence(ordering) => write!(f, "F {}", short(ordering)),
            Step::LightFence => f.write_str("F light"),
            Step::HeavyFence => f.write_str("F heavy"),
            Step::Only(value) => write!(f, "if r = {value}"),
            Step::ReadPlain => f.write_str("read d"),
            Step::WritePlain => f.write_str("write d"),
        }
    }
}

fn long(ordering: Ordering) -> &'static str {
    if ordering == Relaxed { "rlx" } else { short(ordering) }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Claim::Reads(thread, nth, value) => write!(f, "{thread}:r{nth} = {value}"),
            Claim::Fails(thread, nth, value) => write!(f, "{thread}:r{nth} = {value} (fails)"),
            Claim::Ends(place, value) => write!(f, "{place} = {value}"),
            Claim::Race => f.write_str("race on d"),
        }
    }
}
