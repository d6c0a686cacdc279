//! Shared values whose last reference the engines see.
//!
//! # Why the count is right
//!
//! References are counted in two numbers. How many were ever *taken* is a plain one: taking one is no operation of its
//! own, and one that is loaded from a place is taken in the same step as the load. How many were *given up* is an atomic
//! that the engine knows: giving one up is one addition. The last reference is the one whose addition makes the two
//! equal.
//!
//! An engine of execution graphs may run things that do not depend on each other in any order, so that a plain number
//! is now this and now that: more references may have been taken elsewhere by then, or not yet. But whether the two
//! numbers are equal depends on the past of the addition alone, on what it reads from, directly or not. Each addition
//! reads from the one before it, so all that were given up are in that past, with all that led to their being taken. If
//! they are all that the past knows of, nobody has another one, or will: whoever takes one
//!
//! * clones a reference, which is given up after that: the clone is in the past of that addition;
//! * or loads it from a place, which has a reference too, and gives it up after the swap that takes the value out, or when
//!   the place itself is dropped, after all that was done with it. Loads and swaps are read-modify-writes of one atomic,
//!   each of which reads from the one before it. So a load that finds the value is in the past of that swap.
//!
//! For the same reason a thread that is about to give up the only reference that was ever taken may know that it is,
//! without an operation.

use super::atomic::Raw;
use super::engine::{Rmw, Width};
use super::event::type_name;
use super::execution;
use crate::sync::Arc;
use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::panic::Location;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A shared value that is dropped with its last reference: [`Arc`], but under an engine every reference that may be the
/// last one is that in some execution. For values whose drop does what the facade sees.
///
/// Outside of any check it is `Arc`, and in a plain build an alias of that. Under an engine to clone it is no operation,
/// and to drop it a `fetch_add` of 1 to the number of references that were given up, unless there never was another; the
/// last one reads that number once more. The event log calls the number by the value's type.
pub struct Counted<T>(Inner<T>);

enum Inner<T> {
    Real(Arc<T>),
    Modelled(Reference<T>),
}

/// A reference. `None` while it is being dropped.
struct Reference<T>(Option<Arc<Shared<T>>>);

/// # Invariants
///
/// * There are as many handles to it as references were ever taken: those that were given up are kept.
struct Shared<T> {
    value: T,
    given_up: Raw,
    /// Under an engine nobody ever waits for this lock.
    kept: Mutex<Vec<Arc<Shared<T>>>>,
}

impl<T> Shared<T> {
    fn kept(&self) -> MutexGuard<'_, Vec<Arc<Shared<T>>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Counted<T> {
    /// A value with one reference.
    pub fn new(value: T) -> Self {
        if !execution::is_active() {
            return Counted(Inner::Real(Arc::new(value)));
        }
        let given_up = Raw::new(type_name::<T>(), Width::W64, 0, false);
        let shared = Shared { value, given_up, kept: Mutex::new(Vec::new()) };
        Counted(Inner::Modelled(Reference(Some(Arc::new(shared)))))
    }

    /// Whether two references are to the same value.
    pub fn ptr_eq(this: &Self, other: &Self) -> bool {
        std::ptr::eq(&raw const **this, &raw const **other)
    }

    /// How many references there are. No operation: to ask while others have some makes no sense to an engine.
    pub fn strong_count(this: &Self) -> usize {
        match &this.0 {
            Inner::Real(value) => Arc::strong_count(value),
            Inner::Modelled(reference) => {
                let shared = reference.shared();
                Arc::strong_count(shared) - shared.kept().len()
            }
        }
    }

    /// What arc-swap had.
    pub(super) fn real(value: Arc<T>) -> Self {
        Counted(Inner::Real(value))
    }

    /// What arc-swap takes; `None` if it is of an execution.
    pub(super) fn into_real(self) -> Option<Arc<T>> {
        match self.0 {
            Inner::Real(value) => Some(value),
            Inner::Modelled(_) => None,
        }
    }
}

impl<T> Reference<T> {
    fn shared(&self) -> &Arc<Shared<T>> {
        self.0.as_ref().expect("it is not being dropped")
    }
}

impl<T> Drop for Reference<T> {
    fn drop(&mut self) {
        // Leaked if the execution fails: nothing that it made is touched any more.
        let this = ManuallyDrop::new(self.0.take().expect("it is dropped once"));
        if execution::is_over() {
            return;
        }
        // If there never was another, what handed this one from thread to thread has ordered all that was done with it.
        if Arc::strong_count(&this) > 1 {
            // Release: pairs with the acquire below.
            let before = this.given_up.rmw(Rmw::Add, 1, Ordering::Release, Location::caller());
            if before + 1 < Arc::strong_count(&this) as u64 {
                this.kept().push(Arc::clone(&this));
            } else {
                // Acquire: pairs with the release of every other reference: each addition carries on those before it.
                this.given_up.load(Ordering::Acquire, Location::caller());
                this.kept().clear();
            }
        }
        drop(ManuallyDrop::into_inner(this));
    }
}

impl<T> Clone for Counted<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        Counted(match &self.0 {
            Inner::Real(_) if execution::is_active() => execution::foreign(Location::caller()),
            Inner::Real(value) => Inner::Real(value.clone()),
            Inner::Modelled(reference) => Inner::Modelled(Reference(Some(reference.shared().clone()))),
        })
    }
}

impl<T> Deref for Counted<T> {
    type Target = T;
    fn deref(&self) -> &T {
        match &self.0 {
            Inner::Real(value) => value,
            Inner::Modelled(reference) => &reference.shared().value,
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Counted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
