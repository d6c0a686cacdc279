//! The checking build: every primitive is a handle to an object of the engine that runs the thread.
//!
//! An operation takes three steps. [`execution::enter`] decides whose it is (an engine's, or, outside of any
//! check, `std`'s) and whether the object may still be used; the object of [`engine`] carries it out, and may
//! switch threads before it does; [`execution::Recorder::record`] writes it in the event log.

pub(super) mod alloc;
pub(super) mod atomic;
pub(super) mod cell;
mod choices;
pub(super) mod counted;
pub(crate) mod engine;
mod event;
pub(crate) mod execution;
pub(super) mod fence;
mod history;
pub(super) mod local;
pub(super) mod lock;
mod memory;
pub(super) mod panics;
pub(super) mod swap;
pub mod thread;
pub(super) mod wait;

/// See [`crate::sync::unique`].
pub(super) fn unique() -> u64 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    execution::unique().unwrap_or_else(|| NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
}
