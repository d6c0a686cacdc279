//! Stopping everything at once.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Whether all is to stop, and what runs until then.
#[derive(Default)]
pub(crate) struct Stop(Mutex<State>);

#[derive(Default)]
struct State {
    stopped: bool,
    /// How many were watched so far.
    watched: u64,
    running: BTreeMap<u64, Box<dyn FnOnce() + Send>>,
}

/// What a stop ends. Dropped, it is nobody's concern any more.
pub(crate) struct Watched<'s> {
    stop: &'s Stop,
    number: u64,
}

impl Stop {
    /// Ends what runs. Nothing begins after this.
    pub(crate) fn stop(&self) {
        let mut state = self.state();
        state.stopped = true;
        for end in std::mem::take(&mut state.running).into_values() {
            end();
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.state().stopped
    }

    /// From now on a stop calls `end`, which ends a process; at once if all is stopped already.
    #[must_use = "dropped, it is not watched"]
    pub(crate) fn watch(&self, end: impl FnOnce() + Send + 'static) -> Watched<'_> {
        let mut state = self.state();
        let number = state.watched;
        state.watched += 1;
        if state.stopped {
            end();
        } else {
            state.running.insert(number, Box::new(end));
        }
        Watched { stop: self, number }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.stop.state().running.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn a_stop_ends_what_is_watched_and_what_comes_later() {
        let (stop, (tell, told)) = (Stop::default(), mpsc::channel());
        let watch = |name: &'static str| {
            let tell = tell.clone();
            stop.watch(move || tell.send(name).unwrap())
        };
        let _running = watch("running");
        drop(watch("ended"));
        stop.stop();
        let _late = watch("late");
        assert_eq!(told.try_iter().collect::<Vec<_>>(), ["running", "late"]);
    }
}
