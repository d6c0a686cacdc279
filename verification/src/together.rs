//! What is to be said of a model that ran under several engines.

use crate::findings::Finding;
use crate::runner::End;
use crate::verdict::Verdict;
use netns_core::check::{Engine, Strategy};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The run under `engine`.
pub(crate) fn under(runs: &[Finding], engine: Engine) -> Option<&Finding> {
    runs.iter().find(|finding| finding.run.plan.engine == engine)
}

/// What is to be said of a model that ran under both exhaustive engines, or under those of them that it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Together {
    /// Where it stands.
    pub(crate) standing: Standing,
    /// In few words.
    pub(crate) verdict: String,
}

impl Together {
    /// Of the model of these runs.
    pub(crate) fn of(runs: &[Finding]) -> Together {
        Together { standing: Standing::of(runs), verdict: verdict(runs) }
    }
}

/// How a model stands, in the order in which the summary tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Standing {
    /// Complete under both exhaustive engines.
    Both,
    /// Complete under RC11, and under loom within the bound that it declares.
    Bounded,
    /// Complete under RC11; it is not for loom.
    NotForLoom,
    /// A check failed, a process died, or the engines saw different outcomes.
    Failed,
    /// Something was left unexplored.
    Incomplete,
}

impl Standing {
    /// All, in order.
    pub(crate) const ALL: [Standing; 5] =
        [Standing::Both, Standing::Bounded, Standing::NotForLoom, Standing::Failed, Standing::Incomplete];

    /// Where the model of these runs stands.
    pub(crate) fn of(runs: &[Finding]) -> Standing {
        let verdict = |engine| under(runs, engine).map(|finding| &finding.verdict);
        let is_bad =
            |finding: &Finding| matches!(finding.verdict, Verdict::Failed { .. } | Verdict::Died { .. });
        if runs.iter().any(is_bad) || disagreement(runs).is_some() {
            return Standing::Failed;
        }
        match (verdict(Engine::Rc11), verdict(Engine::Loom)) {
            (Some(Verdict::Complete), Some(Verdict::Complete)) => Standing::Both,
            (Some(Verdict::Complete), Some(Verdict::Bounded { .. })) => Standing::Bounded,
            (Some(Verdict::Complete), None) => Standing::NotForLoom,
            _ => Standing::Incomplete,
        }
    }

    /// In the summary.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Standing::Both => "complete under both",
            Standing::Bounded => "complete under rc11 and bounded under loom (named so)",
            Standing::NotForLoom => "complete under rc11 and not for loom",
            Standing::Failed => "FAILED",
            Standing::Incomplete => "incomplete",
        }
    }
}

/// What complete runs of one model have seen differently, in words.
pub(crate) fn disagreement(runs: &[Finding]) -> Option<String> {
    let outcomes = |engine| {
        let finding = under(runs, engine).filter(|finding| finding.verdict == Verdict::Complete)?;
        match &finding.run.end {
            End::Reported(report) => {
                Some(report.outcomes.keys().map(String::as_str).collect::<BTreeSet<_>>())
            }
            _ => None,
        }
    };
    let (rc11, loom) = (outcomes(Engine::Rc11)?, outcomes(Engine::Loom)?);
    let alone = |engine, outcome| format!("{engine} alone saw \"{outcome}\"");
    let rc11_alone = rc11.difference(&loom).map(|outcome| alone(Engine::Rc11, outcome));
    let loom_alone = loom.difference(&rc11).map(|outcome| alone(Engine::Loom, outcome));
    let all: Vec<String> = rc11_alone.chain(loom_alone).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// The verdict on a model, in few words: why it is not for loom stands below the table.
pub(crate) fn verdict(runs: &[Finding]) -> String {
    if let Some(disagreement) = disagreement(runs) {
        return format!("FAILED: {disagreement}");
    }
    match Standing::of(runs) {
        Standing::Both => "both complete".into(),
        Standing::Bounded => {
            let bound = Strategy::Exhaustive { preemptions: runs[0].run.model.preemptions };
            format!("rc11 complete; loom: {bound}")
        }
        Standing::NotForLoom => "rc11 complete".into(),
        Standing::Failed | Standing::Incomplete => {
            let each =
                runs.iter().map(|Finding { run, verdict, .. }| format!("{}: {verdict}", run.plan.engine));
            each.collect::<Vec<_>>().join("; ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counts::Count;
    use crate::runner::Run;
    use crate::runner::toys::{complete, complete_under_rc11, failure, report, run, toy};
    use netns_core::check::Incomplete;
    use netns_models::{Engines, Model};

    static TOY: Model = toy("toy");
    static BOUNDED: Model = Model { preemptions: Some(2), ..toy("bounded") };
    static LARGE: Model = Model { engines: Engines::Rc11Only { why: "six threads" }, ..toy("large") };

    fn said(runs: Vec<Run>) -> (Standing, String) {
        let finding = |run: Run| Finding { verdict: Verdict::of(&run), count: Count::Uncounted, run };
        let runs: Vec<Finding> = runs.into_iter().map(finding).collect();
        (Standing::of(&runs), verdict(&runs))
    }

    #[test]
    fn complete_is_complete_under_both() {
        let both = said(vec![complete_under_rc11(&TOY), complete(&TOY)]);
        assert_eq!(both, (Standing::Both, "both complete".into()));
    }

    #[test]
    fn the_verdict_is_that_of_the_engine_that_completed_it_and_the_bound_of_the_other_is_shown() {
        let mut bounded = report(Strategy::Exhaustive { preemptions: Some(2) });
        bounded.incomplete = vec![Incomplete::PreemptionBound { preemptions: 2 }];
        let loom = run(&BOUNDED, End::Reported(Box::new(bounded)));
        let (standing, words) = said(vec![complete_under_rc11(&BOUNDED), loom]);
        assert_eq!((standing, words.as_str()), (Standing::Bounded, "rc11 complete; loom: preemptions <= 2"));
    }

    #[test]
    fn engines_that_saw_different_outcomes_are_a_failure_that_says_which() {
        let seen = |mut run: Run, outcome: &str| {
            let End::Reported(report) = &mut run.end else { unreachable!("it has a report") };
            report.outcomes.insert(outcome.into(), 1);
            run
        };
        let same = [seen(complete_under_rc11(&TOY), "got"), seen(complete(&TOY), "got")];
        assert_eq!(said(same.to_vec()).0, Standing::Both);
        let others = vec![seen(complete_under_rc11(&TOY), "got"), seen(complete(&TOY), "too late")];
        let words = "FAILED: rc11 alone saw \"got\"; loom alone saw \"too late\"";
        assert_eq!(said(others), (Standing::Failed, words.into()));
    }

    #[test]
    fn what_is_not_for_loom_is_complete_under_rc11() {
        let (standing, words) = said(vec![complete_under_rc11(&LARGE)]);
        assert_eq!((standing, words.as_str()), (Standing::NotForLoom, "rc11 complete"));
    }

    #[test]
    fn one_engine_that_did_not_complete_is_named() {
        let (standing, words) = said(vec![complete_under_rc11(&TOY), run(&TOY, End::Stopped)]);
        assert_eq!((standing, words.as_str()), (Standing::Incomplete, "rc11: complete; loom: stopped"));
        let (standing, words) =
            said(vec![complete_under_rc11(&TOY), run(&TOY, End::Failed(Box::new(failure())))]);
        assert_eq!(
            (standing, words.as_str()),
            (Standing::Failed, "rc11: complete; loom: FAILED: use after free")
        );
    }

    #[test]
    fn complete_under_loom_alone_is_incomplete() {
        assert_eq!(said(vec![complete(&TOY)]).0, Standing::Incomplete);
    }
}
