//! Waiting for the value of one atomic.

use super::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering, imp};

/// An atomic that one can wait on.
pub trait Waitable {
    /// What it holds.
    type Value: Copy;
    #[doc(hidden)]
    fn read(&self, order: Ordering) -> Self::Value;
    #[doc(hidden)]
    fn wait(&self, order: Ordering, enough: &dyn Fn(Self::Value) -> bool) -> Option<Self::Value>;
    #[doc(hidden)]
    fn pause(&self, relax: &mut imp::wait::Relax);
}

macro_rules! waitable {
    ($($atomic:ty => $value:ty),*) => {$(
        impl Waitable for $atomic {
            type Value = $value;
            #[inline]
            #[track_caller]
            fn read(&self, order: Ordering) -> $value {
                self.load(order)
            }
            #[inline]
            #[track_caller]
            fn wait(&self, order: Ordering, enough: &dyn Fn($value) -> bool) -> Option<$value> {
                imp::wait::Relax::wait(self, order, enough)
            }
            #[inline]
            #[track_caller]
            fn pause(&self, relax: &mut imp::wait::Relax) {
                relax.relax(self);
            }
        }
    )*};
}
waitable!(AtomicBool => bool, AtomicU32 => u32, AtomicU64 => u64, AtomicUsize => usize);

/// Returns the first value read from `atomic` with `order` for which `enough` holds.
///
/// The thread spins a little, then gives up its processor between looks. A checker takes the loop for what it
/// is: it does not explore looks that find the value of the look before. So `enough` looks at nothing but its argument.
#[inline]
#[track_caller]
pub fn wait_until<A: Waitable>(atomic: &A, order: Ordering, enough: impl Fn(A::Value) -> bool) -> A::Value {
    if let Some(value) = atomic.wait(order, &enough) {
        return value;
    }
    let mut relax = imp::wait::Relax::new();
    loop {
        let value = atomic.read(order);
        if enough(value) {
            return value;
        }
        atomic.pause(&mut relax);
    }
}
