//! `explain`: the simplest counterexample, shown.

use super::{Refusal, cannot_write, explore, is_compiled, stop_at_interrupt};
use crate::baseline::Baseline;
use crate::bugs::{self, Bug};
use crate::cli::{Explain, Format};
use crate::exit::Exit;
use crate::explain::{self, Counterexample, Sources, dot, json, shiviz, svg, text};
use crate::figures::counted;
use crate::runner::{End, Job, Run};
use crate::verdict::Verdict;
use crate::{select, terminal, tree};
use netns_core::check::{Engine, Failure, Search};
use netns_models::{Model, Plan, all};
use std::fs;
use std::io::{IsTerminal, stdout};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Looks for the simplest counterexample and shows it.
pub(super) fn explain(command: &Explain) -> Result<Exit, Refusal> {
    let plan = command.plan();
    is_compiled(plan.engine)?;
    let Some(name) = &command.bug else {
        let model = model(command.name.as_deref().unwrap_or_default(), plan.engine)?;
        return shown(
            command,
            &Subject { model, plan: &plan, executable: None, root: tree::root(), story: None },
        );
    };
    let root = tree::root().ok_or("there is nothing to put a bug back in: not in the source tree")?;
    let all = Bug::all(&root).map_err(|error| error.to_string())?;
    let bug = *one(&select::named("bug", &all, |bug| &bug.name, std::slice::from_ref(name))?)?;
    let model = match &command.name {
        Some(name) => model(name, plan.engine)?,
        None => model(bug.model.name, plan.engine)?,
    };
    let stop = stop_at_interrupt()?;
    let mut trees = bugs::copies(&root, 1, &stop).map_err(|error| error.to_string())?;
    let built = trees[0].patched(bug, &stop).map_err(|error| error.to_string())?;
    let (executable, root) = (Some(built.executable.clone()), Some(built.root.clone()));
    shown(command, &Subject { model, plan: &plan, executable, root, story: Some(&bug.story) })
}

/// The one model of that name, if it is for the engine.
fn model(name: &str, engine: Engine) -> Result<&'static Model, Refusal> {
    let model = *one(&select::select(&all(), &[name.to_owned()])?)?;
    match model.why_not(engine) {
        Some(why) => Err(format!("{} is not for {engine}: {why}", model.name)),
        None => Ok(model),
    }
}

fn one<T>(some: &[T]) -> Result<&T, Refusal> {
    match some {
        [one] => Ok(one),
        _ => Err("one at a time is explained".into()),
    }
}

/// What is run, and where its source is.
struct Subject<'a> {
    model: &'static Model,
    plan: &'a Plan,
    executable: Option<PathBuf>,
    root: Option<PathBuf>,
    /// Of the bug that is put back.
    story: Option<&'a str>,
}

fn shown(command: &Explain, subject: &Subject<'_>) -> Result<Exit, Refusal> {
    let (name, engine) = (subject.model.name, subject.plan.engine);
    let Found { run, how } = match engine {
        Engine::Loom => with_few_preemptions(subject)?,
        _ => simplest(subject)?,
    };
    let verdict = Verdict::of(&run);
    let Some(failure) = failure(run) else {
        let holds = if verdict == Verdict::Complete { ", holds" } else { "" };
        terminal::say(&format!("{name} under {engine}: no counterexample: {verdict}{holds}\n"));
        return Ok(Exit::of([&verdict]));
    };
    let failure = Failure { reproduce: again(command, subject), ..failure };
    let sources = Sources::tree(subject.root.clone());
    let counterexample = Counterexample::new(name, engine, failure, &sources)
        .about(about(subject))
        .found(how)
        .whole(command.all);
    write(&rendered(command, &counterexample), command.out.as_deref())?;
    Ok(Exit::Failed)
}

/// What the model is about, and the bug that is put back.
fn about(subject: &Subject<'_>) -> Vec<String> {
    let bug = subject.story.map(|story| format!("The bug: {story}"));
    std::iter::once(format!("The model: {}", subject.model.about)).chain(bug).collect()
}

/// A run, and if it failed, how that failure was found.
struct Found {
    run: Run,
    how: String,
}

fn failure(run: Run) -> Option<Failure> {
    match run.end {
        End::Reported(report) => report.failure,
        End::Failed(failure) => Some(*failure),
        _ => None,
    }
}

/// Under rc11: that of the failing executions with the fewest events.
fn simplest(subject: &Subject<'_>) -> Result<Found, Refusal> {
    let run = explored(subject, Plan { simplest: true, ..subject.plan.clone() })?;
    let how = match &run.end {
        End::Reported(report) => report.search.map(searched).unwrap_or_default(),
        _ => "Its process died of it: a simpler one was not looked for.".into(),
    };
    Ok(Found { run, how })
}

/// How far a simpler failure was looked for.
fn searched(search: Search) -> String {
    let of = match search.failing {
        1 => "The one failing execution that was met".to_owned(),
        failing => format!("The simplest of {}", counted(failing, "failing execution")),
    };
    if search.finished {
        return format!("{of}.");
    }
    format!(
        "{of}: the simplest of those seen, as the search ends after {} of them or {} s.",
        Plan::FAILING,
        Plan::SEARCH.as_secs()
    )
}

/// Under loom the search is repeated with so many preemptions at most, before it is done without a bound.
const BOUNDS: u8 = 4;
/// The longest search with a bound.
const LIMIT: Duration = Duration::from_secs(20);

/// Under loom: the first with the fewest preemptions.
fn with_few_preemptions(subject: &Subject<'_>) -> Result<Found, Refusal> {
    let mut is_least = true;
    for bound in 0..subject.model.preemptions.unwrap_or(BOUNDS).min(BOUNDS) {
        let plan = Plan { preemptions: Some(bound), time: Some(LIMIT), ..subject.plan.clone() };
        let run = explored(subject, plan)?;
        match &run.end {
            End::Reported(report) if report.failure.is_none() => is_least &= held_within(&run, bound),
            End::Reported(_) | End::Failed(_) => return Ok(Found { run, how: preempted(bound, is_least) }),
            _ => return Ok(Found { run, how: String::new() }),
        }
    }
    let run = explored(subject, subject.plan.clone())?;
    Ok(Found { run, how: "The first that was met; there may be simpler ones.".into() })
}

/// Whether every execution with so many preemptions was looked at.
fn held_within(run: &Run, bound: u8) -> bool {
    match &run.end {
        End::Reported(report) => {
            Verdict::of_report(report, Some(bound)) == Verdict::Bounded { preemptions: bound }
        }
        _ => false,
    }
}

fn preempted(bound: u8, is_least: bool) -> String {
    match (bound, is_least) {
        (0, _) => "No thread is preempted in it.".into(),
        (1, true) => "A thread is preempted once in it: without that no check fails.".into(),
        (_, true) => format!("Threads are preempted {bound} times in it: with less no check fails."),
        (_, false) => format!(
            "Threads are preempted at most {bound} times in it: the simplest of those seen, as with less not all \
             was seen."
        ),
    }
}

fn explored(subject: &Subject<'_>, plan: Plan) -> Result<Run, Refusal> {
    let job = Job { executable: subject.executable.clone(), ..Job::of(subject.model, plan) };
    let mut found = explore(&[job], &Baseline::load()?, NonZeroUsize::MIN)?;
    Ok(found.each.remove(0).run)
}

/// The command that shows it again.
fn again(command: &Explain, subject: &Subject<'_>) -> String {
    let run = explain::command(&subject.plan.command(subject.model.name));
    let bug = command.bug.as_ref().map(|bug| format!(" --bug {bug}")).unwrap_or_default();
    run + &bug
}

fn rendered(command: &Explain, of: &Counterexample) -> String {
    match command.format {
        Format::Text => {
            let is_seen = command.out.is_none() && stdout().is_terminal() && console::colors_enabled();
            text(of, is_seen)
        }
        Format::Svg => svg(of),
        Format::Shiviz => shiviz(of),
        Format::Dot => dot(of),
        Format::Json => json(of),
    }
}

fn write(text: &str, out: Option<&Path>) -> Result<(), Refusal> {
    match out {
        None => terminal::say(text),
        Some(file) => {
            fs::write(file, text).map_err(|error| cannot_write(file, &error))?;
            terminal::complain(&format!("{} is written", file.display()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_that_met_its_bound_says_so() {
        let said = |failing, finished| searched(Search { failing, finished });
        assert_eq!(said(14, true), "The simplest of 14 failing executions.");
        assert_eq!(said(1, true), "The one failing execution that was met.");
        assert!(said(1000, false).contains("the simplest of those seen"));
        assert!(said(1, false).contains("the simplest of those seen"));
    }

    #[test]
    fn a_bound_that_was_not_searched_to_its_end_is_not_the_least() {
        assert_eq!(preempted(0, true), "No thread is preempted in it.");
        let words = "Threads are preempted 2 times in it: with less no check fails.";
        assert_eq!(preempted(2, true), words);
        assert!(preempted(1, false).contains("the simplest of those seen"));
    }
}
