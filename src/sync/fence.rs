//! Fences, the asymmetric pair among them.
//!
//! [`light_fence`] is for the many and [`heavy_fence`] for the few. On Linux the heavy side is
//! `membarrier(2)` with `PRIVATE_EXPEDITED`, which makes every running thread of the process pass a full
//! barrier, and the light side only keeps the compiler from reordering. Where the system call is missing both
//! are full fences.
//!
//! The RC11 engine models axiom 2, but that a light fence is ordered against every `SeqCst` fence. Under the others both are `fence(SeqCst)`, which is a little *more* than
//! the axiom gives: there, a light fence also orders against other fences. The README's trusted base says so.

use super::{Ordering, imp};

/// A fence, as `std::sync::atomic::fence`.
///
/// # Panics
///
/// If `order` is `Relaxed`.
#[inline]
#[track_caller]
pub fn fence(order: Ordering) {
    imp::fence::fence(order);
}

/// The cheap side of an asymmetric fence: orders against a [`heavy_fence`] alone (axiom 2).
#[inline]
#[track_caller]
pub fn light_fence() {
    imp::fence::light();
}

/// The dear side of an asymmetric fence: orders against every [`light_fence`] and every other heavy one.
///
/// In a plain build this is a system call of a few microseconds.
#[inline]
#[track_caller]
pub fn heavy_fence() {
    imp::fence::heavy();
}
