//! `netns-verify`, or `cargo verify`: runs every model of netns-core and says what was explored.
//!
//! Without a subcommand it is the gate: each model under both exhaustive engines, rc11 and loom, each time in a
//! process of its own, to the last execution. The exit code is 0 if every model was complete and held, 1 if a check
//! failed or a process died, 2 for a command that makes no sense, 3 if something was left unexplored.

mod baseline;
mod bugs;
mod campaign;
mod cli;
mod commands;
mod counts;
mod document;
mod exit;
mod explain;
mod figures;
mod findings;
mod invariants;
mod list;
mod orderings;
mod origin;
mod page;
mod progress;
mod report;
mod runner;
mod select;
mod terminal;
mod together;
mod tree;
mod verdict;

use clap::Parser;
use exit::Exit;
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = netns_models::process::serve() {
        return code;
    }
    let exit = commands::run(cli::Cli::parse()).unwrap_or_else(|refusal| {
        terminal::complain(&format!("error: {refusal}"));
        Exit::Refused
    });
    exit.into()
}
