//! Catching panics of callbacks.

use super::execution;
use crate::sync::Panicked;
use std::panic::AssertUnwindSafe;

/// Runs `f`; a panic in it becomes the error. Under an engine only a planned panic does: any other is a
/// failed check and passes through.
///
/// # Errors
///
/// [`Panicked`]. What the panic carried is leaked: its drop is the callback's code too, and might panic again.
pub fn catch_unwind<R>(f: impl FnOnce() -> R) -> Result<R, Panicked> {
    catch_payload(f).map_err(|payload| {
        std::mem::forget(payload);
        Panicked
    })
}

/// As [`catch_unwind`], for who hands the payload on.
pub(super) fn catch_payload<R>(f: impl FnOnce() -> R) -> std::thread::Result<R> {
    let result = std::panic::catch_unwind(AssertUnwindSafe(f));
    match result {
        Err(payload) if !execution::may_catch(&*payload) => std::panic::resume_unwind(payload),
        result => result,
    }
}
