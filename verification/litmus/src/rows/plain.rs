//! Memory that is not atomic: whether two accesses race.

use crate::program::Claim::Race;
use crate::program::Place::{X, Y};
use crate::program::Step::{Fence, Load, Only, ReadPlain, Store, WritePlain};
use crate::row::{Row, row};
use netns_core::sync::Ordering::{self, Acquire, Relaxed, Release, SeqCst};

pub(super) fn rows() -> Vec<Row> {
    let rows = vec![
        passing("race-MP", [Relaxed, Relaxed]).by_interleaving(),
        passing("race-MP+rel+acq", [Release, Acquire]).forbidden(),
        // The fences are ordered, by what the writer reads, and yet nothing synchronises.
        row(
            "race-SB+fence-sc",
            [
                &[WritePlain, Fence(SeqCst), Load(Y, Relaxed), Only(0), Store(X, 1, Relaxed)],
                &[Store(Y, 1, Relaxed), Fence(SeqCst), Load(X, Relaxed), Only(1), ReadPlain],
            ],
            &[Race],
        )
        .by_interleaving(),
    ];
    rows.into_iter().map(Row::not_in_the_kernel).collect()
}

/// Message passing, where the data is not atomic.
fn passing(name: &'static str, [write, read]: [Ordering; 2]) -> Row {
    let writer = [WritePlain, Store(Y, 1, write)];
    row(name, [&writer, &[Load(Y, read), Only(1), ReadPlain]], &[Race])
}
