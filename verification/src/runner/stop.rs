//! Stopping everything at once.

use netns_models::process::Stopper;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Whether all is to stop, and what runs until then.
#[derive(Debug, Default)]
pub(crate) struct Stop(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    stopped: bool,
    running: BTreeMap<usize, Stopper>,
}

impl Stop {
    /// Ends what runs. Nothing begins after this.
    pub(crate) fn stop(&self) {
        let mut state = self.state();
        state.stopped = true;
        for stopper in std::mem::take(&mut state.running).into_values() {
            stopper.stop();
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.state().stopped
    }

    /// From now on a stop ends this process too; at once if all is stopped already.
    pub(super) fn watch(&self, index: usize, stopper: Stopper) {
        let mut state = self.state();
        if state.stopped {
            stopper.stop();
        } else {
            state.running.insert(index, stopper);
        }
    }

    pub(super) fn forget(&self, index: usize) {
        self.state().running.remove(&index);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
