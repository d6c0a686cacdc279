//! The command line of the report.

use super::Pace;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// `report`.
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The directory in which index.html is written.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// What the gate has written with --json, instead of running it.
    #[arg(long, value_name = "FILE")]
    pub(crate) gate: Option<PathBuf>,
    /// What `bugs --json` has written, instead of running it.
    #[arg(long, value_name = "FILE")]
    pub(crate) bugs: Option<PathBuf>,
    /// What `orderings --json` has written, instead of running it.
    #[arg(long, value_name = "FILE")]
    pub(crate) orderings: Option<PathBuf>,
    /// A part that is left out. The page says so, and the exit code is 3 or worse.
    #[arg(long, value_name = "PART", value_enum)]
    without: Vec<Name>,
    #[command(flatten)]
    pub(crate) pace: Pace,
}

/// A part that can be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Name {
    /// Every model under each exhaustive engine.
    Gate,
    /// Each known bug, put back.
    Bugs,
    /// The audit of orderings.
    Orderings,
}

impl Report {
    /// Whether a part is to be there.
    pub(crate) fn wants(&self, part: Name) -> bool {
        !self.without.contains(&part)
    }
}
