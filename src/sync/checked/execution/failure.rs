//! Failures: how one is put on record before anything unwinds.

use super::subject::{Access, Subject};
use super::{CURRENT, Execution, PHASE, Phase, Site, with};
use crate::check::{Failure, FailureKind};
use crate::sync::PlannedPanic;
use crate::sync::imp::engine::Graph;
use crate::sync::imp::event;
use crate::sync::imp::history::{Failed, Names};
use std::any::Any;
use std::cell::Cell;
use std::panic::Location;

/// Fails the check. What unwinds the execution is the message, for an engine that looks.
pub(in crate::sync::imp) fn fail(kind: FailureKind, message: String, at: &Location<'_>) -> ! {
    with(|x| x.fail(kind, message.clone(), event::place(at), None));
    PHASE.set(Phase::Failed);
    std::panic::resume_unwind(Box::new(message))
}

/// Fails the check at an access to a heap object that was freed.
pub(super) fn fail_at_freed(kind: FailureKind, addr: usize, operation: &'static str, at: Site) -> ! {
    let message = with(|x| {
        x.watching = Some(Access { addr, operation, at });
        x.memory.describe(addr, &Names::of(&x.objects, &x.memory))
    });
    fail(kind, message, at)
}

/// Fails the check at the end of an execution that leaves heap objects.
pub(super) fn fail_at_leaks(leaks: &[usize]) -> ! {
    let message = with(|x| {
        let names = Names::of(&x.objects, &x.memory);
        leaks.iter().map(|addr| x.memory.describe(*addr, &names)).collect::<Vec<_>>().join("; ")
    });
    fail(FailureKind::Leak, format!("never freed: {message}"), Location::caller())
}

impl Execution {
    /// Puts a failure on record. `graph` is that of the engine, if it is not at work any more.
    fn fail(
        &mut self,
        mut kind: FailureKind,
        mut message: String,
        mut location: String,
        graph: Option<Graph>,
    ) {
        if self.failure.is_some() {
            return;
        }
        let names = Names::of(&self.objects, &self.memory);
        let graph = graph.or_else(|| self.engine.graph());
        let graph = graph.map(|graph| (self.numbers_of_engine(), graph));
        let running = graph.as_ref().and_then(|(numbers, graph)| numbers.get(graph.running).copied());
        let thread = running.unwrap_or(self.running);
        let mut subject = Subject::default();
        if let Some(access) = self.watching {
            if !matches!(self.memory.life(access.addr), Some((_, Some(_)))) {
                (kind, message) = self.race(access, &names);
            }
            if self.config.log {
                subject = self.block_subject(thread, access, &names);
            }
        } else if kind == FailureKind::Deadlock && self.config.log {
            self.log_waits();
        } else if kind == FailureKind::DataRace {
            subject = self.cell_subject(thread, &names);
        }
        if subject.event.is_some() || location.is_empty() {
            location = self.whereabouts(thread);
        }
        let thread = (kind != FailureKind::Deadlock).then_some(thread);
        let threads: Vec<_> = self.threads.iter().enumerate().map(|(i, t)| t.label(i)).collect();
        let Subject { event, suspects, name } = subject;
        let told = Failed {
            events: &self.events,
            objects: &self.objects,
            threads: &threads,
            names: &names,
            thread,
            event,
            suspects,
            graph,
            is_sc: self.engine.is_sequentially_consistent(),
        }
        .tell();
        let failure = Failure {
            kind,
            message,
            location,
            execution: self.totals.executions + 1,
            thread,
            object: name,
            event: told.event,
            conflict: told.conflict,
            events: told.events,
            reproduce: self.config.reproduce.clone(),
        };
        self.failure = Some(failure);
        // What follows may abort the process.
        if self.totals.failure.is_none() {
            self.confirm_failure();
        }
    }

    /// The failure of this execution is the one to be shown.
    pub(super) fn confirm_failure(&mut self) {
        if let Some(failure) = &self.failure
            && self.totals.failure.as_ref() != Some(failure)
        {
            crate::check::tell_listener(failure);
            self.totals.failure = Some(failure.clone());
        }
    }

    /// For each thread of the engine's, its number in the log.
    fn numbers_of_engine(&self) -> Vec<usize> {
        let mut numbers = Vec::new();
        for (number, of_engine) in self.threads.iter().map(|thread| thread.of_engine).enumerate() {
            if let Some(of_engine) = of_engine {
                numbers.resize(numbers.len().max(of_engine + 1), usize::MAX);
                numbers[of_engine] = number;
            }
        }
        numbers
    }

    /// Where a thread was last, so that a free, which has no place of its own in the program, has one.
    fn whereabouts(&self, thread: usize) -> String {
        let last = self.events.iter().rfind(|event| event.thread == thread && event.operation != "free");
        last.map(|event| event::place(event.at)).unwrap_or_default()
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
                        x.fail(classify(&message), message, location, None);
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
    with(|x| x.fail(classify(&message), message, location, None));
    PHASE.set(Phase::Failed);
}

/// Puts on record what an engine has found, and what it knows of the execution. The first failure of an execution is
/// the one that counts. Called for the failure that is to be shown: a later one takes the place of those before.
#[cfg(feature = "rc11")]
pub(crate) fn record_finding(kind: FailureKind, message: String, graph: Graph) {
    with(|x| {
        x.fail(kind, message, String::new(), Some(graph));
        x.confirm_failure();
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
