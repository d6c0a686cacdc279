//! Fences. The heavy side of the asymmetric pair is `fence(SeqCst)`, the light one what the engine has for it.

use super::event::Value;
use super::execution::{self, Turn};
use std::panic::Location;
use std::sync::atomic::Ordering;

const LIGHT: &str = "light_fence";

#[track_caller]
pub(crate) fn fence(order: Ordering) {
    run("fence", order);
}

#[track_caller]
pub(crate) fn light() {
    run(LIGHT, Ordering::SeqCst);
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
                if order == Ordering::SeqCst && name == LIGHT {
                    turn.light_fence();
                } else {
                    turn.fence(order);
                }
                turn.record(name, Some(order), Value::None);
            }
        }
    }
}
