//! What a campaign found, or some shards of it: what `--json` writes and `merge` reads.

use super::chunk::Campaign;
use super::tally::Tally;
use crate::cli::PartOf;
use crate::exit::Exit;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

/// What shards of a campaign found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Document {
    pub(crate) campaign: Campaign,
    /// The version of netns-verify. Another may have other scenarios of these names.
    pub(crate) version: String,
    /// Into how many shards the campaign is divided.
    pub(crate) of: usize,
    /// The shards that are in this, from 0, and whether each came to its end.
    pub(crate) shards: BTreeMap<usize, bool>,
    /// What was found of each scenario, in their order.
    pub(crate) tallies: Vec<Tally>,
    /// When it began, in seconds since 1970.
    pub(crate) started: u64,
    /// How long it took; of several shards, the longest.
    pub(crate) wall: Duration,
    /// The exit code.
    pub(crate) exit: u8,
}

impl Document {
    /// The version of this build.
    pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

    /// What one shard found.
    pub(super) fn of(
        campaign: Campaign,
        PartOf { part, of }: PartOf,
        tallies: Vec<Tally>,
        interrupted: bool,
        (started, wall): (SystemTime, Duration),
    ) -> Document {
        let started = started.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let (version, shards) = (Self::VERSION.into(), BTreeMap::from([(part, !interrupted)]));
        let document = Document { campaign, version, of, shards, tallies, started, wall, exit: 0 };
        let exit = document.exit().code();
        Document { exit, ..document }
    }

    /// The exit code. Which shards are not here is not this document's concern.
    pub(crate) fn exit(&self) -> Exit {
        if self.tallies.iter().any(|tally| tally.failing > 0) {
            return Exit::Failed;
        }
        let came_to_their_end = self.shards.values().all(|finished| *finished);
        let have_run = self.tallies.iter().all(|tally| tally.executions > 0);
        if came_to_their_end && have_run { Exit::Held } else { Exit::Incomplete }
    }

    /// The numbers of the shards that did not come to their end, from 1.
    pub(crate) fn interrupted(&self) -> Vec<usize> {
        self.shards.iter().filter(|(_, finished)| !**finished).map(|(shard, _)| shard + 1).collect()
    }

    /// The numbers of the shards that are not here, from 1.
    pub(crate) fn missing(&self) -> Vec<usize> {
        (0..self.of).filter(|shard| !self.shards.contains_key(shard)).map(|shard| shard + 1).collect()
    }

    /// The text of it.
    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("a document is plain data") + "\n"
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::chunk::Size;
    use super::*;
    use netns_core::check::Engine;

    /// What a shard of three found in 30 executions.
    pub(in crate::campaign) fn shard(part: usize, interrupted: bool) -> Document {
        let size = Size::Executions(90);
        let scenarios = vec!["campaign-lives".to_owned()];
        let campaign = Campaign { engine: Engine::Shuttle, scheduler: None, seed: 7, size, scenarios };
        let tally = Tally { chunks: 1, executions: 30, ..Tally::default() };
        let times = (SystemTime::UNIX_EPOCH, Duration::from_secs(2));
        Document::of(campaign, PartOf { part, of: 3 }, vec![tally], interrupted, times)
    }

    #[test]
    fn it_survives_json() {
        let document = shard(1, false);
        assert_eq!(serde_json::from_str::<Document>(&document.to_text()).unwrap(), document);
    }

    #[test]
    fn what_was_interrupted_or_has_not_run_leaves_something() {
        assert_eq!((shard(0, false).exit(), shard(0, true).exit()), (Exit::Held, Exit::Incomplete));
        let mut one_too_many = shard(0, false);
        one_too_many.tallies.push(Tally::default());
        assert_eq!(one_too_many.exit(), Exit::Incomplete);
    }

    #[test]
    fn shards_are_told_counted_from_1() {
        assert_eq!((shard(1, true).interrupted(), shard(1, true).missing()), (vec![2], vec![1, 3]));
    }
}
