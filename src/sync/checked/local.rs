//! Per-thread storage.

use super::execution::{self, Local};
use std::rc::Rc;

#[doc(hidden)]
pub use std::thread::LocalKey as __LocalStorage;

/// A value for each thread, made by [`thread_local!`](crate::sync::thread_local), dropped when the thread ends.
pub struct LocalKey<T: 'static> {
    #[doc(hidden)]
    pub outside: &'static __LocalStorage<T>,
    #[doc(hidden)]
    pub init: fn() -> T,
}

impl<T: 'static> LocalKey<T> {
    /// Runs `f` on this thread's value, or returns `None` when it is already dropped (the thread is ending).
    pub fn with<R>(&'static self, f: impl FnOnce(&T) -> R) -> Option<R> {
        let key = (&raw const *self).addr();
        let value = match execution::local(key) {
            Local::Outside => return self.outside.try_with(f).ok(),
            Local::Ending => return None,
            Local::Value(value) => value,
            Local::Missing => {
                let value: Rc<dyn std::any::Any> = Rc::new((self.init)());
                execution::set_local(key, Rc::clone(&value));
                value
            }
        };
        Some(f(value.downcast_ref().expect("a key has one type")))
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
        $vis static $name: $crate::sync::LocalKey<$t> = $crate::sync::LocalKey {
            outside: {
                ::std::thread_local! { static SLOT: $t = const { $init } }
                &SLOT
            },
            init: || $init,
        };
    };
}
