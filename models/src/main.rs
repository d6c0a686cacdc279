//! `netns-model`: the child by itself, which runs the one model that its environment names.
//!
//! It needs none of what `cargo verify` has around the models, so a tree with one line changed is built quickly.

use netns_models::process;
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    process::serve().unwrap_or_else(|| {
        let _ =
            writeln!(io::stderr(), "netns-model is started by others, with a task in {}", process::VARIABLE);
        ExitCode::from(2)
    })
}
