//! What comes from one step to another.

use super::Counterexample;
use super::story::Line;
use std::collections::BTreeSet;

/// What an arrow means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// What was done before its beginning happens before its end.
    Synchronises,
    /// The value goes from its beginning to its end, and nothing else.
    Reads,
    /// The read at its end did not see the store at its beginning.
    Missed,
    /// Neither end happens before the other.
    Conflict,
}

/// An arrow between two steps.
pub(super) struct Arrow {
    pub(super) kind: Kind,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// The arrows between steps that are shown.
pub(super) fn arrows(of: &Counterexample, lines: &[Line]) -> Vec<Arrow> {
    let mut arrows = Vec::new();
    let shown: BTreeSet<usize> = lines.iter().flat_map(Line::steps).collect();
    let mut add = |kind, from, to| {
        if shown.contains(&from) && shown.contains(&to) {
            arrows.push(Arrow { kind, from, to });
        }
    };
    for (index, step) in of.steps.iter().enumerate() {
        for after in &step.after {
            add(Kind::Synchronises, *after, index);
        }
        if let Some(event) = of.unordered_source(index) {
            add(Kind::Reads, event, index);
        }
        if let Some(missed) = step.missed {
            add(Kind::Missed, missed, index);
        }
    }
    if let (Some(event), Some(conflict)) = (of.failure.event, of.failure.conflict) {
        add(Kind::Conflict, conflict, event);
    }
    arrows
}
