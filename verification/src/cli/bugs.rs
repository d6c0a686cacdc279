//! The command line of the known bugs.

use super::{Gate, Output, seconds};
use clap::Args;
use std::num::NonZeroUsize;
use std::time::Duration;

/// `bugs`.
#[derive(Debug, Args)]
pub(crate) struct Bugs {
    /// Bugs: a name, or the beginning of names and a `*`; their stories are told as well [default: all].
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Only those that the kernel had, or one of their class.
    #[arg(long, conflicts_with = "names")]
    pub(crate) kernel: bool,
    /// How many bugs are tried at once, each in a copy of the tree of its own under target/bugs.
    #[arg(long, value_name = "N", default_value = "2")]
    pub(crate) jobs: NonZeroUsize,
    #[command(flatten)]
    pub(crate) output: Output,
    /// A bug that is found in another execution than its patch names is a failure (exit code 1).
    #[arg(long)]
    pub(crate) strict_counts: bool,
    /// Writes the executions in which bugs are found into their patches.
    #[arg(long, conflicts_with = "strict_counts")]
    pub(crate) bless: bool,
    /// Runs every model under rc11 against each bug, and says which catch it.
    #[arg(long, conflicts_with_all = ["strict_counts", "bless"])]
    pub(crate) all_models: bool,
    /// The time after which a model's run stops.
    #[arg(long, value_name = "SECS", value_parser = seconds, default_value = "2", requires = "all_models")]
    pub(crate) time: Duration,
    /// Whether one counterexample is shown in the end.
    #[arg(skip)]
    pub(crate) shows_one: bool,
}

impl Bugs {
    /// Whether it is of every bug.
    pub(crate) fn is_of_all(&self) -> bool {
        self.names.is_empty() && !self.kernel
    }

    /// What the gate asks for: those that the kernel had.
    pub(crate) fn of_gate(gate: &Gate) -> Bugs {
        Bugs {
            names: Vec::new(),
            kernel: true,
            jobs: gate.pace.jobs(),
            output: Output { json: None },
            strict_counts: gate.strict_counts,
            bless: false,
            all_models: false,
            time: Duration::ZERO,
            shows_one: gate.output.json.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::Parser;

    #[test]
    fn a_counterexample_is_shown_to_people() {
        let shows_one = |line: &str| Bugs::of_gate(&Cli::parse_from(line.split(' ')).gate).shows_one;
        assert!(shows_one("netns-verify"));
        assert!(!shows_one("netns-verify --json found.json"));
        assert!(!shows_one("netns-verify --json -"));
    }
}
