//! shuttle behind the facade. It is sequentially consistent, and sees no race between plain accesses.

use super::guarded::locks;
use super::{Condvar, Engine, Join, Lock, Parker, Rmw, Track, Width, Word, words};
use shuttle::sync::atomic::{AtomicU32, AtomicU64};
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

locks!(ShuttleLock, ShuttleCondvar, shuttle::sync);

struct Unwatched;

impl Track for Unwatched {
    fn read(&self) {}
    fn write(&self) {}
}

impl Engine for Shuttle {
    fn word(&self, width: Width, value: u64) -> Arc<dyn Word> {
        match width {
            Width::W32 => Arc::new(ShuttleWord(AtomicU32::new(value as u32))),
            Width::W64 => Arc::new(ShuttleWord(AtomicU64::new(value))),
        }
    }
    fn lock(&self) -> Box<dyn Lock> {
        Box::new(ShuttleLock::new())
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
    fn is_sequentially_consistent(&self) -> bool {
        true
    }
    /// It switches threads before the effect, and watches no memory.
    fn lets_others_free(&self) -> bool {
        true
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
