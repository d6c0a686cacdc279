//! Outside of any check: the real thing, so that ordinary tests run in a checking build too.

use super::{Condvar, Engine, Join, Lock, Parker, Rmw, Track, Width, Word, words};
use std::any::Any;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

pub(in crate::sync::imp) static STD: Std = Std;

pub(in crate::sync::imp) struct Std;

struct StdWord<A>(A);
words!(StdWord, AtomicU32, AtomicU64, |atomic| *atomic.get_mut());

/// A lock that is locked and unlocked by calls: a flag under a mutex.
struct StdLock {
    locked: Mutex<bool>,
    unlocked: std::sync::Condvar,
}

impl Lock for StdLock {
    fn lock(&self) {
        let mut locked = self.locked.lock().unwrap_or_else(PoisonError::into_inner);
        while *locked {
            locked = self.unlocked.wait(locked).unwrap_or_else(PoisonError::into_inner);
        }
        *locked = true;
    }
    fn unlock(&self) {
        *self.locked.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.unlocked.notify_one();
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Counts notifications: who waits remembers the count from before it unlocked.
struct StdCondvar {
    notified: Mutex<u64>,
    changed: std::sync::Condvar,
}

impl Condvar for StdCondvar {
    fn wait(&self, lock: &dyn Lock) {
        let mut notified = self.notified.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *notified;
        lock.unlock();
        while *notified == before {
            notified = self.changed.wait(notified).unwrap_or_else(PoisonError::into_inner);
        }
        drop(notified);
        lock.lock();
    }
    /// Wakes them all, which a condition variable may.
    fn notify_one(&self) {
        self.notify_all();
    }
    fn notify_all(&self) {
        *self.notified.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.changed.notify_all();
    }
}

/// Nobody watches real memory.
struct Unwatched;

impl Track for Unwatched {
    fn read(&self) {}
    fn write(&self) {}
}

impl Engine for Std {
    fn word(&self, width: Width, value: u64) -> Arc<dyn Word> {
        match width {
            Width::W32 => Arc::new(StdWord(AtomicU32::new(value as u32))),
            Width::W64 => Arc::new(StdWord(AtomicU64::new(value))),
        }
    }
    fn lock(&self) -> Box<dyn Lock> {
        Box::new(StdLock { locked: Mutex::new(false), unlocked: std::sync::Condvar::new() })
    }
    fn condvar(&self) -> Box<dyn Condvar> {
        Box::new(StdCondvar { notified: Mutex::new(0), changed: std::sync::Condvar::new() })
    }
    fn track(&self) -> Box<dyn Track> {
        Box::new(Unwatched)
    }
    fn fence(&self, order: Ordering) {
        std::sync::atomic::fence(order);
    }
    fn spawn(&self, body: Box<dyn FnOnce() + Send>) -> Box<dyn Join> {
        Box::new(StdJoin(std::thread::spawn(body)))
    }
    fn yield_now(&self) {
        std::thread::yield_now();
    }
    /// Waiting on real threads spins and yields.
    fn parker(&self) -> Option<Arc<dyn Parker>> {
        None
    }
    fn max_threads(&self) -> usize {
        usize::MAX
    }
    fn announces_fences(&self) -> bool {
        false
    }
    fn remembered_stores(&self) -> Option<u32> {
        None
    }
}

struct StdJoin(std::thread::JoinHandle<()>);

impl Join for StdJoin {
    fn join(self: Box<Self>) {
        if let Err(payload) = self.0.join() {
            std::panic::resume_unwind(payload);
        }
    }
}
