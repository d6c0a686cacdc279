//! The search for the simplest of all failures.

use super::{Exploration, Listener};
use crate::failure::Failure;
use crate::report::Stopped;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// For how long an exploration goes on when a check has failed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Search {
    /// Until it has failed in so many executions.
    pub(super) failures: u64,
    /// And for so long after the first.
    pub(super) time: Duration,
}

impl Search {
    /// Not at all.
    pub(super) const NONE: Search = Search { failures: 1, time: Duration::MAX };
}

/// The failures that were met.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// In how many executions a check failed.
    pub(super) failing: u64,
    first: Option<Instant>,
    pub(super) simplest: Option<Failure>,
}

impl Found {
    fn add(&mut self, failure: Failure, listener: Option<&Listener>) {
        self.failing += 1;
        self.first.get_or_insert_with(Instant::now);
        if self.simplest.as_ref().is_none_or(|known| is_simpler(&failure, known)) {
            if let Some(listener) = listener {
                listener(&failure);
            }
            self.simplest = Some(failure);
        }
    }

    fn is_enough(&self, search: Search) -> bool {
        self.failing >= search.failures || self.first.is_some_and(|first| first.elapsed() >= search.time)
    }
}

/// Whether a failure is the same as another one, in a simpler execution.
fn is_simpler(failure: &Failure, other: &Failure) -> bool {
    let size = |failure: &Failure| (failure.events.len(), failure.switches());
    (failure.kind, &failure.message) == (other.kind, &other.message) && size(failure) < size(other)
}

impl Exploration<'_> {
    /// A check failed.
    pub(super) fn found(&self, failure: Failure) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.add(failure, self.settings.on_failure.as_deref());
    }

    /// Stops all workers if enough failures were met.
    pub(super) fn end_search(&self) {
        if self.found.lock().unwrap_or_else(PoisonError::into_inner).is_enough(self.settings.search) {
            self.pool.stop(Stopped::Failure);
        }
    }
}
