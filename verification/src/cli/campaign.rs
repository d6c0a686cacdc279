//! The command line of campaigns.

use super::{Output, Pace, PartOf, engine, scheduler, seconds};
use crate::campaign::{self, Size};
use clap::{ArgGroup, Args};
use netns_core::check::Engine;
use netns_models::{Model, Plan, Scheduler};
use std::time::Duration;

/// `campaign`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("size"))]
pub(crate) struct Campaign {
    /// Scenarios: a name, or the beginning of names and a `*` [default: all].
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// How many executions of each scenario [default: 1000].
    #[arg(long, value_name = "N", group = "size", value_parser = clap::value_parser!(u64).range(1..))]
    executions: Option<u64>,
    /// The time after which nothing more begins.
    #[arg(long, value_name = "SECS", group = "size", value_parser = seconds)]
    time: Option<Duration>,
    /// Under which engine.
    #[arg(long, default_value = "shuttle", value_parser = engine(["shuttle", "std"]))]
    engine: Engine,
    /// How shuttle chooses its schedules [default: each in turn].
    #[arg(long, value_parser = scheduler(["pct", "random", "urw"]))]
    scheduler: Option<Scheduler>,
    /// Where random numbers start.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Only one shard of how many, the first being 1/N; `merge` adds up what each of them writes with --json. In a
    /// Slurm array it is the task's place, if nothing else is said.
    #[arg(long, value_name = "K/N")]
    pub(crate) shard: Option<PartOf>,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) pace: Pace,
}

impl Campaign {
    const EXECUTIONS: u64 = 1_000;

    /// The campaign over these scenarios.
    ///
    /// # Errors
    ///
    /// If an option is of no meaning to the engine.
    pub(crate) fn of(&self, scenarios: &[&Model]) -> Result<campaign::Campaign, String> {
        if self.scheduler.is_some() && self.engine != Engine::Shuttle {
            return Err("--scheduler is for --engine shuttle".into());
        }
        let executions = Size::Executions(self.executions.unwrap_or(Self::EXECUTIONS));
        Ok(campaign::Campaign {
            engine: self.engine,
            scheduler: self.scheduler,
            seed: self.seed.unwrap_or(Plan::of(self.engine).seed),
            size: self.time.map_or(executions, Size::Time),
            scenarios: scenarios.iter().map(|scenario| scenario.name.into()).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::campaign::{self, Size};
    use crate::cli::{Cli, Command};
    use clap::Parser;
    use netns_core::check::Engine;
    use netns_models::Scheduler;
    use std::time::Duration;

    fn campaign(line: &str) -> Result<campaign::Campaign, String> {
        match Cli::try_parse_from(line.split(' ')).map_err(|error| error.to_string())?.command {
            Some(Command::Campaign(campaign)) => campaign.of(&[]),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_campaign_has_a_size_by_count_or_by_time() {
        let size = |line| campaign(line).map(|campaign| campaign.size);
        assert_eq!(size("netns-verify campaign"), Ok(Size::Executions(1_000)));
        assert_eq!(size("netns-verify campaign a --executions 7"), Ok(Size::Executions(7)));
        let time = Size::Time(Duration::from_millis(1_500));
        assert_eq!(size("netns-verify campaign --time 1.5"), Ok(time));
        assert!(size("netns-verify campaign --time 1 --executions 7").is_err());
    }

    #[test]
    fn the_options_reach_the_campaign() {
        let shuttle = campaign("netns-verify campaign --scheduler urw --seed 9").unwrap();
        assert_eq!((shuttle.scheduler, shuttle.seed), (Some(Scheduler::Urw), 9));
        assert_eq!(campaign("netns-verify campaign --engine std").unwrap().engine, Engine::Std);
        let refused = campaign("netns-verify campaign --engine std --scheduler urw").unwrap_err();
        assert_eq!(refused, "--scheduler is for --engine shuttle");
        assert!(campaign("netns-verify campaign --engine loom").is_err());
    }
}
