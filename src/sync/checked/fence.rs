//! Fences. Both sides of the asymmetric pair are `fence(SeqCst)`.

use super::event::Value;
use super::execution::{self, Turn};
use std::panic::Location;
use std::sync::atomic::Ordering;

#[track_caller]
pub(crate) fn fence(order: Ordering) {
    run("fence", order);
}

#[track_caller]
pub(crate) fn light() {
    run("light_fence", Ordering::SeqCst);
}

#[track_caller]
pub(crate) fn heavy() {
    run("heavy_fence", Ordering::SeqCst);
}

#[track_caller]
fn run(name: &'static str, order: Ordering) {
    match execution::enter_plain(Location::caller()) {
        Turn::Outside => std::sync::atomic::fence(order),
        Turn::Over => {}
        Turn::Engine(turn) => {
            // A weakened fence may be no fence at all.
            let order = turn.order(order);
            if order != Ordering::Relaxed {
                turn.fence(order);
                turn.record(name, Some(order), Value::None);
            }
        }
    }
}
