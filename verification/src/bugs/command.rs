//! Commands that others have written: git and cargo.

use crate::runner::{Stop, was_interrupted};
use crate::tree::git;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How a command ended.
#[derive(Debug)]
pub(super) enum Ended {
    Well,
    /// With what it said on standard error.
    Badly(String),
    Stopped,
}

/// Runs a command to its end, or until all is to stop.
pub(super) fn run(command: &mut Command, stop: &Stop) -> io::Result<Ended> {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| about(command.get_program(), &error))?;
    let mut stderr = child.stderr.take().expect("it is piped");
    let child = Arc::new(Mutex::new(child));
    let killed = Arc::clone(&child);
    // An error means that it has ended already.
    let _watched = stop.watch(move || drop(lock(&killed).kill()));
    let mut said = Vec::new();
    stderr.read_to_end(&mut said)?;
    let status = lock(&child).wait()?;
    // A terminal tells the children as well, maybe before us.
    if was_interrupted(status) {
        stop.stop();
    }
    Ok(match status.success() {
        true => Ended::Well,
        false if stop.is_stopped() => Ended::Stopped,
        false => Ended::Badly(String::from_utf8_lossy(&said).trim_end().into()),
    })
}

fn lock(child: &Mutex<Child>) -> MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The files that git knows in `directory`, or would know if they were added.
pub(super) fn files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut git = git(directory);
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"]);
    let output = git.output().map_err(|error| about("git", &error))?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim_end()));
    }
    let names = String::from_utf8(output.stdout).map_err(io::Error::other)?;
    let names = names.split_terminator('\0').map(PathBuf::from);
    // Git knows those that were deleted, until that is committed.
    Ok(names.filter(|name| directory.join(name).is_file()).collect())
}

/// An error with what it is about.
pub(super) fn about(what: impl AsRef<Path>, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", what.as_ref().display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_ends_well_or_with_its_last_words() {
        let stop = Stop::default();
        let run = |arguments: &[&str]| run(Command::new("git").args(arguments), &stop).unwrap();
        assert!(matches!(run(&["--version"]), Ended::Well));
        assert!(
            matches!(run(&["no-such-command"]), Ended::Badly(words) if words.contains("no-such-command"))
        );
    }

    #[test]
    fn a_command_is_ended_by_a_stop() {
        let stop = Stop::default();
        stop.stop();
        assert!(matches!(run(Command::new("git").arg("no-such-command"), &stop).unwrap(), Ended::Stopped));
    }
}
