//! What a waiting thread does between two looks.

use super::atomic::Waited;
use std::panic::Location;
use std::sync::atomic::Ordering;

/// Lets others run: until there is something new to see, if the engine can tell.
#[derive(Debug)]
pub struct Relax;

impl Relax {
    pub(crate) fn new() -> Self {
        Relax
    }

    /// Waits in another way than by looking again and again, if the engine has one.
    #[track_caller]
    pub(crate) fn wait<A: Waited>(
        atomic: &A,
        order: Ordering,
        enough: &dyn Fn(A::Value) -> bool,
    ) -> Option<A::Value> {
        atomic.raw().wait(order, &|word| enough(A::value(word)), Location::caller()).map(A::value)
    }

    #[track_caller]
    pub(crate) fn relax(&mut self, atomic: &impl Waited) {
        atomic.raw().pause(Location::caller());
    }
}
