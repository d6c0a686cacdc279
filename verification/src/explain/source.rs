//! Lines of source text.

use netns_core::check::Failure;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The source that a failure is of.
#[derive(Debug)]
pub(crate) enum Sources {
    /// The tree at this place; without one no text is known.
    Tree(Option<PathBuf>),
    /// Some lines of a tree.
    Excerpt(Excerpt),
}

/// Lines of source, by their places.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Excerpt(BTreeMap<String, String>);

impl Excerpt {
    /// The lines of the tree at `root` that a failure speaks of.
    pub(crate) fn of(failure: &Failure, root: &Path) -> Excerpt {
        let sources = Sources::Tree(Some(root.into()));
        let events = failure.events.iter().map(|event| &event.location);
        let places = events.chain([&failure.location]).filter_map(|location| Place::parse(location));
        Excerpt(places.filter_map(|place| Some((place.to_string(), sources.line(&place)?))).collect())
    }
}

impl Sources {
    /// The line at a place, without its indentation; `None` if it cannot be read.
    pub(super) fn line(&self, place: &Place) -> Option<String> {
        let root = match self {
            Sources::Tree(root) => root.as_ref()?,
            Sources::Excerpt(Excerpt(lines)) => return lines.get(&place.to_string()).cloned(),
        };
        let path = Path::new(&place.file);
        if !path.components().all(|part| matches!(part, Component::Normal(_))) {
            return None;
        }
        let text = fs::read_to_string(root.join(path)).ok()?;
        let line = text.lines().nth(place.line.checked_sub(1)?)?.trim();
        // It is always in scope here.
        Some(line.replace("Ordering::", ""))
    }
}

/// Where something is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: usize,
}

impl Place {
    /// `file:line:column`, as a failure has it.
    pub(super) fn parse(location: &str) -> Option<Place> {
        let (rest, column) = location.rsplit_once(':')?;
        let (file, line) = rest.rsplit_once(':')?;
        column.parse::<usize>().ok()?;
        Some(Place { file: file.into(), line: line.parse().ok()? })
    }

    /// Whether it is in the facade, where an object is freed that nobody frees by name.
    pub(super) fn is_of_facade(&self) -> bool {
        self.file.starts_with("src/sync/")
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netns_core::check::{EventRecord, FailureKind};

    #[test]
    fn a_line_of_the_tree_is_found_and_no_other() {
        let sources = Sources::Tree(Some(env!("CARGO_MANIFEST_DIR").into()));
        let line = |location| sources.line(&Place::parse(location).unwrap());
        assert_eq!(line("src/explain/source.rs:1:1").as_deref(), Some("//! Lines of source text."));
        assert_eq!(line("src/explain/source.rs:99999:1"), None);
        assert_eq!(line("src/explain/no_such_file.rs:1:1"), None);
        assert_eq!(line("../Cargo.toml:1:1"), None, "not below the tree");
        assert_eq!(line("/etc/hostname:1:1"), None);
        assert_eq!(Sources::Tree(None).line(&Place::parse("src/explain/source.rs:1:1").unwrap()), None);
    }

    #[test]
    fn an_excerpt_has_the_lines_that_a_failure_speaks_of() {
        let event = EventRecord { location: "src/explain/source.rs:1:1".into(), ..EventRecord::default() };
        let failure = Failure {
            location: "src/explain.rs:1:1".into(),
            events: vec![event],
            ..Failure::new(FailureKind::Assertion, "planted".into())
        };
        let sources = Sources::Excerpt(Excerpt::of(&failure, Path::new(env!("CARGO_MANIFEST_DIR"))));
        let line = |location| sources.line(&Place::parse(location).unwrap());
        assert_eq!(line("src/explain/source.rs:1:1").as_deref(), Some("//! Lines of source text."));
        assert_eq!(line("src/explain.rs:1:1").as_deref(), Some("//! Counterexamples that one can see."));
        assert_eq!(line("src/explain/source.rs:3:1"), None, "nobody speaks of it");
    }

    #[test]
    fn a_location_is_file_line_and_column() {
        let place = Place::parse("src/refcount.rs:94:30").unwrap();
        assert_eq!(place.to_string(), "src/refcount.rs:94");
        assert_eq!(Place::parse(""), None);
        assert_eq!(Place::parse("somewhere"), None);
    }
}
