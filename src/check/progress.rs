//! How far a check is.

use std::sync::Arc;

/// How far a check is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Executions that were run, those included that the report counts as blocked.
    pub executions: u64,
    /// The share of the whole that was explored, from 0 to 1, if what is left is like what was seen. Only the RC11
    /// engine can tell.
    pub explored: Option<f64>,
}

/// Whoever wants to know.
pub(super) type Teller = Arc<dyn Fn(Progress) + Send + Sync>;
