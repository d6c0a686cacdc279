//! How an engine stands to a row, and what is to be said of the row.

use super::notes::Notes;
use super::scan::Site;
use super::weaken::Step;
use crate::runner::{End, Run};
use netns_core::check::{Engine, Failure, FailureKind, Incomplete};
use netns_models::Model;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How an engine stands to a row.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// A model failed.
    Caught(Box<Catch>),
    /// Every model held, to the last execution.
    Held,
    /// No model failed, and one did not come to its end; with the reason.
    Unfinished(String),
}

/// The failure of a model.
#[derive(Debug, Clone)]
pub(crate) struct Catch {
    pub(crate) model: &'static Model,
    pub(crate) elapsed: Duration,
    pub(crate) failure: Failure,
}

/// What is to be said of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub(crate) enum Judgement {
    /// Both engines catch it.
    Caught,
    /// One engine catches it, for this reason.
    ByOne { engine: Engine, why: String },
    /// One engine catches it, and nobody has said why.
    Unexplained { engine: Engine },
    /// None catches it, and none need, for this reason.
    Accepted { why: String },
    /// None catches it.
    Survives,
    /// Something was left unexplored.
    Unfinished,
}

impl Outcome {
    /// How a run with a weakened ordering went.
    pub(super) fn of(run: Run) -> Outcome {
        let (model, elapsed) = (run.model, run.elapsed);
        let unfinished = |why: &str| Outcome::Unfinished(format!("{}: {why}", model.name));
        let failure = match run.end {
            End::Failed(failure) => *failure,
            End::Reported(report) => match report.failure {
                Some(failure) => failure,
                None => {
                    let is_known = |reason: &&Incomplete| match reason {
                        Incomplete::Weakened => true,
                        Incomplete::PreemptionBound { preemptions } => {
                            model.preemptions == Some(*preemptions)
                        }
                        _ => false,
                    };
                    let left = report.incomplete.iter().find(|reason| !is_known(reason));
                    return left.map_or(Outcome::Held, |reason| unfinished(&reason.to_string()));
                }
            },
            End::Died { how, .. } => return unfinished(&how),
            End::Stopped | End::NotRun => return unfinished("stopped"),
            End::NotFor(why) => return unfinished(why),
            End::Divided(_) => return unfinished("divided"),
        };
        match failure.kind {
            // These say something of the model or of the checker, and nothing of the ordering.
            FailureKind::Vacuous | FailureKind::NonDeterminism | FailureKind::ForeignObject => {
                unfinished(&format!("{}: {}", failure.kind, failure.message))
            }
            _ => Outcome::Caught(Box::new(Catch { model, elapsed, failure })),
        }
    }

    /// The failure, if there is one.
    pub(super) fn catch(&self) -> Option<&Catch> {
        match self {
            Outcome::Caught(catch) => Some(catch),
            Outcome::Held | Outcome::Unfinished(_) => None,
        }
    }

    /// This one and, if nothing is caught, another one.
    pub(super) fn or(self, other: impl FnOnce() -> Outcome) -> Outcome {
        match self {
            Outcome::Caught(_) => self,
            Outcome::Held => other(),
            Outcome::Unfinished(_) => match other() {
                caught @ Outcome::Caught(_) => caught,
                _ => self,
            },
        }
    }
}

/// What is to be said of a row of which the engines say this.
pub(super) fn judge(rc11: &Outcome, loom: &Outcome, notes: &Notes, site: &Site, step: Step) -> Judgement {
    let by_one = |engine, other: &Outcome| match notes.only(engine, site, step) {
        Some(note) => Judgement::ByOne { engine, why: note.why.clone() },
        None if matches!(other, Outcome::Unfinished(_)) => Judgement::Unfinished,
        None => Judgement::Unexplained { engine },
    };
    match (rc11, loom) {
        (Outcome::Caught(_), Outcome::Caught(_)) => Judgement::Caught,
        (Outcome::Caught(_), other) => by_one(Engine::Rc11, other),
        (other, Outcome::Caught(_)) => by_one(Engine::Loom, other),
        (Outcome::Held, Outcome::Held) => match notes.accepted(site, step) {
            Some(note) => Judgement::Accepted { why: note.why.clone() },
            None => Judgement::Survives,
        },
        (Outcome::Held | Outcome::Unfinished(_), Outcome::Held | Outcome::Unfinished(_)) => {
            Judgement::Unfinished
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::notes::tests::site;
    use super::*;
    use crate::runner::toys::{failure, report, run, toy};
    use netns_core::check::Strategy;

    static TOY: Model = toy("toy");
    static BOUNDED: Model = Model { preemptions: Some(2), ..toy("bounded") };

    fn caught() -> Outcome {
        Outcome::of(run(&TOY, End::Failed(Box::new(failure()))))
    }

    fn held(model: &'static Model, incomplete: &[Incomplete]) -> Outcome {
        let mut report = report(Strategy::Exhaustive { preemptions: model.preemptions });
        report.incomplete = incomplete.to_vec();
        report.incomplete.push(Incomplete::Weakened);
        Outcome::of(run(model, End::Reported(Box::new(report))))
    }

    #[test]
    fn what_holds_holds_to_the_last_execution_but_for_a_declared_bound() {
        const BOUND: Incomplete = Incomplete::PreemptionBound { preemptions: 2 };
        assert!(matches!(held(&TOY, &[]), Outcome::Held));
        assert!(matches!(held(&BOUNDED, &[BOUND]), Outcome::Held));
        for (model, incomplete) in [(&TOY, BOUND), (&BOUNDED, Incomplete::TimeLimit)] {
            assert!(matches!(held(model, &[incomplete]), Outcome::Unfinished(_)));
        }
    }

    #[test]
    fn a_failure_that_says_nothing_of_the_ordering_is_no_catch() {
        assert!(matches!(caught(), Outcome::Caught(_)));
        for kind in [FailureKind::Vacuous, FailureKind::NonDeterminism, FailureKind::ForeignObject] {
            let failure = Failure { kind, ..failure() };
            let outcome = Outcome::of(run(&TOY, End::Failed(Box::new(failure))));
            assert!(matches!(outcome, Outcome::Unfinished(_)), "{kind}");
        }
    }

    #[test]
    fn a_catch_outweighs_what_is_unfinished_and_that_what_held() {
        let unfinished = || Outcome::Unfinished("stopped".into());
        assert!(matches!(unfinished().or(caught), Outcome::Caught(_)));
        assert!(matches!(unfinished().or(|| Outcome::Held), Outcome::Unfinished(_)));
        assert!(matches!(Outcome::Held.or(unfinished), Outcome::Unfinished(_)));
        assert!(matches!(caught().or(|| panic!("there is a catch")), Outcome::Caught(_)));
    }

    fn judged(rc11: Outcome, loom: Outcome) -> Judgement {
        judge(&rc11, &loom, &Notes::default(), &site(), Step(None))
    }

    #[test]
    fn a_row_stands_as_its_engines_do() {
        let unfinished = || Outcome::Unfinished("stopped".into());
        assert_eq!(judged(caught(), caught()), Judgement::Caught);
        assert_eq!(judged(caught(), Outcome::Held), Judgement::Unexplained { engine: Engine::Rc11 });
        assert_eq!(judged(Outcome::Held, caught()), Judgement::Unexplained { engine: Engine::Loom });
        assert_eq!(judged(caught(), unfinished()), Judgement::Unfinished);
        assert_eq!(judged(Outcome::Held, Outcome::Held), Judgement::Survives);
        assert_eq!(judged(unfinished(), Outcome::Held), Judgement::Unfinished);
    }
}
