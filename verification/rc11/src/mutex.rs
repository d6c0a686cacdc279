//! Locks and condition variables, out of waits on atomics.

use crate::atomic::Atomic;
use std::cell::UnsafeCell;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// A lock without data.
pub struct RawMutex(Atomic<bool>);

impl RawMutex {
    /// An unlocked lock.
    pub fn new() -> Self {
        RawMutex(Atomic::new(false))
    }

    /// Waits for the lock. A thread that locks twice waits for ever, which is a failed check.
    pub fn lock(&self) {
        // Acquire: pairs with the release in `unlock`.
        self.0.wait_update(Acquire, |locked| (!locked).then_some(true));
    }

    /// Unlocks. By the thread that holds the lock.
    pub fn unlock(&self) {
        // Release: pairs with the acquire in `lock`.
        self.0.store(false, Release);
    }
}

impl Default for RawMutex {
    fn default() -> Self {
        RawMutex::new()
    }
}

impl fmt::Debug for RawMutex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawMutex")
    }
}

/// A lock around a value. Not poisoned by panics: a panic fails the check.
pub struct Mutex<T> {
    raw: RawMutex,
    /// Whether there is a guard. In an execution that is given up the lock itself keeps nobody out.
    held: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: `held` lets one guard at a time reach the value.
unsafe impl<T: Send> Sync for Mutex<T> {}

impl<T> Mutex<T> {
    /// An unlocked lock around `value`.
    pub fn new(value: T) -> Self {
        Mutex { raw: RawMutex::new(), held: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    /// Waits for the lock.
    ///
    /// # Panics
    ///
    /// If a destructor asks for it while the execution is given up, and somebody holds it.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.raw.lock();
        self.hold();
        MutexGuard { mutex: self, _not_send: PhantomData }
    }

    // Relaxed, here and where it is let go: threads of an execution run on one thread of the system.
    fn hold(&self) {
        assert!(!self.held.swap(true, Relaxed), "the lock is held, and the execution is given up");
    }
}

impl<T> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mutex")
    }
}

/// Access to what a [`Mutex`] protects; unlocks when dropped.
#[must_use = "the lock is held for as long as the guard lives"]
pub struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    _not_send: PhantomData<*const ()>,
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: there is one guard at a time.
        unsafe { &*self.mutex.value.get() }
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: there is one guard at a time, and it is borrowed exclusively.
        unsafe { &mut *self.mutex.value.get() }
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        self.mutex.held.store(false, Relaxed);
        self.mutex.raw.unlock();
    }
}

impl<T> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MutexGuard")
    }
}

/// A condition variable. It wakes who has waited longest, and nobody without being told to.
pub struct Condvar {
    /// How many have begun to wait, in the upper half, and how many of them were woken.
    tickets: Atomic<u64>,
}

const ONE_WAITER: u64 = 1 << 32;

fn waiters(tickets: u64) -> u64 {
    tickets >> 32
}

fn woken(tickets: u64) -> u64 {
    tickets % ONE_WAITER
}

// Relaxed: it is the lock that orders what waiters and wakers do.
impl Condvar {
    /// A condition variable that nobody waits for.
    pub fn new() -> Self {
        Condvar { tickets: Atomic::new(0) }
    }

    /// Unlocks, waits to be woken, and locks again.
    pub fn wait_raw(&self, lock: &RawMutex) {
        let mine = waiters(self.tickets.fetch_add(ONE_WAITER, Relaxed));
        lock.unlock();
        self.tickets.wait_until(Relaxed, |tickets| woken(tickets) > mine);
        lock.lock();
    }

    /// Unlocks, waits to be woken, and locks again.
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        guard.mutex.held.store(false, Relaxed);
        self.wait_raw(&guard.mutex.raw);
        guard.mutex.hold();
        guard
    }

    /// Wakes one that waits, if there is one.
    pub fn notify_one(&self) {
        let wake = |tickets| (woken(tickets) < waiters(tickets)).then_some(tickets + 1);
        let _ = self.tickets.update(Relaxed, wake);
    }

    /// Wakes all that wait.
    pub fn notify_all(&self) {
        let wake = |tickets| {
            (woken(tickets) < waiters(tickets)).then_some(tickets - woken(tickets) + waiters(tickets))
        };
        let _ = self.tickets.update(Relaxed, wake);
    }
}

impl Default for Condvar {
    fn default() -> Self {
        Condvar::new()
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Condvar")
    }
}
