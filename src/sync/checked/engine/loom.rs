//! loom behind the facade.

use super::guarded::locks;
use super::{Condvar, Engine, Join, Lock, Parker, Rmw, Track, Width, Word, words};
use loom::sync::atomic::{AtomicU32, AtomicU64};
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub(crate) static LOOM: Loom = Loom;

pub(crate) struct Loom;

struct LoomWord<A>(A);
words!(LoomWord, AtomicU32, AtomicU64, |atomic| atomic.with_mut(|value| *value));

locks!(LoomLock, LoomCondvar, loom::sync);

struct LoomTrack(loom::cell::UnsafeCell<()>);

// SAFETY: it holds nothing: the two methods tell loom of accesses.
unsafe impl Sync for LoomTrack {}

impl Track for LoomTrack {
    fn read(&self) {
        self.0.with(|_| ());
    }
    fn write(&self) {
        self.0.with_mut(|_| ());
    }
}

impl Engine for Loom {
    fn word(&self, width: Width, value: u64) -> Arc<dyn Word> {
        match width {
            Width::W32 => Arc::new(LoomWord(AtomicU32::new(value as u32))),
            Width::W64 => Arc::new(LoomWord(AtomicU64::new(value))),
        }
    }
    fn lock(&self) -> Box<dyn Lock> {
        Box::new(LoomLock::new())
    }
    fn condvar(&self) -> Box<dyn Condvar> {
        Box::new(LoomCondvar(loom::sync::Condvar::new()))
    }
    fn track(&self) -> Box<dyn Track> {
        Box::new(LoomTrack(loom::cell::UnsafeCell::new(())))
    }
    fn fence(&self, order: Ordering) {
        loom::sync::atomic::fence(order);
    }
    fn spawn(&self, body: Box<dyn FnOnce() + Send>) -> Box<dyn Join> {
        Box::new(LoomJoin(loom::thread::spawn(body)))
    }
    fn yield_now(&self) {
        loom::thread::yield_now();
    }
    /// loom prunes the looks of a thread that yields: fewer executions than with a blocked one.
    fn parker(&self) -> Option<Arc<dyn Parker>> {
        None
    }
    fn max_threads(&self) -> usize {
        loom::MAX_THREADS
    }
    fn announces_fences(&self) -> bool {
        true
    }
    fn remembered_stores(&self) -> Option<u32> {
        Some(7)
    }
}

struct LoomJoin(loom::thread::JoinHandle<()>);

impl Join for LoomJoin {
    fn join(self: Box<Self>) {
        self.0.join().expect("a panic never ends a loom thread alone");
    }
}
