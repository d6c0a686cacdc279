//! Catching panics of callbacks.

use super::execution;
use std::panic::AssertUnwindSafe;

/// Runs `f`; a panic in it becomes the error. Under an engine only a planned panic does: any other is a
/// failed check and passes through.
///
/// # Errors
///
/// The payload of the panic.
pub fn catch_unwind<R>(f: impl FnOnce() -> R) -> std::thread::Result<R> {
    let result = std::panic::catch_unwind(AssertUnwindSafe(f));
    match result {
        Err(payload) if !execution::may_catch(&*payload) => std::panic::resume_unwind(payload),
        result => result,
    }
}
