//! What was found, as JSON.

use super::matrix::Row;
use super::trial::{Trial, Verdict};
use crate::exit::Exit;
use netns_core::check::{Engine, Failure, FailureKind};
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};

/// What `bugs` found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Document {
    /// The version of netns-verify.
    version: String,
    /// When it began, in seconds since 1970.
    started: u64,
    /// How long it took.
    wall: Duration,
    /// The bugs, in the order of the models that catch them.
    bugs: Vec<OfBug>,
    /// Which models catch which bug; absent if that was not asked.
    matrix: Option<Vec<Row>>,
    /// The exit code.
    exit: u8,
}

/// What was found of a bug.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct OfBug {
    /// Its name.
    name: String,
    /// The commit or CVE of the kernel's fix, if the kernel had it.
    kernel: String,
    /// Who the actors are, and what goes wrong.
    story: String,
    /// The model that is to catch it.
    model: String,
    /// Under which engine.
    engine: Engine,
    /// A part of what the model is to say.
    says: String,
    /// The kind that the failure is to be of.
    kind: FailureKind,
    /// The number of the execution that failed; without one, how many there were.
    executions: u64,
    /// The number that the patch names, if it is another.
    executions_before: Option<u64>,
    /// The time of checking, in seconds.
    seconds: f64,
    /// What is to be said of it.
    verdict: Verdict,
    /// The failure, with the operations of its execution.
    failure: Option<Failure>,
}

/// When a command began, and how long it took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct When {
    pub(crate) started: SystemTime,
    pub(crate) wall: Duration,
}

impl Document {
    /// The document of trials.
    pub(crate) fn of_trials(trials: &[Trial], when: When, exit: Exit) -> Document {
        Document { bugs: trials.iter().map(OfBug::of).collect(), ..Document::empty(when, exit) }
    }

    /// The document of a matrix.
    pub(crate) fn of_matrix(rows: &[Row], when: When, exit: Exit) -> Document {
        Document { matrix: Some(rows.to_vec()), ..Document::empty(when, exit) }
    }

    fn empty(When { started, wall }: When, exit: Exit) -> Document {
        Document {
            version: env!("CARGO_PKG_VERSION").into(),
            started: started.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs(),
            wall,
            bugs: Vec::new(),
            matrix: None,
            exit: exit.code(),
        }
    }

    /// The text of it.
    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("a document is plain data") + "\n"
    }
}

impl OfBug {
    fn of(trial: &Trial) -> OfBug {
        let Trial { bug, verdict, executions, elapsed, failure } = trial;
        OfBug {
            name: bug.name.clone(),
            kernel: bug.kernel.clone(),
            story: bug.story.clone(),
            model: bug.model.name.into(),
            engine: bug.engine,
            says: bug.says.clone(),
            kind: bug.kind,
            executions: *executions,
            executions_before: trial.other_count(),
            seconds: elapsed.as_secs_f64(),
            verdict: verdict.clone(),
            failure: failure.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::tests::{bug, failed, trial};
    use super::*;
    use crate::bugs::Bug;
    use crate::runner::toys::failure;

    #[test]
    fn it_survives_json_and_has_the_failure() {
        let trials = [trial(&bug(), failed()), Trial::not_run(&Bug { name: "other".into(), ..bug() })];
        let when = When { started: SystemTime::now(), wall: Duration::from_millis(1234) };
        let document = Document::of_trials(&trials, when, Exit::Incomplete);
        let read: Document = serde_json::from_str(&document.to_text()).unwrap();
        assert_eq!(read, document);
        assert_eq!((read.exit, read.bugs.len(), read.bugs[0].executions), (3, 2, 17));
        let events = |failure: &Option<Failure>| failure.as_ref().unwrap().events.len();
        assert_eq!(events(&read.bugs[0].failure), failure().events.len());
        assert_eq!(read.bugs[1].verdict, Verdict::NotRun);
    }
}
