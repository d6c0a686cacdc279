//! Atomics and fences.

use crate::event::{Comparison, LocId, Order};
use crate::fiber::{self, perform};
use crate::op::Op;
use crate::run::Location;
use crate::word::{Number, Word};
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::Ordering;

/// An atomic that the exploration sees. It belongs to the execution that made it.
pub struct Atomic<T> {
    execution: u64,
    loc: LocId,
    _value: PhantomData<fn(T) -> T>,
}

/// Refuses an order that the operation cannot have.
fn check_order(order: Ordering, forbidden: [Ordering; 2]) {
    assert!(!forbidden.contains(&order), "there is no such operation with {order:?}");
}

const NOT_OF_LOADS: [Ordering; 2] = [Ordering::Release, Ordering::AcqRel];
const NOT_OF_STORES: [Ordering; 2] = [Ordering::Acquire, Ordering::AcqRel];

impl<T: Word> Atomic<T> {
    /// An atomic that holds `value`.
    ///
    /// # Panics
    ///
    /// Outside of an exploration, as all operations do.
    pub fn new(value: T) -> Self {
        fiber::with(|run| {
            let thread = run.current;
            let nth = run.fibers[thread].made;
            run.fibers[thread].made += 1;
            let loc = run.names.location(thread, nth);
            let index = loc.0 as usize;
            if run.locations.len() <= index {
                run.locations.resize(index + 1, Location::default());
            }
            run.locations[index] = run.location_now(value.to_word());
            Atomic { execution: run.id, loc, _value: PhantomData }
        })
    }

    /// The location, for an operation.
    fn loc(&self) -> LocId {
        fiber::with(|run| run.check_owns(self.execution));
        self.loc
    }

    /// Reads.
    ///
    /// # Panics
    ///
    /// If the order is `Release` or `AcqRel`.
    pub fn load(&self, order: Ordering) -> T {
        check_order(order, NOT_OF_LOADS);
        T::from_word(perform(&Op::Load { loc: self.loc(), order: Order::read(order), until: None }).value)
    }

    /// Waits until a value is there for which `enough` holds, and returns it.
    ///
    /// This is how a thread waits: a loop that looks again and again has executions without number. `enough` looks at
    /// nothing but its argument. If it holds for no value that will ever be there, the check fails with a deadlock.
    ///
    /// # Panics
    ///
    /// If the order is `Release` or `AcqRel`.
    pub fn wait_until(&self, order: Ordering, enough: impl Fn(T) -> bool) -> T {
        check_order(order, NOT_OF_LOADS);
        let until = |word| enough(T::from_word(word));
        let load = Op::Load { loc: self.loc(), order: Order::read(order), until: Some(&until) };
        T::from_word(perform(&load).value)
    }

    /// Writes.
    ///
    /// # Panics
    ///
    /// If the order is `Acquire` or `AcqRel`.
    pub fn store(&self, value: T, order: Ordering) {
        check_order(order, NOT_OF_STORES);
        perform(&Op::Store { loc: self.loc(), order: Order::write(order), value: value.to_word() });
    }

    /// Writes what `change` makes of the value, in one step, and returns the value before.
    ///
    /// # Errors
    ///
    /// The value, if `change` makes nothing of it: it was read with the acquiring half of `order`.
    pub fn update(&self, order: Ordering, change: impl Fn(T) -> Option<T>) -> Result<T, T> {
        let change = |word| change(T::from_word(word)).map(T::to_word);
        let outcome = perform(&Op::Update { loc: self.loc(), order, change: &change, waits: false });
        let value = T::from_word(outcome.value);
        if outcome.wrote { Ok(value) } else { Err(value) }
    }

    /// Waits until there is a value of which `change` makes something, writes that in one step, and returns the value
    /// before: what a lock does.
    pub fn wait_update(&self, order: Ordering, change: impl Fn(T) -> Option<T>) -> T {
        let change = |word| change(T::from_word(word)).map(T::to_word);
        T::from_word(perform(&Op::Update { loc: self.loc(), order, change: &change, waits: true }).value)
    }

    fn always(&self, order: Ordering, change: impl Fn(T) -> T) -> T {
        self.update(order, |value| Some(change(value))).unwrap_or_else(|value| value)
    }

    /// Writes, and returns the value before.
    pub fn swap(&self, value: T, order: Ordering) -> T {
        self.always(order, |_| value)
    }

    /// Writes `new` if it finds `current`, and returns what it found.
    ///
    /// # Errors
    ///
    /// What it found, if that is something else; it was read with `failure`.
    ///
    /// # Panics
    ///
    /// If `failure` is `Release` or `AcqRel`.
    pub fn compare_exchange(&self, current: T, new: T, success: Ordering, failure: Ordering) -> Result<T, T> {
        self.exchange(current, new, success, failure, false)
    }

    /// As [`compare_exchange`](Atomic::compare_exchange), but it may fail for no reason: that is explored as well.
    ///
    /// # Errors
    ///
    /// What it found; it was read with `failure`.
    ///
    /// # Panics
    ///
    /// If `failure` is `Release` or `AcqRel`.
    pub fn compare_exchange_weak(
        &self,
        current: T,
        new: T,
        success: Ordering,
        failure: Ordering,
    ) -> Result<T, T> {
        self.exchange(current, new, success, failure, true)
    }

    fn exchange(&self, current: T, new: T, ok: Ordering, err: Ordering, weak: bool) -> Result<T, T> {
        check_order(err, NOT_OF_LOADS);
        let compare = Comparison {
            expected: current.to_word(),
            success: Order::read(ok),
            failure: Order::read(err),
            weak,
            spurious: false,
        };
        let new = new.to_word();
        let outcome = perform(&Op::Exchange { loc: self.loc(), compare, write: Order::write(ok), new });
        let value = T::from_word(outcome.value);
        if outcome.wrote { Ok(value) } else { Err(value) }
    }

    /// Reads as the one owner. The check fails if some access of another thread is not ordered before this.
    ///
    /// # Panics
    ///
    /// If the atomic belongs to another execution, as all operations on it do.
    pub fn get(&mut self) -> T {
        let value = fiber::with(|run| {
            run.check_owns(self.execution);
            run.read_exclusive(self.loc)
        });
        T::from_word(value.unwrap_or_else(|| fiber::give_up()))
    }
}

impl<T: Number> Atomic<T> {
    /// Adds, wrapping around, and returns the value before.
    pub fn fetch_add(&self, value: T, order: Ordering) -> T {
        self.always(order, |old| old.add(value))
    }

    /// Subtracts, wrapping around, and returns the value before.
    pub fn fetch_sub(&self, value: T, order: Ordering) -> T {
        self.always(order, |old| old.sub(value))
    }

    /// Bitwise and; returns the value before.
    pub fn fetch_and(&self, value: T, order: Ordering) -> T {
        self.always(order, |old| old.and(value))
    }

    /// Bitwise or; returns the value before.
    pub fn fetch_or(&self, value: T, order: Ordering) -> T {
        self.always(order, |old| old.or(value))
    }

    /// Bitwise exclusive or; returns the value before.
    pub fn fetch_xor(&self, value: T, order: Ordering) -> T {
        self.always(order, |old| old.xor(value))
    }

    /// The greater of the two; returns the value before.
    pub fn fetch_max(&self, value: T, order: Ordering) -> T {
        self.always(order, |old| old.max(value))
    }

    /// The lesser of the two; returns the value before.
    pub fn fetch_min(&self, value: T, order: Ordering) -> T {
        self.always(order, |old| old.min(value))
    }
}

impl<T> fmt::Debug for Atomic<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Atomic({})", self.loc.0)
    }
}

/// A fence. A relaxed one is none.
pub fn fence(order: Ordering) {
    if order != Ordering::Relaxed {
        perform(&Op::Fence { order: Order::fence(order) });
    }
}

/// The light half of an asymmetric fence, of which [`heavy_fence`] is the other.
///
/// In every execution there is an order of all heavy and light fences. What was done before one of them is visible
/// after a later one, unless both are light. A light fence synchronises nothing by itself.
pub fn light_fence() {
    perform(&Op::Fence { order: Order::LIGHT_FENCE });
}

/// The heavy half of an asymmetric fence: a sequentially consistent fence.
pub fn heavy_fence() {
    fence(Ordering::SeqCst);
}
