//! What each subcommand does.

use crate::baseline::{self, Baseline};
use crate::cli::{Cli, Command, Gate, Output, Pace, Run};
use crate::document::Document;
use crate::exit::Exit;
use crate::findings::Findings;
use crate::page::Page;
use crate::progress::Progress;
use crate::runner::{self, Job, Stop};
use crate::verdict::Verdict;
use crate::{list, select, terminal};
use netns_core::check::Engine;
use netns_models::{Model, Plan, Scheduler, all};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

/// Why a command was not carried out, or its result not written.
type Refusal = String;

/// Carries out the command.
///
/// # Errors
///
/// If it makes no sense, or a file cannot be read or written.
pub(crate) fn run(cli: Cli) -> Result<Exit, Refusal> {
    match cli.command {
        None => gate(&cli.gate),
        Some(Command::List { json }) => {
            terminal::say(&if json { list::json(&all()) } else { list::text(&all()) });
            Ok(Exit::Held)
        }
        Some(Command::Run(run)) => some(&run),
        Some(Command::Bless(pace)) => bless(&pace),
    }
}

fn gate(gate: &Gate) -> Result<Exit, Refusal> {
    let baseline = Baseline::load()?;
    let plan = Plan::of(Engine::Loom);
    let found = explore(&all(), &plan, &baseline, &gate.pace)?.and_those_were_all(&baseline);
    let exit = if gate.strict_counts { found.strict_exit() } else { found.exit() };
    tell(&found, plan.engine, exit, &gate.output)
}

fn some(run: &Run) -> Result<Exit, Refusal> {
    let plan = run.plan();
    let models = select::select(&all(), &run.names)?;
    if run.in_process {
        let [model] = models[..] else { return Err("--in-process is for one model alone".into()) };
        return in_process(model, &plan);
    }
    let found = explore(&models, &plan, &Baseline::load()?, &run.pace)?;
    tell(&found, plan.engine, found.exit(), &run.output)
}

fn in_process(model: &Model, plan: &Plan) -> Result<Exit, Refusal> {
    is_compiled(plan.engine)?;
    let report = model.run(plan, |_| ());
    terminal::say(&report.to_string());
    Ok(Exit::of([&Verdict::of_report(&report, model.preemptions)]))
}

fn bless(pace: &Pace) -> Result<Exit, Refusal> {
    let file =
        baseline::path().ok_or("there is no verification/baseline.json to write: not in the source tree")?;
    let known = Baseline::load()?;
    let plan = Plan::of(Engine::Loom);
    let found = explore(&all(), &plan, &known, pace)?.and_those_were_all(&known);
    tell(&found, plan.engine, found.exit(), &Output { json: None })?;
    if found.exit() == Exit::Held {
        let baseline = Baseline::of(found.each.iter().map(|finding| &finding.run));
        fs::write(&file, baseline.to_text()).map_err(|error| cannot_write(&file, &error))?;
        terminal::say("verification/baseline.json is written\n");
    } else {
        terminal::complain(
            "verification/baseline.json is left as it was: only a gate that is passed is blessed",
        );
    }
    Ok(found.exit())
}

/// Runs the models, shows how far they are, and stops them all at Ctrl-C.
fn explore(
    models: &[&'static Model],
    plan: &Plan,
    baseline: &Baseline,
    pace: &Pace,
) -> Result<Findings, Refusal> {
    is_compiled(plan.engine)?;
    let stop = Arc::new(Stop::default());
    let handle = Arc::clone(&stop);
    ctrlc::set_handler(move || handle.stop()).map_err(|error| error.to_string())?;
    let job = |&model: &&'static Model| Job {
        model,
        plan: plan.clone(),
        expected: expected(model, plan, baseline),
    };
    let jobs: Vec<Job> = models.iter().map(job).collect();
    let (started, begun) = (SystemTime::now(), Instant::now());
    let mut progress = Progress::of(&jobs);
    let runs = runner::run_all(&jobs, pace.jobs(), &stop, |event| progress.show(event));
    drop(progress);
    Ok(Findings::of(runs, baseline, started, begun.elapsed()))
}

/// How many executions the model will have, if that is known.
fn expected(model: &Model, plan: &Plan, baseline: &Baseline) -> Option<u64> {
    match (plan.engine, plan.scheduler) {
        (Engine::Loom, _) => {
            let all = baseline.executions(model.name);
            plan.executions.map_or(all, |limit| all.map(|all| all.min(limit)))
        }
        (Engine::Shuttle, Scheduler::Dfs) | (Engine::Rc11, _) => None,
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
fn tell(found: &Findings, engine: Engine, exit: Exit, output: &Output) -> Result<Exit, Refusal> {
    let page = Page(found).to_string();
    match &output.json {
        None => terminal::say(&page),
        Some(file) if file == Path::new("-") => {
            terminal::complain(page.trim_end());
            terminal::say(&Document::of(found, engine, exit).to_text());
        }
        Some(file) => {
            terminal::say(&page);
            let document = Document::of(found, engine, exit);
            document.write(file).map_err(|error| cannot_write(file, &error))?;
        }
    }
    Ok(exit)
}

fn cannot_write(file: &Path, error: &std::io::Error) -> Refusal {
    format!("{} cannot be written: {error}", file.display())
}
