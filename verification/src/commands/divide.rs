//! One model, spread over machines: `split`, `part`, `merge`.

use super::{Refusal, cannot_write, explore, is_compiled, tell, tell_document};
use crate::baseline::Baseline;
use crate::campaign::is_campaign;
use crate::cli::{Merge, Part, PartOf, Split};
use crate::document::Document;
use crate::exit::Exit;
use crate::figures::counted;
use crate::findings::Findings;
use crate::runner::{End, Job, Run};
use crate::{select, terminal};
use netns_core::check::{Engine, Report};
use netns_models::process::Work;
use netns_models::{Items, Model, Plan, all, find};
use std::fmt::Display;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::SystemTime;
use std::{env, fs};

/// Begins a model, and writes what is left of it.
pub(super) fn split(split: &Split) -> Result<Exit, Refusal> {
    let [model] = select::select(&all(), std::slice::from_ref(&split.name))?[..] else {
        return Err("one model at a time is divided".into());
    };
    let plan = split.plan();
    let work = Work::Split { pieces: split.into.get() };
    let job = Job { work, ..Job::of(model, plan.clone()) };
    let found = explore(&[job], &Baseline::load()?, NonZeroUsize::MIN)?;
    let exit = tell(&found, found.exit(), &split.output)?;
    let (End::Divided(divided), Exit::Held) = (&found.each[0].run.end, exit) else {
        terminal::complain("nothing is written");
        return Ok(exit);
    };
    let (version, split_of) = (Items::VERSION.into(), (**divided).clone());
    let items = Items { version, model: model.name.into(), plan, split: split_of };
    items.write(&split.out).map_err(|error| cannot_write(&split.out, &error))?;
    let pieces = divided.pieces();
    let few = if pieces < split.into.get() { ", and it has no more" } else { "" };
    terminal::complain(&format!("{}: {}{few}", split.out.display(), counted(pieces as u64, "piece")));
    Ok(exit)
}

/// Explores a part of what is left.
pub(super) fn part(part: &Part) -> Result<Exit, Refusal> {
    let (items, model) = read(&part.items)?;
    let place = match part.part {
        Some(place) => Some(place),
        None => PartOf::of_slurm(|name| env::var(name).ok())?,
    };
    let PartOf { part: index, of } = place.ok_or("which part? say --part I/N")?;
    let work = Work::Part { items: part.items.clone(), part: index, of };
    let plan = Plan { workers: part.workers, time: part.time, ..items.plan };
    let job = Job { work, ..Job::of(model, plan) };
    let found = explore(&[job], &Baseline::load()?, NonZeroUsize::MIN)?;
    let exit = found.exit();
    let document = Document::of(&found, exit).of_part(mark(&part.items)?);
    tell_document(&found, &document, &part.output)?;
    if part.output.json.is_none() {
        terminal::complain("nothing is written: `merge` wants what --json writes");
    }
    Ok(exit)
}

/// Adds up what the parts found.
pub(super) fn merge(merge: &Merge, items: &Path) -> Result<Exit, Refusal> {
    let (mark, started) = (mark(items)?, SystemTime::now());
    let (items, model) = read(items)?;
    let mut reports = Vec::new();
    let mut died = Exit::Held;
    for file in &merge.reports {
        match report(file, &mark)? {
            Ok(report) => reports.push(report),
            Err(exit) => died = died.and(exit),
        }
    }
    if reports.is_empty() && died != Exit::Held {
        return Ok(died);
    }
    let sum = model.merge(&items.plan, &items.split, &reports).map_err(|error| error.to_string())?;
    let wall = sum.elapsed;
    let run = Run::reported(model, items.plan, sum);
    let found = Findings::of(vec![run], &Baseline::load()?, started, wall);
    tell(&found, found.exit().and(died), &merge.output)
}

/// The items in a file, and the model that they are of.
fn read(file: &Path) -> Result<(Items, &'static Model), Refusal> {
    is_compiled(Engine::Rc11)?;
    let items = Items::read(file)?;
    let unknown = || format!("{}: no model is named {}", file.display(), items.model);
    let model = find(&items.model).ok_or_else(unknown)?;
    Ok((items, model))
}

/// What a part has reported. One that has nothing to add is told of; the exit code says why.
fn report(file: &Path, mark: &str) -> Result<Result<Report, Exit>, Refusal> {
    let told = |error: &dyn Display| format!("{}: {error}", file.display());
    let text = fs::read_to_string(file).map_err(|error| told(&error))?;
    if is_campaign(&text) {
        return Err(told(&"it is of a campaign, whose shards are merged without --items"));
    }
    let mut document: Document = serde_json::from_str(&text).map_err(|error| told(&error))?;
    if document.items.as_deref() != Some(mark) {
        return Err(told(&"it is not of a part of these items"));
    }
    let run = document.models.pop().and_then(|mut model| model.runs.pop());
    let run = run.ok_or_else(|| told(&"there is no run in it"))?;
    if let Some(report) = run.report {
        return Ok(Ok(report));
    }
    terminal::complain(&told(&format!("nothing to add up: {}", run.verdict)));
    if let Some(failure) = &run.died_of {
        terminal::complain(&failure.to_string());
    }
    Ok(Err(Exit::of([&run.verdict])))
}

/// Tells the items of one file from those of another: FNV-1a over its bytes.
fn mark(file: &Path) -> Result<String, Refusal> {
    let bytes = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let step = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    Ok(format!("{:016x}", bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)))
}
