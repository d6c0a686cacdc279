//! Deferred work, one item at a time (an ordered workqueue).
//!
//! A [`Work`] is a function that is told to run some time soon. However often it is queued before it runs, it runs
//! once; if it is queued while it runs, it runs again. So who adds something to a list and then queues the work
//! that empties the list can be sure that it is found.
//!
//! The state of an item belongs, by turns, to the thread that queued it and to the worker. Its PENDING bit hands
//! it over: who sets the bit owns the item and links it; the worker unlinks it, and clears the bit *before* it
//! calls the function.

use crate::sync::{
    self, Arc, AtomicBool, Condvar, Mutex, MutexGuard, Ordering, UnsafeCell, catch_unwind, thread,
};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;

/// A function to be run by a [`Workqueue`] (`work_struct`). Cloning gives another handle to the same item.
#[derive(Clone)]
#[doc(alias = "work_struct")]
pub struct Work {
    item: Arc<Item>,
}

/// # Invariants
///
/// `number` belongs to the thread that set `pending`, until it has linked the item; then to the thread that
/// unlinks it, until that clears `pending`. It is `Some` exactly while the item is linked.
///
/// `pending` is set under the lock of the queue: if it is set, the item is linked, or a thread is about to call
/// its function.
struct Item {
    pending: AtomicBool,
    /// Its number in the queue.
    number: UnsafeCell<Option<u64>>,
    function: Box<dyn Fn() + Send + Sync>,
}

// SAFETY: `number` is accessed by one thread at a time, by the invariant; the rest is Send and Sync by itself.
unsafe impl Sync for Item {}

impl Work {
    /// An item that is not queued. The function may run on any thread, and is never run by two threads at once if
    /// it is queued on one queue alone.
    #[doc(alias = "INIT_WORK")]
    pub fn new(function: impl Fn() + Send + Sync + 'static) -> Self {
        let (pending, number) = (AtomicBool::new(false), UnsafeCell::new(None));
        sync::name(&pending, "pending");
        sync::name(&number, "number");
        Work { item: Arc::new(Item { pending, number, function: Box::new(function) }) }
    }

    /// Whether the item is queued and its function has not been called yet.
    #[doc(alias = "work_pending")]
    pub fn is_pending(&self) -> bool {
        self.item.pending.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work").field("pending", &self.is_pending()).finish_non_exhaustive()
    }
}

impl Item {
    /// Takes the item for the caller, if it is nobody's. The caller holds the lock of the queue.
    fn claim(&self, number: u64) -> bool {
        // Acquire: pairs with the release in `unclaim`, for `number`. Release: pairs with the acquire there, so
        // that the function sees what was done before, even if the bit was set already.
        if self.pending.swap(true, Ordering::AcqRel) {
            return false;
        }
        // SAFETY: we set the bit, so the item is ours.
        self.number.with_mut(|n| unsafe { *n = Some(number) });
        true
    }

    /// Gives the unlinked item up, and says its number.
    fn unclaim(&self) -> u64 {
        // SAFETY: we unlinked the item, so it is ours.
        let number = self.number.with_mut(|n| unsafe { (*n).take() });
        // Both orderings pair with those in `claim`.
        self.pending.swap(false, Ordering::AcqRel);
        number.expect("a linked item has a number")
    }
}

/// A queue whose items run in order, one at a time (`alloc_ordered_workqueue`). Cloning gives another handle.
///
/// The last handle that is dropped finishes what is queued.
#[derive(Clone)]
#[doc(alias = "create_singlethread_workqueue")]
pub struct Workqueue {
    handle: Arc<Handle>,
}

struct Handle {
    queue: Arc<Queue>,
    /// `None` if the queue is driven by hand.
    worker: Option<thread::JoinHandle<()>>,
}

struct Queue {
    key: u64,
    state: Mutex<State>,
    /// Notified whenever the state changes.
    changed: Condvar,
}

struct State {
    linked: VecDeque<Arc<Item>>,
    /// Whether a thread runs an item: others wait, to keep the order.
    running: bool,
    /// Items that were ever linked, and that have been run.
    queued: u64,
    done: u64,
    /// Whether the worker stops when it has nothing to do.
    closed: bool,
}

sync::thread_local! {
    /// The queues whose items this thread is running: one, or more if items drive other queues.
    static RUNNING: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) }
}

impl Queue {
    fn new() -> Arc<Queue> {
        let state = State { linked: VecDeque::new(), running: false, queued: 0, done: 0, closed: false };
        let queue = Queue { key: sync::unique(), state: Mutex::new(state), changed: Condvar::new() };
        sync::name(&queue.state, "workqueue");
        sync::name(&queue.changed, "work changed");
        Arc::new(queue)
    }

    /// Whether this thread is running one of the queue's items.
    fn is_worker(&self) -> bool {
        RUNNING.with(|running| running.borrow().contains(&self.key)).unwrap_or(false)
    }

    /// Waits until no other thread runs an item.
    fn idle<'a>(&'a self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        while state.running {
            state = self.changed.wait(state);
        }
        state
    }

    /// Runs an item without the lock. The item is let go of without it too: it may be the last handle, and own
    /// anything.
    fn execute<'a>(&'a self, mut state: MutexGuard<'a, State>, item: Arc<Item>) -> MutexGuard<'a, State> {
        state.running = true;
        drop(state);
        let number = item.unclaim();
        tracing::trace!(number, "work");
        RUNNING.with(|running| running.borrow_mut().push(self.key));
        let ran = catch_unwind(move || {
            (item.function)();
            drop(item);
        });
        if ran.is_err() {
            tracing::error!(number, "a work item panicked");
        }
        RUNNING.with(|running| running.borrow_mut().pop());
        let mut state = self.state.lock();
        state.running = false;
        state.done += 1;
        self.changed.notify_all();
        state
    }

    /// Runs what is linked, and says how many items that were. No other thread runs one.
    fn drain<'a>(&'a self, mut state: MutexGuard<'a, State>) -> usize {
        let mut ran = 0;
        while let Some(item) = state.linked.pop_front() {
            state = self.execute(state, item);
            ran += 1;
        }
        ran
    }

    fn run_pending(&self) -> usize {
        if self.is_worker() {
            return 0;
        }
        self.drain(self.idle(self.state.lock()))
    }

    fn run(&self) {
        let mut state = self.state.lock();
        loop {
            state = self.idle(state);
            let next = state.linked.pop_front();
            state = match next {
                Some(item) => self.execute(state, item),
                None if state.closed => return,
                None => self.changed.wait(state),
            };
        }
    }

    fn close(&self) {
        self.state.lock().closed = true;
        self.changed.notify_all();
    }
}

impl Workqueue {
    /// A queue with a thread of its own, which has this name.
    ///
    /// # Panics
    ///
    /// If the operating system cannot start a thread.
    pub fn spawn(name: &str) -> Self {
        let queue = Queue::new();
        let worker = thread::spawn_named(name, {
            let queue = queue.clone();
            move || queue.run()
        });
        Workqueue { handle: Arc::new(Handle { queue, worker: Some(worker) }) }
    }

    /// A queue without a thread: items run in [`run_pending`](Workqueue::run_pending), [`run`](Workqueue::run) and
    /// [`flush`](Workqueue::flush), on the caller's thread.
    pub fn manual() -> Self {
        Workqueue { handle: Arc::new(Handle { queue: Queue::new(), worker: None }) }
    }

    fn inner(&self) -> &Queue {
        &self.handle.queue
    }

    /// Queues an item; false if it was pending already. Either way its function will be called after this, and
    /// sees what was done before this.
    ///
    /// If the queue was [shut down](Workqueue::shutdown), the item runs before this returns, on this thread,
    /// unless a thread is running an item already: that one goes on with this.
    #[doc(alias = "queue_work")]
    pub fn queue(&self, work: &Work) -> bool {
        let queue = self.inner();
        let mut state = queue.state.lock();
        if !work.item.claim(state.queued + 1) {
            return false;
        }
        state.linked.push_back(work.item.clone());
        state.queued += 1;
        if state.closed && !state.running {
            // Without letting go of the lock: who waits here for a thread that was faster waits for what its item waits
            // for, and that may be a section of this thread.
            queue.drain(state);
        } else {
            drop(state);
            queue.changed.notify_all();
        }
        true
    }

    /// Runs what is queued, on this thread, until nothing is; returns how many items it ran. Waits while another
    /// thread runs one. Inside an item of this queue it returns 0: whoever runs that one goes on.
    pub fn run_pending(&self) -> usize {
        self.inner().run_pending()
    }

    /// Calls `f` on this thread as if its turn had come in the queue: no item runs meanwhile, and those that are queued
    /// run here when it has returned. Waits while another thread runs an item.
    pub(crate) fn run_here(&self, f: impl Fn() + Send + Sync + 'static) {
        let queue = self.inner();
        let mut state = queue.idle(queue.state.lock());
        let work = Work::new(f);
        state.queued += 1;
        work.item.claim(state.queued);
        queue.drain(queue.execute(state, work.item));
    }

    /// Runs items on this thread until the queue is [shut down](Workqueue::shutdown) and empty.
    ///
    /// # Panics
    ///
    /// Inside an item of this queue: it would wait for itself.
    pub fn run(&self) {
        self.assert_outside("run");
        self.inner().run();
    }

    /// Waits until everything that was queued before has run. A [manual](Workqueue::manual) queue runs it here.
    ///
    /// # Panics
    ///
    /// Inside an item of this queue: it would wait for itself.
    #[doc(alias = "flush_workqueue")]
    pub fn flush(&self) {
        self.assert_outside("flush");
        let queue = self.inner();
        if self.handle.worker.is_none() {
            queue.run_pending();
            return;
        }
        let mut state = queue.state.lock();
        let all = state.queued;
        while state.done < all {
            state = queue.changed.wait(state);
        }
    }

    /// Says that nobody will drive the queue any more: runs what is queued here, and lets later items run on the
    /// thread that queues them. A worker's thread, or a thread in [`run`](Workqueue::run), ends.
    ///
    /// Inside an item of this queue, whoever runs that one goes on with the rest.
    #[doc(alias = "destroy_workqueue")]
    pub fn shutdown(&self) {
        self.inner().close();
        self.inner().run_pending();
    }

    /// Whether this thread is running an item of this queue.
    #[doc(alias = "current_work")]
    pub fn is_worker(&self) -> bool {
        self.inner().is_worker()
    }

    fn assert_outside(&self, what: &str) {
        assert!(!self.is_worker(), "{what}() inside an item of the same workqueue would wait for itself");
    }
}

impl Drop for Handle {
    /// Finishes what is queued. On the worker itself, its loop does that.
    fn drop(&mut self) {
        self.queue.close();
        match self.worker.take() {
            None => _ = self.queue.run_pending(),
            Some(worker) if !self.queue.is_worker() => {
                if worker.join().is_err() {
                    tracing::error!("a workqueue's thread panicked");
                }
            }
            Some(_) => {}
        }
    }
}

impl fmt::Debug for Workqueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let driven = if self.handle.worker.is_some() { "thread" } else { "hand" };
        f.debug_struct("Workqueue").field("driven by", &driven).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
