//! The command line of counterexamples.

use super::{engine, weaken};
use clap::{Args, ValueEnum};
use netns_core::check::{Engine, Weaken};
use netns_models::Plan;
use std::path::PathBuf;

/// `explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The model; with --bug, if nothing else is said, the one that catches the bug.
    #[arg(value_name = "MODEL", required_unless_present = "bug")]
    pub(crate) name: Option<String>,
    /// Under which engine.
    #[arg(long, default_value = "rc11", value_parser = engine(["rc11", "loom"]))]
    engine: Engine,
    /// Puts a known bug of verification/bugs back, in a copy of the tree.
    #[arg(long, value_name = "NAME")]
    pub(crate) bug: Option<String>,
    /// Weakens the ordering at a source line: to Relaxed, Acquire, Release or AcqRel, or to none.
    #[arg(long, value_name = "FILE:LINE=ORDERING", value_parser = weaken)]
    weaken: Option<Weaken>,
    /// As what the counterexample is written.
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: Format,
    /// Where it is written to [default: standard output].
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Shows each operation, also those of the set-up and those that the failure has little to do with.
    #[arg(long)]
    pub(crate) all: bool,
}

/// What a counterexample is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal: a lane a thread, a line an operation.
    Text,
    /// A picture.
    Svg,
    /// A log with vector clocks, for ShiViz.
    Shiviz,
    /// A graph, for Graphviz.
    Dot,
    /// For programs.
    Json,
}

impl Explain {
    /// How the model is run.
    pub(crate) fn plan(&self) -> Plan {
        Plan { weaken: self.weaken.clone(), ..Plan::of(self.engine) }
    }
}
