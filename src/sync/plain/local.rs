//! Per-thread storage.

#[doc(hidden)]
pub use std::thread::LocalKey as __LocalStorage;

/// A value for each thread, made by [`thread_local!`](crate::sync::thread_local), dropped when the thread ends.
pub struct LocalKey<T: 'static>(#[doc(hidden)] pub &'static __LocalStorage<T>);

impl<T: 'static> LocalKey<T> {
    /// Runs `f` on this thread's value, or returns `None` when it is already dropped (the thread is ending).
    #[inline(always)]
    pub fn with<R>(&'static self, f: impl FnOnce(&T) -> R) -> Option<R> {
        self.0.try_with(f).ok()
    }
}

impl<T> std::fmt::Debug for LocalKey<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LocalKey")
    }
}

/// Declares a [`LocalKey`](crate::sync::LocalKey): `thread_local! { static NAME: Type = const { init } }`.
#[macro_export]
#[doc(hidden)]
macro_rules! __netns_thread_local {
    ($(#[$attr:meta])* $vis:vis static $name:ident: $t:ty = const { $init:expr }) => {
        $(#[$attr])*
        $vis static $name: $crate::sync::LocalKey<$t> = $crate::sync::LocalKey({
            ::std::thread_local! { static SLOT: $t = const { $init } }
            &SLOT
        });
    };
}
