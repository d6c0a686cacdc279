//! The plain build: `std`, and nothing else.

pub(super) mod atomic {
    //! The atomics of `std` themselves.
    use crate::sync::Named;
    pub use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize};

    macro_rules! named {
        ($($t:ty),*) => {$(
            impl Named for $t {
                #[inline(always)]
                fn set_name(&self, _: &'static str) {}
            }
        )*};
    }
    named!(AtomicBool, AtomicU32, AtomicU64, AtomicUsize);
}

pub(super) mod alloc;
pub(super) mod cell;
pub(super) mod counted;
pub(super) mod fence;
pub(super) mod local;
pub(super) mod lock;
pub(super) mod swap;
pub mod thread;

pub(super) mod panics {
    //! Catching panics of callbacks.
    use crate::sync::Panicked;
    use std::panic::AssertUnwindSafe;

    /// Runs `f`; a panic in it becomes the error. Under an engine only a planned panic does: any other is a
    /// failed check and passes through.
    ///
    /// # Errors
    ///
    /// [`Panicked`]. What the panic carried is leaked: its drop is the callback's code too, and might panic again.
    pub fn catch_unwind<R>(f: impl FnOnce() -> R) -> Result<R, Panicked> {
        std::panic::catch_unwind(AssertUnwindSafe(f)).map_err(|payload| {
            std::mem::forget(payload);
            Panicked
        })
    }
}

pub(super) mod wait {
    //! What a waiting thread does between two looks.

    use crate::sync::Ordering;

    /// Spins, then yields, then sleeps for longer and longer, at most a millisecond.
    pub struct Relax {
        backoff: crossbeam_utils::Backoff,
        nap: std::time::Duration,
    }

    impl Relax {
        const LONGEST: std::time::Duration = std::time::Duration::from_millis(1);

        #[inline]
        pub(crate) fn new() -> Self {
            Relax { backoff: crossbeam_utils::Backoff::new(), nap: std::time::Duration::from_micros(10) }
        }

        #[inline(always)]
        pub(crate) fn wait<A, V>(_: &A, _: Ordering, _: &dyn Fn(V) -> bool) -> Option<V> {
            None
        }

        #[inline]
        pub(crate) fn relax<A>(&mut self, _: &A) {
            if self.backoff.is_completed() {
                std::thread::sleep(self.nap);
                self.nap = (self.nap * 2).min(Self::LONGEST);
            } else {
                self.backoff.snooze();
            }
        }
    }
}

/// See [`crate::sync::unique`].
#[inline]
pub(super) fn unique() -> u64 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

#[cfg(test)]
mod tests;
