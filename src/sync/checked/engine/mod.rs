//! What an engine must offer: a small closed set of objects and operations. A new engine is one more file here.

#[cfg(feature = "loom")]
mod loom;
#[cfg(feature = "shuttle")]
mod shuttle;
mod std;

#[cfg(feature = "loom")]
pub(crate) use loom::LOOM;
#[cfg(feature = "shuttle")]
pub(crate) use shuttle::{SHUTTLE, let_shuttle_install_its_hook};
pub(super) use std::STD;

use ::std::sync::Arc;
use ::std::sync::atomic::Ordering;

/// An engine.
pub(crate) trait Engine: Sync {
    /// A new atomic.
    fn word(&self, width: Width, value: u64) -> Box<dyn Word>;
    /// A new lock, unlocked.
    fn lock(&self) -> Box<dyn Lock>;
    /// A new condition variable.
    fn condvar(&self) -> Box<dyn Condvar>;
    /// A new piece of plain memory, to watch for races.
    fn track(&self) -> Box<dyn Track>;
    /// A fence; `order` is not `Relaxed`.
    fn fence(&self, order: Ordering);
    /// Starts a thread.
    fn spawn(&self, body: Box<dyn FnOnce() + Send>) -> Box<dyn Join>;
    /// Lets others run.
    fn yield_now(&self);
    /// A place for a waiting thread to block, if the engine would rather have it blocked than yielding.
    fn parker(&self) -> Option<Arc<dyn Parker>>;
    /// How many threads an execution may have.
    fn max_threads(&self) -> usize;
    /// Whether a `SeqCst` fence must be announced by a store to an atomic that nobody reads.
    ///
    /// loom does not switch threads at a fence, and does not know that the order of two fences matters. So it
    /// never lets another thread run between an operation and a fence after it. A store is a place to switch at,
    /// two stores to one atomic depend on each other, and a store that nobody reads synchronises nothing.
    fn announces_fences(&self) -> bool;
    /// How many stores to one atomic the engine remembers, if not all.
    fn remembered_stores(&self) -> Option<u32>;
}

/// How many bits an atomic has.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Width {
    /// 32.
    W32,
    /// 64.
    W64,
}

/// A read-modify-write.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rmw {
    Swap,
    Add,
    Sub,
    And,
    Or,
    Max,
    Min,
}

impl Rmw {
    /// The operation's name in the event log.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Rmw::Swap => "swap",
            Rmw::Add => "fetch_add",
            Rmw::Sub => "fetch_sub",
            Rmw::And => "fetch_and",
            Rmw::Or => "fetch_or",
            Rmw::Max => "fetch_max",
            Rmw::Min => "fetch_min",
        }
    }
}

/// An atomic.
pub(crate) trait Word: Send + Sync {
    fn load(&self, order: Ordering) -> u64;
    fn store(&self, value: u64, order: Ordering);
    fn rmw(&self, op: Rmw, operand: u64, order: Ordering) -> u64;
    fn compare_exchange(&self, current: u64, new: u64, ok: Ordering, err: Ordering) -> Result<u64, u64>;
    /// Reads as the one owner.
    fn exclusive(&mut self) -> u64;
}

/// A lock, without the data.
pub(crate) trait Lock: Send + Sync {
    fn lock(&self);
    /// By the thread that holds it.
    fn unlock(&self);
    /// For [`Condvar::wait`].
    fn as_any(&self) -> &dyn ::std::any::Any;
}

/// A condition variable.
pub(crate) trait Condvar: Send + Sync {
    /// By the thread that holds `lock`, which is of the same engine.
    fn wait(&self, lock: &dyn Lock);
    fn notify_one(&self);
    fn notify_all(&self);
}

/// A piece of plain memory. The engine panics at an access that is not ordered with another, one of them a write.
pub(crate) trait Track: Send + Sync {
    fn read(&self);
    fn write(&self);
}

/// A place where one thread blocks once.
pub(crate) trait Parker {
    /// Blocks until [`wake`](Parker::wake) is called, or was.
    fn park(&self);
    fn wake(&self);
}

/// A thread to be waited for.
pub(crate) trait Join: Send + Sync {
    fn join(self: Box<Self>);
}

/// Implements [`Word`] for a pair of atomics with the methods of `std`'s.
macro_rules! words {
    ($name:ident, $a32:ty, $a64:ty, |$atomic:ident| $exclusive:expr) => {
        impl $crate::sync::imp::engine::Word for $name<$a32> {
            words!(@body u32, |$atomic| $exclusive);
        }
        impl $crate::sync::imp::engine::Word for $name<$a64> {
            words!(@body u64, |$atomic| $exclusive);
        }
    };
    (@body $int:ty, |$atomic:ident| $exclusive:expr) => {
        fn load(&self, order: Ordering) -> u64 {
            u64::from(self.0.load(order))
        }
        fn store(&self, value: u64, order: Ordering) {
            self.0.store(value as $int, order);
        }
        fn rmw(&self, op: Rmw, operand: u64, order: Ordering) -> u64 {
            let operand = operand as $int;
            u64::from(match op {
                Rmw::Swap => self.0.swap(operand, order),
                Rmw::Add => self.0.fetch_add(operand, order),
                Rmw::Sub => self.0.fetch_sub(operand, order),
                Rmw::And => self.0.fetch_and(operand, order),
                Rmw::Or => self.0.fetch_or(operand, order),
                Rmw::Max => self.0.fetch_max(operand, order),
                Rmw::Min => self.0.fetch_min(operand, order),
            })
        }
        fn compare_exchange(&self, current: u64, new: u64, ok: Ordering, err: Ordering) -> Result<u64, u64> {
            self.0.compare_exchange(current as $int, new as $int, ok, err).map(u64::from).map_err(u64::from)
        }
        fn exclusive(&mut self) -> u64 {
            let $atomic = &mut self.0;
            u64::from($exclusive)
        }
    };
}
pub(crate) use words;

/// Defines a [`Lock`] and a [`Condvar`] over those of an engine that unlocks by dropping a guard: the lock keeps
/// the guard of whoever holds it.
macro_rules! locks {
    ($lock:ident, $condvar:ident, $($sync:ident)::+) => {
        struct $lock {
            /// Not dropped with the lock: that happens only after a failure, when the engine is not to be called.
            held: std::cell::UnsafeCell<Option<std::mem::ManuallyDrop<$($sync)::+::MutexGuard<'static, ()>>>>,
            mutex: Box<$($sync)::+::Mutex<()>>,
        }

        // SAFETY: all threads of an execution run on one thread of the system, one at a time, and `held` is
        // touched by the holder of the lock alone.
        unsafe impl Send for $lock {}
        // SAFETY: as above.
        unsafe impl Sync for $lock {}

        impl $lock {
            fn new() -> Self {
                $lock { held: std::cell::UnsafeCell::new(None), mutex: Box::new($($sync)::+::Mutex::new(())) }
            }

            fn put(&self, guard: $($sync)::+::MutexGuard<'_, ()>) {
                // SAFETY: the mutex is boxed, and outlives the guard: `held` never leaves this struct.
                let guard: $($sync)::+::MutexGuard<'static, ()> = unsafe { std::mem::transmute(guard) };
                // SAFETY: the caller holds the lock.
                unsafe { *self.held.get() = Some(std::mem::ManuallyDrop::new(guard)) };
            }

            fn take(&self) -> $($sync)::+::MutexGuard<'static, ()> {
                // SAFETY: the caller holds the lock.
                let held = unsafe { &mut *self.held.get() };
                std::mem::ManuallyDrop::into_inner(held.take().expect("the caller holds the lock"))
            }
        }

        impl Lock for $lock {
            // A planned panic may have unwound through a critical section: that poisons nothing here.
            fn lock(&self) {
                self.put(self.mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
            }
            fn unlock(&self) {
                drop(self.take());
            }
            fn as_any(&self) -> &dyn std::any::Any {
                self
            }
        }

        struct $condvar($($sync)::+::Condvar);

        impl Condvar for $condvar {
            fn wait(&self, lock: &dyn Lock) {
                let lock = lock.as_any().downcast_ref::<$lock>().expect("a lock of the same engine");
                lock.put(self.0.wait(lock.take()).unwrap_or_else(|poisoned| poisoned.into_inner()));
            }
            fn notify_one(&self) {
                self.0.notify_one();
            }
            fn notify_all(&self) {
                self.0.notify_all();
            }
        }
    };
}
pub(crate) use locks;
