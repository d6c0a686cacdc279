//! shuttle behind the facade. It is sequentially consistent, and sees no race between plain accesses.

use super::{Condvar, Engine, Join, Lock, Parker, Rmw, Track, Width, Word, words};
use shuttle::sync::atomic::{AtomicU32, AtomicU64};
use std::any::Any;
use std::cell::UnsafeCell;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub(crate) static SHUTTLE: Shuttle = Shuttle;

pub(crate) struct Shuttle;

/// shuttle puts a panic hook around the one it finds when it first runs, and prints from it whatever panics,
/// planned or not. Run it once, so that the hook that comes after replaces it for good.
pub(crate) fn let_shuttle_install_its_hook() {
    let mut config = shuttle::Config::new();
    config.failure_persistence = shuttle::FailurePersistence::None;
    shuttle::Runner::new(shuttle::scheduler::RandomScheduler::new_from_seed(0, 1), config).run(|| ());
}

struct ShuttleWord<A>(A);
words!(ShuttleWord, AtomicU32, AtomicU64, |atomic| *atomic.get_mut());

type Guard = shuttle::sync::MutexGuard<'static, ()>;

/// shuttle unlocks by dropping a guard, so the lock keeps the guard of whoever holds it.
struct ShuttleLock {
    /// Never dropped with the lock: that happens only after a failure, when shuttle is not to be called.
    held: UnsafeCell<Option<ManuallyDrop<Guard>>>,
    mutex: Box<shuttle::sync::Mutex<()>>,
}

// SAFETY: all of shuttle's threads run on one thread of the system, one at a time, and `held` is touched by the
// holder of the lock alone.
unsafe impl Send for ShuttleLock {}
// SAFETY: as above.
unsafe impl Sync for ShuttleLock {}

impl ShuttleLock {
    fn put(&self, guard: shuttle::sync::MutexGuard<'_, ()>) {
        // SAFETY: the mutex is boxed, and outlives the guard: `held` never leaves this struct.
        let guard = unsafe { std::mem::transmute::<shuttle::sync::MutexGuard<'_, ()>, Guard>(guard) };
        // SAFETY: the caller holds the lock.
        unsafe { *self.held.get() = Some(ManuallyDrop::new(guard)) };
    }

    fn take(&self) -> Guard {
        // SAFETY: the caller holds the lock.
        let held = unsafe { &mut *self.held.get() };
        ManuallyDrop::into_inner(held.take().expect("the caller holds the lock"))
    }
}

impl Lock for ShuttleLock {
    fn lock(&self) {
        // A planned panic may have unwound through a critical section.
        self.put(self.mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
    }
    fn unlock(&self) {
        drop(self.take());
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct ShuttleCondvar(shuttle::sync::Condvar);

impl Condvar for ShuttleCondvar {
    fn wait(&self, lock: &dyn Lock) {
        let lock = lock.as_any().downcast_ref::<ShuttleLock>().expect("a lock of the same engine");
        lock.put(self.0.wait(lock.take()).unwrap_or_else(|poisoned| poisoned.into_inner()));
    }
    fn notify_one(&self) {
        self.0.notify_one();
    }
    fn notify_all(&self) {
        self.0.notify_all();
    }
}

struct Unwatched;

impl Track for Unwatched {
    fn read(&self) {}
    fn write(&self) {}
}

impl Engine for Shuttle {
    fn word(&self, width: Width, value: u64) -> Box<dyn Word> {
        match width {
            Width::W32 => Box::new(ShuttleWord(AtomicU32::new(value as u32))),
            Width::W64 => Box::new(ShuttleWord(AtomicU64::new(value))),
        }
    }
    fn lock(&self) -> Box<dyn Lock> {
        Box::new(ShuttleLock { held: UnsafeCell::new(None), mutex: Box::new(shuttle::sync::Mutex::new(())) })
    }
    fn condvar(&self) -> Box<dyn Condvar> {
        Box::new(ShuttleCondvar(shuttle::sync::Condvar::new()))
    }
    fn track(&self) -> Box<dyn Track> {
        Box::new(Unwatched)
    }
    fn fence(&self, order: Ordering) {
        shuttle::sync::atomic::fence(order);
    }
    fn spawn(&self, body: Box<dyn FnOnce() + Send>) -> Box<dyn Join> {
        Box::new(ShuttleJoin(shuttle::thread::spawn(body)))
    }
    fn yield_now(&self) {
        shuttle::thread::yield_now();
    }
    /// shuttle's depth-first search has no fairness: it would let a yielding thread look for ever.
    fn parker(&self) -> Option<Arc<dyn Parker>> {
        Some(Arc::new(ShuttleParker {
            woken: shuttle::sync::Mutex::new(false),
            wake: shuttle::sync::Condvar::new(),
        }))
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

/// Not `shuttle::thread::park`, which may wake for no reason, again and again in a depth-first search.
struct ShuttleParker {
    woken: shuttle::sync::Mutex<bool>,
    wake: shuttle::sync::Condvar,
}

impl Parker for ShuttleParker {
    fn park(&self) {
        let mut woken = self.woken.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        while !*woken {
            woken = self.wake.wait(woken).unwrap_or_else(|poisoned| poisoned.into_inner());
        }
    }
    fn wake(&self) {
        *self.woken.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = true;
        self.wake.notify_one();
    }
}

struct ShuttleJoin(shuttle::thread::JoinHandle<()>);

impl Join for ShuttleJoin {
    fn join(self: Box<Self>) {
        if let Err(payload) = self.0.join() {
            std::panic::resume_unwind(payload);
        }
    }
}
