//! Callbacks that wait for a grace period.

use crate::sync::{self, Condvar, Mutex, catch_unwind};
use std::cell::RefCell;

type Callback = Box<dyn FnOnce() + Send>;

/// The callbacks of a domain.
pub(super) struct Callbacks {
    state: Mutex<State>,
    /// Notified when a thread has run its batch.
    ran: Condvar,
}

struct State {
    /// Oldest first.
    queued: Vec<Callback>,
    /// Whether somebody has been told that there is something to run, and has not come yet.
    told: bool,
    /// Whether a thread has taken a batch and has not finished it. There is one such thread at a time, so that
    /// callbacks run in order, and a barrier can wait for a batch that somebody else took.
    running: bool,
}

sync::thread_local! {
    /// The domains whose callbacks this thread is running: one, or more if callbacks wait for other domains.
    static RUNNING: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) }
}

/// Whether this thread is running a callback of the domain.
pub(super) fn is_running(domain: u64) -> bool {
    RUNNING.with(|running| running.borrow().contains(&domain)).unwrap_or(false)
}

impl Callbacks {
    pub(super) fn new() -> Self {
        let state = Mutex::new(State { queued: Vec::new(), told: false, running: false });
        sync::name(&state, "callbacks");
        let ran = Condvar::new();
        sync::name(&ran, "callbacks ran");
        Callbacks { state, ran }
    }

    /// Queues one, and says whether somebody is to be told of it.
    pub(super) fn push(&self, callback: Callback) -> bool {
        let mut state = self.state.lock();
        state.queued.push(callback);
        !std::mem::replace(&mut state.told, true)
    }

    /// Who was told cannot run anything: the next one that is queued tells again.
    pub(super) fn refuse(&self) {
        self.state.lock().told = false;
    }

    /// Takes what is queued, waits out `grace_period`, and runs it. Before, waits for a thread that does so with
    /// an earlier batch. False if nothing was queued: then all that ever was has run.
    pub(super) fn drain(&self, domain: u64, grace_period: impl FnOnce()) -> bool {
        let mut state = self.state.lock();
        while state.running {
            state = self.ran.wait(state);
        }
        if state.queued.is_empty() {
            return false;
        }
        let batch = std::mem::take(&mut state.queued);
        state.told = false;
        state.running = true;
        drop(state);
        let turn = Turn { callbacks: self, domain };
        grace_period();
        tracing::trace!(callbacks = batch.len(), "grace period over");
        turn.run(batch);
        true
    }

    /// Leaks what is queued.
    pub(super) fn forget(&mut self) {
        let queued = std::mem::take(&mut self.state.get_mut().queued);
        if !queued.is_empty() {
            tracing::error!(
                callbacks = queued.len(),
                "a guard was forgotten: its domain's callbacks never run"
            );
        }
        std::mem::forget(queued);
    }
}

/// The one thread that runs callbacks; ends also when it unwinds.
struct Turn<'a> {
    callbacks: &'a Callbacks,
    domain: u64,
}

impl Turn<'_> {
    fn run(&self, batch: Vec<Callback>) {
        // None: this thread is ending. Its callbacks are run, but one that waits for itself is not found out.
        let marked = RUNNING.with(|running| running.borrow_mut().push(self.domain));
        for callback in batch {
            if catch_unwind(callback).is_err() {
                tracing::error!("an RCU callback panicked");
            }
        }
        if marked.is_some() {
            RUNNING.with(|running| running.borrow_mut().pop());
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.callbacks.state.lock().running = false;
        self.callbacks.ran.notify_all();
    }
}
