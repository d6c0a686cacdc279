//! One place: nobody goes back in its order of writes.

use crate::program::Claim::{Ends, Reads};
use crate::program::Place::X;
use crate::program::Step::{Load, Store};
use crate::row::{Row, row};
use netns_core::sync::Ordering::Relaxed;

pub(super) fn rows() -> Vec<Row> {
    let (read, write) = (Load(X, Relaxed), |value| Store(X, value, Relaxed));
    let rows = [
        row("CoRR", [&[write(1)], &[read, read]], &[Reads(1, 0, 1), Reads(1, 1, 0)]),
        row("CoWW", [&[write(1), write(2)]], &[Ends(X, 1)]),
        row("CoRW", [&[read, write(1)], &[write(2)]], &[Reads(0, 0, 2), Ends(X, 2)]),
        row("CoWR", [&[write(1), read], &[write(2)]], &[Reads(0, 0, 2), Ends(X, 1)]),
        row("CoWR+CoWR", [&[write(1), read], &[write(2), read]], &[Reads(0, 0, 2), Reads(1, 0, 1)]),
    ];
    rows.map(Row::forbidden).into()
}
