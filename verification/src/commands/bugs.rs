//! `bugs`: each known bug, put back, is caught.

use super::{Refusal, cannot_write, stop_at_interrupt, tell_both};
use crate::bugs::{self, Bug, Document, MatrixPage, Page, Tree, Trial, Unbuilt};
use crate::cli::Bugs;
use crate::exit::Exit;
use crate::origin::Clock;
use crate::report::Missing;
use crate::runner::Stop;
use crate::{select, terminal, tree};
use std::io::{IsTerminal, stdout};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// Puts bugs back, and looks who catches them.
pub(super) fn bugs(command: &Bugs) -> Result<Exit, Refusal> {
    let root = root()?;
    let bugs = chosen(command, all(&root)?)?;
    let (stop, clock) = (stop_at_interrupt()?, Clock::starts());
    let trees = match copies(&root, command.jobs.get().min(bugs.len()), &stop) {
        Ok(trees) => trees,
        Err(Missing { why, exit: Exit::Refused }) => return Err(why),
        Err(Missing { why, exit }) => {
            terminal::complain(&why);
            return Ok(exit);
        }
    };
    match command.all_models {
        true => matrix(command, &bugs, trees, &stop, clock),
        false => trials(command, &bugs, trees, &stop, clock),
    }
}

/// The document of all bugs, so many tried at once.
pub(super) fn document(jobs: NonZeroUsize) -> Result<Document, Missing> {
    let root = root()?;
    let bugs = all(&root)?;
    let (stop, clock) = (stop_at_interrupt()?, Clock::starts());
    let trees = copies(&root, jobs.get().min(bugs.len()), &stop)?;
    let trials = bugs::trials(&bugs, trees, &stop);
    Ok(Document::of_trials(&trials, true, clock.origin(exit(&trials, false))))
}

fn root() -> Result<PathBuf, Refusal> {
    tree::root().ok_or_else(|| "there is nothing to put a bug back in: not in the source tree".into())
}

fn all(root: &Path) -> Result<Vec<Bug>, Refusal> {
    Bug::all(root).map_err(|error| error.to_string())
}

/// Copies of the tree, so many.
fn copies(root: &Path, number: usize, stop: &Stop) -> Result<Vec<Tree>, Missing> {
    bugs::copies(root, number, stop).map_err(|unbuilt| {
        let exit = match unbuilt {
            Unbuilt::Stopped => Exit::Incomplete,
            Unbuilt::Io(_) => Exit::Refused,
            Unbuilt::DoesNotApply(_) | Unbuilt::DoesNotBuild(_) => Exit::Failed,
        };
        Missing { why: format!("without any bug, {unbuilt}"), exit }
    })
}

fn exit(trials: &[Trial], strict_counts: bool) -> Exit {
    let changed = strict_counts && trials.iter().any(|trial| trial.other_count().is_some());
    Exit::sum(trials.iter().map(Trial::exit)).and(if changed { Exit::Failed } else { Exit::Held })
}

/// The bugs that are named; without names, all, or those that the kernel had.
fn chosen(command: &Bugs, mut bugs: Vec<Bug>) -> Result<Vec<Bug>, Refusal> {
    if command.kernel {
        let all = bugs.len();
        bugs.retain(Bug::is_the_kernels);
        let others = all - bugs.len();
        terminal::complain(&format!("{} the kernel had; {others} others: `cargo verify bugs`", bugs.len()));
        return Ok(bugs);
    }
    if command.names.is_empty() {
        return Ok(bugs);
    }
    Ok(select::named("bug", &bugs, |bug| &bug.name, &command.names)?.into_iter().cloned().collect())
}

/// The model that is to catch a bug, for each.
fn trials(
    command: &Bugs,
    bugs: &[Bug],
    trees: Vec<Tree>,
    stop: &Stop,
    clock: Clock,
) -> Result<Exit, Refusal> {
    let trials = bugs::trials(bugs, trees, stop);
    let exit = exit(&trials, command.strict_counts);
    let (origin, stories) = (clock.origin(exit), !command.names.is_empty());
    let page = Page { trials: &trials, wall: origin.wall, stories }.to_string();
    tell_both(&page, &Document::of_trials(&trials, command.is_of_all(), origin).to_text(), &command.output)?;
    if let Some(one) = bugs::shortest(&trials).filter(|_| command.shows_one) {
        terminal::say(&one.to_text(stdout().is_terminal() && console::colors_enabled()));
    }
    if command.bless {
        for trial in trials.iter().filter(|trial| trial.other_count().is_some()) {
            trial.bless().map_err(|error| cannot_write(&trial.bug.patch, &error))?;
            terminal::complain(&format!("{} is written", trial.bug.patch.display()));
        }
    }
    Ok(exit)
}

/// Every model, for each bug.
fn matrix(
    command: &Bugs,
    bugs: &[Bug],
    trees: Vec<Tree>,
    stop: &Stop,
    clock: Clock,
) -> Result<Exit, Refusal> {
    let rows = bugs::rows(bugs, trees, command.time, stop);
    let exit = Exit::sum(rows.iter().map(bugs::Row::exit));
    let page = MatrixPage(&rows).to_string();
    let document = Document::of_matrix(&rows, command.is_of_all(), clock.origin(exit));
    tell_both(&page, &document.to_text(), &command.output)?;
    Ok(exit)
}
