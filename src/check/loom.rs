//! Runs loom, and hears from loom itself whether it completed.
//!
//! A loom run that meets a limit returns like one that explored everything. What tells them apart is an event,
//! "Completed in N iterations", so a probe listens for it.

use super::Strategy;
use super::explore::{End, Run};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, Subscriber, with_default};
use tracing::{Event, Metadata};

pub(super) fn explore(run: Run) -> End {
    let mut builder = loom::model::Builder::new();
    builder.max_threads = loom::MAX_THREADS;
    builder.max_branches = run.branches;
    // The environment has no say in what a check explores.
    builder.checkpoint_file = None;
    builder.location = false;
    builder.log = false;
    builder.preemption_bound = match run.strategy {
        Strategy::Exhaustive { preemptions } => preemptions.map(usize::from),
        _ => None,
    };
    // loom looks at its limits every so many executions, before it runs the next.
    builder.checkpoint_interval =
        if run.executions.or(run.time.map(|_| 1)).is_some() { 1 } else { usize::MAX };
    builder.max_permutations = run.executions.map(|n| usize::try_from(n).unwrap_or(usize::MAX - 1) + 1);
    builder.max_duration = run.time;
    let completed = Arc::new(AtomicU64::new(0));
    let probe = Probe { completed: Arc::clone(&completed) };
    let body = run.body;
    with_default(probe, || builder.check(move || body()));
    if completed.load(Ordering::Relaxed) > 0 { End::Completed } else { End::Stopped }
}

/// Listens to loom's model loop and to nothing else.
struct Probe {
    completed: Arc<AtomicU64>,
}

impl Subscriber for Probe {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target() == "loom::model"
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Message(&self.completed));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Message<'a>(&'a AtomicU64);

impl Visit for Message<'_> {
    fn record_debug(&mut self, _: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        let count = text.strip_prefix("Completed in ").and_then(|rest| rest.strip_suffix(" iterations"));
        if let Some(count) = count.and_then(|count| count.parse().ok()) {
            self.0.store(count, Ordering::Relaxed);
        }
    }
}
