//! The known bugs, put back one at a time, and what catches each.
//!
//! A [`Bug`] is a patch whose header tells its story. A [`Tree`] is a copy of the source tree, in which a bug is put back
//! and the models are built. A [`Trial`] runs the model that is to catch it, and judges what came of that; a [`Row`]
//! runs every model.

mod bug;
mod command;
mod document;
mod header;
mod matrix;
mod mirror;
mod page;
mod progress;
mod shortest;
mod tree;
mod trial;
mod workers;

pub(crate) use bug::Bug;
pub(crate) use document::{Document, OfBug};
pub(crate) use matrix::Row;
pub(crate) use page::{MatrixPage, Page};
pub(crate) use shortest::shortest;
pub(crate) use tree::{Tree, Unbuilt};
pub(crate) use trial::{Trial, Verdict};
pub(crate) use workers::copies;

use crate::runner::Stop;
use progress::Progress;
use std::time::Duration;

/// Runs, for each bug, the model that is to catch it.
pub(crate) fn trials(bugs: &[Bug], trees: Vec<Tree>, stop: &Stop) -> Vec<Trial> {
    let mut progress = Progress::of(bugs);
    let work = |bug: &Bug, tree: &mut Tree| Trial::of(bug, tree, stop);
    let done = workers::each(bugs, trees, stop, work, |event| progress.show(event, Trial::line));
    done.into_iter().zip(bugs).map(|(trial, bug)| trial.unwrap_or_else(|| Trial::not_run(bug))).collect()
}

/// Runs, for each bug, every model, none for longer than `time`.
pub(crate) fn rows(bugs: &[Bug], trees: Vec<Tree>, time: Duration, stop: &Stop) -> Vec<Row> {
    let mut progress = Progress::of(bugs);
    let work = |bug: &Bug, tree: &mut Tree| Row::of(bug, tree, time, stop);
    let done = workers::each(bugs, trees, stop, work, |event| progress.show(event, Row::line));
    done.into_iter().zip(bugs).map(|(row, bug)| row.unwrap_or_else(|| Row::not_run(bug))).collect()
}
