//! The trial of a bug: the model that should catch it, in a tree that has it.

use super::Bug;
use super::tree::{Tree, Unbuilt};
use crate::exit::Exit;
use crate::explain::Excerpt;
use crate::figures;
use crate::runner::{End, Job, Run, Stop, run_one};
use netns_core::check::{Failure, FailureKind, Incomplete, Report};
use netns_models::Plan;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;
use std::{fmt, io};

/// The longest that a model may take to catch a bug.
pub(super) const LIMIT: Duration = Duration::from_secs(10);

/// What became of a bug.
#[derive(Debug, Clone)]
pub(crate) struct Trial {
    pub(crate) bug: Bug,
    pub(super) verdict: Verdict,
    /// The execution that failed; without one, as many as there were.
    pub(super) executions: u64,
    /// The time of checking.
    pub(super) elapsed: Duration,
    pub(super) failure: Option<Failure>,
    /// The source lines that the failure speaks of, as they are with the bug.
    pub(super) lines: Excerpt,
}

/// What is to be said of a bug.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub(crate) enum Verdict {
    /// The model failed as it should.
    Caught,
    /// The model failed, but by something else.
    Otherwise {
        /// The kind of the failure.
        kind: FailureKind,
        /// What the model said.
        message: String,
    },
    /// The model did not fail.
    Missed {
        /// What it did instead.
        why: String,
    },
    /// The process ended without a word.
    Died {
        /// How it ended.
        how: String,
    },
    /// Git does not apply the patch.
    DoesNotApply {
        /// What it says.
        words: String,
    },
    /// The compiler does not accept it.
    DoesNotBuild {
        /// What it says.
        words: String,
    },
    /// A file could not be read or written, or a program not be started.
    Io {
        /// What the system says.
        words: String,
    },
    /// It was stopped while it ran.
    Stopped,
    /// All was stopped before it ran.
    NotRun,
}

impl Trial {
    /// Puts the bug back in `tree`, and runs the model.
    pub(super) fn of(bug: &Bug, tree: &mut Tree, stop: &Stop) -> Trial {
        match tree.patched(bug, stop) {
            Ok(built) => {
                let trial = Trial::judge(bug, run_one(&job(bug, built.executable.clone()), stop, |_| ()));
                let excerpt = |failure| Excerpt::of(failure, &built.root);
                Trial { lines: trial.failure.as_ref().map(excerpt).unwrap_or_default(), ..trial }
            }
            Err(unbuilt) => Trial { verdict: Verdict::of_unbuilt(unbuilt), ..Trial::not_run(bug) },
        }
    }

    /// The trial of a bug that does not come to it.
    pub(super) fn not_run(bug: &Bug) -> Trial {
        Trial {
            bug: bug.clone(),
            verdict: Verdict::NotRun,
            executions: 0,
            elapsed: Duration::ZERO,
            failure: None,
            lines: Excerpt::default(),
        }
    }

    fn judge(bug: &Bug, run: Run) -> Trial {
        let verdict = Verdict::of_run(bug, &run);
        let failure = match run.end {
            End::Reported(report) => report.failure,
            End::Failed(failure) => Some(*failure),
            _ => None,
        };
        let reproduce = format!("cargo verify bugs {}", bug.name);
        let failure = failure.map(|failure| Failure { reproduce, ..failure });
        let executions = failure.as_ref().map_or(run.executions, |failure| failure.execution);
        let lines = Excerpt::default();
        Trial { bug: bug.clone(), verdict, executions, elapsed: run.elapsed, failure, lines }
    }

    /// The number of executions that the header has, if it is another than was found.
    pub(crate) fn other_count(&self) -> Option<u64> {
        let expected = self.bug.executions;
        (self.verdict == Verdict::Caught && self.executions != expected).then_some(expected)
    }

    /// Writes the number of executions into the header.
    pub(crate) fn bless(&self) -> io::Result<()> {
        self.bug.bless(self.executions)
    }

    /// What is to be said of it, in a line.
    pub(super) fn line(&self) -> String {
        match self.verdict {
            Verdict::Caught => {
                format!("{} in execution {}, {}", self.verdict, self.executions, figures::time(self.elapsed))
            }
            _ => self.verdict.to_string(),
        }
    }

    /// What the exit code says of it.
    pub(crate) fn exit(&self) -> Exit {
        match self.verdict {
            Verdict::Caught => Exit::Held,
            Verdict::Stopped | Verdict::NotRun => Exit::Incomplete,
            _ => Exit::Failed,
        }
    }
}

/// The model of the bug, in an executable that has it.
fn job(bug: &Bug, executable: PathBuf) -> Job {
    let plan = Plan { time: Some(LIMIT), ..Plan::of(bug.engine) };
    let (expected, executable) = (Some(bug.executions), Some(executable));
    Job { expected, executable, ..Job::of(bug.model, plan) }
}

impl Verdict {
    pub(super) fn of_unbuilt(unbuilt: Unbuilt) -> Verdict {
        match unbuilt {
            Unbuilt::DoesNotApply(words) => Verdict::DoesNotApply { words },
            Unbuilt::DoesNotBuild(words) => Verdict::DoesNotBuild { words },
            Unbuilt::Stopped => Verdict::Stopped,
            Unbuilt::Io(error) => Verdict::Io { words: error.to_string() },
        }
    }

    fn of_run(bug: &Bug, run: &Run) -> Verdict {
        match &run.end {
            End::Reported(report) => match &report.failure {
                Some(failure) => Verdict::of_failure(bug, failure, run.elapsed),
                None => Verdict::Missed { why: held(report) },
            },
            End::Failed(failure) => Verdict::of_failure(bug, failure, run.elapsed),
            End::Divided(_) => Verdict::Missed { why: "it was not run, but divided".into() },
            End::Died { how, stderr } => Verdict::Died { how: format!("{how}\n{}", stderr.join("\n")) },
            End::NotFor(why) => Verdict::Missed { why: (*why).into() },
            End::Stopped => Verdict::Stopped,
            End::NotRun => Verdict::NotRun,
        }
    }

    fn of_failure(bug: &Bug, failure: &Failure, elapsed: Duration) -> Verdict {
        if failure.kind != bug.kind || !failure.message.contains(&bug.says) {
            Verdict::Otherwise { kind: failure.kind, message: failure.message.clone() }
        } else if elapsed > LIMIT {
            Verdict::Missed { why: "found, but too late".into() }
        } else {
            Verdict::Caught
        }
    }
}

fn held(report: &Report) -> String {
    if report.incomplete.contains(&Incomplete::TimeLimit) {
        format!("not found in {} s", LIMIT.as_secs())
    } else if report.is_complete() {
        "every execution was explored, and held".into()
    } else {
        format!("held as far as explored: {}", report.why_incomplete())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Caught => f.write_str("caught"),
            Verdict::Otherwise { .. } => f.write_str("FAILED OTHERWISE"),
            Verdict::Missed { why } => write!(f, "MISSED: {why}"),
            Verdict::Died { .. } => f.write_str("DIED"),
            Verdict::DoesNotApply { .. } => f.write_str("DOES NOT APPLY"),
            Verdict::DoesNotBuild { .. } => f.write_str("DOES NOT BUILD"),
            Verdict::Io { .. } => f.write_str("NOT TRIED"),
            Verdict::Stopped => f.write_str("stopped"),
            Verdict::NotRun => f.write_str("not run"),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::runner::toys;
    use netns_core::check::{Engine, Strategy};
    use netns_models::Model;

    static TOY: Model = toys::toy("toy");

    /// A bug that `toys::failure` is of.
    pub(crate) fn bug() -> Bug {
        Bug {
            name: "toy-freed".into(),
            kernel: "CVE-1".into(),
            story: "It is freed.".into(),
            model: &TOY,
            engine: Engine::Rc11,
            says: "was freed".into(),
            kind: FailureKind::UseAfterFree,
            executions: 17,
            patch: "toy-freed.patch".into(),
        }
    }

    /// The trial of a bug whose model ended so.
    pub(crate) fn trial(bug: &Bug, end: End) -> Trial {
        Trial::judge(bug, toys::run(&TOY, end))
    }

    pub(crate) fn failed() -> End {
        End::Failed(Box::new(toys::failure()))
    }

    fn reported(incomplete: &[Incomplete]) -> End {
        let report = Report { incomplete: incomplete.to_vec(), ..toys::report(Strategy::Rc11) };
        End::Reported(Box::new(report))
    }

    #[test]
    fn who_fails_as_the_patch_says_has_caught_it() {
        let trial = trial(&bug(), failed());
        assert_eq!((&trial.verdict, trial.executions, trial.exit()), (&Verdict::Caught, 17, Exit::Held));
        let failure = trial.failure.unwrap();
        assert_eq!(failure.reproduce, "cargo verify bugs toy-freed", "not of the tree without the bug");
    }

    #[test]
    fn who_fails_otherwise_has_not() {
        let others =
            [Bug { says: "was locked".into(), ..bug() }, Bug { kind: FailureKind::DoubleFree, ..bug() }];
        for bug in others {
            let trial = trial(&bug, failed());
            assert!(matches!(trial.verdict, Verdict::Otherwise { kind: FailureKind::UseAfterFree, .. }));
            assert_eq!(trial.exit(), Exit::Failed);
        }
    }

    #[test]
    fn who_holds_has_missed_it_and_says_how_far_it_came() {
        let missed = |incomplete: &[Incomplete]| {
            let trial = trial(&bug(), reported(incomplete));
            assert_eq!((trial.exit(), trial.other_count()), (Exit::Failed, None));
            trial.verdict.to_string()
        };
        assert_eq!(missed(&[]), "MISSED: every execution was explored, and held");
        assert_eq!(missed(&[Incomplete::TimeLimit]), "MISSED: not found in 10 s");
        assert_eq!(
            missed(&[Incomplete::NoCompletion]),
            "MISSED: held as far as explored: the engine did not say that it completed"
        );
    }

    #[test]
    fn who_takes_too_long_has_missed_it() {
        let run = Run { elapsed: LIMIT * 2, ..toys::run(&TOY, failed()) };
        assert!(matches!(Trial::judge(&bug(), run).verdict, Verdict::Missed { .. }));
    }

    #[test]
    fn what_was_not_tried_to_the_end_is_incomplete_and_what_is_broken_failed() {
        assert_eq!(trial(&bug(), End::Stopped).exit(), Exit::Incomplete);
        assert_eq!(Trial::not_run(&bug()).exit(), Exit::Incomplete);
        let died = End::Died { how: "signal: 6".into(), stderr: vec!["last words".into()] };
        let died = trial(&bug(), died);
        assert_eq!(died.verdict, Verdict::Died { how: "signal: 6\nlast words".into() });
        assert_eq!(died.exit(), Exit::Failed);
        let unbuilt = Verdict::of_unbuilt(Unbuilt::DoesNotApply("error".into()));
        assert_eq!(Trial { verdict: unbuilt, ..Trial::not_run(&bug()) }.exit(), Exit::Failed);
    }
}
