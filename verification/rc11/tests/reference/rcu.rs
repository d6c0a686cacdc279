//! Userspace RCU as the programs use it: a grace-period number that is raised, and a slot for each reader, which holds
//! the number that the reader found when it entered, or 0 outside of a section.
//!
//! The axiom: a reader that `synchronize` does not wait for sees everything that was written before it; of one that it
//! waits for, everything is before its return.

use crate::mutation::{Expected, Row};
use rc11::{Atomic, fence, heavy_fence, light_fence};
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};

/// The orderings of the protocol, and its mistakes.
#[derive(Clone, Copy)]
pub(crate) struct Protocol {
    /// The load of the number on entry.
    pub(crate) number: Ordering,
    /// The store of the number to the slot on entry.
    pub(crate) enter: Ordering,
    /// Between the entry and the section.
    pub(crate) reader: Barrier,
    /// The store of 0 to the slot.
    pub(crate) leave: Ordering,
    /// The increment of the number; with `None`, it is only read.
    pub(crate) raise: Option<Ordering>,
    /// Between the increment and the look at the slots.
    pub(crate) updater: Barrier,
    /// The loads of the slots.
    pub(crate) look: Ordering,
    pub(crate) wait: Wait,
}

/// What makes one side see the other.
#[derive(Clone, Copy)]
pub(crate) enum Barrier {
    Nothing,
    Fence(Ordering),
    /// Orders against heavy ones only.
    Light,
    Heavy,
}

impl Barrier {
    fn raise(self) {
        match self {
            Barrier::Nothing => {}
            Barrier::Fence(ordering) => fence(ordering),
            Barrier::Light => light_fence(),
            Barrier::Heavy => heavy_fence(),
        }
    }
}

/// Whom the updater waits for.
#[derive(Clone, Copy)]
pub(crate) enum Wait {
    /// Readers that have entered with a number before its own.
    Older,
    /// Those that have entered with its own too.
    NewerToo,
    /// Those of a number before that: off by one.
    OneLess,
    /// The first reader only.
    First,
    Nobody,
}

impl Default for Protocol {
    fn default() -> Self {
        Protocol {
            number: Relaxed,
            enter: Relaxed,
            reader: Barrier::Fence(SeqCst),
            leave: Release,
            raise: Some(AcqRel),
            updater: Barrier::Fence(SeqCst),
            look: Acquire,
            wait: Wait::Older,
        }
    }
}

/// The shared memory of the protocol.
pub(crate) struct Rcu {
    protocol: Protocol,
    number: Atomic<u64>,
    slots: Vec<Atomic<u64>>,
}

impl Rcu {
    pub(crate) fn new(protocol: Protocol, readers: usize) -> Self {
        let slots = (0..readers).map(|_| Atomic::new(0)).collect();
        Rcu { protocol, number: Atomic::new(1), slots }
    }

    pub(crate) fn read_lock(&self, reader: usize) {
        let number = self.number.load(self.protocol.number);
        // A release from the second section on: who reads this number has then seen the end of the section before.
        self.slots[reader].store(number, self.protocol.enter);
        // Pairs with the updater's: it sees the slot, or this reader sees what it wrote.
        self.protocol.reader.raise();
    }

    pub(crate) fn read_unlock(&self, reader: usize) {
        // Pairs with the look in `synchronize`.
        self.slots[reader].store(0, self.protocol.leave);
    }

    pub(crate) fn synchronize(&self) {
        let number = match self.protocol.raise {
            // A release, for readers that copy the new number; they see through their fence what is before it.
            Some(ordering) => self.number.fetch_add(1, ordering) + 1,
            None => self.number.load(Relaxed),
        };
        self.protocol.updater.raise();
        let (readers, waited_for) = match self.protocol.wait {
            Wait::Older => (self.slots.len(), number),
            Wait::NewerToo => (self.slots.len(), number + 1),
            Wait::OneLess => (self.slots.len(), number - 1),
            Wait::First => (1, number),
            Wait::Nobody => (0, number),
        };
        for slot in &self.slots[..readers] {
            // Pairs with the stores of 0, and of newer numbers.
            slot.wait_until(self.protocol.look, move |entered| entered == 0 || entered >= waited_for);
        }
    }
}

/// The changes to the protocol that concern all who use it. `bad` is what mistakes lead to; `First` is a mistake only
/// with a second reader.
pub(crate) fn changes(bad: Expected) -> Vec<Row<Protocol>> {
    let right = Protocol::default();
    let weak = Barrier::Fence(AcqRel);
    vec![
        ("as it is", right, Expected::Holds),
        ("no fence of the reader", Protocol { reader: Barrier::Nothing, ..right }, bad),
        ("fence of the reader acquire and release", Protocol { reader: weak, ..right }, bad),
        ("no fence of the updater", Protocol { updater: Barrier::Nothing, ..right }, bad),
        ("fence of the updater acquire and release", Protocol { updater: weak, ..right }, bad),
        ("number raised relaxed", Protocol { raise: Some(Relaxed), ..right }, bad),
        ("number raised by acquire only", Protocol { raise: Some(Acquire), ..right }, bad),
        ("number raised by release only", Protocol { raise: Some(Release), ..right }, Expected::Holds),
        ("number not raised", Protocol { raise: None, ..right }, bad),
        ("no wait", Protocol { wait: Wait::Nobody, ..right }, bad),
        ("wait off by one", Protocol { wait: Wait::OneLess, ..right }, bad),
        ("only the first reader waited for", Protocol { wait: Wait::First, ..right }, bad),
        ("newer readers waited for too", Protocol { wait: Wait::NewerToo, ..right }, Expected::Holds),
    ]
}
