//! What each subcommand does.

mod bugs;
mod campaign;
mod divide;
mod estimate;
mod explain;
mod orderings;
mod report;

use crate::baseline::{self, Baseline};
use crate::cli::{Bugs, Cli, Command, Gate, Output, Pace, Run};
use crate::document::Document;
use crate::exit::Exit;
use crate::findings::Findings;
use crate::page::Page;
use crate::progress::Progress;
use crate::runner::{self, Job, Stop};
use crate::verdict::Verdict;
use crate::{list, select, terminal, tree};
use netns_core::check::Engine;
use netns_models::campaign::{PLANTED, SCENARIOS};
use netns_models::{Model, Plan, Scheduler, all};
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::{Instant, SystemTime};

/// Why a command was not carried out, or its result not written.
type Refusal = String;

/// The engines of the gate, in the order in which they stand side by side.
const EXHAUSTIVE: [Engine; 2] = [Engine::Rc11, Engine::Loom];

/// Carries out the command.
///
/// # Errors
///
/// If it makes no sense, or a file cannot be read or written.
pub(crate) fn run(cli: Cli) -> Result<Exit, Refusal> {
    match cli.command {
        None => gate(&cli.gate),
        Some(Command::List { json }) => {
            let campaigns: Vec<_> = SCENARIOS.iter().collect();
            terminal::say(&if json {
                list::json(&[all(), campaigns].concat())
            } else {
                list::text(&all(), "model") + &list::text(&campaigns, "scenario")
            });
            Ok(Exit::Held)
        }
        Some(Command::Run(run)) => some(&run),
        Some(Command::Explain(command)) => explain::explain(&command),
        Some(Command::Estimate(estimate)) => estimate::estimate(&estimate),
        Some(Command::Split(split)) => divide::split(&split),
        Some(Command::Part(part)) => divide::part(&part),
        Some(Command::Merge(merge)) => match &merge.items {
            Some(items) => divide::merge(&merge, items),
            None => campaign::merge(&merge),
        },
        Some(Command::Campaign(command)) => campaign::campaign(&command),
        Some(Command::Orderings(command)) => orderings::orderings(&command),
        Some(Command::Bugs(command)) => bugs::bugs(&command),
        Some(Command::Report(command)) => report::report(&command),
        Some(Command::Bless(pace)) => bless(&pace),
    }
}

/// Explores every model, and then looks whether the kernel's bugs would be caught.
fn gate(gate: &Gate) -> Result<Exit, Refusal> {
    let found = explore_all(&Baseline::load()?, &gate.pace)?;
    let exit = if gate.strict_counts { found.strict_exit() } else { found.exit() };
    tell(&found, exit, &gate.output)?;
    if gate.models_only || stop_at_interrupt()?.is_stopped() {
        return Ok(exit);
    }
    if tree::root().is_none() {
        terminal::complain("the kernel's bugs are not put back: not in the source tree");
        return Ok(exit);
    }
    Ok(exit.and(bugs::bugs(&Bugs::of_gate(gate))?))
}

/// Runs every model under each exhaustive engine that it is for.
fn explore_all(baseline: &Baseline, pace: &Pace) -> Result<Findings, Refusal> {
    EXHAUSTIVE.into_iter().try_for_each(is_compiled)?;
    let each = all().into_iter().flat_map(|model| EXHAUSTIVE.map(|engine| (model, engine)));
    let each = each.filter(|(model, engine)| model.why_not(*engine).is_none());
    let jobs: Vec<Job> = each.map(|(model, engine)| job(model, &Plan::of(engine), baseline)).collect();
    Ok(explore(&jobs, baseline, pace.jobs())?.and_those_were_all(baseline))
}

fn some(run: &Run) -> Result<Exit, Refusal> {
    let plan = run.plan()?;
    let campaigns = SCENARIOS.iter().chain([PLANTED]);
    let models = select::select(&select::and_by_whole_name(all(), campaigns, &run.names), &run.names)?;
    if run.in_process {
        let [model] = models[..] else { return Err("--in-process is for one model alone".into()) };
        return in_process(model, &plan);
    }
    let baseline = Baseline::load()?;
    let jobs: Vec<Job> = models.iter().map(|model| job(model, &plan, &baseline)).collect();
    let found = explore(&jobs, &baseline, run.pace.jobs())?;
    tell(&found, found.exit(), &run.output)
}

fn in_process(model: &Model, plan: &Plan) -> Result<Exit, Refusal> {
    is_compiled(plan.engine)?;
    if let Some(why) = model.why_not(plan.engine) {
        return Err(format!("{} is not for {}: {why}", model.name, plan.engine));
    }
    let report = model.run(plan, |_| ());
    terminal::say(&report.to_string());
    Ok(Exit::of([&Verdict::of_report(&report, model.preemptions)]))
}

fn bless(pace: &Pace) -> Result<Exit, Refusal> {
    let file =
        baseline::path().ok_or("there is no verification/baseline.json to write: not in the source tree")?;
    let found = explore_all(&Baseline::load()?, pace)?;
    let exit = tell(&found, found.exit(), &Output { json: None })?;
    if exit == Exit::Held {
        let baseline = Baseline::of(found.each.iter().map(|finding| &finding.run));
        fs::write(&file, baseline.to_text()).map_err(|error| cannot_write(&file, &error))?;
        terminal::say("verification/baseline.json is written\n");
    } else {
        terminal::complain(
            "verification/baseline.json is left as it was: only a gate that is passed is blessed",
        );
    }
    Ok(exit)
}

/// The whole of a model, as a job.
fn job(model: &'static Model, plan: &Plan, baseline: &Baseline) -> Job {
    Job { expected: expected(model, plan, baseline), ..Job::of(model, plan.clone()) }
}

/// Does the jobs, shows how far they are, and stops them all at Ctrl-C.
fn explore(jobs: &[Job], baseline: &Baseline, parallel: NonZeroUsize) -> Result<Findings, Refusal> {
    jobs.iter().try_for_each(|job| is_compiled(job.plan.engine))?;
    let stop = stop_at_interrupt()?;
    let (started, begun) = (SystemTime::now(), Instant::now());
    let mut progress = Progress::of(jobs);
    let runs = runner::run_all(jobs, parallel, &stop, |event| progress.show(event));
    drop(progress);
    Ok(Findings::of(runs, baseline, started, begun.elapsed()))
}

/// What an interrupt stops: all that this process does, from then on.
fn stop_at_interrupt() -> Result<Arc<Stop>, Refusal> {
    static STOP: OnceLock<Result<Arc<Stop>, Refusal>> = OnceLock::new();
    let set = || {
        let stop = Arc::new(Stop::default());
        let handle = Arc::clone(&stop);
        ctrlc::set_handler(move || handle.stop()).map(|()| stop).map_err(|error| error.to_string())
    };
    STOP.get_or_init(set).clone()
}

/// How many executions the model will have, if that is known.
fn expected(model: &Model, plan: &Plan, baseline: &Baseline) -> Option<u64> {
    match (plan.engine, plan.scheduler) {
        (Engine::Loom | Engine::Rc11, _) => {
            let all = baseline.executions(model.name, plan);
            plan.executions.map_or(all, |limit| all.map(|all| all.min(limit)))
        }
        (Engine::Shuttle, Scheduler::Dfs) => None,
        (Engine::Shuttle | Engine::Std, _) => Some(plan.executions.unwrap_or(Plan::SAMPLE)),
    }
}

fn is_compiled(engine: Engine) -> Result<(), Refusal> {
    if engine.is_compiled() {
        return Ok(());
    }
    Err(format!(
        "this netns-verify was built without {engine}; `cargo verify` builds one with every engine, \
         `--features {engine}` adds this one"
    ))
}

/// Prints the page and writes the JSON.
fn tell(found: &Findings, exit: Exit, output: &Output) -> Result<Exit, Refusal> {
    tell_document(found, &Document::of(found, exit), output)?;
    Ok(exit)
}

fn tell_document(found: &Findings, document: &Document, output: &Output) -> Result<(), Refusal> {
    tell_both(&Page(found).to_string(), &document.to_text(), output)
}

/// Prints what people read, and writes what programs do.
fn tell_both(page: &str, json: &str, output: &Output) -> Result<(), Refusal> {
    match &output.json {
        None => terminal::say(page),
        Some(file) if file == Path::new("-") => {
            terminal::complain(page.trim_end());
            terminal::say(json);
        }
        Some(file) => {
            terminal::say(page);
            fs::write(file, json).map_err(|error| cannot_write(file, &error))?;
        }
    }
    Ok(())
}

fn cannot_write(file: &Path, error: &std::io::Error) -> Refusal {
    format!("{} cannot be written: {error}", file.display())
}
