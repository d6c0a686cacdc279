//! Read-copy-update in user space: readers that pay two plain stores, and updaters that wait for them.
//!
//! # A guide
//!
//! A domain, [`Rcu`], has readers and updaters. A reader works inside a *read-side critical section*, from
//! [`Rcu::read_lock`] to the drop of its [`Guard`]; what it loads there from an [`RcuCell`] stays valid until the
//! section ends. An updater puts something new in the cell, and frees the old thing only after a *grace period*:
//! a span of time in which every section that was there at its beginning has ended.
//!
//! ```
//! use netns_core::rcu::{Rcu, RcuCell};
//! use netns_core::sync::alloc::Owned;
//!
//! let rcu = Rcu::new();
//! let cell = RcuCell::new(&rcu, Some(Owned::try_new(1)?));
//!
//! let guard = rcu.read_lock();
//! assert_eq!(cell.load(&guard), Some(&1));
//! drop(guard);
//!
//! let old = cell.replace(Some(Owned::try_new(2)?)).expect("it held 1");
//! rcu.free(old); // after a grace period, not here
//! rcu.barrier(); // now it is freed
//! # Ok::<(), netns_core::sync::alloc::AllocError>(())
//! ```
//!
//! # How a grace period works
//!
//! The domain has a number that only grows. A reader that enters copies it into a slot of its thread's, and
//! writes 0 there when it leaves. [`Rcu::synchronize`] raises the number to *n* and waits, slot by slot, until
//! each holds 0 or at least *n*. As the number never repeats, one pass over the slots is enough.
//!
//! | the reader | | the updater |
//! |---|---|---|
//! | `g = number` (acquire) | | unpublish |
//! | `slot = g` (release) | | `n = ++number` (release) |
//! | [`light_fence`](crate::sync::light_fence) | | [`heavy_fence`](crate::sync::heavy_fence) |
//! | load, use | | wait for `slot == 0` or `slot >= n` (acquire) |
//! | `slot = 0` (release) | | free |
//!
//! The fences are totally ordered. If the reader's comes first, the updater sees the slot taken and waits for the
//! release that ends the section. If the updater's comes first, the reader loads what the updater published. Two
//! of the orderings look as if they were not needed, and are:
//!
//! * a reader that copies *n* is not waited for, so it must see what was unpublished before: raising the number
//!   is a release, and copying it an acquire;
//! * a reader's *second* entry hides the 0 of its first section from the updater, which may read only the second
//!   store: entering is a release too.
//!
//! # Callbacks
//!
//! [`Rcu::call`] queues a callback for after a grace period, and [`Rcu::free`] is that with a drop as the callback.
//! [`Rcu::barrier`] waits until all that were queued before it have run. Somebody has to run them: a domain made
//! by [`Rcu::with_reclaimer`] lets a workqueue do it, so that no backlog grows. Without one, [`Rcu::barrier`] runs
//! what there is, and so does the drop of the last handle.

mod callbacks;
mod cell;
mod grace_period;
mod reader;

pub use cell::{RcuCell, Retired};
pub use reader::{Guard, PreparedReader};

use crate::sync::alloc::Object;
use crate::sync::{self, Arc};
use crate::workqueue::{Work, Workqueue};
use callbacks::Callbacks;
use grace_period::GracePeriods;
use std::fmt;

/// A domain of readers and updaters; cloning it gives another handle to the same one.
///
/// Domains know nothing of each other: a guard of one protects nothing in another, and is refused there.
#[derive(Clone)]
pub struct Rcu {
    core: Arc<Core>,
    reclaimer: Option<Reclaimer>,
}

/// Who runs the callbacks when nobody asks for it.
#[derive(Clone)]
struct Reclaimer {
    queue: Workqueue,
    drain: Work,
}

/// The domain itself. It knows nothing of its reclaimer, whose work item holds it.
struct Core {
    /// Tells this domain from all others.
    key: u64,
    grace: GracePeriods,
    callbacks: Callbacks,
}

impl Core {
    fn new(slots_before_reuse: usize) -> Arc<Core> {
        Arc::new(Core {
            key: sync::unique(),
            grace: GracePeriods::new(slots_before_reuse),
            callbacks: Callbacks::new(),
        })
    }

    fn synchronize(&self) {
        self.grace.synchronize();
    }

    /// Waits out a grace period and runs what was queued before it. False if nothing was: then there was no
    /// grace period either.
    fn drain(&self) -> bool {
        self.callbacks.drain(self.key, || self.synchronize())
    }

    /// Whether this thread may wait for a grace period and for callbacks, or would be waiting for itself.
    fn may_wait(&self) -> bool {
        !reader::in_section(self.key) && !callbacks::is_running(self.key)
    }
}

impl Drop for Core {
    /// There is no handle, so there is neither a reader nor anybody to queue more but the callbacks themselves.
    fn drop(&mut self) {
        if self.may_wait() {
            while self.drain() {}
        } else {
            // A guard of this thread was forgotten: a grace period would never end.
            self.callbacks.forget();
        }
    }
}

impl Rcu {
    /// A domain whose callbacks run when somebody calls [`barrier`](Rcu::barrier).
    #[allow(
        clippy::new_without_default,
        reason = "a domain has an identity: two defaults would not be equal"
    )]
    pub fn new() -> Self {
        Self::with_slots_before_reuse(GracePeriods::FEW)
    }

    /// A domain as [`new`](Rcu::new) makes it, that looks for the slot of a thread that has ended only when it has
    /// this many slots.
    pub fn with_slots_before_reuse(slots: usize) -> Self {
        Rcu { core: Core::new(slots), reclaimer: None }
    }

    /// A domain whose callbacks run on `queue`, soon after they are queued.
    pub fn with_reclaimer(queue: Workqueue) -> Self {
        let core = Core::new(GracePeriods::FEW);
        let drain = Work::new({
            let core = core.clone();
            move || {
                // Refused only where the queue runs its work on whoever queued it. What is left runs with the next
                // callback, or at a barrier.
                if core.may_wait() {
                    core.drain();
                } else {
                    core.callbacks.refuse();
                }
            }
        });
        Rcu { core, reclaimer: Some(Reclaimer { queue, drain }) }
    }

    /// Begins a read-side critical section, which ends when the guard is dropped. Sections nest.
    ///
    /// Never waits. The first one of a thread in a domain registers the thread, under a lock.
    ///
    /// # Panics
    ///
    /// In the destructor of a thread-local, if the thread's own record of its sections is already destroyed.
    #[inline]
    #[doc(alias = "rcu_read_lock")]
    pub fn read_lock(&self) -> Guard<'_> {
        Guard::enter(self, self.core.key, &self.core.grace)
    }

    /// Registers a reader for a thread that is to be one later, so that its first section takes no lock either.
    pub fn prepare_reader(&self) -> PreparedReader {
        PreparedReader::new(self.core.key, self.core.grace.register())
    }

    /// Whether this thread is inside a read-side critical section of this domain.
    #[doc(alias = "rcu_read_lock_held")]
    pub fn in_section(&self) -> bool {
        reader::in_section(self.core.key)
    }

    /// Whether this thread is running a callback of this domain.
    pub fn in_callback(&self) -> bool {
        callbacks::is_running(self.core.key)
    }

    /// Panics unless the guard is of this domain, and protects what this domain's updaters retire.
    #[inline]
    pub(crate) fn assert_protects(&self, guard: &Guard<'_>) {
        guard.assert_of(self.core.key);
    }

    /// Waits for a grace period: when it returns, every section that had begun before the call has ended, and
    /// those that begin later see all that was written before the call.
    ///
    /// Threads that call at the same time share grace periods.
    ///
    /// # Panics
    ///
    /// Inside a section of this domain on the same thread: it would wait for itself.
    #[doc(alias = "synchronize_rcu")]
    pub fn synchronize(&self) {
        self.assert_outside("synchronize");
        self.core.synchronize();
    }

    /// Runs `f` after a grace period, on a thread that is in no section. Callable from everywhere, sections and
    /// callbacks included.
    ///
    /// Callbacks run in the order in which they were queued, one at a time. One that panics is reported and harms
    /// no other. One that holds a handle of this domain keeps the domain until it has run.
    ///
    /// If the domain's reclaimer was shut down, this waits for the grace period and runs what is queued, unless it
    /// is called from inside a section or a callback.
    #[doc(alias = "call_rcu")]
    pub fn call(&self, f: impl FnOnce() + Send + 'static) {
        let tell = self.core.callbacks.push(Box::new(f));
        if let (true, Some(reclaimer)) = (tell, &self.reclaimer) {
            reclaimer.queue.queue(&reclaimer.drain);
        }
    }

    /// Waits until every callback that was queued before has run, those included that another thread is running.
    /// Callbacks that they queue belong to the next barrier. No grace period if nothing is queued.
    ///
    /// # Panics
    ///
    /// Inside a section or a callback of this domain on the same thread: it would wait for itself.
    #[doc(alias = "rcu_barrier")]
    pub fn barrier(&self) {
        self.assert_outside("barrier");
        assert!(!self.in_callback(), "barrier() inside an RCU callback would wait for itself");
        self.core.drain();
    }

    /// Frees `retired` after a grace period, by a callback.
    ///
    /// # Panics
    ///
    /// If it comes from a cell of another domain.
    #[doc(alias = "kfree_rcu")]
    pub fn free<T: ?Sized + Object + Send + Sync + 'static>(&self, retired: Retired<T>) {
        let old = retired.into_shared(self.core.key);
        self.call(move || {
            // SAFETY: it was taken out of its cell, and a grace period has passed: nobody has a reference.
            drop(unsafe { old.into_owned() });
        });
    }

    /// Waits for a grace period, then frees `retired` here.
    ///
    /// # Panics
    ///
    /// As [`synchronize`](Rcu::synchronize), and if `retired` comes from a cell of another domain.
    pub fn synchronize_and_free<T: ?Sized + Object>(&self, retired: Retired<T>) {
        let old = retired.into_shared(self.core.key);
        self.synchronize();
        // SAFETY: it was taken out of its cell, and a grace period has passed: nobody has a reference.
        drop(unsafe { old.into_owned() });
    }

    fn assert_outside(&self, what: &str) {
        assert!(
            !self.in_section(),
            "{what}() inside a read-side critical section of the same domain would wait for itself"
        );
    }
}

impl fmt::Debug for Rcu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rcu").field("domain", &self.core.key).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
