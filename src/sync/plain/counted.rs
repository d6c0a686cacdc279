//! Shared values: `std`'s.

/// A shared value that is dropped with its last reference: [`Arc`](std::sync::Arc), but under an engine every reference
/// that may be the last one is that in some execution. For values whose drop does what the facade sees.
pub type Counted<T> = std::sync::Arc<T>;
