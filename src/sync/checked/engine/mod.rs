//! What an engine must offer: a small closed set of objects and operations. A new engine is one more file here.

#[cfg(any(feature = "loom", feature = "shuttle"))]
mod guarded;
#[cfg(feature = "loom")]
mod loom;
#[cfg(feature = "rc11")]
mod rc11;
#[cfg(feature = "shuttle")]
mod shuttle;
mod std;

#[cfg(feature = "loom")]
pub(crate) use loom::LOOM;
#[cfg(feature = "rc11")]
pub(crate) use rc11::{RC11, graph_of};
#[cfg(feature = "shuttle")]
pub(crate) use shuttle::{SHUTTLE, let_shuttle_install_its_hook};
pub(super) use std::STD;

use ::std::sync::Arc;
use ::std::sync::atomic::Ordering;

/// An engine.
pub(crate) trait Engine: Sync {
    /// A new atomic.
    fn word(&self, width: Width, value: u64) -> Arc<dyn Word>;
    /// A new lock, unlocked.
    fn lock(&self) -> Box<dyn Lock>;
    /// A new condition variable.
    fn condvar(&self) -> Box<dyn Condvar>;
    /// A new piece of plain memory, to watch for races.
    fn track(&self) -> Box<dyn Track>;
    /// A fence; `order` is not `Relaxed`.
    fn fence(&self, order: Ordering);
    /// The light half of an asymmetric fence; the heavy half is a `SeqCst` fence.
    fn light_fence(&self) {
        self.fence(Ordering::SeqCst);
    }
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
    /// A number below `n`, if the engine explores choices itself.
    fn choose(&self, n: usize) -> Option<usize> {
        let _ = n;
        None
    }
    /// The number of the running thread, if the engine knows it by one that does not depend on what others do.
    fn running_thread(&self) -> Option<usize> {
        None
    }
    /// Whether the address of a heap object is to be kept in an atomic as the object's name.
    fn needs_names_for_addresses(&self) -> bool {
        false
    }
    /// How many events of its graph the running thread has behind it, if the engine has a graph of the execution.
    fn events_behind(&self) -> usize {
        0
    }
    /// The graph of what was done so far, if the engine has one. Not while it is at work itself.
    fn graph(&self) -> Option<Graph> {
        None
    }
    /// Whether memory is sequentially consistent.
    fn is_sequentially_consistent(&self) -> bool {
        false
    }
    /// Whether it runs other threads between the beginning of an operation on an atomic and its effect, and does not notice if
    /// one of them frees the atomic.
    fn lets_others_free(&self) -> bool {
        false
    }
    /// Whether the execution that ends is one of those that are explored. An engine may let one run to its end that is
    /// not.
    fn is_counted(&self) -> bool {
        true
    }
}

/// What an engine knows of an execution beside the order in which it ran. Threads have the engine's numbers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Graph {
    /// The thread that runs.
    pub(crate) running: usize,
    /// In an order in which it can be told.
    pub(crate) events: Vec<GraphEvent>,
}

/// An event of an execution graph.
#[derive(Debug, Clone, Default)]
pub(crate) struct GraphEvent {
    pub(crate) thread: usize,
    /// Its number in the thread, from 0.
    pub(crate) index: usize,
    pub(crate) is_read: bool,
    pub(crate) is_write: bool,
    /// Thread and number of what it reads from; `None` is the initial value.
    pub(crate) reads_from: Option<(usize, usize)>,
    /// The place in modification order of what it reads or writes; that of the initial value is 0.
    pub(crate) place: Option<usize>,
    /// The thread that it starts.
    pub(crate) starts: Option<usize>,
    /// How many events of each thread happen before it, itself included.
    pub(crate) happens_before: Vec<u16>,
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
    /// As [`compare_exchange`](Word::compare_exchange), but it fails for no reason as well, if the engine can explore
    /// that.
    fn compare_exchange_weak(&self, current: u64, new: u64, ok: Ordering, err: Ordering) -> Result<u64, u64> {
        self.compare_exchange(current, new, ok, err)
    }
    /// Blocks until there is a value that is `enough`, and returns it; `None` if the engine cannot, and one has to look
    /// again and again.
    fn wait(&self, order: Ordering, enough: &dyn Fn(u64) -> bool) -> Option<u64> {
        let _ = (order, enough);
        None
    }
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

/// Implements [`Word`] for a pair of atomics with the methods of `std`'s; the last argument is how one waits for a value,
/// for an engine that can, and that explores what a weak compare-exchange may do.
macro_rules! words {
    ($name:ident, $a32:ty, $a64:ty, |$atomic:ident| $exclusive:expr $(, $($more:tt)*)?) => {
        impl $crate::sync::imp::engine::Word for $name<$a32> {
            words!(@body u32, |$atomic| $exclusive);
            $(words!(@more u32, $($more)*);)?
        }
        impl $crate::sync::imp::engine::Word for $name<$a64> {
            words!(@body u64, |$atomic| $exclusive);
            $(words!(@more u64, $($more)*);)?
        }
    };
    (@more $int:ty, |$atomic:ident, $order:ident, $enough:ident| $wait:expr) => {
        fn compare_exchange_weak(&self, current: u64, new: u64, ok: Ordering, err: Ordering) -> Result<u64, u64> {
            self.0.compare_exchange_weak(current as $int, new as $int, ok, err).map(u64::from).map_err(u64::from)
        }
        fn wait(&self, $order: Ordering, $enough: &dyn Fn(u64) -> bool) -> Option<u64> {
            let $atomic = &self.0;
            Some($wait)
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
