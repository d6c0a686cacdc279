//! The graphs that are still to be explored, shared among workers.
//!
//! An item is all that is needed to go on from it, so it does not matter who does. Each worker keeps what it finds and
//! takes the newest first, which keeps memory small; if another has nothing to do, it hands over its oldest, which
//! stand for most.

use crate::report::Stopped;
use crate::run::Item;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

pub(crate) struct Pool {
    state: Mutex<State>,
    changed: Condvar,
    /// Workers that wait for an item, as a hint.
    hungry: AtomicUsize,
}

struct State {
    items: Vec<Item>,
    /// Workers that have something to do.
    busy: usize,
    stopped: Option<Stopped>,
}

impl Pool {
    pub(crate) fn new(items: Vec<Item>, workers: usize) -> Self {
        Pool {
            state: Mutex::new(State { items, busy: workers, stopped: None }),
            changed: Condvar::new(),
            hungry: AtomicUsize::new(0),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for an item. `None` if there will be none any more.
    pub(crate) fn take(&self) -> Option<Item> {
        let mut state = self.state();
        state.busy -= 1;
        // Relaxed: a hint.
        self.hungry.fetch_add(1, Ordering::Relaxed);
        let item = loop {
            if state.stopped.is_some() {
                break None;
            }
            if let Some(item) = state.items.pop() {
                state.busy += 1;
                break Some(item);
            }
            if state.busy == 0 {
                self.changed.notify_all();
                break None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        };
        self.hungry.fetch_sub(1, Ordering::Relaxed);
        item
    }

    /// Hands over items, the oldest first, if somebody waits for some.
    pub(crate) fn share(&self, mine: &mut Vec<Item>) {
        // Relaxed: a hint; whoever waits is asked again after the next execution.
        let hungry = self.hungry.load(Ordering::Relaxed);
        if hungry > 0 && mine.len() > 1 {
            let some = (mine.len() / 2).min(hungry.max(8));
            let mut state = self.state();
            state.items.extend(mine.drain(..some));
            drop(state);
            self.changed.notify_all();
        }
    }

    /// Ends the exploration; the first reason counts.
    pub(crate) fn stop(&self, why: Stopped) {
        self.state().stopped.get_or_insert(why);
        self.changed.notify_all();
    }

    pub(crate) fn stopped(&self) -> Option<Stopped> {
        self.state().stopped
    }

    /// Gives back what a worker that stops has left.
    pub(crate) fn put_back(&self, mine: Vec<Item>) {
        self.state().items.extend(mine);
    }

    /// What is left.
    pub(crate) fn into_items(self) -> Vec<Item> {
        self.state.into_inner().unwrap_or_else(PoisonError::into_inner).items
    }
}
