//! Stands in for the RC11 engine where it is not compiled in: nothing was ever divided there.

use super::parts::Split;
use super::{Check, Report};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a split has left.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Rest {}

pub(super) fn pieces(rest: &Rest) -> usize {
    match *rest {}
}

pub(super) fn split(_: &Check, _: usize, _: Arc<dyn Fn() + Send + Sync>) -> Split {
    unreachable!("who calls this has looked whether the engine is compiled in")
}

pub(super) fn run_part(
    _: &Check,
    split: &Split,
    _: usize,
    _: usize,
    _: Arc<dyn Fn() + Send + Sync>,
) -> Report {
    match split.rest {}
}
