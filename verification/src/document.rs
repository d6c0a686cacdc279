//! What was found, as JSON.

use crate::counts::Count;
use crate::exit::Exit;
use crate::findings::{Finding, Findings};
use crate::runner::End;
use crate::verdict::Verdict;
use netns_core::check::{Engine, Failure, Report};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// What a command found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Document {
    /// The version of netns-verify.
    version: String,
    /// The engine that all models ran under.
    engine: Engine,
    /// When it began, in seconds since 1970.
    started: u64,
    /// How long it took.
    wall: Duration,
    /// The models, in the order of the list.
    models: Vec<Entry>,
    /// The invariants of the core that no complete run claims; absent if not all models were run.
    unclaimed: Option<Vec<u8>>,
    /// Names in the baseline that no model has any more; absent if not all models were run.
    gone: Option<Vec<String>>,
    /// The exit code.
    exit: u8,
}

/// What was found of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Entry {
    /// Its name.
    model: String,
    /// The protocol that it is a scenario of.
    protocol: String,
    /// Its threads, main included.
    threads: usize,
    /// The invariants that it claims.
    claims: Vec<u8>,
    /// The bound that it declares.
    preemptions: Option<u8>,
    /// What is to be said of the run.
    verdict: Verdict,
    /// How the number of executions stands to the baseline.
    count: Count,
    /// Executions, as far as they are known.
    executions: u64,
    /// The time it took.
    elapsed: Duration,
    /// The report; absent if the process did not come so far.
    report: Option<Report>,
    /// The failure that the process died of before it could report.
    died_of: Option<Failure>,
    /// The last lines of standard error of a process that ended without a word.
    stderr: Vec<String>,
}

impl Document {
    /// The document of `found`, which all ran under `engine`.
    pub(crate) fn of(found: &Findings, engine: Engine, exit: Exit) -> Document {
        let started = found.started.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Document {
            version: env!("CARGO_PKG_VERSION").into(),
            engine,
            started: started.as_secs(),
            wall: found.wall,
            models: found.each.iter().map(Entry::of).collect(),
            unclaimed: found.of_all.as_ref().map(|all| all.unclaimed.clone()),
            gone: found.of_all.as_ref().map(|all| all.gone.clone()),
            exit: exit.code(),
        }
    }

    /// The text of it.
    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("a document is plain data") + "\n"
    }

    /// Writes it to a file.
    ///
    /// # Errors
    ///
    /// If that is not possible.
    pub(crate) fn write(&self, file: &Path) -> io::Result<()> {
        std::fs::write(file, self.to_text())
    }
}

impl Entry {
    fn of(Finding { run, verdict, count }: &Finding) -> Entry {
        let (report, died_of, stderr) = match &run.end {
            End::Reported(report) => (Some((**report).clone()), None, Vec::new()),
            End::Failed(failure) => (None, Some((**failure).clone()), Vec::new()),
            End::Died { stderr, .. } => (None, None, stderr.clone()),
            End::Stopped | End::NotRun => (None, None, Vec::new()),
        };
        Entry {
            model: run.model.name.into(),
            protocol: run.model.protocol.into(),
            threads: run.model.threads,
            claims: run.model.claims.into(),
            preemptions: run.model.preemptions,
            verdict: verdict.clone(),
            count: *count,
            executions: run.executions,
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
    use crate::runner::toys::{complete, failure, run, toy};
    use netns_models::Model;

    static TOYS: [Model; 3] = [toy("whole"), toy("failed"), toy("died")];

    #[test]
    fn it_survives_json() {
        let runs = vec![
            complete(&TOYS[0]),
            run(&TOYS[1], End::Failed(Box::new(failure()))),
            run(&TOYS[2], End::Died { how: "signal: 9".into(), stderr: vec!["last words".into()] }),
        ];
        let baseline = Baseline::default();
        let found = Findings::of(runs, &baseline, SystemTime::now(), Duration::from_millis(1234));
        let found = found.and_those_were_all(&baseline);
        let document = Document::of(&found, Engine::Loom, found.exit());
        let read: Document = serde_json::from_str(&document.to_text()).unwrap();
        assert_eq!(read, document);
        assert_eq!(read.exit, 1);
        assert_eq!(read.models[1].died_of, Some(failure()));
        assert_eq!(read.models[2].stderr, ["last words"]);
    }
}
