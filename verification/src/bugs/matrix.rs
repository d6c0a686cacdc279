//! Every model against every bug: who catches what, and who catches what nobody else does.

use super::Bug;
use super::tree::Tree;
use super::trial::Verdict;
use crate::exit::Exit;
use crate::figures::counted;
use crate::runner::{End, Job, Run, Stop, run_one};
use netns_core::check::{Engine, Failure, FailureKind, Incomplete, Report};
use netns_models::{Model, Plan, all};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

/// What each model does with a bug, under rc11.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(super) bug: String,
    /// In the order of the models; empty if there was nothing to run.
    cells: Vec<Cell>,
    /// Why there was nothing to run.
    pub(super) unbuilt: Option<Verdict>,
}

/// What a model does with a bug.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Cell {
    model: String,
    found: Found,
}

/// What came of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub(crate) enum Found {
    /// It failed.
    Caught {
        /// How.
        kind: FailureKind,
        /// In which execution; 0 if in no single one.
        execution: u64,
    },
    /// Its process ended without a word.
    Died {
        /// How it ended.
        how: String,
    },
    /// Every execution was explored, and held.
    Held,
    /// It held until its time was over.
    OutOfTime,
    /// It was left before its end, for another reason.
    Left {
        /// The reason.
        why: String,
    },
}

impl Row {
    /// Puts the bug back in `tree`, and runs every model, none for longer than `time`.
    pub(super) fn of(bug: &Bug, tree: &mut Tree, time: Duration, stop: &Stop) -> Row {
        let row = Row::not_run(bug);
        match tree.patched(bug, stop) {
            Err(unbuilt) => Row { unbuilt: Some(Verdict::of_unbuilt(unbuilt)), ..row },
            Ok(built) => {
                let found = |model| Found::by(model, built.executable.clone(), time, stop);
                let cell = |model: &'static Model| Cell { model: model.name.into(), found: found(model) };
                Row { cells: all().into_iter().map(cell).collect(), unbuilt: None, ..row }
            }
        }
    }

    /// The row of a bug that it does not come to.
    pub(super) fn not_run(bug: &Bug) -> Row {
        Row { bug: bug.name.clone(), cells: Vec::new(), unbuilt: Some(Verdict::NotRun) }
    }

    /// The models that catch it.
    pub(super) fn caught_by(&self) -> Vec<&str> {
        self.models(|found| matches!(found, Found::Caught { .. } | Found::Died { .. }))
    }

    /// The models of which nobody knows, as they were left before their end.
    pub(super) fn left(&self) -> Vec<&str> {
        self.models(|found| matches!(found, Found::OutOfTime | Found::Left { .. }))
    }

    fn models(&self, which: impl Fn(&Found) -> bool) -> Vec<&str> {
        self.cells.iter().filter(|cell| which(&cell.found)).map(|cell| cell.model.as_str()).collect()
    }

    /// What is to be said of it, in a line.
    pub(super) fn line(&self) -> String {
        match &self.unbuilt {
            Some(verdict) => verdict.to_string(),
            None => format!("caught by {}", counted(self.caught_by().len() as u64, "model")),
        }
    }

    /// What the exit code says of it. That nobody catches a bug is a failure.
    pub(crate) fn exit(&self) -> Exit {
        match &self.unbuilt {
            Some(Verdict::Stopped | Verdict::NotRun) => Exit::Incomplete,
            Some(_) => Exit::Failed,
            None if !self.left().is_empty() => Exit::Incomplete,
            None if self.caught_by().is_empty() => Exit::Failed,
            None => Exit::Held,
        }
    }
}

impl Found {
    fn by(model: &'static Model, executable: PathBuf, time: Duration, stop: &Stop) -> Found {
        if stop.is_stopped() {
            return Found::Left { why: "stopped".into() };
        }
        let plan = Plan { time: Some(time), ..Plan::of(Engine::Rc11) };
        let job = Job { executable: Some(executable), ..Job::of(model, plan) };
        Found::of(run_one(&job, stop, |_| ()))
    }

    fn of(run: Run) -> Found {
        let caught = |failure: &Failure| Found::Caught { kind: failure.kind, execution: failure.execution };
        match run.end {
            End::Reported(report) => match &report.failure {
                Some(failure) => caught(failure),
                None => Found::without_failure(&report),
            },
            End::Failed(failure) => caught(&failure),
            End::Died { how, .. } => Found::Died { how },
            End::Stopped => Found::Left { why: "stopped".into() },
            End::NotFor(why) => Found::Left { why: why.into() },
            End::Divided(_) | End::NotRun => Found::Left { why: "not run".into() },
        }
    }

    fn without_failure(report: &Report) -> Found {
        match report.incomplete[..] {
            [] => Found::Held,
            [Incomplete::TimeLimit] => Found::OutOfTime,
            _ => Found::Left { why: report.why_incomplete() },
        }
    }
}

/// The models that catch nothing that no other catches. One that was left before its end may be among them wrongly.
pub(super) fn not_needed(rows: &[Row]) -> BTreeSet<&str> {
    let needed: BTreeSet<&str> = rows
        .iter()
        .filter_map(|row| match row.caught_by()[..] {
            [model] => Some(model),
            _ => None,
        })
        .collect();
    let models = rows.iter().flat_map(|row| row.models(|_| true));
    models.filter(|model| !needed.contains(model)).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// What the models `one`, `two` and `three` do with a bug.
    pub(crate) fn row(bug: &str, found: [Found; 3]) -> Row {
        let cells = ["one", "two", "three"].into_iter().zip(found);
        let cells = cells.map(|(model, found)| Cell { model: model.into(), found }).collect();
        Row { bug: bug.into(), cells, unbuilt: None }
    }

    pub(crate) const CAUGHT: Found = Found::Caught { kind: FailureKind::Leak, execution: 7 };

    #[test]
    fn who_catches_what_another_catches_too_is_not_needed_for_it() {
        let both = row("both", [CAUGHT, CAUGHT, Found::Held]);
        assert_eq!(both.caught_by(), ["one", "two"]);
        assert_eq!(not_needed(std::slice::from_ref(&both)), BTreeSet::from(["one", "three", "two"]));
        let alone = row("alone", [Found::Held, Found::Died { how: "signal: 6".into() }, Found::Held]);
        assert_eq!(not_needed(&[both, alone]), BTreeSet::from(["one", "three"]));
    }

    #[test]
    fn a_bug_that_nobody_catches_is_a_failure_and_who_was_left_leaves_it_open() {
        assert_eq!(row("caught", [CAUGHT, Found::Held, Found::Held]).exit(), Exit::Held);
        assert_eq!(row("missed", [Found::Held, Found::Held, Found::Held]).exit(), Exit::Failed);
        let open = row("open", [CAUGHT, Found::OutOfTime, Found::Held]);
        assert_eq!((open.exit(), open.left()), (Exit::Incomplete, vec!["two"]));
    }
}
