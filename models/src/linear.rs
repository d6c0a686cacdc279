//! Histories of concurrent operations, and whether they are linearisable.
//!
//! A history is linearisable if its operations can be put in one order, in which none comes before another that had
//! returned before it was called, such that a sequential object that does them in that order gives the answers that
//! were given (Herlihy and Wing). [`History::check`] searches for such an order; histories here are a handful of
//! operations long.

use netns_core::check::tick;
use std::fmt;

/// A sequential object: what a concurrent one must look like.
pub trait Specification: Clone {
    /// What can be done.
    type Operation: Copy + fmt::Debug;
    /// What that returns.
    type Answer: fmt::Debug;

    /// Does it, and says whether the answer can be this.
    fn explains(&mut self, operation: Self::Operation, answer: &Self::Answer) -> bool;
}

/// An operation, its answer, and when it was called and returned.
#[derive(Debug)]
struct Event<S: Specification> {
    operation: S::Operation,
    answer: S::Answer,
    called: u64,
    returned: u64,
}

/// What threads did. Each thread records its own, and they are put together at the end: recording orders nothing.
#[derive(Debug)]
pub struct History<S: Specification> {
    events: Vec<Event<S>>,
}

impl<S: Specification> Default for History<S> {
    fn default() -> Self {
        History { events: Vec::new() }
    }
}

impl<S: Specification + fmt::Debug> History<S> {
    /// Does an operation and records it.
    pub fn record<R>(
        &mut self,
        operation: S::Operation,
        act: impl FnOnce() -> R,
        answer: impl FnOnce(&R) -> S::Answer,
    ) -> R {
        let called = tick();
        let result = act();
        let returned = tick();
        self.events.push(Event { operation, answer: answer(&result), called, returned });
        result
    }

    /// Adds what another thread did.
    pub fn join(&mut self, other: History<S>) {
        self.events.extend(other.events);
    }

    /// Asserts that what was done is linearisable, from the state `start`.
    ///
    /// # Panics
    ///
    /// If it is not.
    pub fn check(&self, start: S) {
        assert!(self.explains(&start, &mut vec![false; self.events.len()]), "not linearisable: {self:#?}");
    }

    /// Whether the operations that are not `done` have an order that explains their answers.
    fn explains(&self, state: &S, done: &mut Vec<bool>) -> bool {
        // Who was called after one of these has returned cannot come before it.
        let open = || self.events.iter().enumerate();
        let Some(horizon) = open().filter(|(i, _)| !done[*i]).map(|(_, e)| e.returned).min() else {
            return true;
        };
        for (i, event) in open() {
            if done[i] || event.called > horizon {
                continue;
            }
            let mut next = state.clone();
            if !next.explains(event.operation, &event.answer) {
                continue;
            }
            done[i] = true;
            if self.explains(&next, done) {
                return true;
            }
            done[i] = false;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A register of one number.
    #[derive(Debug, Clone)]
    struct Register(u32);

    #[derive(Debug, Clone, Copy)]
    enum Access {
        Read,
        Write(u32),
    }

    impl Specification for Register {
        type Operation = Access;
        type Answer = u32;

        fn explains(&mut self, access: Access, answer: &u32) -> bool {
            if let Access::Write(value) = access {
                self.0 = value;
            }
            self.0 == *answer
        }
    }

    fn explains(events: &[(Access, u32, u64, u64)]) -> bool {
        let event = |&(operation, answer, called, returned)| Event { operation, answer, called, returned };
        let history = History { events: events.iter().map(event).collect() };
        history.explains(&Register(0), &mut vec![false; events.len()])
    }

    #[test]
    fn operations_that_overlap_may_come_in_any_order() {
        use Access::{Read, Write};
        assert!(explains(&[]));
        assert!(explains(&[(Write(1), 1, 0, 9), (Read, 0, 1, 2), (Read, 1, 3, 4)]));
        assert!(!explains(&[(Write(1), 1, 0, 9), (Read, 1, 1, 2), (Read, 0, 3, 4)]), "new, then old");
        assert!(explains(&[(Write(1), 1, 0, 9), (Read, 1, 1, 4), (Read, 0, 2, 3)]), "these overlap");
    }

    #[test]
    fn operations_that_do_not_overlap_come_in_their_order() {
        use Access::{Read, Write};
        assert!(explains(&[(Write(1), 1, 0, 1), (Write(2), 2, 2, 3), (Read, 2, 4, 5)]));
        assert!(!explains(&[(Write(1), 1, 0, 1), (Write(2), 2, 2, 3), (Read, 1, 4, 5)]));
        assert!(!explains(&[(Read, 1, 0, 1), (Write(1), 1, 2, 3)]), "from the future");
    }
}
