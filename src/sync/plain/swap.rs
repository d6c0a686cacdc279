//! A place for a shared value that is swapped as a whole: arc-swap's.

use super::counted::Counted;
use crate::sync::Named;
use std::fmt;

/// A place for a shared value or none, which threads load and swap without a lock (`arc_swap::ArcSwapOption`).
///
/// A load takes a reference of its own. Whoever has loaded a value, or swapped it out, sees all that was written
/// before it was swapped in. A value that was swapped out is never loaded by a load that begins later, and is dropped
/// with its last reference: the place keeps none of what it does not hold.
pub struct ArcSwapOption<T>(arc_swap::ArcSwapOption<T>);

impl<T> ArcSwapOption<T> {
    /// A place that holds `value`.
    #[inline]
    pub fn new(value: Option<Counted<T>>) -> Self {
        ArcSwapOption(arc_swap::ArcSwapOption::new(value))
    }

    /// A reference to what the place holds.
    #[inline]
    pub fn load_full(&self) -> Option<Counted<T>> {
        self.0.load_full()
    }

    /// Puts `value` there and returns what was there before.
    #[inline]
    pub fn swap(&self, value: Option<Counted<T>>) -> Option<Counted<T>> {
        self.0.swap(value)
    }

    /// Puts `value` there and drops the place's reference to what was there before.
    #[inline]
    pub fn store(&self, value: Option<Counted<T>>) {
        self.0.store(value);
    }
}

impl<T> Default for ArcSwapOption<T> {
    #[inline]
    fn default() -> Self {
        ArcSwapOption::new(None)
    }
}

impl<T> Named for ArcSwapOption<T> {
    #[inline(always)]
    fn set_name(&self, _: &'static str) {}
}

impl<T: fmt::Debug> fmt::Debug for ArcSwapOption<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
