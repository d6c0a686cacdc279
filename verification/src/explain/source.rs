//! Lines of source text.

use netns_core::check::Failure;
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The source that a failure is of.
#[derive(Debug)]
pub(crate) enum Sources {
    /// A tree.
    Tree(Tree),
    /// Some lines of a tree.
    Excerpt(Excerpt),
}

/// The source at a place, each file of which is read once; without a place no text is known.
#[derive(Debug)]
pub(crate) struct Tree {
    root: Option<PathBuf>,
    files: RefCell<HashMap<String, Option<String>>>,
}

/// Lines of source, by their places.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Excerpt(BTreeMap<String, String>);

impl Excerpt {
    /// The lines of the tree at `root` that a failure speaks of.
    pub(crate) fn of(failure: &Failure, root: &Path) -> Excerpt {
        let sources = Sources::tree(Some(root.into()));
        let events = failure.events.iter().map(|event| &event.location);
        let places = events.chain([&failure.location]).filter_map(|location| Place::parse(location));
        Excerpt(places.filter_map(|place| Some((place.to_string(), sources.line(&place)?))).collect())
    }
}

impl Sources {
    /// The tree at this place.
    pub(crate) fn tree(root: Option<PathBuf>) -> Sources {
        Sources::Tree(Tree { root, files: RefCell::default() })
    }

    /// The line at a place, without its indentation; `None` if it cannot be read.
    pub(super) fn line(&self, place: &Place) -> Option<String> {
        match self {
            Sources::Tree(tree) => tree.line(place),
            Sources::Excerpt(Excerpt(lines)) => lines.get(&place.to_string()).cloned(),
        }
    }
}

impl Tree {
    fn line(&self, place: &Place) -> Option<String> {
        let mut files = self.files.borrow_mut();
        let text = files.entry(place.file.clone()).or_insert_with(|| self.read(&place.file)).as_ref()?;
        let line = text.lines().nth(place.line.checked_sub(1)?)?.trim();
        // It is always in scope here.
        Some(line.replace("Ordering::", ""))
    }

    fn read(&self, file: &str) -> Option<String> {
        let path = Path::new(file);
        let is_below = path.components().all(|part| matches!(part, Component::Normal(_)));
        fs::read_to_string(self.root.as_ref().filter(|_| is_below)?.join(path)).ok()
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
        let sources = Sources::tree(Some(env!("CARGO_MANIFEST_DIR").into()));
        let line = |location| sources.line(&Place::parse(location).unwrap());
        assert_eq!(line("src/explain/source.rs:1:1").as_deref(), Some("//! Lines of source text."));
        assert_eq!(line("src/explain/source.rs:99999:1"), None);
        assert_eq!(line("src/explain/no_such_file.rs:1:1"), None);
        assert_eq!(line("../Cargo.toml:1:1"), None, "not below the tree");
        assert_eq!(line("/etc/hostname:1:1"), None);
        assert_eq!(Sources::tree(None).line(&Place::parse("src/explain/source.rs:1:1").unwrap()), None);
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
