//! What is to be said of a run.

use crate::runner::{End, Run};
use netns_core::check::{FailureKind, Incomplete, Report, Strategy};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What is to be said of a run, in one word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub(crate) enum Verdict {
    /// Every execution was explored, and held.
    Complete,
    /// The model declares this bound; every execution within it was explored, and held.
    Bounded {
        /// The bound.
        preemptions: u8,
    },
    /// A sample was asked for, and held.
    Sampled,
    /// A part of it was asked for, and held.
    Part {
        /// Which, from 0.
        part: usize,
        /// Of how many.
        of: usize,
    },
    /// It was to be divided, and is; it held so far.
    Divided {
        /// How many pieces are left.
        pieces: usize,
    },
    /// A check failed.
    Failed {
        /// Of what kind the failure is.
        kind: FailureKind,
    },
    /// It held as far as it was explored, which is not far enough.
    Incomplete {
        /// What is missing.
        why: String,
    },
    /// The process ended without a word.
    Died {
        /// How it ended.
        how: String,
    },
    /// It was stopped while it ran.
    Stopped,
    /// The model is not for the engine.
    NotFor {
        /// Why not.
        why: String,
    },
    /// All was stopped before it ran.
    NotRun,
}

impl Verdict {
    /// The verdict on `run`.
    pub(crate) fn of(run: &Run) -> Verdict {
        match &run.end {
            End::Reported(report) => Self::of_report(report, run.model.preemptions),
            End::Divided(split) => match &split.begun.failure {
                Some(failure) => Verdict::Failed { kind: failure.kind },
                None => Verdict::Divided { pieces: split.pieces() },
            },
            End::Failed(failure) => Verdict::Failed { kind: failure.kind },
            End::Died { how, .. } => Verdict::Died { how: how.clone() },
            End::Stopped => Verdict::Stopped,
            End::NotFor(why) => Verdict::NotFor { why: (*why).into() },
            End::NotRun => Verdict::NotRun,
        }
    }

    /// The verdict on a report of a model that declares `bound`.
    pub(crate) fn of_report(report: &Report, bound: Option<u8>) -> Verdict {
        let why = || Verdict::Incomplete { why: report.why_incomplete() };
        if let Some(failure) = &report.failure {
            return Verdict::Failed { kind: failure.kind };
        }
        if let [Incomplete::Part { part, of }] = report.incomplete[..] {
            return Verdict::Part { part, of };
        }
        if report.executions == 0 {
            return Verdict::Incomplete { why: "nothing was executed".into() };
        }
        match (report.strategy, bound) {
            (Strategy::Exhaustive { .. }, Some(preemptions)) => match report.incomplete[..] {
                [Incomplete::PreemptionBound { preemptions: n }] if n == preemptions => {
                    Verdict::Bounded { preemptions }
                }
                [] => Verdict::Incomplete {
                    why: "it declares a bound, of which the engine knew nothing".into(),
                },
                _ => why(),
            },
            (strategy, _) if strategy.can_complete() => {
                if report.is_complete() {
                    Verdict::Complete
                } else {
                    why()
                }
            }
            (Strategy::Exhaustive { .. } | Strategy::Dfs | Strategy::Rc11 | Strategy::Sc, _) => why(),
            // A sample ends where it was told to.
            (
                Strategy::Pct { .. }
                | Strategy::Random { .. }
                | Strategy::Urw { .. }
                | Strategy::Threads { .. },
                _,
            ) => {
                let is_size = |reason: &Incomplete| {
                    matches!(
                        reason,
                        Incomplete::Sampled | Incomplete::TimeLimit | Incomplete::ExecutionLimit { .. }
                    )
                };
                if report.incomplete.iter().all(is_size) { Verdict::Sampled } else { why() }
            }
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Complete => f.write_str("complete"),
            Verdict::Bounded { .. } => f.write_str("bounded, holds"),
            Verdict::Sampled => f.write_str("sampled, holds"),
            Verdict::Part { part, of } => write!(f, "part {} of {of}, holds", part + 1),
            Verdict::Divided { pieces } => write!(f, "divided into {pieces} pieces, holds so far"),
            Verdict::Failed { kind } => write!(f, "FAILED: {kind}"),
            Verdict::Incomplete { why } => write!(f, "incomplete: {why}"),
            Verdict::Died { how } => write!(f, "died: {how}"),
            Verdict::Stopped => f.write_str("stopped"),
            Verdict::NotFor { why } => write!(f, "not for this engine: {why}"),
            Verdict::NotRun => f.write_str("not run"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::toys;

    const BOUND: Incomplete = Incomplete::PreemptionBound { preemptions: 2 };

    fn loom(bound: Option<u8>, incomplete: &[Incomplete]) -> Verdict {
        let mut report = toys::report(Strategy::Exhaustive { preemptions: bound });
        report.incomplete = incomplete.to_vec();
        Verdict::of_report(&report, bound)
    }

    #[test]
    fn a_run_with_nothing_left_is_complete() {
        assert_eq!(loom(None, &[]), Verdict::Complete);
    }

    #[test]
    fn a_declared_bound_excuses_that_bound_and_nothing_else() {
        assert_eq!(loom(Some(2), &[BOUND]), Verdict::Bounded { preemptions: 2 });
        for incomplete in [&[][..], &[Incomplete::TimeLimit], &[BOUND, Incomplete::TimeLimit]] {
            assert!(matches!(loom(Some(2), incomplete), Verdict::Incomplete { .. }), "{incomplete:?}");
        }
        assert!(matches!(loom(Some(3), &[BOUND]), Verdict::Incomplete { .. }));
    }

    #[test]
    fn a_bound_that_is_not_declared_is_incomplete() {
        assert!(matches!(loom(None, &[BOUND]), Verdict::Incomplete { .. }));
    }

    #[test]
    fn a_sample_that_was_asked_for_holds_unless_it_is_more_than_small() {
        let mut report = toys::report(Strategy::Random { seed: 1 });
        report.incomplete = vec![Incomplete::Sampled, Incomplete::TimeLimit];
        assert_eq!(Verdict::of_report(&report, Some(2)), Verdict::Sampled);
        report.incomplete = vec![Incomplete::Sampled, Incomplete::NoCompletion];
        assert!(matches!(Verdict::of_report(&report, None), Verdict::Incomplete { .. }));
    }

    #[test]
    fn depth_first_that_met_a_limit_is_incomplete() {
        let mut report = toys::report(Strategy::Dfs);
        assert_eq!(Verdict::of_report(&report, None), Verdict::Complete);
        report.incomplete = vec![Incomplete::ExecutionLimit { executions: 9 }];
        assert!(matches!(Verdict::of_report(&report, None), Verdict::Incomplete { .. }));
    }

    #[test]
    fn a_part_that_was_asked_for_holds_if_it_is_all_there() {
        let mut report = toys::report(Strategy::Rc11);
        report.incomplete = vec![Incomplete::Part { part: 2, of: 3 }];
        report.executions = 0; // There may be more parts than pieces.
        assert_eq!(Verdict::of_report(&report, Some(2)).to_string(), "part 3 of 3, holds");
        report.incomplete = vec![Incomplete::TimeLimit, Incomplete::Part { part: 2, of: 3 }];
        assert!(matches!(Verdict::of_report(&report, Some(2)), Verdict::Incomplete { .. }));
    }

    #[test]
    fn the_bound_of_loom_is_none_of_rc11() {
        assert_eq!(Verdict::of_report(&toys::report(Strategy::Rc11), Some(2)), Verdict::Complete);
    }

    #[test]
    fn no_execution_is_not_complete() {
        let mut report = toys::report(Strategy::Exhaustive { preemptions: None });
        report.executions = 0;
        assert!(matches!(Verdict::of_report(&report, None), Verdict::Incomplete { .. }));
    }
}
