//! A copy of the source tree, in which a bug is put back and the models are built.
//!
//! Copies are kept, under `target/bugs`, so that each build is an incremental one. A copy may be as a command left it
//! that was interrupted; before anything is done with it, it is made the same as the source tree again.

use super::Bug;
use super::command::{self, Ended, about};
use super::mirror;
use crate::runner::Stop;
use crate::terminal;
use crate::tree::git;
use std::env::{self, consts::EXE_SUFFIX};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fmt, io};

/// A copy of the source tree, which nobody else uses.
#[derive(Debug)]
pub(crate) struct Tree {
    source: PathBuf,
    /// Where `tree`, the copy, and `built`, what cargo made of it, are.
    place: PathBuf,
    /// Locked for as long as it is open.
    _lock: File,
}

/// Models that were built; the tree stays as it is meanwhile.
#[derive(Debug)]
pub(crate) struct Built<'t> {
    /// What runs them, for [`Running::start_from`](netns_models::process::Running::start_from).
    pub(crate) executable: PathBuf,
    /// The copy that it was built from.
    pub(crate) root: PathBuf,
    _tree: &'t mut Tree,
}

/// Why there is nothing built.
#[derive(Debug)]
pub(crate) enum Unbuilt {
    /// Git does not apply the patch, and says this.
    DoesNotApply(String),
    /// The compiler does not accept it, and says this.
    DoesNotBuild(String),
    /// All was to stop.
    Stopped,
    /// A file cannot be read or written, or a program not be started.
    Io(io::Error),
}

impl fmt::Display for Unbuilt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unbuilt::DoesNotApply(words) => write!(f, "the patch does not apply:\n{words}"),
            Unbuilt::DoesNotBuild(words) => write!(f, "it does not build:\n{words}"),
            Unbuilt::Stopped => f.write_str("stopped"),
            Unbuilt::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Unbuilt {}

impl From<io::Error> for Unbuilt {
    fn from(error: io::Error) -> Unbuilt {
        Unbuilt::Io(error)
    }
}

impl Tree {
    /// Opens copy `number` of the tree at `source`. Waits for another command that uses it.
    pub(crate) fn open(source: &Path, number: usize) -> io::Result<Tree> {
        let place = source.join("target/bugs").join(number.to_string());
        fs::create_dir_all(place.join("tree")).map_err(|error| about(&place, &error))?;
        let lock = File::create(place.join("lock")).map_err(|error| about(&place, &error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                terminal::complain(&format!("waiting for another command that uses {}", place.display()));
                lock.lock()?;
            }
            Err(TryLockError::Error(error)) => return Err(about(&place, &error)),
        }
        Ok(Tree { source: source.into(), place, _lock: lock })
    }

    /// Builds the models of the tree as it is.
    pub(crate) fn unpatched(&mut self, stop: &Stop) -> Result<Built<'_>, Unbuilt> {
        mirror::update(&self.source, &command::files(&self.source)?, &self.copy())?;
        self.build(stop)
    }

    /// Builds the models of the tree with a bug put back.
    pub(crate) fn patched(&mut self, bug: &Bug, stop: &Stop) -> Result<Built<'_>, Unbuilt> {
        mirror::update(&self.source, &command::files(&self.source)?, &self.copy())?;
        let mut apply = git(&self.copy());
        // Else git looks for a repository above, of which the copy is but an ignored part.
        apply.env("GIT_CEILING_DIRECTORIES", &self.place).arg("apply").arg(&bug.patch);
        match command::run(&mut apply, stop)? {
            Ended::Well => self.build(stop),
            Ended::Badly(words) => Err(Unbuilt::DoesNotApply(words)),
            Ended::Stopped => Err(Unbuilt::Stopped),
        }
    }

    /// Makes what is built here the beginning of what another copy builds, if that has built nothing yet: what does
    /// not change from bug to bug is compiled once.
    pub(crate) fn lend(&self, other: &Tree) -> io::Result<()> {
        if !other.built().exists() {
            mirror::duplicate(&self.copy(), &other.copy())?;
            // Last: where it is there, all of it is.
            let under_way = other.place.join("under-way");
            if under_way.exists() {
                fs::remove_dir_all(&under_way)?;
            }
            mirror::duplicate(&self.built(), &under_way)?;
            fs::rename(under_way, other.built())?;
        }
        Ok(())
    }

    fn copy(&self) -> PathBuf {
        self.place.join("tree")
    }

    fn built(&self) -> PathBuf {
        self.place.join("built")
    }

    fn build(&mut self, stop: &Stop) -> Result<Built<'_>, Unbuilt> {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args([
            "build",
            "--quiet",
            "--locked",
            "--offline",
            "--profile",
            "bugs",
            "--package",
            "netns-models",
        ]);
        cargo.args(["--features", "loom,rc11,shuttle", "--bin", "netns-model", "--target-dir"]);
        cargo.arg(self.built()).current_dir(self.copy()).env("CARGO_INCREMENTAL", "1");
        match command::run(&mut cargo, stop)? {
            Ended::Well => {
                let executable = self.built().join(format!("bugs/netns-model{EXE_SUFFIX}"));
                Ok(Built { executable, root: self.copy(), _tree: self })
            }
            Ended::Badly(words) => Err(Unbuilt::DoesNotBuild(words)),
            Ended::Stopped => Err(Unbuilt::Stopped),
        }
    }
}
