//! Parts: one exploration, spread over processes and machines.
//!
//! [`Explorer::split`] explores until so many graphs are left and returns them, with what it counted on the way. Each
//! is explored by [`Explorer::run_part`] in whatever process, and the reports add up ([`Report::merge`]) to that of the
//! undivided exploration: a graph is all that is needed to go on from it, provided that the program is the same.

use crate::names::Table;
use crate::report::{Report, Stopped};
use crate::run::Item;
use serde::{Deserialize, Serialize};

/// An exploration that was begun and divided.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Split {
    /// What was explored before it was divided.
    pub begun: Report,
    pub(crate) names: Table,
    pub(crate) items: Vec<Item>,
}

impl Split {
    /// How many graphs are left to be explored.
    pub fn items(&self) -> usize {
        self.items.len()
    }

    /// What share of the whole part `part` of `parts` is, as far as can be said before it is explored.
    ///
    /// # Panics
    ///
    /// If there is no such part.
    pub fn share(&self, part: usize, parts: usize) -> f64 {
        self.part(part, parts).iter().map(|item| item.weight).sum()
    }

    /// The items of part `part` of `parts`: every `parts`th, so that what stands for much is dealt out evenly.
    pub(crate) fn part(&self, part: usize, parts: usize) -> Vec<Item> {
        assert!(part < parts, "parts are numbered from 0");
        self.items.iter().skip(part).step_by(parts).cloned().collect()
    }
}

impl Report {
    /// Adds what another part found. The sum of all parts, and of what was explored before they were divided, is
    /// complete if each of them is. Which parts are there is not known here: who adds them up sees to it that all are.
    pub fn merge(&mut self, other: &Report) {
        self.complete += other.complete;
        self.blocked += other.blocked;
        self.deadlocked += other.deadlocked;
        self.events += other.events;
        self.deepest = self.deepest.max(other.deepest);
        self.threads = self.threads.max(other.threads);
        self.duplicates += other.duplicates;
        self.failing += other.failing;
        self.explored += other.explored;
        self.elapsed += other.elapsed;
        let unfinished = |stopped: &Stopped| *stopped != Stopped::Part;
        self.stopped = self.stopped.filter(unfinished).or(other.stopped.filter(unfinished));
        self.failure = self.failure.take().or_else(|| other.failure.clone());
    }
}
