//! A model that was divided, in a file: what several machines need to explore a part of it each.

use crate::Plan;
use netns_core::check::Split;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

/// A model that was begun and divided.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Items {
    /// The version of what divided it. Another version may have another model of that name.
    pub version: String,
    /// The model's name.
    pub model: String,
    /// How it is run.
    pub plan: Plan,
    /// What was explored, and what is left.
    pub split: Split,
}

impl Items {
    /// The version of this build.
    pub const VERSION: &str = env!("CARGO_PKG_VERSION");

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// A sentence that names the file, if it cannot be read, is another kind of file, or was written by another version.
    pub fn read(file: &Path) -> Result<Items, String> {
        let told = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
        let text = BufReader::new(File::open(file).map_err(|error| told(&error))?);
        let items: Items = serde_json::from_reader(text).map_err(|error| told(&error))?;
        if items.version != Self::VERSION {
            let (theirs, ours) = (&items.version, Self::VERSION);
            return Err(told(&format!("version {theirs} divided the model, and this is version {ours}")));
        }
        Ok(items)
    }

    /// Writes a file.
    ///
    /// # Errors
    ///
    /// If that is not possible.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        let mut out = BufWriter::new(File::create(file)?);
        serde_json::to_writer(&mut out, self)?;
        writeln!(out)?;
        out.flush()
    }
}
