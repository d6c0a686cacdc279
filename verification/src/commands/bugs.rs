//! `bugs`: each known bug, put back, is caught.

use super::{Refusal, cannot_write, stop_at_interrupt, tell_both};
use crate::bugs::{self, Bug, Document, MatrixPage, Page, Tree, Unbuilt, When};
use crate::cli::Bugs;
use crate::exit::Exit;
use crate::runner::Stop;
use crate::{select, terminal, tree};
use std::time::{Instant, SystemTime};

/// Puts bugs back, and looks who catches them.
pub(super) fn bugs(command: &Bugs) -> Result<Exit, Refusal> {
    let root = tree::root().ok_or("there is nothing to put a bug back in: not in the source tree")?;
    let bugs = chosen(command, Bug::all(&root).map_err(|error| error.to_string())?)?;
    let (stop, started, begun) = (stop_at_interrupt()?, SystemTime::now(), Instant::now());
    let trees = match bugs::copies(&root, command.jobs.get().min(bugs.len()), &stop) {
        Ok(trees) => trees,
        Err(Unbuilt::Stopped) => return Ok(Exit::Incomplete),
        Err(Unbuilt::Io(error)) => return Err(error.to_string()),
        Err(unbuilt) => {
            terminal::complain(&format!("without any bug, {unbuilt}"));
            return Ok(Exit::Failed);
        }
    };
    let when = || When { started, wall: begun.elapsed() };
    match command.all_models {
        true => matrix(command, &bugs, trees, &stop, when),
        false => trials(command, &bugs, trees, &stop, when),
    }
}

/// The bugs that are named; without names, all.
fn chosen(command: &Bugs, bugs: Vec<Bug>) -> Result<Vec<Bug>, Refusal> {
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
    let changed = command.strict_counts && trials.iter().any(|trial| trial.other_count().is_some());
    let exit = Exit::sum(trials.iter().map(bugs::Trial::exit));
    let exit = exit.and(if changed { Exit::Failed } else { Exit::Held });
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
