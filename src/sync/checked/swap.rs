//! A place for a shared value that is swapped as a whole.

use super::atomic::Raw;
use super::counted::Counted;
use super::engine::{Rmw, Width};
use super::execution::{self, Object};
use crate::sync::Named;
use std::collections::HashMap;
use std::fmt;
use std::panic::Location;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};

type Site = &'static Location<'static>;

/// A place for a shared value or none, which threads load and swap without a lock (`arc_swap::ArcSwapOption`).
///
/// A load takes a reference of its own. Whoever has loaded a value, or swapped it out, sees all that was written
/// before it was swapped in. A value that was swapped out is never loaded by a load that begins later, and is dropped
/// with its last reference: the place keeps none of what it does not hold.
///
/// Outside of any check it is arc-swap. Under an engine it is not arc-swap that runs but a cell of release and acquire
/// operations with this contract; to the event log a load is a `fetch_add` of 0, and a value is a number that it has got
/// when it was put there, 0 being none.
pub struct ArcSwapOption<T>(Place<T>);

enum Place<T> {
    Real(arc_swap::ArcSwapOption<T>, Object),
    Modelled(Cell<T>),
}

/// The cell: an atomic that the engine knows, which says which of the values is the current one.
///
/// The values are touched right after an operation of the atomic and before the next one, where engines do not switch
/// threads. So a load and the reference that it takes are one step, which is what arc-swap goes to such lengths for.
struct Cell<T> {
    /// 0, or the number of the current value: the same in every execution that comes to it in the same way.
    current: Raw,
    /// The value that is there, and those that are about to be. Under an engine nobody ever waits for this lock; it is
    /// there so that no use of the cell is unsound.
    values: Mutex<HashMap<u64, Counted<T>>>,
}

impl<T> Cell<T> {
    fn new(value: Option<Counted<T>>) -> Self {
        let values: HashMap<u64, Counted<T>> =
            value.map(|value| (crate::sync::unique(), value)).into_iter().collect();
        let key = values.keys().next().copied().unwrap_or(0);
        Cell { current: Raw::new(execution::ARC_SWAP, Width::W64, key, false), values: Mutex::new(values) }
    }

    fn values(&self) -> MutexGuard<'_, HashMap<u64, Counted<T>>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, value: Option<Counted<T>>) -> u64 {
        let Some(value) = value else { return 0 };
        let key = crate::sync::unique();
        self.values().insert(key, value);
        key
    }

    fn load_full(&self, at: Site) -> Option<Counted<T>> {
        // Acquire: pairs with the release in `swap`. A read-modify-write, as only that is sure to find the newest.
        let key = self.current.rmw(Rmw::Add, 0, Ordering::Acquire, at);
        self.values().get(&key).cloned()
    }

    fn swap(&self, value: Option<Counted<T>>, at: Site) -> Option<Counted<T>> {
        let key = self.add(value);
        // Release: pairs with the acquires here and in `load_full`. Acquire: pairs with the release of the swap before.
        let old = self.current.rmw(Rmw::Swap, key, Ordering::AcqRel, at);
        self.values().remove(&old)
    }
}

impl<T> ArcSwapOption<T> {
    /// A place that holds `value`.
    pub fn new(value: Option<Counted<T>>) -> Self {
        ArcSwapOption(if execution::is_active() {
            Place::Modelled(Cell::new(value))
        } else {
            let (_, object) = execution::create(execution::ARC_SWAP);
            Place::Real(arc_swap::ArcSwapOption::new(value.and_then(Counted::into_real)), object)
        })
    }

    /// A reference to what the place holds.
    #[track_caller]
    pub fn load_full(&self) -> Option<Counted<T>> {
        let at = Location::caller();
        match &self.0 {
            Place::Real(place, object) => outside(*object, place, at).load_full().map(Counted::real),
            Place::Modelled(cell) => cell.load_full(at),
        }
    }

    /// Puts `value` there and returns what was there before.
    #[track_caller]
    pub fn swap(&self, value: Option<Counted<T>>) -> Option<Counted<T>> {
        let at = Location::caller();
        match &self.0 {
            Place::Real(place, object) => {
                outside(*object, place, at).swap(value.and_then(Counted::into_real)).map(Counted::real)
            }
            Place::Modelled(cell) => cell.swap(value, at),
        }
    }

    /// Puts `value` there and drops the place's reference to what was there before.
    #[track_caller]
    pub fn store(&self, value: Option<Counted<T>>) {
        drop(self.swap(value));
    }
}

/// Fails the check in which a place is used that was not made in it: no engine would see what is done with it.
fn outside<P>(object: Object, place: &P, at: Site) -> &P {
    execution::enter(object, (&raw const *place).addr(), at);
    place
}

impl<T> Default for ArcSwapOption<T> {
    fn default() -> Self {
        ArcSwapOption::new(None)
    }
}

impl<T> Named for ArcSwapOption<T> {
    fn set_name(&self, name: &'static str) {
        if let Place::Modelled(cell) = &self.0 {
            cell.current.set_name(name);
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for ArcSwapOption<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Real(place, _) => place.fmt(f),
            Place::Modelled(_) => f.write_str("ArcSwapOption"),
        }
    }
}
