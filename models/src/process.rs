//! One model, one process.
//!
//! A failing loom model can abort its process, and a stuck one must be stoppable, so models never run in the
//! process that reports on them. The parent starts its own executable again with the model and the plan in the
//! environment; the child speaks JSON, a message a line, on its standard output. The last lines of its standard
//! error are kept, for a child that ends without a word.

mod tail;

use crate::{Items, Model, Plan, find};
use netns_core::check::{Estimate, Failure, Progress, Report, Split};
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitCode, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tail::Tail;

/// The environment variable that makes a process a child: its value is a [`Task`] in JSON.
pub const VARIABLE: &str = "NETNS_MODEL_TASK";

/// What a child is to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Task {
    /// The model's name.
    pub model: String,
    /// How to run it.
    pub plan: Plan,
    /// What of it.
    pub work: Work,
}

/// What of a model is to be explored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Work {
    /// All of it.
    Whole,
    /// As much as it takes to divide it.
    Split {
        /// Into how many pieces, or more.
        pieces: usize,
    },
    /// Nothing but so much that it can be said how much there is.
    Estimate {
        /// How many random walks.
        walks: u64,
    },
    /// A part of what a split has left.
    Part {
        /// The file that the split was written to.
        items: PathBuf,
        /// Which, from 0.
        part: usize,
        /// Of how many.
        of: usize,
    },
}

/// What a child says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "say")]
pub enum Message {
    /// So many executions are done.
    Progress {
        /// Their number.
        executions: u64,
        /// The share of the work that is done, if the engine can tell.
        explored: Option<f64>,
    },
    /// A check failed. Said at once: what follows may abort the process.
    Failure {
        /// What failed.
        failure: Box<Failure>,
    },
    /// The run is over.
    Report {
        /// What it found.
        report: Box<Report>,
    },
    /// How much there is to explore.
    Estimate {
        /// The estimate.
        estimate: Estimate,
    },
    /// The model is divided.
    Split {
        /// What was found so far, and what is left.
        split: Box<Split>,
    },
}

/// Call first in `main`: if this process is a child, it runs its model and this returns the exit code.
pub fn serve() -> Option<ExitCode> {
    let task = std::env::var(VARIABLE).ok()?;
    Some(match serde_json::from_str::<Task>(&task) {
        Ok(task) => run(&task),
        Err(error) => {
            say_aloud(&format!("{VARIABLE}: {error}"));
            ExitCode::from(2)
        }
    })
}

fn run(task: &Task) -> ExitCode {
    let Some(model) = find(&task.model) else {
        say_aloud(&format!("no model is named {}", task.model));
        return ExitCode::from(2);
    };
    netns_core::check::on_failure(|failure| say(&Message::Failure { failure: Box::new(failure.clone()) }));
    let (found, held) = match explore(model, task) {
        Ok(found) => found,
        Err(error) => {
            say_aloud(&error);
            return ExitCode::from(2);
        }
    };
    say(&found);
    if held { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// Does the work: what is to be said of it, and whether it held.
fn explore(model: &Model, Task { plan, work, .. }: &Task) -> Result<(Message, bool), String> {
    let tell = |Progress { executions, explored }| say(&Message::Progress { executions, explored });
    let report = match work {
        Work::Whole => model.run(plan, tell),
        Work::Split { pieces } => {
            let split = model.split(plan, *pieces, tell);
            let held = split.begun.held();
            return Ok((Message::Split { split: Box::new(split) }, held));
        }
        Work::Estimate { walks } => {
            return Ok(match model.estimate(plan, *walks) {
                Ok(estimate) => (Message::Estimate { estimate }, true),
                Err(failure) => (Message::Failure { failure }, false),
            });
        }
        Work::Part { items, part, of } => {
            model.run_part(plan, &Items::read(items)?.split, (*part, *of), tell)
        }
    };
    let held = report.held();
    Ok((Message::Report { report: Box::new(report) }, held))
}

/// A parent that is gone needs no message, and no run either.
fn say(message: &Message) {
    let line = serde_json::to_string(message).expect("a message is plain data");
    let mut out = io::stdout().lock();
    // The model may have printed half a line.
    if writeln!(out, "\n{line}").and_then(|()| out.flush()).is_err() {
        std::process::exit(1);
    }
}

fn say_aloud(error: &str) {
    let _ = writeln!(io::stderr(), "{error}");
}

/// A model running in a process of its own. Dropping it ends the process.
#[derive(Debug)]
pub struct Running {
    child: Stopper,
    said: io::Split<BufReader<ChildStdout>>,
    errors: Option<Tail>,
}

/// Ends the process of a [`Running`] from another thread.
#[derive(Debug, Clone)]
pub struct Stopper(Arc<Mutex<Child>>);

impl Stopper {
    /// Ends the process now.
    pub fn stop(&self) {
        let mut child = self.child();
        // An error means that it has ended already.
        let _ = child.kill();
        let _ = child.wait();
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    /// Starts it, from this very executable.
    ///
    /// # Errors
    ///
    /// As [`start_from`](Self::start_from).
    pub fn start(task: &Task) -> io::Result<Running> {
        Self::start_from(&std::env::current_exe()?, task)
    }

    /// Starts it from an executable whose `main` calls [`serve`].
    ///
    /// # Errors
    ///
    /// If the process cannot be started; [`Unsupported`](io::ErrorKind::Unsupported) in a child, whose `main` forgot to
    /// call `serve`, and which would start children without end.
    pub fn start_from(executable: &Path, task: &Task) -> io::Result<Running> {
        if std::env::var_os(VARIABLE).is_some() {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "a child starts no children"));
        }
        let mut child = Command::new(executable)
            .env(VARIABLE, serde_json::to_string(task).expect("a task is plain data"))
            // shuttle would start from it, whatever the plan says.
            .env_remove("SHUTTLE_RANDOM_SEED")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let said = BufReader::new(child.stdout.take().expect("it is piped")).split(b'\n');
        let errors = Tail::of(child.stderr.take().expect("it is piped"));
        Ok(Running { child: Stopper(Arc::new(Mutex::new(child))), said, errors: Some(errors) })
    }

    /// What ends the process while another thread waits for a message of it.
    pub fn stopper(&self) -> Stopper {
        self.child.clone()
    }

    /// Waits for the next message; `None` when the child has ended.
    pub fn next_message(&mut self) -> Option<Message> {
        // What is not a message (a print of the model's) is nobody's concern here.
        self.said.by_ref().map_while(Result::ok).find_map(|line| serde_json::from_slice(&line).ok())
    }

    /// Follows it to its end. `progress` is told how far it is, now and then.
    pub fn finish(mut self, mut progress: impl FnMut(Progress)) -> Outcome {
        let (mut failed, mut executions) = (None, 0);
        while let Some(message) = self.next_message() {
            match message {
                Message::Progress { executions: n, explored } => {
                    executions = n;
                    progress(Progress { executions, explored });
                }
                Message::Failure { failure } => failed = Some(failure),
                Message::Report { mut report } => {
                    // A failure that was told of stays one.
                    report.failure = report.failure.or(failed.map(|failure| *failure));
                    return Outcome::Reported(report);
                }
                Message::Estimate { estimate } => return Outcome::Estimated(estimate),
                Message::Split { split } => return Outcome::Divided(split),
            }
        }
        let status = self.child.child().wait().ok();
        let stderr = self.errors.take().map(Tail::wait).unwrap_or_default();
        failed.map_or(Outcome::Silent { executions, status, stderr }, Outcome::Died)
    }

    /// Ends the process now.
    pub fn stop(&mut self) {
        self.child.stop();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// How a child ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It reported.
    Reported(Box<Report>),
    /// It was to say how much there is to explore.
    Estimated(Estimate),
    /// It was to be divided, and is.
    Divided(Box<Split>),
    /// A check failed and the process died of it.
    Died(Box<Failure>),
    /// The process ended without a word of why.
    Silent {
        /// Executions that it had told of.
        executions: u64,
        /// How it ended, if that is known.
        status: Option<ExitStatus>,
        /// The last lines of its standard error.
        stderr: Vec<String>,
    },
}

/// Runs a model in a process of its own, to its end. `progress` is told how far it is, now and then.
///
/// # Errors
///
/// If the process cannot be started.
pub fn run_isolated(task: &Task, progress: impl FnMut(Progress)) -> io::Result<Outcome> {
    Ok(Running::start(task)?.finish(progress))
}

#[cfg(test)]
mod tests {
    use super::*;
    use netns_core::check::Engine;

    #[test]
    fn a_child_starts_no_children() {
        if std::env::var_os(VARIABLE).is_some() {
            let task = Task { model: String::new(), plan: Plan::of(Engine::Std), work: Work::Whole };
            let refused = Running::start_from(Path::new("true"), &task).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::Unsupported);
            return;
        }
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "process::tests::a_child_starts_no_children"])
            .env(VARIABLE, "")
            .output()
            .unwrap();
        assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    }
}
