//! Runs many random programs through a checker, and makes the first difference small.

use crate::generate::generate;
use crate::program::Program;
use crate::shrink::shrink;
use crate::verdict::{Difference, Mode, Subject, compare};
use std::fmt;
use std::ops::Range;

/// A program on which the subject and the oracle differ.
#[derive(Debug)]
pub(crate) struct Counterexample {
    /// The seed that the program was made from.
    pub(crate) seed: u64,
    pub(crate) program: Program,
    /// The smallest program that was found to show a difference, and that difference.
    pub(crate) shrunk: Program,
    pub(crate) difference: Difference,
}

/// The first counterexample among the programs of the seeds.
pub(crate) fn find(subject: &dyn Subject, seeds: Range<u64>, mode: Mode) -> Option<Counterexample> {
    for seed in seeds {
        let program = generate(seed);
        if compare(subject, &program, mode).is_err() {
            let shrunk = shrink(subject, &program, mode);
            let difference =
                compare(subject, &shrunk, mode).expect_err("a shrunk program shows a difference");
            return Some(Counterexample { seed, program, shrunk, difference });
        }
    }
    None
}

/// Compares the subject with the oracle on the programs of the seeds.
///
/// # Panics
/// At the first difference, with the shrunk program.
pub(crate) fn campaign(subject: &dyn Subject, seeds: Range<u64>, mode: Mode) {
    if let Some(counterexample) = find(subject, seeds, mode) {
        panic!("{mode:?}: {counterexample}");
    }
}

/// Compares the subject with the oracle on one program: a counterexample of a campaign, pasted.
///
/// # Panics
/// If they differ, or the text is no program.
#[track_caller]
pub(crate) fn agree(subject: &dyn Subject, program: &str, mode: Mode) {
    let parsed = program.parse().unwrap_or_else(|wrong| panic!("{program}: {wrong}"));
    if let Err(difference) = compare(subject, &parsed, mode) {
        panic!("{mode:?}: {program}\n{difference}");
    }
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counterexample { seed, program, shrunk, difference } = self;
        writeln!(f, "seed {seed}\n{program}\n\nshrunk to\n{shrunk}\n\n{shrunk:#}\n{difference}")
    }
}
