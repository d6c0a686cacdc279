//! What a waiting thread does between two looks.

use super::atomic::Waited;
use std::panic::Location;

/// Lets others run: until there is something new to see, if the engine can tell.
#[derive(Debug)]
pub struct Relax;

impl Relax {
    pub(crate) fn new() -> Self {
        Relax
    }

    #[track_caller]
    pub(crate) fn relax(&mut self, atomic: &impl Waited) {
        atomic.raw().pause(Location::caller());
    }
}
