//! `verification/orderings.toml`: rows of the audit that not both engines catch, each with an argument.

use super::scan::Site;
use super::weaken::Step;
use netns_core::check::Engine;
use serde::Deserialize;
use std::fs;
use std::path::Path;

/// What is written down of rows.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Notes {
    /// Rows that one engine alone catches.
    #[serde(default)]
    one_engine: Vec<Note>,
    /// Rows that no engine catches, and need not.
    #[serde(default)]
    accepted: Vec<Note>,
}

/// An argument about a row.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Note {
    file: String,
    function: String,
    operation: String,
    /// What the ordering is weakened to; `none` for a fence that is left out.
    to: String,
    /// The engine that catches it.
    #[serde(default)]
    caught_by: Option<Engine>,
    /// The argument.
    pub(crate) why: String,
}

impl Notes {
    /// Reads the notes of the tree at `root`.
    ///
    /// # Errors
    ///
    /// If they cannot be read, or say something else than notes say.
    pub(crate) fn load(root: &Path) -> Result<Notes, String> {
        let told = |error: &dyn std::fmt::Display| format!("verification/orderings.toml: {error}");
        let text =
            fs::read_to_string(root.join("verification/orderings.toml")).map_err(|error| told(&error))?;
        Self::parse(&text).map_err(|error| told(&error))
    }

    fn parse(text: &str) -> Result<Notes, String> {
        let notes: Notes = toml::from_str(text).map_err(|error| error.to_string())?;
        match notes
            .one_engine
            .iter()
            .find(|note| !matches!(note.caught_by, Some(Engine::Loom | Engine::Rc11)))
        {
            Some(note) => Err(format!("{}, {}: caught_by is loom or rc11", note.file, note.function)),
            None => Ok(notes),
        }
    }

    /// Why `engine` alone catches the row.
    pub(crate) fn only(&self, engine: Engine, site: &Site, step: Step) -> Option<&Note> {
        self.one_engine.iter().find(|note| note.caught_by == Some(engine) && note.is_of(site, step))
    }

    /// Why no engine need catch the row.
    pub(crate) fn accepted(&self, site: &Site, step: Step) -> Option<&Note> {
        self.accepted.iter().find(|note| note.is_of(site, step))
    }

    /// The notes that none of these rows needs.
    pub(crate) fn idle(&self, needed: &[&Note]) -> Vec<String> {
        let all = self.one_engine.iter().chain(&self.accepted);
        all.filter(|note| !needed.contains(note)).map(Note::title).collect()
    }
}

impl Note {
    fn is_of(&self, site: &Site, step: Step) -> bool {
        (self.file.as_str(), self.function.as_str()) == (site.file.as_str(), site.function.as_str())
            && self.operation == site.operation
            && self.to == step.to_string()
    }

    fn title(&self) -> String {
        format!("{}, {}, {} to {}", self.file, self.function, self.operation, self.to)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn site() -> Site {
        Site {
            file: "src/rcu/cell.rs".into(),
            line: 50,
            function: "RcuCell::replace".into(),
            operation: "swap".into(),
            ordering: "AcqRel".into(),
        }
    }

    const NOTE: &str = r#"
        [[one-engine]]
        file = "src/rcu/cell.rs"
        function = "RcuCell::replace"
        operation = "swap"
        to = "Release"
        caught_by = "rc11"
        why = "loom's fences do more"
    "#;

    #[test]
    fn a_note_is_found_by_its_row_wherever_that_stands() {
        let notes = Notes::parse(NOTE).unwrap();
        let (release, acquire) = (
            Step(Some(std::sync::atomic::Ordering::Release)),
            Step(Some(std::sync::atomic::Ordering::Acquire)),
        );
        let note = notes.only(Engine::Rc11, &site(), release).unwrap();
        assert_eq!(note.why, "loom's fences do more");
        assert_eq!(notes.only(Engine::Loom, &site(), release), None);
        assert_eq!(notes.only(Engine::Rc11, &site(), acquire), None);
        assert_eq!(notes.accepted(&site(), release), None);
        assert_eq!(notes.idle(&[note]), [""; 0]);
        assert_eq!(notes.idle(&[]), ["src/rcu/cell.rs, RcuCell::replace, swap to Release"]);
    }

    #[test]
    fn a_note_without_an_argument_is_none() {
        assert!(Notes::parse(&NOTE.replace("why", "because")).is_err());
        assert!(Notes::parse(&NOTE.replace("\"rc11\"", "\"std\"")).is_err());
    }
}
