//! What was found of one scenario.

use crate::runner::{End, Run};
use crate::verdict::Verdict;
use netns_core::check::Failure;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// What chunks of one scenario add up to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Tally {
    /// How many chunks have ended by themselves.
    pub(crate) chunks: u64,
    pub(crate) executions: u64,
    /// In how many executions each outcome was seen.
    pub(crate) outcomes: BTreeMap<String, u64>,
    /// The operations of the longest execution.
    pub(crate) deepest: usize,
    /// The time that the chunks took, one after the other.
    pub(crate) elapsed: Duration,
    /// How many chunks failed.
    pub(crate) failing: u64,
    /// The failing one with the lowest number.
    pub(crate) first: Option<Failing>,
}

/// A chunk in which a check failed, or whose process died.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Failing {
    /// Its number.
    pub(crate) chunk: u64,
    /// Where its random numbers start.
    pub(crate) seed: u64,
    /// The command that runs it alone.
    pub(crate) again: String,
    pub(crate) verdict: Verdict,
    /// Absent if the process died without a word.
    pub(crate) failure: Option<Failure>,
    /// The last lines of standard error of such a process.
    pub(crate) stderr: Vec<String>,
}

impl Tally {
    /// The tally of one chunk. One that was stopped does not count.
    pub(crate) fn of(chunk: u64, run: &Run) -> Tally {
        let verdict = Verdict::of(run);
        if matches!(verdict, Verdict::Stopped | Verdict::NotRun) {
            return Tally::default();
        }
        let mut tally =
            Tally { chunks: 1, executions: run.executions, elapsed: run.elapsed, ..Tally::default() };
        let (mut failure, mut last_words) = (None, Vec::new());
        match &run.end {
            End::Reported(report) => {
                (tally.outcomes, tally.deepest) = (report.outcomes.clone(), report.deepest);
                failure.clone_from(&report.failure);
            }
            End::Failed(died_of) => failure = Some((**died_of).clone()),
            End::Died { stderr, .. } => last_words.clone_from(stderr),
            End::Divided(_) | End::Stopped | End::NotFor(_) | End::NotRun => {}
        }
        if verdict != Verdict::Sampled {
            let (seed, again) = (run.plan.seed, run.plan.command(run.model.name));
            tally.failing = 1;
            tally.first = Some(Failing { chunk, seed, again, verdict, failure, stderr: last_words });
        }
        tally
    }

    /// Adds what other chunks of the same scenario found.
    pub(crate) fn add(&mut self, other: Tally) {
        self.chunks += other.chunks;
        self.executions += other.executions;
        for (outcome, n) in other.outcomes {
            *self.outcomes.entry(outcome).or_default() += n;
        }
        self.deepest = self.deepest.max(other.deepest);
        self.elapsed += other.elapsed;
        self.failing += other.failing;
        self.first = self.first.take().into_iter().chain(other.first).min_by_key(|failing| failing.chunk);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::toys::{failure, report, run, toy};
    use netns_core::check::{Engine, Incomplete, Report, Strategy};
    use netns_models::{Model, Plan};

    static TOY: Model = toy("toy");

    fn sampled(failed: bool) -> Run {
        let report = Report {
            incomplete: vec![Incomplete::Sampled],
            outcomes: BTreeMap::from([("seen".to_owned(), 9)]),
            failure: failed.then(failure),
            ..report(Strategy::Urw { seed: 3 })
        };
        let plan = Plan { seed: 3, executions: Some(100), ..Plan::of(Engine::Std) };
        Run { plan, ..run(&TOY, End::Reported(Box::new(report))) }
    }

    #[test]
    fn chunks_add_up_and_the_first_failure_stays_whichever_comes_first() {
        let chunks = [(4, false), (9, true), (2, true), (7, true)].map(|(n, f)| Tally::of(n, &sampled(f)));
        let sum = |order: [usize; 4]| {
            order.iter().fold(Tally::default(), |mut sum, &i| {
                sum.add(chunks[i].clone());
                sum
            })
        };
        let all = sum([0, 1, 2, 3]);
        assert_eq!((all.chunks, all.executions, all.failing), (4, 4 * 2_870, 3));
        assert_eq!(all.outcomes["seen"], 36);
        assert_eq!(all.first.as_ref().map(|first| first.chunk), Some(2));
        assert_eq!(all, sum([3, 2, 1, 0]));
    }

    #[test]
    fn a_failing_chunk_says_how_it_is_seen_again() {
        let first = Tally::of(5, &sampled(true)).first.unwrap();
        assert_eq!(first.again, "cargo verify run toy --engine std --seed 3 --executions 100");
        assert_eq!(first.failure, Some(failure()));
    }

    #[test]
    fn a_chunk_whose_process_died_fails_and_one_that_was_stopped_does_not_count() {
        let died = run(&TOY, End::Died { how: "signal: 9".into(), stderr: vec!["last words".into()] });
        let tally = Tally::of(0, &died);
        assert_eq!((tally.chunks, tally.failing), (1, 1));
        assert_eq!(tally.first.unwrap().stderr, ["last words"]);
        assert_eq!(Tally::of(0, &run(&TOY, End::Stopped)), Tally::default());
    }
}
