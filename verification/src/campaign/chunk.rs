//! A campaign, and the chunks that it consists of.
//!
//! A chunk is some executions of one scenario, from a seed of its own, which the seed of the campaign and the number of
//! the chunk determine. So it does not matter where a chunk runs, nor what runs beside it, and chunks of one campaign
//! are all different.

use crate::cli::PartOf;
use netns_core::check::Engine;
use netns_models::{Plan, Scheduler};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What is sampled, and how: what all shards of a campaign have in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Campaign {
    /// shuttle, or real threads.
    pub(crate) engine: Engine,
    /// How shuttle chooses its schedules; `None` is by pct, urw and random in turn.
    pub(crate) scheduler: Option<Scheduler>,
    /// Where random numbers start.
    pub(crate) seed: u64,
    /// When it ends.
    pub(crate) size: Size,
    /// The names of the scenarios.
    pub(crate) scenarios: Vec<String>,
}

/// When a campaign ends.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Size {
    /// After so many executions of each scenario.
    Executions(u64),
    /// After so long, in each shard.
    Time(Duration),
}

/// Some executions of one scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// The scenario's index.
    pub(crate) scenario: usize,
    /// Its number among those of the scenario, from 0.
    pub(crate) number: u64,
    /// How many executions it has.
    pub(crate) executions: u64,
}

impl Campaign {
    /// The executions of a chunk, unless it is the last.
    const CHUNK: u64 = 100;
    const IN_TURN: [Scheduler; 3] = [Scheduler::Pct, Scheduler::Urw, Scheduler::Random];

    /// The time after which no chunk begins.
    pub(crate) fn time(&self) -> Option<Duration> {
        match self.size {
            Size::Time(time) => Some(time),
            Size::Executions(_) => None,
        }
    }

    /// The executions of the n-th chunk of a scenario; `None` if there are not so many chunks.
    fn executions(&self, chunk: u64) -> Option<u64> {
        let begins = chunk.checked_mul(Self::CHUNK)?;
        match self.size {
            Size::Time(_) => Some(Self::CHUNK),
            Size::Executions(all) => {
                all.checked_sub(begins).filter(|left| *left > 0).map(|left| left.min(Self::CHUNK))
            }
        }
    }

    /// The chunk of a shard that begins as the `index`-th; `None` if there are not so many. First comes the first of
    /// each scenario, then the second.
    pub(crate) fn chunk(&self, PartOf { part, of }: PartOf, index: usize) -> Option<Chunk> {
        let (round, scenario) = (index / self.scenarios.len(), index % self.scenarios.len());
        let number = (part + of * round) as u64;
        Some(Chunk { scenario, number, executions: self.executions(number)? })
    }

    /// The executions of a shard; `None` if it is time that ends it.
    pub(crate) fn executions_of(&self, PartOf { part, of }: PartOf) -> Option<u64> {
        let Size::Executions(all) = self.size else { return None };
        let (part, of) = (part as u64, of as u64);
        let mine = all.div_ceil(Self::CHUNK).saturating_sub(part).div_ceil(of);
        // All but its last chunk are whole.
        let of_each = mine.checked_sub(1).map_or(0, |whole| {
            whole * Self::CHUNK + self.executions(part + of * whole).expect("it is one of the shard's")
        });
        Some(of_each.saturating_mul(self.scenarios.len() as u64))
    }

    /// All chunks of a shard, in that order.
    pub(crate) fn chunks(&self, shard: PartOf) -> impl Iterator<Item = Chunk> {
        (0..).map_while(move |index| self.chunk(shard, index))
    }

    /// How a chunk is run.
    pub(crate) fn plan(&self, chunk: Chunk) -> Plan {
        let in_turn = Self::IN_TURN[(chunk.number % Self::IN_TURN.len() as u64) as usize];
        Plan {
            scheduler: self.scheduler.unwrap_or(in_turn),
            executions: Some(chunk.executions),
            seed: mixed(mixed(self.seed) ^ chunk.number),
            ..Plan::of(self.engine)
        }
    }

    /// What tells the campaign from another; `None` if nothing does.
    pub(crate) fn difference(&self, other: &Campaign) -> Option<&'static str> {
        let same = [
            (self.engine == other.engine, "engine"),
            (self.scheduler == other.scheduler, "scheduler"),
            (self.seed == other.seed, "seed"),
            (self.size == other.size, "size"),
            (self.scenarios == other.scenarios, "choice of scenarios"),
        ];
        same.into_iter().find(|(same, _)| !same).map(|(_, what)| what)
    }
}

/// The last step of SplitMix64: one to one, and what is near is far from each other after it.
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn campaign(size: Size) -> Campaign {
        let scenarios = ["one", "two"].map(str::to_owned).into();
        Campaign { engine: Engine::Shuttle, scheduler: None, seed: 7, size, scenarios }
    }

    const WHOLE: PartOf = PartOf { part: 0, of: 1 };

    #[test]
    fn chunks_make_up_all_executions_of_each_scenario() {
        let campaign = campaign(Size::Executions(250));
        let chunks: Vec<_> = campaign.chunks(WHOLE).map(|c| (c.scenario, c.number, c.executions)).collect();
        assert_eq!(chunks, [(0, 0, 100), (1, 0, 100), (0, 1, 100), (1, 1, 100), (0, 2, 50), (1, 2, 50)]);
    }

    #[test]
    fn shards_have_all_chunks_and_each_once() {
        for executions in [0, 1, 100, 101, 1_234] {
            let campaign = campaign(Size::Executions(executions));
            let key = |chunk: &Chunk| (chunk.number, chunk.scenario);
            let mut sharded: Vec<_> =
                (0..5).flat_map(|part| campaign.chunks(PartOf { part, of: 5 })).collect();
            sharded.sort_by_key(key);
            assert_eq!(sharded, campaign.chunks(WHOLE).collect::<Vec<_>>());
            let sum: u64 = sharded.iter().map(|chunk| chunk.executions).sum();
            assert_eq!(sum, 2 * executions);
            for part in 0..5 {
                let shard = PartOf { part, of: 5 };
                let sum = campaign.chunks(shard).map(|chunk| chunk.executions).sum();
                assert_eq!(campaign.executions_of(shard), Some(sum), "{part} of {executions}");
            }
        }
    }

    #[test]
    fn chunks_of_a_time_do_not_end_and_all_have_seeds_of_their_own() {
        let campaign = campaign(Size::Time(Duration::from_secs(1)));
        let chunks = campaign.chunks(PartOf { part: 1, of: 3 }).filter(|chunk| chunk.scenario == 1);
        let seeds: BTreeSet<u64> = chunks.take(1_000).map(|chunk| campaign.plan(chunk).seed).collect();
        assert_eq!(seeds.len(), 1_000);
    }

    #[test]
    fn schedulers_come_in_turn_unless_one_is_asked_for() {
        let in_turn = campaign(Size::Executions(400));
        let schedulers = |campaign: &Campaign| {
            campaign.chunks(WHOLE).map(|c| campaign.plan(c).scheduler).collect::<Vec<_>>()
        };
        use Scheduler::{Pct, Random, Urw};
        assert_eq!(schedulers(&in_turn), [Pct, Pct, Urw, Urw, Random, Random, Pct, Pct]);
        assert_eq!(schedulers(&Campaign { scheduler: Some(Urw), ..in_turn }), [Urw; 8]);
    }

    #[test]
    fn what_differs_is_named() {
        let seven = campaign(Size::Executions(100));
        assert_eq!(seven.difference(&seven), None);
        assert_eq!(seven.difference(&Campaign { seed: 8, ..seven.clone() }), Some("seed"));
        assert_eq!(seven.difference(&campaign(Size::Executions(200))), Some("size"));
    }
}
