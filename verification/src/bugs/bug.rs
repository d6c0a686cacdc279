//! A bug, as the head of its patch tells it.

use super::header::{Fault, Faulty, Header};
use netns_core::check::{Engine, FailureKind};
use netns_models::{Model, all, find};

use serde::de::value::Error as ValueError;
use serde::de::{DeserializeOwned, IntoDeserializer};
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

/// A bug that a patch puts back.
#[derive(Debug, Clone)]
pub(crate) struct Bug {
    /// Its name, which is the file's.
    pub(crate) name: String,
    /// The commit or CVE of the kernel's fix, if the kernel had it.
    pub(crate) kernel: String,
    /// Who the actors are, and what goes wrong.
    pub(crate) story: String,
    /// The model that catches it.
    pub(crate) model: &'static Model,
    /// The engine under which it does.
    pub(crate) engine: Engine,
    /// A part of what the model then says.
    pub(crate) says: String,
    /// The kind of the failure.
    pub(crate) kind: FailureKind,
    /// In which execution.
    pub(crate) executions: u64,
    /// The patch.
    pub(crate) patch: PathBuf,
}

/// Why a bug cannot be read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// The file or the directory cannot be read.
    Io(PathBuf, io::Error),
    /// The header is not as it should be.
    Faulty {
        /// The patch.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong there.
        fault: Fault,
    },
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unreadable::Io(path, error) => write!(f, "{}: {error}", path.display()),
            Unreadable::Faulty { file, line, fault } => write!(f, "{}:{line}: {fault}", file.display()),
        }
    }
}

impl std::error::Error for Unreadable {}

impl Bug {
    /// All bugs of the tree, in the order of the models that catch them.
    pub(crate) fn all(root: &Path) -> Result<Vec<Bug>, Unreadable> {
        let directory = root.join("verification/bugs");
        let unreadable = |error| Unreadable::Io(directory.clone(), error);
        let mut bugs = Vec::new();
        for entry in fs::read_dir(&directory).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|extension| extension == "patch") {
                bugs.push(Bug::read(&path)?);
            }
        }
        let place = |bug: &Bug| all().iter().position(|model| model.name == bug.model.name);
        bugs.sort_by_cached_key(|bug| (place(bug), bug.name.clone()));
        Ok(bugs)
    }

    /// Whether the kernel had it, or one of its class.
    pub(crate) fn is_the_kernels(&self) -> bool {
        !self.kernel.starts_with("none")
    }

    /// The command that shows it.
    pub(crate) fn picture(&self) -> String {
        format!("cargo verify explain {} --engine {} --bug {}", self.model.name, self.engine, self.name)
    }

    /// The bug that a patch puts back.
    pub(crate) fn read(patch: &Path) -> Result<Bug, Unreadable> {
        let text = fs::read_to_string(patch).map_err(|error| Unreadable::Io(patch.into(), error))?;
        let faulty = |(line, fault)| Unreadable::Faulty { file: patch.into(), line, fault };
        Bug::parse(patch, &text).map_err(faulty)
    }

    fn parse(patch: &Path, text: &str) -> Result<Bug, Faulty> {
        let header = Header::parse(text)?;
        if patch.file_stem().is_none_or(|stem| stem != header.text("bug")) {
            return Err(header.fault("bug", Fault::OtherName));
        }
        let name = header.text("model");
        let model = find(name).ok_or_else(|| header.fault("model", Fault::NoModel(name.into())))?;
        let engine = header.value("engine", word::<Engine>)?;
        if let Some(why) = why_not(model, engine) {
            return Err(header.fault("engine", Fault::NotFor(why)));
        }
        Ok(Bug {
            name: header.text("bug").into(),
            kernel: header.text("kernel").into(),
            story: header.text("story").into(),
            model,
            engine,
            says: header.text("says").into(),
            kind: header.value("kind", word)?,
            executions: header.value("executions", str::parse)?,
            patch: patch.into(),
        })
    }

    /// Writes another number of executions into the header.
    pub(crate) fn bless(&self, executions: u64) -> io::Result<()> {
        let text = fs::read_to_string(&self.patch)?;
        fs::write(&self.patch, with_executions(&text, executions))
    }
}

/// One of the words that an enumeration is written with.
fn word<T: DeserializeOwned>(text: &str) -> Result<T, ValueError> {
    T::deserialize(text.into_deserializer())
}

/// Why a model under that engine cannot show that a bug is caught.
fn why_not(model: &Model, engine: Engine) -> Option<String> {
    match engine {
        Engine::Rc11 | Engine::Loom => {
            model.why_not(engine).map(|why| format!("{} is not for {engine}: {why}", model.name))
        }
        Engine::Shuttle | Engine::Std => Some(format!("{engine} only samples: it is rc11 or loom")),
    }
}

fn with_executions(text: &str, executions: u64) -> String {
    let (header, patch) = text.split_once("\n\n").unwrap_or((text, ""));
    let line = |line: &str| match line.starts_with("executions:") {
        true => format!("executions: {executions}"),
        false => line.into(),
    };
    let header: Vec<String> = header.lines().map(line).collect();
    format!("{}\n\n{patch}", header.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use netns_models::Engines;

    const TEXT: &str = "\
bug: lost-put
kernel: none
story: A put is
  lost, and
  then some.
model: count-three-holders
engine: rc11
says: one holder is the last
kind: use-after-free
executions: 3

diff --git a/src/refcount.rs b/src/refcount.rs
";

    fn parse(text: &str) -> Result<Bug, Faulty> {
        Bug::parse(Path::new("bugs/lost-put.patch"), text)
    }

    fn without(line: &str) -> Faulty {
        changed(&format!("{line}\n"), "")
    }

    fn changed(from: &str, to: &str) -> Faulty {
        assert!(TEXT.contains(from), "{from}");
        parse(&TEXT.replace(from, to)).unwrap_err()
    }

    #[test]
    fn a_header_is_a_bug() {
        let bug = parse(TEXT).unwrap();
        assert_eq!((bug.name.as_str(), bug.kernel.as_str()), ("lost-put", "none"));
        assert_eq!(bug.story, "A put is lost, and then some.");
        assert_eq!((bug.model.name, bug.engine), ("count-three-holders", Engine::Rc11));
        assert_eq!((bug.says.as_str(), bug.kind), ("one holder is the last", FailureKind::UseAfterFree));
        assert_eq!((bug.executions, bug.is_the_kernels()), (3, false));
        assert!(parse(&TEXT.replace("none", "CVE-1 (2017)")).unwrap().is_the_kernels());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        assert_eq!(without("kernel: none"), (2, Fault::Order { expected: "kernel" }));
        assert_eq!(without("executions: 3"), (10, Fault::Missing("executions")));
        assert_eq!(changed("kernel: none", "fix: none"), (2, Fault::UnknownKey("fix".into())));
        assert_eq!(changed("kernel: none", "kernel"), (2, Fault::NoKey));
        assert_eq!(changed("kernel: none", "kernel:"), (2, Fault::NoValue("kernel")));
        assert_eq!(changed("executions: 3", "executions: 3\nsays: x").0, 11);
        assert_eq!(changed("bug: lost-put", "bug: lost"), (1, Fault::OtherName));
        assert_eq!(changed("three-holders", "no-holders"), (6, Fault::NoModel("count-no-holders".into())));
        assert_eq!(changed("diff --git", "diff"), (11, Fault::NoPatch));
        assert_eq!(parse("").unwrap_err(), (1, Fault::Missing("bug")));
    }

    #[test]
    fn a_value_that_is_none_is_told_with_what_it_can_be() {
        for (from, to, line) in [("3\n", "three\n", 10), ("use-after-free", "UseAfterFree", 9)] {
            assert!(matches!(changed(from, to), (at, Fault::Value { .. }) if at == line), "{to}");
        }
        let (line, fault) = changed("rc11", "moon");
        assert!((line, fault.to_string().contains("expected one of")) == (7, true), "{fault}");
    }

    #[test]
    fn an_engine_that_cannot_prove_it_is_refused() {
        assert!(matches!(changed("rc11", "shuttle"), (7, Fault::NotFor(_))));
        let rc11_only = all().into_iter().find(|model| model.engines != Engines::Both).expect("there is one");
        let text = TEXT.replace("rc11", "loom").replace("count-three-holders", rc11_only.name);
        assert!(matches!(parse(&text), Err((7, Fault::NotFor(_)))));
    }

    #[test]
    fn another_number_of_executions_leaves_the_rest() {
        let blessed = with_executions(TEXT, 1_234);
        assert_eq!(blessed, TEXT.replace("executions: 3", "executions: 1234"));
    }

    #[test]
    fn every_patch_of_the_tree_is_a_bug_and_no_other_file_is_there() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let bugs = Bug::all(root).unwrap_or_else(|error| panic!("{error}"));
        let files = fs::read_dir(root.join("verification/bugs")).unwrap().count();
        assert_eq!(bugs.len() + 1, files, "patches, and the README");
    }
}
