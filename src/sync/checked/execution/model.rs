//! What a model asks of its execution: choices, outcomes, failing allocations, unique numbers.

use super::turn::enter_plain;
use super::{Execution, PHASE, Phase, Turn, fail, is_active, with};
use crate::check::FailureKind;
use std::panic::Location;

/// See [`crate::check::reached`]. `false` if no execution is running here.
pub(crate) fn reached(outcome: &'static str) -> bool {
    match PHASE.get() {
        Phase::Outside => false,
        Phase::Failed => true,
        Phase::Running => {
            with(|x| x.reached.insert(outcome));
            true
        }
    }
}

/// See [`crate::check::choose`]. `None` if no execution is running here.
#[track_caller]
pub(crate) fn choose(n: usize) -> Option<usize> {
    match PHASE.get() {
        Phase::Outside => None,
        Phase::Failed => Some(0),
        Phase::Running => {
            if let Turn::Engine(turn) = enter_plain(Location::caller())
                && let Some(choice) = turn.call(|engine| engine.choose(n))
            {
                return Some(choice);
            }
            let choice = with(|x| {
                let thread = x.running;
                let nth = x.threads[thread].choices;
                x.threads[thread].choices += 1;
                x.choices.choose(thread, nth, n)
            });
            Some(choice.unwrap_or_else(|| {
                let message = "a choice is among another number than in an execution before".to_owned();
                fail(FailureKind::NonDeterminism, message, Location::caller())
            }))
        }
    }
}

/// See [`crate::check::fail_allocations`].
pub(crate) fn fail_allocations(failures: u32) {
    if is_active() {
        with(|x| x.failing_allocations = failures);
    }
}

/// See [`crate::check::Check::spurious_failures`].
pub(in crate::sync::imp) fn fails_spuriously() -> bool {
    is_active() && with(|x| x.config.spurious_failures)
}

/// See [`crate::sync::unique`]. `None` if no execution is running here.
pub(in crate::sync::imp) fn unique() -> Option<u64> {
    is_active().then(|| with(Execution::next_identity))
}
