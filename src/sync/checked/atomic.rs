//! Atomics.

use super::engine::{Rmw, Width, Word};
use super::event::Value;
use super::execution::{self, Object, Recorder, Turn};
use crate::sync::Named;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// An atomic of any width: what all typed ones are made of.
pub(crate) struct Raw {
    word: Arc<dyn Word>,
    object: Object,
    is_address: bool,
}

impl Raw {
    pub(super) fn new(kind: &'static str, width: Width, value: u64, is_address: bool) -> Self {
        let (engine, object) = execution::create_with(kind, Some(value));
        let kept = if is_address { execution::encode(value) } else { value };
        Raw { word: engine.word(width, kept), object, is_address }
    }

    fn enter(&self, at: &'static Location<'static>) -> Turn {
        execution::enter(self.object, (&raw const *self).addr(), at)
    }

    fn value(&self, value: u64) -> Value {
        if self.is_address { Value::Address(value) } else { Value::Number(value) }
    }

    pub(super) fn load(&self, order: Ordering, at: &'static Location<'static>) -> u64 {
        match self.enter(at) {
            Turn::Outside => self.word.load(order),
            Turn::Over => 0,
            Turn::Engine(turn) => {
                let order = turn.order(order);
                let value = self.decode(&turn, turn.operate(&self.word, |word| word.load(order)));
                turn.record("load", Some(order), self.value(value));
                value
            }
        }
    }

    /// What the engine is to keep of a value.
    fn encode(&self, turn: &Recorder, value: u64) -> u64 {
        if self.is_address { turn.encode(value) } else { value }
    }

    fn decode(&self, turn: &Recorder, kept: u64) -> u64 {
        if self.is_address { turn.decode(kept) } else { kept }
    }

    /// Waits for a value that is `enough`; `None` if the engine cannot, or there is none. Not for addresses.
    pub(super) fn wait(
        &self,
        order: Ordering,
        enough: &dyn Fn(u64) -> bool,
        at: &'static Location<'static>,
    ) -> Option<u64> {
        match self.enter(at) {
            Turn::Outside | Turn::Over => None,
            Turn::Engine(turn) => {
                let order = turn.order(order);
                let value = turn.operate(&self.word, |word| word.wait(order, enough))?;
                turn.record("load", Some(order), self.value(value));
                Some(value)
            }
        }
    }

    pub(super) fn store(&self, value: u64, order: Ordering, at: &'static Location<'static>) {
        match self.enter(at) {
            Turn::Outside => self.word.store(value, order),
            Turn::Over => {}
            Turn::Engine(turn) => {
                let order = turn.order(order);
                let kept = self.encode(&turn, value);
                turn.operate(&self.word, |word| word.store(kept, order));
                turn.stored();
                turn.record("store", Some(order), self.value(value));
            }
        }
    }

    pub(super) fn rmw(&self, op: Rmw, operand: u64, order: Ordering, at: &'static Location<'static>) -> u64 {
        match self.enter(at) {
            Turn::Outside => self.word.rmw(op, operand, order),
            Turn::Over => 0,
            Turn::Engine(turn) => {
                let order = turn.order(order);
                let kept = self.encode(&turn, operand);
                let from = self.decode(&turn, turn.operate(&self.word, |word| word.rmw(op, kept, order)));
                turn.stored();
                let to = match op {
                    Rmw::Swap => operand,
                    Rmw::Add => from.wrapping_add(operand),
                    Rmw::Sub => from.wrapping_sub(operand),
                    Rmw::And => from & operand,
                    Rmw::Or => from | operand,
                    Rmw::Max => from.max(operand),
                    Rmw::Min => from.min(operand),
                };
                turn.record(op.name(), Some(order), Value::Change { from, to, address: self.is_address });
                from
            }
        }
    }

    pub(super) fn compare_exchange(
        &self,
        current: u64,
        new: u64,
        ok: Ordering,
        err: Ordering,
        weak: bool,
        at: &'static Location<'static>,
    ) -> Result<u64, u64> {
        match self.enter(at) {
            Turn::Outside => self.word.compare_exchange(current, new, ok, err),
            Turn::Over => Ok(current),
            Turn::Engine(turn) => {
                let ok = turn.order(ok);
                let err = weaker(err, ok);
                let (expected, kept) = (self.encode(&turn, current), self.encode(&turn, new));
                let result = turn.operate(&self.word, |word| {
                    if weak && execution::fails_spuriously() {
                        word.compare_exchange_weak(expected, kept, ok, err)
                    } else {
                        word.compare_exchange(expected, kept, ok, err)
                    }
                });
                let result = result.map(|_| current).map_err(|found| self.decode(&turn, found));
                match result {
                    Ok(from) => {
                        turn.stored();
                        let change = Value::Change { from, to: new, address: self.is_address };
                        turn.record("exchange", Some(ok), change);
                    }
                    Err(found) => turn.record("exchange!", Some(err), self.value(found)),
                }
                result
            }
        }
    }

    pub(super) fn exclusive(&mut self, at: &'static Location<'static>) -> u64 {
        match self.enter(at) {
            Turn::Over => 0,
            Turn::Outside => Arc::get_mut(&mut self.word).expect("it is the only one").exclusive(),
            Turn::Engine(turn) => {
                let kept = turn.exclusive(&mut self.word);
                self.decode(&turn, kept)
            }
        }
    }

    /// Waits for a store, or at least lets others run. A failed execution waits for nothing.
    pub(super) fn pause(&self, at: &'static Location<'static>) {
        match self.enter(at) {
            Turn::Outside => std::thread::yield_now(),
            Turn::Over => std::panic::resume_unwind(Box::new("the execution is over")),
            Turn::Engine(turn) => turn.wait_for_store(),
        }
    }

    pub(super) fn set_name(&self, name: &'static str) {
        execution::name(self.object, name);
    }
}

/// The failure ordering of a compare-and-exchange whose success ordering may have been weakened.
fn weaker(err: Ordering, ok: Ordering) -> Ordering {
    match (err, ok) {
        (Ordering::Acquire, Ordering::Relaxed | Ordering::Release) => Ordering::Relaxed,
        (err, _) => err,
    }
}

/// A typed atomic that one can wait on.
pub(crate) trait Waited {
    type Value;
    fn raw(&self) -> &Raw;
    fn value(word: u64) -> Self::Value;
}

macro_rules! atomic {
    ($(#[$doc:meta])* $name:ident, $int:ty, $width:ident) => {
        $(#[$doc])*
        pub struct $name(Raw);

        impl $name {
            /// An atomic that holds `value`.
            pub fn new(value: $int) -> Self {
                $name(Raw::new(stringify!($name), Width::$width, value as u64, false))
            }

            /// Reads.
            #[track_caller]
            pub fn load(&self, order: Ordering) -> $int {
                self.0.load(order, Location::caller()) as $int
            }

            /// Writes. Not while it is shared, if it is ever the target of a read-modify-write.
            #[track_caller]
            pub fn store(&self, value: $int, order: Ordering) {
                self.0.store(value as u64, order, Location::caller());
            }

            /// Writes and returns what was there.
            #[track_caller]
            pub fn swap(&self, value: $int, order: Ordering) -> $int {
                self.0.rmw(Rmw::Swap, value as u64, order, Location::caller()) as $int
            }

            /// Adds, wrapping, and returns what was there.
            #[track_caller]
            pub fn fetch_add(&self, value: $int, order: Ordering) -> $int {
                self.0.rmw(Rmw::Add, value as u64, order, Location::caller()) as $int
            }

            /// Subtracts, wrapping, and returns what was there.
            #[track_caller]
            pub fn fetch_sub(&self, value: $int, order: Ordering) -> $int {
                self.0.rmw(Rmw::Sub, value as u64, order, Location::caller()) as $int
            }

            /// Bitwise and; returns what was there.
            #[track_caller]
            pub fn fetch_and(&self, value: $int, order: Ordering) -> $int {
                self.0.rmw(Rmw::And, value as u64, order, Location::caller()) as $int
            }

            /// Bitwise or; returns what was there.
            #[track_caller]
            pub fn fetch_or(&self, value: $int, order: Ordering) -> $int {
                self.0.rmw(Rmw::Or, value as u64, order, Location::caller()) as $int
            }

            /// The greater of the two; returns what was there.
            #[track_caller]
            pub fn fetch_max(&self, value: $int, order: Ordering) -> $int {
                self.0.rmw(Rmw::Max, value as u64, order, Location::caller()) as $int
            }

            /// The lesser of the two; returns what was there.
            #[track_caller]
            pub fn fetch_min(&self, value: $int, order: Ordering) -> $int {
                self.0.rmw(Rmw::Min, value as u64, order, Location::caller()) as $int
            }

            /// Writes `new` if it finds `current`.
            ///
            /// # Errors
            ///
            /// What it found instead, read with `err`.
            #[track_caller]
            pub fn compare_exchange(
                &self,
                current: $int,
                new: $int,
                ok: Ordering,
                err: Ordering,
            ) -> Result<$int, $int> {
                self.0
                    .compare_exchange(current as u64, new as u64, ok, err, false, Location::caller())
                    .map(|value| value as $int)
                    .map_err(|value| value as $int)
            }

            /// As [`compare_exchange`](Self::compare_exchange), but it may fail although it finds `current`. Under the RC11
            /// engine it does, if the check asks for it; the other engines never let it.
            ///
            /// # Errors
            ///
            /// What it found instead, read with `err`.
            #[track_caller]
            pub fn compare_exchange_weak(
                &self,
                current: $int,
                new: $int,
                ok: Ordering,
                err: Ordering,
            ) -> Result<$int, $int> {
                self.0
                    .compare_exchange(current as u64, new as u64, ok, err, true, Location::caller())
                    .map(|value| value as $int)
                    .map_err(|value| value as $int)
            }

            /// Takes the value out.
            #[track_caller]
            pub fn into_inner(mut self) -> $int {
                self.0.exclusive(Location::caller()) as $int
            }
        }

        impl Waited for $name {
            type Value = $int;
            fn raw(&self) -> &Raw {
                &self.0
            }
            fn value(word: u64) -> $int {
                word as $int
            }
        }

        impl Named for $name {
            fn set_name(&self, name: &'static str) {
                self.0.set_name(name);
            }
        }

        impl Default for $name {
            fn default() -> Self {
                $name::new(<$int>::default())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}

atomic!(
    /// An atomic `u32`.
    AtomicU32, u32, W32
);
atomic!(
    /// An atomic `u64`.
    AtomicU64, u64, W64
);
atomic!(
    /// An atomic `usize`.
    AtomicUsize, usize, W64
);

/// An atomic `bool`.
pub struct AtomicBool(Raw);

impl AtomicBool {
    /// An atomic that holds `value`.
    pub fn new(value: bool) -> Self {
        AtomicBool(Raw::new("AtomicBool", Width::W32, u64::from(value), false))
    }

    /// Reads.
    #[track_caller]
    pub fn load(&self, order: Ordering) -> bool {
        self.0.load(order, Location::caller()) != 0
    }

    /// Writes. Not while it is shared, if it is ever the target of a read-modify-write.
    #[track_caller]
    pub fn store(&self, value: bool, order: Ordering) {
        self.0.store(u64::from(value), order, Location::caller());
    }

    /// Writes and returns what was there.
    #[track_caller]
    pub fn swap(&self, value: bool, order: Ordering) -> bool {
        self.0.rmw(Rmw::Swap, u64::from(value), order, Location::caller()) != 0
    }

    /// Logical and; returns what was there.
    #[track_caller]
    pub fn fetch_and(&self, value: bool, order: Ordering) -> bool {
        self.0.rmw(Rmw::And, u64::from(value), order, Location::caller()) != 0
    }

    /// Logical or; returns what was there.
    #[track_caller]
    pub fn fetch_or(&self, value: bool, order: Ordering) -> bool {
        self.0.rmw(Rmw::Or, u64::from(value), order, Location::caller()) != 0
    }

    /// Writes `new` if it finds `current`.
    ///
    /// # Errors
    ///
    /// What it found instead, read with `err`.
    #[track_caller]
    pub fn compare_exchange(
        &self,
        current: bool,
        new: bool,
        ok: Ordering,
        err: Ordering,
    ) -> Result<bool, bool> {
        self.0
            .compare_exchange(u64::from(current), u64::from(new), ok, err, false, Location::caller())
            .map(|value| value != 0)
            .map_err(|value| value != 0)
    }
}

impl Waited for AtomicBool {
    type Value = bool;
    fn raw(&self) -> &Raw {
        &self.0
    }
    fn value(word: u64) -> bool {
        word != 0
    }
}

impl Named for AtomicBool {
    fn set_name(&self, name: &'static str) {
        self.0.set_name(name);
    }
}

impl Default for AtomicBool {
    fn default() -> Self {
        AtomicBool::new(false)
    }
}

impl fmt::Debug for AtomicBool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AtomicBool")
    }
}
