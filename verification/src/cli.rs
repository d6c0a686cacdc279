//! The command line.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use netns_core::check::Engine;
use netns_models::{Plan, Scheduler};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

/// Runs every model of netns-core under loom, and says what was explored.
///
/// Exit code: 0 if every model was complete and held (one that declares a bound: held within it), 1 if a check
/// failed or a process died, 2 for a command that makes no sense, 3 if something was left unexplored.
#[derive(Debug, Parser)]
#[command(name = "netns-verify", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) gate: Gate,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists the models: what each is about and claims.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Runs some models, in the way that is asked for.
    Run(Run),
    /// Runs the gate and, if it is passed, writes the numbers of executions to verification/baseline.json.
    Bless(Pace),
}

/// The gate: every model under loom.
#[derive(Debug, Args)]
pub(crate) struct Gate {
    #[command(flatten)]
    pub(crate) pace: Pace,
    #[command(flatten)]
    pub(crate) output: Output,
    /// A number of executions that is not the baseline's is a failure (exit code 1).
    #[arg(long)]
    pub(crate) strict_counts: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Pace {
    /// How many models run at once [default: one a processor].
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

impl Pace {
    pub(crate) fn jobs(&self) -> NonZeroUsize {
        self.jobs.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
    }
}

#[derive(Debug, Args)]
pub(crate) struct Output {
    /// Also write what was found as JSON; `-` is standard output, and the table then goes to standard error.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

/// `run`.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Models: a name, or the beginning of names and a `*`.
    #[arg(required = true, value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Under which engine.
    #[arg(long, default_value = "loom", value_parser = engine())]
    engine: Engine,
    /// How shuttle chooses its schedules.
    #[arg(long, default_value = "random", value_parser = scheduler())]
    scheduler: Scheduler,
    /// Executions of a sample; the limit of a run that explores all.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    executions: Option<u64>,
    /// The time after which a model's run stops.
    #[arg(long, value_name = "SECS", value_parser = seconds)]
    time: Option<Duration>,
    /// Where random numbers start.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) pace: Pace,
    /// Runs the one model in this very process, for a debugger.
    #[arg(long, conflicts_with_all = ["json", "jobs"])]
    pub(crate) in_process: bool,
}

impl Run {
    /// How each model is to be run.
    pub(crate) fn plan(&self) -> Plan {
        let plan = Plan::of(self.engine);
        Plan {
            scheduler: self.scheduler,
            executions: self.executions,
            time: self.time,
            seed: self.seed.unwrap_or(plan.seed),
            ..plan
        }
    }
}

fn engine() -> impl TypedValueParser<Value = Engine> {
    PossibleValuesParser::new(["loom", "rc11", "shuttle", "std"]).map(|name| match name.as_str() {
        "loom" => Engine::Loom,
        "rc11" => Engine::Rc11,
        "shuttle" => Engine::Shuttle,
        _ => Engine::Std,
    })
}

fn scheduler() -> impl TypedValueParser<Value = Scheduler> {
    PossibleValuesParser::new(["dfs", "pct", "random", "urw"]).map(|name| match name.as_str() {
        "dfs" => Scheduler::Dfs,
        "pct" => Scheduler::Pct,
        "urw" => Scheduler::Urw,
        _ => Scheduler::Random,
    })
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("{text} is not a number of seconds"))?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn plan(line: &str) -> Plan {
        match Cli::try_parse_from(line.split(' ')).unwrap().command {
            Some(Command::Run(run)) => run.plan(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn run_without_options_is_the_plan_of_the_gate() {
        assert_eq!(plan("netns-verify run a"), Plan::of(Engine::Loom));
        assert_eq!(plan("netns-verify run a --engine std"), Plan::of(Engine::Std));
    }

    #[test]
    fn the_options_of_run_reach_the_plan() {
        let line = "netns-verify run a --engine shuttle --scheduler urw --executions 7 --time 1.5 --seed 9";
        let expected = Plan {
            engine: Engine::Shuttle,
            scheduler: Scheduler::Urw,
            executions: Some(7),
            time: Some(Duration::from_millis(1500)),
            seed: 9,
        };
        assert_eq!(plan(line), expected);
    }

    #[test]
    fn a_time_is_not_negative() {
        assert!(Cli::try_parse_from(["netns-verify", "run", "a", "--time=-1"]).is_err());
    }
}
