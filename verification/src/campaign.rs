//! Campaigns: samples of large worlds, by count or by time, in chunks that can be spread over machines.

mod chunk;
mod display;
mod document;
mod page;
mod sum;
mod tally;

pub(crate) use chunk::{Campaign, Size};
pub(crate) use document::Document;
pub(crate) use page::Page;
pub(crate) use sum::{is_campaign, sum};

use crate::cli::PartOf;
use crate::origin::Clock;
use crate::runner::{self, Event, Job, Stop};
use chunk::Chunk;
use display::Display;
use netns_models::Model;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};
use tally::Tally;

/// The time after which a chunk, which takes seconds, is taken to hang.
const PATIENCE: Duration = Duration::from_secs(600);

/// Runs one shard of a campaign, `parallel` chunks at once, each in a process of its own.
pub(crate) fn run(
    campaign: &Campaign,
    scenarios: &[&'static Model],
    shard: PartOf,
    parallel: NonZeroUsize,
    stop: &Stop,
) -> Document {
    let (clock, begun) = (Clock::starts(), Instant::now());
    let mut tallies = vec![Tally::default(); scenarios.len()];
    let mut display = Display::of(campaign, shard);
    let in_time = |_: &Chunk| campaign.time().is_none_or(|time| begun.elapsed() < time);
    let chunks = campaign.chunks(shard).take_while(in_time).enumerate();
    let jobs = chunks.map(|(index, chunk)| (index, job(campaign, scenarios[chunk.scenario], chunk)));
    runner::run_each(jobs, parallel, stop, |event| {
        let Event::Ended(index, run) = event else { return };
        let chunk = campaign.chunk(shard, index).expect("what ends has begun");
        let tally = Tally::of(chunk.number, &run);
        display.show(&run, &tally);
        tallies[chunk.scenario].add(tally);
    });
    drop(display);
    Document::of(campaign.clone(), shard, tallies, stop.is_stopped(), clock)
}

/// A chunk of a scenario, as a job.
fn job(campaign: &Campaign, model: &'static Model, chunk: Chunk) -> Job {
    let (expected, limit) = (Some(chunk.executions), Some(PATIENCE));
    Job { expected, limit, ..Job::of(model, campaign.plan(chunk)) }
}
