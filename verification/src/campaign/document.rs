//! What a campaign found, or some shards of it: what `--json` writes and `merge` reads.

use super::chunk::Campaign;
use super::tally::Tally;
use crate::cli::PartOf;
use crate::exit::Exit;
use crate::origin::{Clock, Origin};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What shards of a campaign found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Document {
    /// Where it comes from; of several shards, where the first does, from when the first began and for as long as the
    /// longest took.
    pub(crate) origin: Origin,
    pub(crate) campaign: Campaign,
    /// Into how many shards the campaign is divided.
    pub(crate) of: usize,
    /// The shards that are in this, from 0, and whether each came to its end.
    pub(crate) shards: BTreeMap<usize, bool>,
    /// What was found of each scenario, in their order.
    pub(crate) tallies: Vec<Tally>,
}

impl Document {
    /// What one shard found.
    pub(super) fn of(
        campaign: Campaign,
        PartOf { part, of }: PartOf,
        tallies: Vec<Tally>,
        interrupted: bool,
        clock: Clock,
    ) -> Document {
        let shards = BTreeMap::from([(part, !interrupted)]);
        let mut document = Document { origin: clock.origin(Exit::Held), campaign, of, shards, tallies };
        document.origin.exit = document.exit();
        document
    }

    /// The exit code. Which shards are not here is not this document's concern.
    pub(crate) fn exit(&self) -> Exit {
        if self.tallies.iter().any(|tally| tally.failing > 0) {
            return Exit::Failed;
        }
        let came_to_their_end = self.shards.values().all(|finished| *finished);
        let mut each = self.tallies.iter().enumerate();
        let have_run = each.all(|(scenario, tally)| tally.executions > 0 || self.has_none_of(scenario));
        if came_to_their_end && have_run { Exit::Held } else { Exit::Incomplete }
    }

    /// Whether no chunk of a scenario is the shards' that are here: there may be more shards than chunks.
    pub(super) fn has_none_of(&self, scenario: usize) -> bool {
        let mut shards = self.shards.keys().map(|&part| PartOf { part, of: self.of });
        shards.all(|shard| self.campaign.chunk(shard, scenario).is_none())
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
    use std::time::Duration;

    /// What a shard of three found in 100 executions.
    pub(in crate::campaign) fn shard(part: usize, interrupted: bool) -> Document {
        let size = Size::Executions(300);
        let scenarios = vec!["campaign-lives".to_owned()];
        let campaign = Campaign { engine: Engine::Shuttle, scheduler: None, seed: 7, size, scenarios };
        let tally = Tally { chunks: 1, executions: 100, ..Tally::default() };
        let mut document =
            Document::of(campaign, PartOf { part, of: 3 }, vec![tally], interrupted, Clock::starts());
        document.origin.wall = Duration::from_secs(2);
        document.origin.commit = Some("0123456789ab".into());
        document
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
        one_too_many.campaign.scenarios.push("campaign-ids".to_owned());
        one_too_many.tallies.push(Tally::default());
        assert_eq!(one_too_many.exit(), Exit::Incomplete);
    }

    #[test]
    fn a_shard_that_has_nothing_to_run_leaves_nothing() {
        let mut last = shard(2, false);
        last.tallies = vec![Tally::default()];
        assert_eq!(last.exit(), Exit::Incomplete);
        last.campaign.size = Size::Executions(101);
        assert_eq!(last.exit(), Exit::Held, "there are two chunks for three shards");
    }

    #[test]
    fn shards_are_told_counted_from_1() {
        assert_eq!((shard(1, true).interrupted(), shard(1, true).missing()), (vec![2], vec![1, 3]));
    }
}
