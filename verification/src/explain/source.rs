//! Lines of source text.

use std::fs;
use std::path::{Component, Path, PathBuf};

/// The source tree that a failure is of.
#[derive(Debug, Default)]
pub(crate) struct Sources(Option<PathBuf>);

impl Sources {
    /// The tree at `root`; without one no text is known.
    pub(crate) fn of(root: Option<PathBuf>) -> Sources {
        Sources(root)
    }

    /// The line at a place, without its indentation; `None` if it cannot be read.
    pub(super) fn line(&self, place: &Place) -> Option<String> {
        let root = self.0.as_ref()?;
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

    #[test]
    fn a_line_of_the_tree_is_found_and_no_other() {
        let sources = Sources::of(Some(env!("CARGO_MANIFEST_DIR").into()));
        let line = |location| sources.line(&Place::parse(location).unwrap());
        assert_eq!(line("src/explain/source.rs:1:1").as_deref(), Some("//! Lines of source text."));
        assert_eq!(line("src/explain/source.rs:99999:1"), None);
        assert_eq!(line("src/explain/no_such_file.rs:1:1"), None);
        assert_eq!(line("../Cargo.toml:1:1"), None, "not below the tree");
        assert_eq!(line("/etc/hostname:1:1"), None);
        assert_eq!(Sources::default().line(&Place::parse("src/explain/source.rs:1:1").unwrap()), None);
    }

    #[test]
    fn a_location_is_file_line_and_column() {
        let place = Place::parse("src/refcount.rs:94:30").unwrap();
        assert_eq!(place.to_string(), "src/refcount.rs:94");
        assert_eq!(Place::parse(""), None);
        assert_eq!(Place::parse("somewhere"), None);
    }
}
