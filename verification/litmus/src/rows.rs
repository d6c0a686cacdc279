//! The table.

mod coherence;
mod many;
mod plain;
mod two;
mod updates;

use crate::row::Row;

/// All rows, by family.
pub fn all() -> Vec<Row> {
    [two::rows(), many::rows(), coherence::rows(), updates::rows(), plain::rows()].concat()
}
