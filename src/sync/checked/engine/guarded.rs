//! Locks of engines that unlock by dropping a guard.

/// Defines a [`Lock`] and a [`Condvar`] over those of an engine that unlocks by dropping a guard: the lock keeps
/// the guard of whoever holds it.
macro_rules! locks {
    ($lock:ident, $condvar:ident, $($sync:ident)::+) => {
        struct $lock {
            /// Not dropped with the lock: that happens only after a failure, when the engine is not to be called.
            held: std::cell::UnsafeCell<Option<std::mem::ManuallyDrop<$($sync)::+::MutexGuard<'static, ()>>>>,
            mutex: Box<$($sync)::+::Mutex<()>>,
        }

        // SAFETY: all threads of an execution run on one thread of the system, one at a time, and `held` is
        // touched by the holder of the lock alone.
        unsafe impl Send for $lock {}
        // SAFETY: as above.
        unsafe impl Sync for $lock {}

        impl $lock {
            fn new() -> Self {
                $lock { held: std::cell::UnsafeCell::new(None), mutex: Box::new($($sync)::+::Mutex::new(())) }
            }

            fn put(&self, guard: $($sync)::+::MutexGuard<'_, ()>) {
                // SAFETY: the mutex is boxed, and outlives the guard: `held` never leaves this struct.
                let guard: $($sync)::+::MutexGuard<'static, ()> = unsafe { std::mem::transmute(guard) };
                // SAFETY: the caller holds the lock.
                unsafe { *self.held.get() = Some(std::mem::ManuallyDrop::new(guard)) };
            }

            fn take(&self) -> $($sync)::+::MutexGuard<'static, ()> {
                // SAFETY: the caller holds the lock.
                let held = unsafe { &mut *self.held.get() };
                std::mem::ManuallyDrop::into_inner(held.take().expect("the caller holds the lock"))
            }
        }

        impl Lock for $lock {
            // A planned panic may have unwound through a critical section: that poisons nothing here.
            fn lock(&self) {
                self.put(self.mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
            }
            fn unlock(&self) {
                drop(self.take());
            }
            fn as_any(&self) -> &dyn std::any::Any {
                self
            }
        }

        struct $condvar($($sync)::+::Condvar);

        impl Condvar for $condvar {
            fn wait(&self, lock: &dyn Lock) {
                let lock = lock.as_any().downcast_ref::<$lock>().expect("a lock of the same engine");
                lock.put(self.0.wait(lock.take()).unwrap_or_else(|poisoned| poisoned.into_inner()));
            }
            fn notify_one(&self) {
                self.0.notify_one();
            }
            fn notify_all(&self) {
                self.0.notify_all();
            }
        }
    };
}
pub(crate) use locks;
