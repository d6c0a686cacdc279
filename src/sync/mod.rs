//! The facade: all that this crate knows of threads and memory.
//!
//! This room, with [`check`](crate::check), is the only one that names `std::sync`, `std::thread`,
//! loom or shuttle. Two builds of it exist:
//!
//! * **plain** (no features): re-exports of `std`, and newtypes that the compiler sees through;
//! * **checking** (`loom`, `shuttle`, or both): every primitive is a handle to an object of the engine that
//!   the creating thread runs under, so one binary runs one protocol under loom, shuttle and real threads.
//!
//! # Axioms
//!
//! Code above the facade relies on these and on nothing else.
//!
//! 1. **Atomics** obey C++20 with the orderings given. `SeqCst` is for [`fence`] alone: an access is at most
//!    acquire and release. An atomic that is the target of a read-modify-write is never written by a plain
//!    `store` while it is shared.
//! 2. **Asymmetric fences.** In every execution there is a total order over all [`heavy_fence`]s and
//!    [`light_fence`]s. If a light fence comes before a heavy one, then what its thread did before it is
//!    visible after the heavy one; if it comes after, then what was done before the heavy one is visible after
//!    it. Two light fences order nothing between them.
//! 3. **Waiting** on an atomic is [`wait_until`], never a loop of one's own.
//! 4. **Heap objects** that threads reach by address are [`alloc`] handles. Each has an identity (creating
//!    thread, n-th creation by it) that is the same in every execution that takes the same path.
//! 5. **Whatever is not determined by the program** comes from here: thread identities, [`unique`] numbers,
//!    the number of processors.
//! 6. [`Arc`] is `std`'s in every build. It is for handles that only carry things to threads: it is no
//!    protocol, and no checker sees its counter. Which of several unordered threads drops the last one is not
//!    explored. So a value that such threads share, and whose drop does what the facade sees, is [`Counted`].
//!
//! # What a checking build sees
//!
//! Each operation is recorded with its thread, object, ordering, value and source line. The orderings that it
//! uses are known by source line, and any one of them can be weakened for a run without recompiling. Memory
//! handed to [`alloc`] is not returned before the execution ends: an access after the free, or one that merely
//! *races* with it, a second free and a leak are failed checks that name who allocated and who freed.
//!
//! A panic under an engine is a failed check, so [`catch_unwind`] lets it pass, unless the model planned it
//! with [`planned_panic`].

#[cfg(not(feature = "engine"))]
#[path = "plain/mod.rs"]
mod imp;

#[cfg(feature = "engine")]
#[path = "checked/mod.rs"]
mod imp;

pub mod alloc;
mod fence;
mod wait;

#[cfg(feature = "engine")]
pub(crate) use imp::{engine, execution};

pub use imp::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize};
pub use imp::cell::UnsafeCell;
pub use imp::counted::Counted;
pub use imp::local::{__LocalStorage, LocalKey};
pub use imp::lock::{Condvar, Mutex, MutexGuard};
pub use imp::panics::catch_unwind;
pub use imp::swap::ArcSwapOption;
pub use imp::thread;

pub use crate::__netns_thread_local as thread_local;
pub use fence::{fence, heavy_fence, light_fence};
pub use std::sync::Arc;
pub use std::sync::atomic::Ordering;
pub use wait::{Waitable, wait_until};

/// Gives an object a name for the event log. Costs nothing in a plain build.
///
/// Objects of one name are told apart by their creation: `count#1`, `count#2`, .. What is a part of a heap object is called
/// after it: `Net#2.count`.
#[inline(always)]
pub fn name<T: Named>(object: &T, name: &'static str) {
    object.set_name(name);
}

/// What [`name`] can name: atomics, cells, locks, heap objects.
pub trait Named {
    /// See [`name`].
    fn set_name(&self, name: &'static str);
}

/// A number that no other call in this process returns (under an engine: in this execution). Never 0.
///
/// Equality is all that may be asked of it.
#[inline]
pub fn unique() -> u64 {
    imp::unique()
}

/// A panic that a model plans: [`catch_unwind`] stops it under every engine, where any other panic is a
/// failed check.
///
/// # Panics
///
/// Always: that is its purpose.
pub fn planned_panic() -> ! {
    std::panic::resume_unwind(Box::new(PlannedPanic))
}

/// The payload of [`planned_panic`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedPanic;

/// A callback panicked: what [`catch_unwind`] says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Panicked;

#[cfg(test)]
mod tests;
