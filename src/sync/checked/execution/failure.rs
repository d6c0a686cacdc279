//! Failures: how one is put on record before anything unwinds.

use super::{CURRENT, Execution, PHASE, Phase, with};
use crate::check::{Failure, FailureKind};
use crate::sync::PlannedPanic;
use crate::sync::imp::event;
use std::any::Any;
use std::cell::Cell;
use std::panic::Location;

/// The payload that unwinds a failed execution.
struct CheckFailed;

/// Fails the check.
pub(in crate::sync::imp) fn fail(kind: FailureKind, message: String, at: &Location<'_>) -> ! {
    with(|x| x.fail(kind, message, event::place(at)));
    PHASE.set(Phase::Failed);
    std::panic::resume_unwind(Box::new(CheckFailed))
}

impl Execution {
    fn fail(&mut self, mut kind: FailureKind, mut message: String, location: String) {
        if self.totals.failure.is_some() {
            return;
        }
        if let Some(race) = self.watching.and_then(|addr| self.memory.race(addr)) {
            (kind, message) = race;
        }
        let threads: Vec<_> = self.threads.iter().enumerate().map(|(i, t)| t.label(i)).collect();
        let events = event::render(&self.events, &self.objects, &threads, |addr| match addr {
            0 => "null".to_owned(),
            _ => self.memory.name(addr as usize).unwrap_or("outside").to_owned(),
        });
        let failure = Failure {
            kind,
            message,
            location,
            execution: self.totals.executions + 1,
            events,
            reproduce: self.config.reproduce.clone(),
        };
        crate::check::tell_listener(&failure);
        self.totals.failure = Some(failure);
    }
}

/// What an engine's own words mean.
fn classify(message: &str) -> FailureKind {
    if message.starts_with("Causality violation")
        || message.contains("to cell")
        || message.contains("from cell")
    {
        FailureKind::DataRace
    } else if message.starts_with("deadlock") {
        FailureKind::Deadlock
    } else if message.starts_with("Model exceeded maximum number of branches")
        || message.starts_with("exceeded max_steps")
    {
        FailureKind::Endless
    } else if message.starts_with("Reached unexpected exploration state") {
        FailureKind::NonDeterminism
    } else {
        FailureKind::Assertion
    }
}

/// Notes a panic under an engine before it unwinds; other panics go to the hook that was there before.
pub(super) fn install_hook() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        #[cfg(feature = "shuttle")]
        crate::sync::imp::engine::let_shuttle_install_its_hook();
        std::panic::set_hook(Box::new(move |info| match PHASE.try_with(Cell::get) {
            Ok(Phase::Running) => {
                let message = info.payload_as_str().unwrap_or("a panic without a message").to_owned();
                let location = info.location().map(event::place).unwrap_or_default();
                let noted = CURRENT.with(|current| match current.try_borrow_mut() {
                    Ok(mut current) => {
                        let x = current.as_mut().expect("an execution is running");
                        x.fail(classify(&message), message, location);
                        true
                    }
                    Err(_) => false,
                });
                PHASE.set(Phase::Failed);
                if !noted {
                    before(info);
                }
            }
            // The first failure is the one that counts.
            Ok(Phase::Failed) => {}
            Ok(Phase::Outside) | Err(_) => before(info),
        }));
    });
}

/// Puts a failure on record that no thread of an execution raised.
#[cfg(any(feature = "loom", feature = "shuttle"))]
pub(crate) fn record_failure(message: String, location: String) {
    with(|x| x.fail(classify(&message), message, location));
    PHASE.set(Phase::Failed);
}

/// Puts on record what an engine has found by itself, where the thread was that it found it in.
#[cfg(feature = "rc11")]
pub(crate) fn record_finding(kind: FailureKind, message: String) {
    with(|x| {
        let location = x.events.last().map(|event| event::place(event.at)).unwrap_or_default();
        x.fail(kind, message, location);
    });
    PHASE.set(Phase::Failed);
}

/// Whether a failure is on record.
#[cfg(any(feature = "loom", feature = "shuttle"))]
pub(crate) fn has_failed() -> bool {
    with(|x| x.totals.failure.is_some())
}

/// Whether `payload` may be caught by [`crate::sync::catch_unwind`].
pub(in crate::sync::imp) fn may_catch(payload: &(dyn Any + Send)) -> bool {
    PHASE.get() == Phase::Outside || payload.is::<PlannedPanic>()
}
