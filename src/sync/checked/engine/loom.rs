//! loom behind the facade.

use super::{Condvar, Engine, Join, Lock, Parker, Rmw, Track, Width, Word, words};
use loom::sync::atomic::{AtomicU32, AtomicU64};
use std::any::Any;
use std::cell::UnsafeCell;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub(crate) static LOOM: Loom = Loom;

pub(crate) struct Loom;

struct LoomWord<A>(A);
words!(LoomWord, AtomicU32, AtomicU64, |atomic| atomic.with_mut(|value| *value));

type Guard = loom::sync::MutexGuard<'static, ()>;

/// loom unlocks by dropping a guard, so the lock keeps the guard of whoever holds it.
struct LoomLock {
    /// Never dropped with the lock: that happens only after a failure, when loom is not to be called.
    held: UnsafeCell<Option<ManuallyDrop<Guard>>>,
    mutex: Box<loom::sync::Mutex<()>>,
}

// SAFETY: all of loom's threads run on one thread of the system, one at a time, and `held` is touched by the
// holder of the lock alone.
unsafe impl Send for LoomLock {}
// SAFETY: as above.
unsafe impl Sync for LoomLock {}

impl LoomLock {
    fn put(&self, guard: loom::sync::MutexGuard<'_, ()>) {
        // SAFETY: the mutex is boxed, and outlives the guard: `held` never leaves this struct.
        let guard = unsafe { std::mem::transmute::<loom::sync::MutexGuard<'_, ()>, Guard>(guard) };
        // SAFETY: the caller holds the lock.
        unsafe { *self.held.get() = Some(ManuallyDrop::new(guard)) };
    }

    fn take(&self) -> Guard {
        // SAFETY: the caller holds the lock.
        let held = unsafe { &mut *self.held.get() };
        ManuallyDrop::into_inner(held.take().expect("the caller holds the lock"))
    }
}

impl Lock for LoomLock {
    fn lock(&self) {
        self.put(self.mutex.lock().expect("loom does not poison"));
    }
    fn unlock(&self) {
        drop(self.take());
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct LoomCondvar(loom::sync::Condvar);

impl Condvar for LoomCondvar {
    fn wait(&self, lock: &dyn Lock) {
        let lock = lock.as_any().downcast_ref::<LoomLock>().expect("a lock of the same engine");
        lock.put(self.0.wait(lock.take()).expect("loom does not poison"));
    }
    fn notify_one(&self) {
        self.0.notify_one();
    }
    fn notify_all(&self) {
        self.0.notify_all();
    }
}

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
    fn word(&self, width: Width, value: u64) -> Box<dyn Word> {
        match width {
            Width::W32 => Box::new(LoomWord(AtomicU32::new(value as u32))),
            Width::W64 => Box::new(LoomWord(AtomicU64::new(value))),
        }
    }
    fn lock(&self) -> Box<dyn Lock> {
        Box::new(LoomLock { held: UnsafeCell::new(None), mutex: Box::new(loom::sync::Mutex::new(())) })
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
