//! Threads of an execution.

use crate::clock::MAX_THREADS;
use crate::failure::{EventView, FailureKind};
use crate::fiber::{self, perform};
use crate::op::Op;
use crate::run::Phase;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// A thread to be waited for. One that nobody waits for is not part of the end of the one that started it; the
/// execution ends when all have ended.
pub struct JoinHandle<T> {
    thread: u16,
    result: Arc<Mutex<Option<T>>>,
}

/// Starts a thread.
///
/// Up to [`MAX_THREADS`] can be named in an exploration, the first one included; one more is a failed check.
pub fn spawn<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    let result = Arc::new(Mutex::new(None));
    let slot = Arc::clone(&result);
    let thread = fiber::with(|run| {
        let parent = run.current;
        run.fibers[parent].started += 1;
        let nth = run.fibers[parent].started;
        run.names.thread(parent as u16, nth)
    });
    let Ok(thread) = thread else {
        let message = format!("an exploration has room for {MAX_THREADS} threads");
        fiber::fail(FailureKind::TooManyThreads, message)
    };
    perform(&Op::Create { child: thread });
    let body = Box::new(move || {
        let value = f();
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    });
    fiber::with(|run| run.start(usize::from(thread), body));
    JoinHandle { thread, result }
}

impl<T> JoinHandle<T> {
    /// Waits for the thread to end, and returns what its closure returned. All that the thread did happens before.
    pub fn join(self) -> T {
        perform(&Op::Join { child: self.thread });
        let value = self.result.lock().unwrap_or_else(PoisonError::into_inner).take();
        value.unwrap_or_else(|| fiber::give_up())
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JoinHandle({})", self.thread)
    }
}

/// Offers the processor to others: of no meaning here, where all that others may do is explored anyway. A loop that
/// waits uses [`Atomic::wait_until`](crate::Atomic::wait_until).
pub fn yield_now() {}

/// Says that a turn of a loop was in vain: what it read was not what the loop is after, and it wrote nothing. To be
/// called before the next turn.
///
/// The thread goes no further in this execution, as executions in which it read something else are explored anyway, and
/// nothing is lost. For loops that look at more than one atomic, or exchange until they succeed. If nothing will ever
/// be there that the loop is after, the check fails with a deadlock.
pub fn retry() {
    perform(&Op::Retry);
}

/// The number of the running thread; the first is 0. Different threads have different numbers, which are the same in
/// all executions of an exploration.
pub fn current() -> usize {
    fiber::with(|run| run.current)
}

/// How many events the running thread has behind it.
pub fn events_behind() -> usize {
    fiber::with(|run| run.fibers[run.current].next)
}

/// What the running execution has done so far, as in [`Failure::events`](crate::Failure::events); `None` outside of one,
/// and while the engine itself is at work.
pub fn events() -> Option<Vec<EventView>> {
    fiber::try_with(EventView::all)
}

/// A number below `n`: every one is explored.
///
/// # Panics
///
/// If `n` is 0, or greater than `u32::MAX`.
pub fn choose(n: usize) -> usize {
    assert!(n > 0, "there is nothing to choose from");
    perform(&Op::Choose { of: u32::try_from(n).expect("so many choices are never explored") }).value as usize
}

/// Whether the running execution is, so far, one of those that are explored. One that is blocked runs to its end too, so
/// that its destructors run; what it does then is not to be counted.
pub fn is_explored() -> bool {
    fiber::with(|run| run.phase != Phase::Finish)
}
