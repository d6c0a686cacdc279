//! Mutex and condition variable. A panic in a critical section poisons nothing.

use super::engine;
use super::event::Value;
use super::execution::{self, Object, Turn};
use crate::sync::Named;
use std::cell::UnsafeCell;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::panic::Location;

/// A mutual exclusion lock. Not poisoned by panics: who protects an invariant with it restores it.
pub struct Mutex<T: ?Sized> {
    lock: Box<dyn engine::Lock>,
    object: Object,
    value: UnsafeCell<T>,
}

// SAFETY: the lock lets one thread at a time reach the value, so sharing the mutex is sending the value.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}
// SAFETY: the mutex owns its value.
unsafe impl<T: ?Sized + Send> Send for Mutex<T> {}

impl<T> Mutex<T> {
    /// An unlocked mutex.
    pub fn new(value: T) -> Self {
        let (engine, object) = execution::create("mutex");
        Mutex { lock: engine.lock(), object, value: UnsafeCell::new(value) }
    }

    /// Takes the value out.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    fn enter(&self, at: &'static Location<'static>) -> Turn {
        execution::enter(self.object, (&raw const *self).addr(), at)
    }

    /// Waits for the lock. A thread that locks twice waits for ever.
    #[track_caller]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        let at = Location::caller();
        match self.enter(at) {
            Turn::Outside => self.lock.lock(),
            Turn::Over => {}
            Turn::Engine(turn) => {
                turn.call(|_| self.lock.lock());
                turn.record("lock", None, Value::None);
            }
        }
        MutexGuard { mutex: self, at, _not_send: PhantomData }
    }

    fn unlock(&self, at: &'static Location<'static>) {
        match self.enter(at) {
            Turn::Outside => self.lock.unlock(),
            Turn::Over => {}
            Turn::Engine(turn) => {
                turn.announce("unlock", Value::None, 1);
                turn.call(|_| self.lock.unlock());
            }
        }
    }

    /// Access by the one owner.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

/// Access to what a [`Mutex`] protects; unlocks when dropped.
pub struct MutexGuard<'a, T: ?Sized> {
    mutex: &'a Mutex<T>,
    at: &'static Location<'static>,
    _not_send: PhantomData<*const ()>,
}

// SAFETY: a shared guard gives out `&T` alone.
unsafe impl<T: ?Sized + Sync> Sync for MutexGuard<'_, T> {}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the guard's thread holds the lock.
        unsafe { &*self.mutex.value.get() }
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard's thread holds the lock, and the guard is borrowed exclusively.
        unsafe { &mut *self.mutex.value.get() }
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        self.mutex.unlock(self.at);
    }
}

impl<T: ?Sized> Named for Mutex<T> {
    fn set_name(&self, name: &'static str) {
        execution::name(self.object, name);
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Mutex::new(T::default())
    }
}

impl<T: ?Sized> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mutex")
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// A condition variable. Waits can end without a notification: wait in a loop.
pub struct Condvar {
    condvar: Box<dyn engine::Condvar>,
    object: Object,
}

impl Condvar {
    /// A condition variable that nobody waits on.
    pub fn new() -> Self {
        let (engine, object) = execution::create("condvar");
        Condvar { condvar: engine.condvar(), object }
    }

    fn enter(&self, at: &'static Location<'static>) -> Turn {
        execution::enter(self.object, (&raw const *self).addr(), at)
    }

    /// Unlocks, waits to be notified, locks again.
    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        match self.enter(Location::caller()) {
            Turn::Outside => self.condvar.wait(&*guard.mutex.lock),
            // Nobody will notify: who should may have unwound. The failure is on record, so this may abort.
            Turn::Over => std::panic::resume_unwind(Box::new("the execution is over")),
            Turn::Engine(turn) => {
                // A ticket is taken, and the lock given up.
                turn.announce("wait", Value::None, 3);
                turn.call(|_| self.condvar.wait(&*guard.mutex.lock));
                turn.record("awake", None, Value::None);
            }
        }
        guard
    }

    /// Wakes one waiting thread, if there is one.
    #[track_caller]
    pub fn notify_one(&self) {
        match self.enter(Location::caller()) {
            Turn::Outside => self.condvar.notify_one(),
            Turn::Over => {}
            Turn::Engine(turn) => {
                turn.call(|_| self.condvar.notify_one());
                turn.record("notify_one", None, Value::None);
            }
        }
    }

    /// Wakes every waiting thread.
    #[track_caller]
    pub fn notify_all(&self) {
        match self.enter(Location::caller()) {
            Turn::Outside => self.condvar.notify_all(),
            Turn::Over => {}
            Turn::Engine(turn) => {
                turn.call(|_| self.condvar.notify_all());
                turn.record("notify_all", None, Value::None);
            }
        }
    }
}

impl Named for Condvar {
    fn set_name(&self, name: &'static str) {
        execution::name(self.object, name);
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
