//! `bugs`: each known bug, put back, is caught.

use super::{Refusal, cannot_write, stop_at_interrupt, tell_both};
use crate::bugs::{self, Bug, Document, MatrixPage, Page, Tree, Trial, Unbuilt, When};
use crate::cli::Bugs;
use crate::exit::Exit;
use crate::runner::Stop;
use crate::{select, terminal, tree};
use std::path::Path;
use std::time::{Instant, SystemTime};

/// Puts bugs back, and looks who catches them.
pub(super) fn bugs(command: &Bugs) -> Result<Exit, Refusal> {
    let root = tree::root().ok_or("there is nothing to put a bug back in: not in the source tree")?;
    let bugs = chosen(command, all(&root)?)?;
    let (stop, started, begun) = (stop_at_interrupt()?, SystemTime::now(), Instant::now());
    let trees = match copies(&root, command.jobs.get().min(bugs.len()), &stop)? {
        Ok(trees) => trees,
        Err(exit) => return Ok(exit),
    };
    let when = || When { started, wall: begun.elapsed() };
    match command.all_models {
        true => matrix(command, &bugs, trees, &stop, when),
        false => trials(command, &bugs, trees, &stop, when),
    }
}

fn all(root: &Path) -> Result<Vec<Bug>, Refusal> {
    Bug::all(root).map_err(|error| error.to_string())
}

/// Copies of the tree, so many; or, if there is nothing to be had, the exit code.
fn copies(root: &Path, number: usize, stop: &Stop) -> Result<Result<Vec<Tree>, Exit>, Refusal> {
    match bugs::copies(root, number, stop) {
        Ok(trees) => Ok(Ok(trees)),
        Err(Unbuilt::Stopped) => Ok(Err(Exit::Incomplete)),
        Err(Unbuilt::Io(error)) => Err(error.to_string()),
        Err(unbuilt) => {
            terminal::complain(&format!("without any bug, {unbuilt}"));
            Ok(Err(Exit::Failed))
        }
    }
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
    when: impl Fn() -> When,
) -> Result<Exit, Refusal> {
    let trials = bugs::trials(bugs, trees, stop);
    let exit = exit(&trials, command.strict_counts);
    let (when, stories) = (when(), !command.names.is_empty());
    let page = Page { trials: &trials, wall: when.wall, stories }.to_string();
    tell_both(&page, &Document::of_trials(&trials, when, exit).to_text(), &command.output)?;
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
    when: impl Fn() -> When,
) -> Result<Exit, Refusal> {
    let rows = bugs::rows(bugs, trees, command.time, stop);
    let exit = Exit::sum(rows.iter().map(bugs::Row::exit));
    let page = MatrixPage(&rows).to_string();
    tell_both(&page, &Document::of_matrix(&rows, when(), exit).to_text(), &command.output)?;
    Ok(exit)
}
