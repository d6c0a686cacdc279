//! `report`: the page.

use super::{Refusal, bugs, cannot_write, explore_all, orderings};
use crate::baseline::Baseline;
use crate::cli::{self, Name, Pace};
use crate::document::Document;
use crate::exit::Exit;
use crate::report::{self, Missing, Part, Parts};
use crate::terminal;
use std::fs::{self, OpenOptions};
use std::path::Path;
use std::time::SystemTime;

/// Gathers the parts, and writes the page.
pub(super) fn report(command: &cli::Report) -> Result<Exit, Refusal> {
    let file = command.out.join("index.html");
    // Before an hour of checking, not after it.
    let open = || OpenOptions::new().append(true).create(true).open(&file);
    fs::create_dir_all(&command.out).and_then(|()| open()).map_err(|error| cannot_write(&file, &error))?;
    let pace = &command.pace;
    let parts = Parts {
        gate: part(command, Name::Gate, command.gate.as_deref(), || gate(pace)),
        bugs: part(command, Name::Bugs, command.bugs.as_deref(), || bugs::document(pace.jobs())),
        orderings: part(command, Name::Orderings, command.orderings.as_deref(), || {
            Ok(orderings::document(pace)?)
        }),
    };
    let page = report::page(&parts, &report::readme(), SystemTime::now());
    fs::write(&file, page).map_err(|error| cannot_write(&file, &error))?;
    terminal::say(&format!("{}\n", file.display()));
    Ok(parts.exit())
}

/// A part: left out, read, or found now.
fn part<D: report::Document>(
    command: &cli::Report,
    name: Name,
    file: Option<&Path>,
    find: impl FnOnce() -> Result<D, Missing>,
) -> Part<D> {
    match file {
        _ if !command.wants(name) => Part::left_out(),
        Some(file) => Part::read(file),
        None => Part::of(find()),
    }
}

fn gate(pace: &Pace) -> Result<Document, Missing> {
    let found = explore_all(&Baseline::load()?, pace)?;
    Ok(Document::of(&found, found.exit()))
}
