//! All that a command found.

use crate::baseline::Baseline;
use crate::counts::{self, Count, Gone};
use crate::exit::Exit;
use crate::invariants;
use crate::runner::Run;
use crate::together;
use crate::verdict::Verdict;
use netns_core::check::Engine;
use netns_models::Model;
use std::time::{Duration, SystemTime};

/// A run, and what is to be said of it.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) run: Run,
    pub(crate) verdict: Verdict,
    pub(crate) count: Count,
}

impl Finding {
    fn of(run: Run, baseline: &Baseline) -> Finding {
        Finding { verdict: Verdict::of(&run), count: Count::of(&run, baseline), run }
    }
}

/// All that a command found.
#[derive(Debug, Clone)]
pub(crate) struct Findings {
    /// In the order of the models; those of one model stand together.
    pub(crate) each: Vec<Finding>,
    pub(crate) started: SystemTime,
    pub(crate) wall: Duration,
    /// What only a run of all models under all exhaustive engines can tell.
    pub(crate) of_all: Option<OfAll>,
}

/// What only a run of all models under all exhaustive engines can tell.
#[derive(Debug, Clone)]
pub(crate) struct OfAll {
    /// The invariants of the core that no complete run claims.
    pub(crate) unclaimed: Vec<u8>,
    /// The names in the baseline that are no counted model's any more.
    pub(crate) gone: Vec<Gone>,
}

impl Findings {
    /// What `runs` found, compared with the baseline.
    pub(crate) fn of(runs: Vec<Run>, baseline: &Baseline, started: SystemTime, wall: Duration) -> Findings {
        let each = runs.into_iter().map(|run| Finding::of(run, baseline)).collect();
        Findings { each, started, wall, of_all: None }
    }

    /// The same, where the runs were of all models under all exhaustive engines.
    pub(crate) fn and_those_were_all(mut self, baseline: &Baseline) -> Findings {
        let models: Vec<&'static Model> = self.models().map(|runs| runs[0].run.model).collect();
        let complete = self.each.iter().filter(|finding| finding.verdict == Verdict::Complete);
        self.of_all = Some(OfAll {
            unclaimed: invariants::unclaimed(complete.map(|finding| finding.run.model.claims)),
            gone: counts::gone(&models, baseline),
        });
        self
    }

    /// The exit code, whatever the counts are.
    pub(crate) fn exit(&self) -> Exit {
        let disagree = self.models().any(|runs| together::disagreement(runs).is_some());
        let agreement = if disagree { Exit::Failed } else { Exit::Held };
        Exit::of(self.each.iter().map(|finding| &finding.verdict)).and(agreement)
    }

    /// The exit code if every count must be the baseline's.
    pub(crate) fn strict_exit(&self) -> Exit {
        let gone = self.of_all.as_ref().is_some_and(|all| !all.gone.is_empty());
        let differs = gone || self.each.iter().any(|finding| finding.count.differs());
        self.exit().and(if differs { Exit::Failed } else { Exit::Held })
    }

    /// What was found of each model: its runs, one or more.
    pub(crate) fn models(&self) -> impl Iterator<Item = &[Finding]> {
        self.each.chunk_by(|a, b| a.run.model.name == b.run.model.name)
    }

    /// How many executions there were under `engine`, and how many that were blocked.
    pub(crate) fn executions(&self, engine: Engine) -> (u64, u64) {
        let runs = self.each.iter().map(|finding| &finding.run).filter(|run| run.plan.engine == engine);
        runs.fold((0, 0), |(executions, blocked), run| (executions + run.executions, blocked + run.blocked))
    }

    /// The engines of the runs, in the order in which they first come.
    pub(crate) fn engines(&self) -> Vec<Engine> {
        let mut engines = Vec::new();
        for finding in &self.each {
            if !engines.contains(&finding.run.plan.engine) {
                engines.push(finding.run.plan.engine);
            }
        }
        engines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::End;
    use crate::runner::toys::{complete, complete_under_rc11, run, toy};

    static TOYS: [Model; 2] = [toy("whole"), Model { claims: &[4], ..toy("stopped") }];

    fn findings(baseline: &str) -> Findings {
        let baseline = serde_json::from_str(baseline).unwrap();
        Findings::of(vec![complete(&TOYS[0])], &baseline, SystemTime::UNIX_EPOCH, Duration::ZERO)
            .and_those_were_all(&baseline)
    }

    #[test]
    fn a_changed_a_new_and_a_gone_count_fail_only_where_counts_are_strict() {
        for baseline in
            [r#"{"loom": {"whole": 1}}"#, r#"{"loom": {}}"#, r#"{"loom": {"whole": 2870, "gone": 1}}"#]
        {
            let found = findings(baseline);
            assert_eq!((found.exit(), found.strict_exit()), (Exit::Held, Exit::Failed), "{baseline}");
        }
        assert_eq!(findings(r#"{"loom": {"whole": 2870}}"#).strict_exit(), Exit::Held);
    }

    #[test]
    fn only_a_complete_run_claims() {
        let runs = vec![complete(&TOYS[0]), run(&TOYS[1], End::Stopped)];
        let baseline = Baseline::default();
        let found = Findings::of(runs, &baseline, SystemTime::UNIX_EPOCH, Duration::ZERO);
        let all = found.and_those_were_all(&baseline).of_all.unwrap();
        assert_eq!(invariants::ranges(&all.unclaimed), "4-8,10-28");
    }

    #[test]
    fn a_complete_run_of_either_engine_claims() {
        let runs = vec![complete_under_rc11(&TOYS[1]), run(&TOYS[1], End::Stopped)];
        let baseline = Baseline::default();
        let found = Findings::of(runs, &baseline, SystemTime::UNIX_EPOCH, Duration::ZERO);
        assert_eq!((found.models().count(), found.engines()), (1, vec![Engine::Rc11, Engine::Loom]));
        assert_eq!((found.executions(Engine::Rc11), found.executions(Engine::Loom)), ((36, 18), (0, 0)));
        let all = found.and_those_were_all(&baseline).of_all.unwrap();
        assert!(!all.unclaimed.contains(&4));
    }
}
