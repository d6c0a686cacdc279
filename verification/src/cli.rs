//! The command line.

mod bugs;
mod campaign;
mod divide;
mod explain;
mod report;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use netns_core::check::{Engine, Weaken};
use netns_models::{Memory, Plan, Scheduler};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;

pub(crate) use bugs::Bugs;
pub(crate) use campaign::Campaign;
pub(crate) use divide::{Estimate, Merge, Part, PartOf, Split};
pub(crate) use explain::{Explain, Format};
pub(crate) use report::{Name, Report};

/// Runs every model of netns-core under both exhaustive engines, rc11 and loom, and says what was explored.
///
/// Exit code: 0 if every model was complete and held under each engine that it is for (one that declares a bound for
/// loom: held within it there), 1 if a check failed or a process died, 2 for a command that makes no sense, 3 if
/// something was left unexplored.
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
    /// Shows the simplest counterexample of a model: as text, or as a picture. Exit code: 1 if there is one, as of any check
    /// that fails; 0 if the model was complete and held; 3 if something was left unexplored.
    Explain(Explain),
    /// Says how much there is to explore in some models under rc11, by random walks, without exploring it.
    Estimate(Estimate),
    /// Begins a model under rc11 and divides what is left, for `part`.
    Split(Split),
    /// Explores a part of what `split` has left; on another machine, say. Exit code 0 if all of the part held.
    Part(Part),
    /// Adds up what the parts found, or the shards of a campaign. Exit code as if it had been run undivided; 3 if one is
    /// missing.
    Merge(Merge),
    /// Runs samples of worlds that are too large to be explored, by count or by time.
    ///
    /// Exit code: 0 if what was asked for held, 1 if a check failed or a process died, 3 if it was stopped before its
    /// end, or a scenario was not run at all.
    Campaign(Campaign),
    /// Weakens each ordering of the core by one step: some model must fail, or exit code 1.
    Orderings(Orderings),
    /// Puts each known bug of verification/bugs back, and looks whether its model catches it. Exit code: 0 if all are
    /// caught, as their patches say; 1 if one is not; 3 if one was not tried.
    Bugs(Bugs),
    /// Writes a page for a browser with all that was checked. Exit code of the worst of its parts.
    Report(Report),
    /// Runs the gate and, if it is passed, writes the numbers of executions to verification/baseline.json.
    Bless(Pace),
}

/// The gate: every model under rc11 and under loom; then the kernel's bugs, each put back.
#[derive(Debug, Args)]
pub(crate) struct Gate {
    #[command(flatten)]
    pub(crate) pace: Pace,
    #[command(flatten)]
    pub(crate) output: Output,
    /// A number of executions that is not the baseline's is a failure (exit code 1).
    #[arg(long)]
    pub(crate) strict_counts: bool,
    /// Does not put the kernel's bugs back after the models.
    #[arg(long)]
    pub(crate) models_only: bool,
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

/// `orderings`.
#[derive(Debug, Args)]
pub(crate) struct Orderings {
    /// Only those sites whose `file:line function` has one of these words in it.
    #[arg(value_name = "WORD")]
    words: Vec<String>,
    /// Also lists the models: how many rows each catches under rc11, and how many of them no other model does.
    #[arg(long)]
    pub(crate) models: bool,
    #[command(flatten)]
    pub(crate) pace: Pace,
    #[command(flatten)]
    pub(crate) output: Output,
}

impl Orderings {
    /// Whether a site of this title is asked for.
    pub(crate) fn wants(&self, title: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| title.contains(word.as_str()))
    }
}

/// `run`.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Models: a name, or the beginning of names and a `*`.
    #[arg(required = true, value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Under which engine.
    #[arg(long, default_value = "loom", value_parser = engine(["loom", "rc11", "shuttle", "std"]))]
    engine: Engine,
    /// How shuttle chooses its schedules [default: random].
    #[arg(long, value_parser = scheduler(["dfs", "pct", "random", "urw"]))]
    scheduler: Option<Scheduler>,
    /// The memory model of rc11: RC11 or sequential consistency [default: rc11].
    #[arg(long, value_name = "MODEL", value_parser = memory())]
    model: Option<Memory>,
    /// How many threads of the system rc11 explores each model with; 0 is one a processor [default: 1].
    #[arg(long, value_name = "N")]
    workers: Option<usize>,
    /// Executions of a sample; the limit of a run that explores all.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    executions: Option<u64>,
    /// The time after which a model's run stops.
    #[arg(long, value_name = "SECS", value_parser = seconds)]
    time: Option<Duration>,
    /// Where random numbers start.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Weakens one ordering: `src/refcount.rs:94=Relaxed`, or `=none` for a fence that is left out.
    #[arg(long, value_name = "FILE:LINE=ORDERING", value_parser = weaken)]
    weaken: Option<Weaken>,
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
    ///
    /// # Errors
    ///
    /// If an option is of no meaning to the engine.
    pub(crate) fn plan(&self) -> Result<Plan, String> {
        let plan = Plan::of(self.engine);
        let only = |engine: Engine, option: &str, is_there: bool| match is_there && self.engine != engine {
            true => Err(format!("{option} is for --engine {engine}")),
            false => Ok(()),
        };
        only(Engine::Shuttle, "--scheduler", self.scheduler.is_some())?;
        only(Engine::Rc11, "--model", self.model.is_some())?;
        only(Engine::Rc11, "--workers", self.workers.is_some())?;
        Ok(Plan {
            scheduler: self.scheduler.unwrap_or(plan.scheduler),
            memory: self.model.unwrap_or(plan.memory),
            workers: self.workers.unwrap_or(plan.workers),
            executions: self.executions,
            time: self.time,
            seed: self.seed.unwrap_or(plan.seed),
            weaken: self.weaken.clone(),
            ..plan
        })
    }
}

/// One of the engines of these names.
fn engine<const N: usize>(names: [&'static str; N]) -> impl TypedValueParser<Value = Engine> {
    PossibleValuesParser::new(names).map(|name| match name.as_str() {
        "loom" => Engine::Loom,
        "rc11" => Engine::Rc11,
        "shuttle" => Engine::Shuttle,
        _ => Engine::Std,
    })
}

/// One of the schedulers of these names.
fn scheduler<const N: usize>(names: [&'static str; N]) -> impl TypedValueParser<Value = Scheduler> {
    PossibleValuesParser::new(names).map(|name| match name.as_str() {
        "dfs" => Scheduler::Dfs,
        "pct" => Scheduler::Pct,
        "urw" => Scheduler::Urw,
        _ => Scheduler::Random,
    })
}

fn memory() -> impl TypedValueParser<Value = Memory> {
    PossibleValuesParser::new(["rc11", "sc"]).map(|name| match name.as_str() {
        "sc" => Memory::Sc,
        _ => Memory::Rc11,
    })
}

fn weaken(text: &str) -> Result<Weaken, String> {
    let parts = text.split_once('=').and_then(|(site, to)| Some((site.rsplit_once(':')?, to)));
    let ((file, line), to) = parts.ok_or("it is not of the form FILE:LINE=ORDERING")?;
    let line = line.parse().map_err(|_| format!("{line} is no line"))?;
    let to = match to {
        "none" => None,
        "Relaxed" => Some(Ordering::Relaxed),
        "Acquire" => Some(Ordering::Acquire),
        "Release" => Some(Ordering::Release),
        "AcqRel" => Some(Ordering::AcqRel),
        _ => return Err(format!("{to} is no weaker ordering")),
    };
    Ok(Weaken { file: file.to_owned(), line, to })
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("{text} is not a number of seconds"))?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn try_plan(line: &str) -> Result<Plan, String> {
        match Cli::try_parse_from(line.split(' ')).unwrap().command {
            Some(Command::Run(run)) => run.plan(),
            other => panic!("{other:?}"),
        }
    }

    fn plan(line: &str) -> Plan {
        try_plan(line).unwrap()
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
            scheduler: Scheduler::Urw,
            executions: Some(7),
            time: Some(Duration::from_millis(1500)),
            seed: 9,
            ..Plan::of(Engine::Shuttle)
        };
        assert_eq!(plan(line), expected);
        let expected = Plan { memory: Memory::Sc, workers: 2, ..Plan::of(Engine::Rc11) };
        assert_eq!(plan("netns-verify run a --engine rc11 --model sc --workers 2"), expected);
    }

    #[test]
    fn an_option_of_another_engine_is_refused() {
        let refused = |line| try_plan(line).unwrap_err();
        assert_eq!(refused("netns-verify run a --model sc"), "--model is for --engine rc11");
        assert_eq!(refused("netns-verify run a --workers 2"), "--workers is for --engine rc11");
        let line = "netns-verify run a --engine rc11 --scheduler dfs";
        assert_eq!(refused(line), "--scheduler is for --engine shuttle");
    }

    #[test]
    fn an_ordering_is_weakened_by_its_line() {
        let plan = plan("netns-verify run a --weaken src/refcount.rs:94=Relaxed");
        let expected = Weaken { file: "src/refcount.rs".into(), line: 94, to: Some(Ordering::Relaxed) };
        assert_eq!(plan.weaken, Some(expected));
        assert_eq!(weaken("a.rs:1=none").unwrap().to, None);
        for wrong in ["a.rs:1", "a.rs=Relaxed", "a.rs:x=Relaxed", "a.rs:1=SeqCst", "a.rs:1=Weak"] {
            assert!(weaken(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_time_is_not_negative() {
        assert!(Cli::try_parse_from(["netns-verify", "run", "a", "--time=-1"]).is_err());
    }
}
