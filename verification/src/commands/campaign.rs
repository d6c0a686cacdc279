//! `campaign`, and `merge` of what its shards found.

use super::{Refusal, is_compiled, stop_at_interrupt, tell_both};
use crate::campaign::{self, Document, Page};
use crate::cli::{self, Output, PartOf};
use crate::exit::Exit;
use crate::{select, terminal};
use netns_models::Model;
use netns_models::campaign::{PLANTED, SCENARIOS};
use std::env;

/// Runs a campaign, or one shard of it.
pub(super) fn campaign(command: &cli::Campaign) -> Result<Exit, Refusal> {
    let all: Vec<&'static Model> = SCENARIOS.iter().collect();
    let names = &command.names;
    let scenarios = match names[..] {
        [] => all,
        _ => select::select(&select::and_by_whole_name(all, [PLANTED], names), names)?,
    };
    let campaign = command.of(&scenarios)?;
    is_compiled(campaign.engine)?;
    let place = match command.shard {
        Some(place) => Some(place),
        None => PartOf::of_slurm(|name| env::var(name).ok())?,
    };
    let shard = place.unwrap_or(PartOf { part: 0, of: 1 });
    let found = campaign::run(&campaign, &scenarios, shard, command.pace.jobs(), &*stop_at_interrupt()?);
    let exit = found.exit();
    tell(&found, Vec::new(), exit, &command.output)?;
    if shard.of > 1 && command.output.json.is_none() {
        terminal::complain("nothing is written: `merge` wants what --json writes");
    }
    Ok(exit)
}

/// Adds up what shards found.
pub(super) fn merge(merge: &cli::Merge) -> Result<Exit, Refusal> {
    let mut sum = campaign::sum(&merge.reports)?;
    let missing = sum.missing();
    let exit = sum.exit().and(if missing.is_empty() { Exit::Held } else { Exit::Incomplete });
    sum.origin.exit = exit;
    tell(&sum, missing, exit, &merge.output)?;
    Ok(exit)
}

fn tell(document: &Document, missing: Vec<usize>, exit: Exit, output: &Output) -> Result<(), Refusal> {
    tell_both(&Page { document, missing, exit }.to_string(), &document.to_text(), output)
}
