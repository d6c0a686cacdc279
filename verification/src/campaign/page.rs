//! The page that people read.

use super::chunk::{Campaign, Size};
use super::document::Document;
use super::tally::Tally;
use crate::exit::Exit;
use crate::figures::{self, counted};
use crate::invariants;
use comfy_table::{CellAlignment, Table, presets};
use netns_core::check::Engine;
use netns_models::{Model, find};
use std::fmt;

/// The whole page: the table, each failure, the summary.
pub(crate) struct Page<'a> {
    pub(crate) document: &'a Document,
    /// The shards, from 1, that should be in the document and are not.
    pub(crate) missing: Vec<usize>,
    pub(crate) exit: Exit,
}

const HEADER: [&str; 8] =
    ["scenario", "threads", "executions", "per s", "longest", "outcomes", "invariants", "verdict"];
const NUMBERS: std::ops::RangeInclusive<usize> = 1..=5;

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", table(self.document))?;
        self.each().try_for_each(|(name, tally)| failure(name, tally, f))?;
        self.each().try_for_each(|(name, tally)| never_seen(name, tally, f))?;
        self.summary(f)
    }
}

impl Page<'_> {
    fn each(&self) -> impl Iterator<Item = (&str, &Tally)> {
        self.document.campaign.scenarios.iter().map(String::as_str).zip(&self.document.tallies)
    }

    fn summary(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Document { origin, campaign, tallies, of, shards } = self.document;
        let executions = counted(tallies.iter().map(|tally| tally.executions).sum(), "execution");
        let (scenarios, time) = (counted(tallies.len() as u64, "scenario"), figures::time(origin.wall));
        let shard = match (*of, shards.len(), shards.first_key_value()) {
            (1, ..) => String::new(),
            (of, 1, Some((shard, _))) => format!(", shard {} of {of}", shard + 1),
            (of, n, _) => format!(", {n} of {of} shards"),
        };
        let verdict = match self.exit {
            Exit::Failed => "FAILED",
            Exit::Incomplete => "incomplete",
            Exit::Held | Exit::Refused => "sampled, holds",
        };
        writeln!(f, "{scenarios}, {executions} {}{shard}, {time}: {verdict}", how(campaign))?;
        if of > &1 && (origin.commit.is_none() || origin.is_dirty()) {
            writeln!(f, "no commit says what was run: whether its shards belong together is not known")?;
        }
        self.left(f)?;
        let failing = tallies.iter().filter_map(|tally| tally.first.as_ref());
        failing.into_iter().try_for_each(|first| writeln!(f, "again: {}", first.again))
    }

    /// What was left out.
    fn left(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Document { campaign, of, .. } = self.document;
        let all = campaign.scenarios.iter().enumerate();
        for (_, name) in all.filter(|(scenario, _)| self.document.has_none_of(*scenario)) {
            writeln!(f, "{name}: there are more shards than chunks, and none is here")?;
        }
        for shard in self.document.interrupted() {
            let end = match campaign.size {
                Size::Executions(n) => {
                    format!("it was to have its share of {} of each scenario", counted(n, "execution"))
                }
                Size::Time(time) => format!("it was to last {}", figures::time(time)),
            };
            writeln!(f, "interrupted: shard {shard} of {of}; {end}")?;
        }
        self.missing.iter().try_for_each(|shard| writeln!(f, "missing: shard {shard} of {of}"))
    }
}

/// How a campaign samples: `under shuttle (pct, urw, random) from seed 7`.
fn how(campaign: &Campaign) -> String {
    let schedulers = match (campaign.engine, campaign.scheduler) {
        (Engine::Shuttle, None) => " (pct, urw, random in turn)".into(),
        (Engine::Shuttle, Some(scheduler)) => format!(" ({scheduler})"),
        _ => String::new(),
    };
    format!("under {}{schedulers} from seed {}", campaign.engine, campaign.seed)
}

fn table(document: &Document) -> String {
    let rows =
        document.campaign.scenarios.iter().zip(&document.tallies).map(|(name, tally)| row(name, tally));
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(HEADER).add_rows(rows);
    for column in NUMBERS {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

fn row(name: &str, tally: &Tally) -> [String; 8] {
    let model = find(name);
    let of_model = |text: fn(&Model) -> String| model.map(text).unwrap_or_default();
    let promised = model.map_or(0, |model| model.reaches.len());
    [
        name.into(),
        of_model(|model| model.threads.to_string()),
        figures::count(tally.executions),
        figures::rate(tally.executions as f64 / tally.elapsed.as_secs_f64().max(1e-9)),
        figures::count(tally.deepest as u64),
        format!("{} of {promised}", promised - unseen(name, tally).len()),
        of_model(|model| invariants::ranges(model.claims)),
        match &tally.first {
            None if tally.executions == 0 => "not run".into(),
            None => "sampled, holds".into(),
            Some(first) => {
                format!("{}, in {} of {}", first.verdict, tally.failing, counted(tally.chunks, "chunk"))
            }
        },
    ]
}

/// The outcomes that the scenario knows of and that were never seen.
fn unseen(name: &str, tally: &Tally) -> Vec<&'static str> {
    let known = find(name).map_or(&[][..], |model| model.reaches);
    known.iter().copied().filter(|outcome| !tally.outcomes.contains_key(*outcome)).collect()
}

fn never_seen(name: &str, tally: &Tally, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match unseen(name, tally) {
        unseen if unseen.is_empty() || tally.executions == 0 => Ok(()),
        unseen => writeln!(f, "{name}: never seen: {}", unseen.join(", ")),
    }
}

fn failure(name: &str, tally: &Tally, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Some(first) = &tally.first else { return Ok(()) };
    writeln!(f, "{name}, chunk {} (seed {}): {}", first.chunk, first.seed, first.verdict)?;
    if let Some(failure) = &first.failure {
        write!(f, "{failure}")?;
    }
    first.stderr.iter().try_for_each(|line| writeln!(f, "  stderr: {line}"))?;
    writeln!(f)
}

#[cfg(test)]
mod tests {
    use super::super::document::tests::shard;
    use super::super::tally::Failing;
    use super::*;
    use crate::runner::toys::failure;
    use crate::verdict::Verdict;

    fn page(document: &Document) -> String {
        Page { document, missing: Vec::new(), exit: document.exit() }.to_string()
    }

    #[test]
    fn a_shard_says_what_it_is_of_and_what_it_has_not_seen() {
        let page = page(&shard(1, false));
        let line = "1 scenario, 100 executions under shuttle (pct, urw, random in turn) from seed 7, shard 2 of 3, 2.0 s: \
                    sampled, holds\n";
        assert!(page.ends_with(line), "{page}");
        assert!(page.contains("\ncampaign-lives: never seen: found, not found, "), "{page}");
    }

    #[test]
    fn a_shard_of_no_commit_says_so() {
        let says_so = |commit: Option<&str>| {
            let mut document = shard(1, false);
            document.origin.commit = commit.map(str::to_owned);
            page(&document).contains("\nno commit says what was run")
        };
        assert_eq!(
            [None, Some("0123456789ab-dirty"), Some("0123456789ab")].map(says_so),
            [true, true, false]
        );
    }

    #[test]
    fn an_interruption_is_told() {
        let page = page(&shard(1, true));
        assert!(
            page.contains(": incomplete\ninterrupted: shard 2 of 3; it was to have its share of 300"),
            "{page}"
        );
    }

    #[test]
    fn a_failure_is_printed_whole_with_the_command_that_shows_it_again() {
        let mut document = shard(0, false);
        let verdict = Verdict::Failed { kind: failure().kind };
        let (again, stderr) = ("cargo verify run x --seed 9".to_owned(), Vec::new());
        let first = Failing { chunk: 4, seed: 9, again, verdict, failure: Some(failure()), stderr };
        document.tallies[0].first = Some(first);
        document.tallies[0].failing = 1;
        let page = page(&document);
        assert!(page.contains("\ncampaign-lives, chunk 4 (seed 9): FAILED: use after free\n"), "{page}");
        assert!(page.contains(&failure().to_string()), "{page}");
        assert!(page.ends_with(": FAILED\nagain: cargo verify run x --seed 9\n"), "{page}");
    }
}
