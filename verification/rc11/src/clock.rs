//! Vector clocks over the threads of an execution.

use crate::event::EventId;
use serde::{Deserialize, Serialize};

/// The most threads that one exploration may have, the first one included.
pub const MAX_THREADS: usize = 16;

/// How many events of each thread come before something: a set of events that holds, with an event, all that the same
/// thread did before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Clock([u16; MAX_THREADS]);

impl Clock {
    /// How many events of `thread` are in the set.
    pub(crate) fn of(&self, thread: usize) -> usize {
        usize::from(self.0[thread])
    }

    /// Puts the first `events` events of `thread` in the set, and no others of it.
    pub(crate) fn set(&mut self, thread: usize, events: usize) {
        self.0[thread] = u16::try_from(events).expect("the number of events is bounded");
    }

    /// Puts all in the set that is in `other`.
    pub(crate) fn join(&mut self, other: &Clock) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = (*mine).max(*theirs);
        }
    }

    /// Whether the event is in the set.
    pub(crate) fn contains(&self, id: EventId) -> bool {
        usize::from(self.0[id.thread()]) > id.index()
    }

    /// The counts, thread by thread.
    pub(crate) fn counts(&self) -> &[u16; MAX_THREADS] {
        &self.0
    }
}
