//! The report: one page for a browser that says what was checked, and what came of it.
//!
//! It is made of what the other commands write with `--json`. A part that is not there is said to be missing.

mod bugs;
mod failure;
mod invariants;
mod models;
mod orderings;
mod page;
mod part;
mod summary;
mod table;
#[cfg(test)]
mod tests;
mod trusted;

pub(crate) use page::page;
pub(crate) use part::{Document, Missing, Part};
pub(crate) use trusted::readme;

use crate::exit::Exit;
use crate::origin::Origin;
use crate::{bugs as known, document, orderings as audit};

/// The parts of the report.
#[derive(Debug)]
pub(crate) struct Parts {
    /// Every model under each exhaustive engine.
    pub(crate) gate: Part<document::Document>,
    /// Each known bug, put back.
    pub(crate) bugs: Part<known::Document>,
    /// Each ordering, weakened by one step.
    pub(crate) orderings: Part<audit::Document>,
}

impl Parts {
    /// The exit code: that of the worst part.
    pub(crate) fn exit(&self) -> Exit {
        self.gate.exit().and(self.bugs.exit()).and(self.orderings.exit())
    }

    /// Where the parts that are there come from, by their names.
    fn origins(&self) -> Vec<(&'static str, &Origin)> {
        let each = [
            ("Models", self.gate.origin()),
            ("Known bugs", self.bugs.origin()),
            ("Orderings", self.orderings.origin()),
        ];
        each.into_iter().filter_map(|(name, origin)| Some((name, origin?))).collect()
    }
}
