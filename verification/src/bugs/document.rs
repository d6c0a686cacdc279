//! What was found, as JSON.

use super::matrix::Row;
use super::trial::{Trial, Verdict};
use crate::explain::Excerpt;
use crate::origin::Origin;
use netns_core::check::{Engine, Failure, FailureKind};
use serde::{Deserialize, Serialize};

/// What `bugs` found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Document {
    /// Where it comes from.
    #[serde(flatten)]
    pub(crate) origin: Origin,
    /// Whether every bug of the tree was there.
    pub(crate) whole: bool,
    /// The bugs, in the order of the models that catch them.
    pub(crate) bugs: Vec<OfBug>,
    /// Which models catch which bug; absent if that was not asked.
    pub(crate) matrix: Option<Vec<Row>>,
}

/// What was found of a bug.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct OfBug {
    /// Its name.
    pub(crate) name: String,
    /// The commit or CVE of the kernel's fix, if the kernel had it.
    pub(crate) kernel: String,
    /// Who the actors are, and what goes wrong.
    pub(crate) story: String,
    /// The model that is to catch it.
    pub(crate) model: String,
    /// Under which engine.
    pub(crate) engine: Engine,
    /// A part of what the model is to say.
    pub(crate) says: String,
    /// The kind that the failure is to be of.
    pub(crate) kind: FailureKind,
    /// The number of the execution that failed; without one, how many there were.
    pub(crate) executions: u64,
    /// The number that the patch names, if it is another.
    pub(crate) executions_before: Option<u64>,
    /// The time of checking, in seconds.
    pub(crate) seconds: f64,
    /// What is to be said of it.
    pub(crate) verdict: Verdict,
    /// The failure, with the operations of its execution.
    pub(crate) failure: Option<Failure>,
    /// The source lines that the failure speaks of, as they are with the bug.
    pub(crate) lines: Excerpt,
    /// The command that shows it.
    pub(crate) picture: String,
}

impl Document {
    /// The document of trials, of every bug or of some.
    pub(crate) fn of_trials(trials: &[Trial], whole: bool, origin: Origin) -> Document {
        Document { origin, whole, bugs: trials.iter().map(OfBug::of).collect(), matrix: None }
    }

    /// The document of a matrix, of every bug or of some.
    pub(crate) fn of_matrix(rows: &[Row], whole: bool, origin: Origin) -> Document {
        Document { origin, whole, bugs: Vec::new(), matrix: Some(rows.to_vec()) }
    }

    /// The text of it.
    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("a document is plain data") + "\n"
    }
}

impl OfBug {
    fn of(trial: &Trial) -> OfBug {
        let Trial { bug, verdict, executions, elapsed, failure, lines } = trial;
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
            lines: lines.clone(),
            picture: bug.picture(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::tests::{bug, failed, trial};
    use super::*;
    use crate::bugs::Bug;
    use crate::exit::Exit;
    use crate::runner::toys::failure;
    use std::time::{Duration, SystemTime};

    #[test]
    fn it_survives_json_and_has_the_failure() {
        let trials = [trial(&bug(), failed()), Trial::not_run(&Bug { name: "other".into(), ..bug() })];
        let origin = Origin::here(SystemTime::now(), Duration::from_millis(1234), Exit::Incomplete);
        let document = Document::of_trials(&trials, true, origin);
        let read: Document = serde_json::from_str(&document.to_text()).unwrap();
        assert_eq!(read, document);
        assert_eq!(read.origin.exit, Exit::Incomplete);
        assert_eq!((read.bugs.len(), read.bugs[0].executions), (2, 17));
        let events = |failure: &Option<Failure>| failure.as_ref().unwrap().events.len();
        assert_eq!(events(&read.bugs[0].failure), failure().events.len());
        assert_eq!(read.bugs[1].verdict, Verdict::NotRun);
    }
}
