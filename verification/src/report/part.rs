//! A part of the report: what one command found, or why that is not known.

use crate::exit::Exit;
use crate::explain::Sources;
use crate::origin::{self, Origin};
use crate::tree;
use serde::de::DeserializeOwned;
use std::fs;
use std::path::{Path, PathBuf};

/// A part of the report.
#[derive(Debug)]
pub(crate) enum Part<D> {
    /// It is there.
    Found {
        /// What was found.
        document: D,
        /// The file that it was read from; without one it was found just now.
        file: Option<PathBuf>,
    },
    /// It is not there.
    Missing(Missing),
}

/// Why a part is not there.
#[derive(Debug)]
pub(crate) struct Missing {
    /// The reason, in words.
    pub(crate) why: String,
    /// What the exit code says of it.
    pub(crate) exit: Exit,
}

/// A command that was refused.
impl From<String> for Missing {
    fn from(why: String) -> Missing {
        Missing { why, exit: Exit::Refused }
    }
}

/// What a command found, as its `--json` has it.
pub(crate) trait Document: DeserializeOwned {
    /// Where it comes from.
    fn origin(&self) -> &Origin;

    /// What is wrong with it as a part of a report, though it is of the right form.
    fn objection(&self) -> Option<&'static str> {
        None
    }
}

impl<D> Part<D> {
    /// A part that was found just now, unless it could not be.
    pub(crate) fn of(found: Result<D, Missing>) -> Part<D> {
        match found {
            Ok(document) => Part::Found { document, file: None },
            Err(missing) => Part::Missing(missing),
        }
    }

    /// A part that was not asked for.
    pub(crate) fn left_out() -> Part<D> {
        Part::Missing(Missing { why: "it was left out of this report".into(), exit: Exit::Incomplete })
    }

    /// What was found.
    pub(crate) fn document(&self) -> Option<&D> {
        match self {
            Part::Found { document, .. } => Some(document),
            Part::Missing(_) => None,
        }
    }
}

impl<D: Document> Part<D> {
    /// The part in a file. One that cannot be read, or holds something else, is missing.
    pub(crate) fn read(file: &Path) -> Part<D> {
        let missing = |why: &str| Part::Missing(format!("{} cannot be taken: {why}", file.display()).into());
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) => return missing(&error.to_string()),
        };
        match serde_json::from_str::<D>(&text) {
            Err(error) => missing(&error.to_string()),
            Ok(document) => match document.objection() {
                Some(objection) => missing(objection),
                None => Part::Found { document, file: Some(file.into()) },
            },
        }
    }

    /// Where it comes from, if it is there.
    pub(crate) fn origin(&self) -> Option<&Origin> {
        self.document().map(Document::origin)
    }

    /// The source that its failures speak of: that of this tree, if it was found in this very tree or in the same commit.
    pub(crate) fn sources(&self) -> Sources {
        let is_here = |root: &PathBuf| match self {
            Part::Found { file: None, .. } => true,
            Part::Found { document, .. } => {
                let commit = &document.origin().commit;
                commit.is_some() && *commit == origin::commit(root) && !document.origin().is_dirty()
            }
            Part::Missing(_) => false,
        };
        Sources::tree(tree::root().filter(is_here))
    }

    /// The exit code that it adds to the report's.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Part::Found { document, .. } => document.origin().exit,
            Part::Missing(missing) => missing.exit,
        }
    }
}

impl Document for crate::document::Document {
    fn origin(&self) -> &Origin {
        &self.origin
    }

    fn objection(&self) -> Option<&'static str> {
        let is_whole = self.unclaimed.is_some() && self.models.iter().all(|model| model.together.is_some());
        (!is_whole).then_some("it is of some models, and not of the gate")
    }
}

impl Document for crate::bugs::Document {
    fn origin(&self) -> &Origin {
        &self.origin
    }

    fn objection(&self) -> Option<&'static str> {
        match &self.matrix {
            Some(_) => Some("it says which models catch each bug, and not how"),
            None => (!self.whole).then_some("it is of some bugs, and not of all"),
        }
    }
}

impl Document for crate::orderings::Document {
    fn origin(&self) -> &Origin {
        &self.origin
    }

    fn objection(&self) -> Option<&'static str> {
        (!self.whole).then_some("it is of some orderings, and not of all")
    }
}
