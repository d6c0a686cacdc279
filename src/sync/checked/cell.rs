//! A cell whose accesses a checker can see.

use super::engine::Track;
use super::event::Value;
use super::execution::{self, Object, Turn};
use crate::sync::Named;
use std::panic::Location;

/// `UnsafeCell`, accessed through closures so that the engine sees every read and write.
///
/// The closures must not call other operations of the facade: the access is taken for one moment.
pub struct UnsafeCell<T: ?Sized> {
    track: Box<dyn Track>,
    object: Object,
    value: std::cell::UnsafeCell<T>,
}

impl<T> UnsafeCell<T> {
    /// A cell that holds `value`.
    pub fn new(value: T) -> Self {
        let (engine, object) = execution::create("cell");
        UnsafeCell { track: engine.track(), object, value: std::cell::UnsafeCell::new(value) }
    }

    /// Takes the value out.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> UnsafeCell<T> {
    fn enter(&self, at: &'static Location<'static>) -> Turn {
        execution::enter(self.object, (&raw const *self).addr(), at)
    }

    /// Reads: `f` may read through the pointer, if no other thread writes at that time.
    #[track_caller]
    pub fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        if let Turn::Engine(turn) = self.enter(Location::caller()) {
            turn.record("read", None, Value::None);
            self.track.read();
        }
        f(self.value.get())
    }

    /// Writes: `f` may write through the pointer, if no other thread accesses the cell at that time.
    #[track_caller]
    pub fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        if let Turn::Engine(turn) = self.enter(Location::caller()) {
            turn.record("write", None, Value::None);
            self.track.write();
        }
        f(self.value.get())
    }

    /// Access by the one owner.
    #[track_caller]
    pub fn get_mut(&mut self) -> &mut T {
        if let Turn::Engine(turn) = self.enter(Location::caller()) {
            turn.record("write", None, Value::None);
            self.track.write();
        }
        self.value.get_mut()
    }
}

impl<T: ?Sized> Named for UnsafeCell<T> {
    fn set_name(&self, name: &'static str) {
        execution::name(self.object, name);
    }
}

impl<T: Default> Default for UnsafeCell<T> {
    fn default() -> Self {
        UnsafeCell::new(T::default())
    }
}

impl<T: ?Sized> std::fmt::Debug for UnsafeCell<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UnsafeCell")
    }
}
