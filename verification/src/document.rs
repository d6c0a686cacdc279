//! What was found, as JSON.

use crate::counts::{Count, Gone};
use crate::exit::Exit;
use crate::findings::{Finding, Findings};
use crate::origin::Origin;
use crate::runner::End;
use crate::together::Together;
use crate::verdict::Verdict;
use netns_core::check::{Engine, Failure, Report};
use netns_models::Model;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a command found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Document {
    /// Where it comes from.
    #[serde(flatten)]
    pub(crate) origin: Origin,
    /// The engines that models ran under.
    engines: Vec<Engine>,
    /// The models, in the order of the list.
    pub(crate) models: Vec<OfModel>,
    /// The invariants of the core that no complete run claims; absent if not all models were run.
    pub(crate) unclaimed: Option<Vec<u8>>,
    /// Names in the baseline that are no counted model's any more; absent if not all models were run.
    gone: Option<Vec<Gone>>,
    /// Which items these are a part of; absent if they are whole.
    pub(crate) items: Option<String>,
}

/// What was found of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct OfModel {
    /// Its name.
    pub(crate) model: String,
    /// The protocol that it is a scenario of.
    pub(crate) protocol: String,
    /// The actors and the claim.
    pub(crate) about: String,
    /// Its threads, main included.
    pub(crate) threads: usize,
    /// The invariants that it claims.
    pub(crate) claims: Vec<u8>,
    /// The outcomes that it must reach.
    pub(crate) reaches: Vec<String>,
    /// The bound that it declares under loom.
    pub(crate) preemptions: Option<u8>,
    /// Why it is not for loom; absent if it is.
    pub(crate) not_for_loom: Option<String>,
    /// What the exhaustive engines together say; absent if not all models were run under both.
    pub(crate) together: Option<Together>,
    /// Its runs, one under each engine that it ran under.
    pub(crate) runs: Vec<OfRun>,
}

/// What was found by a run of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct OfRun {
    /// The engine.
    pub(crate) engine: Engine,
    /// What is to be said of it.
    pub(crate) verdict: Verdict,
    /// How the number of executions stands to the baseline.
    pub(crate) count: Count,
    /// Executions, as far as they are known.
    pub(crate) executions: u64,
    /// Executions of the RC11 engine in which a thread waits for what comes in another execution.
    pub(crate) blocked: u64,
    /// The time it took.
    pub(crate) elapsed: Duration,
    /// The report; absent if the process did not come so far.
    pub(crate) report: Option<Report>,
    /// The failure that the process died of before it could report.
    pub(crate) died_of: Option<Failure>,
    /// The last lines of standard error of a process that ended without a word.
    pub(crate) stderr: Vec<String>,
}

impl Document {
    /// The document of `found`.
    pub(crate) fn of(found: &Findings, exit: Exit) -> Document {
        let of_model = |runs| OfModel {
            together: found.of_all.is_some().then(|| Together::of(runs)),
            ..OfModel::of(runs)
        };
        Document {
            origin: Origin::here(found.started, found.wall, exit),
            engines: found.engines(),
            models: found.models().map(of_model).collect(),
            unclaimed: found.of_all.as_ref().map(|all| all.unclaimed.clone()),
            gone: found.of_all.as_ref().map(|all| all.gone.clone()),
            items: None,
        }
    }

    /// The same, where only a part of these items was explored.
    pub(crate) fn of_part(self, items: String) -> Document {
        Document { items: Some(items), ..self }
    }

    /// The text of it.
    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("a document is plain data") + "\n"
    }
}

impl OfModel {
    /// From the runs of one model.
    fn of(runs: &[Finding]) -> OfModel {
        let model: &Model = runs[0].run.model;
        OfModel {
            model: model.name.into(),
            protocol: model.protocol.into(),
            about: model.about.into(),
            threads: model.threads,
            claims: model.claims.into(),
            reaches: model.reaches.iter().map(|&outcome| outcome.into()).collect(),
            preemptions: model.preemptions,
            not_for_loom: model.why_not(Engine::Loom).map(str::to_owned),
            together: None,
            runs: runs.iter().map(OfRun::of).collect(),
        }
    }
}

impl OfRun {
    fn of(Finding { run, verdict, count }: &Finding) -> OfRun {
        let (report, died_of, stderr) = match &run.end {
            End::Reported(report) => (Some((**report).clone()), None, Vec::new()),
            End::Divided(split) => (Some(split.begun.clone()), None, Vec::new()),
            End::Failed(failure) => (None, Some((**failure).clone()), Vec::new()),
            End::Died { stderr, .. } => (None, None, stderr.clone()),
            End::Stopped | End::NotFor(_) | End::NotRun => (None, None, Vec::new()),
        };
        OfRun {
            engine: run.plan.engine,
            verdict: verdict.clone(),
            count: *count,
            executions: run.executions,
            blocked: run.blocked,
            elapsed: run.elapsed,
            report,
            died_of,
            stderr,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::Baseline;
    use crate::runner::toys::{complete, complete_under_rc11, failure, run, toy};
    use netns_models::Model;
    use std::time::SystemTime;

    static TOYS: [Model; 3] = [toy("whole"), toy("failed"), toy("died")];

    #[test]
    fn it_survives_json() {
        let runs = vec![
            complete_under_rc11(&TOYS[0]),
            complete(&TOYS[0]),
            run(&TOYS[1], End::Failed(Box::new(failure()))),
            run(&TOYS[2], End::Died { how: "signal: 9".into(), stderr: vec!["last words".into()] }),
        ];
        let baseline = Baseline::default();
        let found = Findings::of(runs, &baseline, SystemTime::now(), Duration::from_millis(1234));
        let found = found.and_those_were_all(&baseline);
        let document = Document::of(&found, found.exit());
        let read: Document = serde_json::from_str(&document.to_text()).unwrap();
        assert_eq!(read, document);
        assert_eq!(read.origin.exit, Exit::Failed);
        assert_eq!(read.models.iter().map(|model| model.runs.len()).collect::<Vec<_>>(), [2, 1, 1]);
        assert_eq!(read.models[0].runs[0].blocked, 18);
        assert_eq!(read.models[1].runs[0].died_of, Some(failure()));
        assert_eq!(read.models[2].runs[0].stderr, ["last words"]);
    }
}
