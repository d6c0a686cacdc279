//! Runs the models with each ordering weakened, and judges each row.

use super::notes::{Note, Notes};
use super::outcome::{Judgement, Outcome, judge};
use super::progress::Progress;
use super::reach::Reached;
use super::scan::Site;
use super::weaken::Step;
use crate::baseline::Baseline;
use crate::exit::Exit;
use crate::runner::{self, Job, Stop};
use netns_core::check::{Engine, OrderingSite};
use netns_models::{Model, Plan};
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// A model of more executions under rc11 is asked only about what no smaller one catches.
pub(super) const LARGE: u64 = 1_000;
/// A model of more executions under loom is not taken before others that catch the same.
const SLOW: u64 = 5_000;
/// A weakened model that runs longer is given up, and its row says so.
const LIMIT: Duration = Duration::from_secs(180);

/// What the audit found.
pub(crate) struct Audit {
    pub(crate) rows: Vec<Row>,
    /// Sites of the source that no model reaches.
    pub(crate) unreached: Vec<Site>,
    /// Sites that a model reached, and that were not found in the source.
    pub(crate) unknown: Vec<OrderingSite>,
    /// Notes that no row needs.
    pub(crate) idle_notes: Vec<String>,
    /// The models that were asked about every row that they reach.
    pub(crate) asked: Vec<&'static Model>,
    /// Whether all rows were there, or some that were picked.
    pub(crate) whole: bool,
    pub(crate) started: SystemTime,
    pub(crate) wall: Duration,
}

/// An ordering, weakened by one step.
pub(crate) struct Row {
    pub(crate) site: Site,
    pub(crate) step: Step,
    /// The models that reach it, those with fewer executions under rc11 first.
    pub(crate) reached_by: Vec<&'static Model>,
    pub(crate) rc11: Outcome,
    pub(crate) loom: Outcome,
    /// The models of those that were asked that catch it under rc11.
    pub(crate) catchers: Vec<&'static Model>,
    pub(crate) judgement: Judgement,
}

impl Audit {
    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        let is = |wanted: fn(&Judgement) -> bool| self.rows.iter().any(|row| wanted(&row.judgement));
        let failed = is(|judgement| matches!(judgement, Judgement::Survives | Judgement::Unexplained { .. }))
            || !(self.unreached.is_empty() && self.unknown.is_empty() && self.idle_notes.is_empty());
        if failed {
            Exit::Failed
        } else if self.rows.is_empty() || is(|judgement| *judgement == Judgement::Unfinished) {
            Exit::Incomplete
        } else {
            Exit::Held
        }
    }

    /// How many rows each asked model catches, and how many of them no other one does.
    pub(crate) fn catches(&self) -> Vec<(&'static Model, usize, usize)> {
        let of = |model: &Model, alone: bool| {
            let catches = |row: &&Row| row.catchers.iter().any(|other| other.name == model.name);
            self.rows.iter().filter(catches).filter(|row| !alone || row.catchers.len() == 1).count()
        };
        self.asked.iter().map(|&model| (model, of(model, false), of(model, true))).collect()
    }
}

/// What an audit is made of.
pub(crate) struct Audits<'a> {
    pub(crate) models: &'a [&'static Model],
    pub(crate) sites: Vec<Site>,
    pub(crate) is_picked: &'a (dyn Fn(&Site) -> bool + Sync),
    pub(crate) notes: &'a Notes,
    pub(crate) baseline: &'a Baseline,
    pub(crate) parallel: NonZeroUsize,
    pub(crate) stop: &'a Stop,
}

/// Weakens each site by each step, and runs the models.
pub(crate) fn audit(audits: Audits<'_>) -> Audit {
    let (started, begun) = (SystemTime::now(), Instant::now());
    let reached = Reached::by(&audits);
    let picked: Vec<&Site> = audits.sites.iter().filter(|site| (audits.is_picked)(site)).collect();
    let whole = picked.len() == audits.sites.len();
    let (there, unreached): (Vec<&Site>, Vec<&Site>) =
        picked.into_iter().partition(|site| !reached.models(site).is_empty());
    let steps = there.iter().flat_map(|&site| site.steps().into_iter().map(move |step| (site, step)));
    let steps: Vec<(&Site, Step)> = steps.collect();
    let rows = run_rows(&audits, &reached, &steps);
    let needed: Vec<&Note> = rows.iter().filter_map(|row| needed(row, audits.notes)).collect();
    let idle_notes = if whole && !audits.stop.is_stopped() { audits.notes.idle(&needed) } else { Vec::new() };
    Audit {
        unreached: unreached.into_iter().cloned().collect(),
        unknown: reached.unknown(&audits.sites),
        idle_notes,
        asked: audits.models.iter().copied().filter(|model| !is_large(model, audits.baseline)).collect(),
        whole,
        started,
        wall: begun.elapsed(),
        rows,
    }
}

/// Whether it is asked only about what no smaller one catches.
pub(super) fn is_large(model: &Model, baseline: &Baseline) -> bool {
    executions(model, Engine::Rc11, baseline) > LARGE
}

/// How many executions it has without a weakened ordering.
pub(super) fn executions(model: &Model, engine: Engine, baseline: &Baseline) -> u64 {
    baseline.executions(model.name, &Plan::of(engine)).unwrap_or(u64::MAX)
}

/// The note that a row's judgement rests on.
fn needed<'a>(row: &Row, notes: &'a Notes) -> Option<&'a Note> {
    match &row.judgement {
        Judgement::ByOne { engine, .. } => notes.only(*engine, &row.site, row.step),
        Judgement::Accepted { .. } => notes.accepted(&row.site, row.step),
        _ => None,
    }
}

/// Runs all rows, several at once. Those that one engine does not catch take longest, so they begin.
fn run_rows(audits: &Audits<'_>, reached: &Reached, steps: &[(&Site, Step)]) -> Vec<Row> {
    let is_long = |&(site, step): &(&Site, Step)| {
        let notes = audits.notes;
        [Engine::Rc11, Engine::Loom].into_iter().any(|engine| notes.only(engine, site, step).is_some())
            || notes.accepted(site, step).is_some()
    };
    let mut order: Vec<usize> = (0..steps.len()).collect();
    order.sort_by_key(|&index| !is_long(&steps[index]));
    let waiting = Mutex::new(order.into_iter());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let progress = Mutex::new(Progress::of("orderings", steps.len()));
    let mut rows: Vec<(usize, Row)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..audits.parallel.get())
            .map(|_| {
                let (next, progress) = (&next, &progress);
                scope.spawn(move || {
                    let mut rows = Vec::new();
                    while let Some(index) = next() {
                        let (site, step) = steps[index];
                        let asker = Asker { audits, site, step };
                        let row = asker.row(reached.models(site));
                        progress.lock().unwrap_or_else(PoisonError::into_inner).ended(&row.to_string());
                        rows.push((index, row));
                    }
                    rows
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker does not panic")).collect()
    });
    rows.sort_by_key(|(index, _)| *index);
    rows.into_iter().map(|(_, row)| row).collect()
}

/// Asks models about one row.
struct Asker<'a> {
    audits: &'a Audits<'a>,
    site: &'a Site,
    step: Step,
}

impl Asker<'_> {
    fn row(&self, reached_by: Vec<&'static Model>) -> Row {
        let baseline = self.audits.baseline;
        let (large, small): (Vec<&'static Model>, Vec<&'static Model>) =
            reached_by.iter().partition(|model| is_large(model, baseline));
        let (mut rc11, catchers) = self.ask_all(&small);
        if catchers.is_empty() {
            rc11 = rc11.or(|| self.ask_until_caught(&large, Engine::Rc11));
        }
        let mut order = reached_by.clone();
        order.retain(|model| model.why_not(Engine::Loom).is_none());
        let first = rc11.catch().map(|catch| catch.model.name);
        let rank = |model: &Model| {
            let executions = executions(model, Engine::Loom, baseline);
            let catches = catchers.iter().any(|other| other.name == model.name);
            // The one that fails first under rc11, for the sake of the table; if it is not much slower.
            (Some(model.name) != first || executions > SLOW, !catches, executions)
        };
        order.sort_by_key(|model| rank(model));
        let loom = self.ask_until_caught(&order, Engine::Loom);
        let judgement = judge(&rc11, &loom, self.audits.notes, self.site, self.step);
        Row { site: self.site.clone(), step: self.step, reached_by, rc11, loom, catchers, judgement }
    }

    /// Asks all of them under rc11: the first catch, and who catches it.
    fn ask_all(&self, models: &[&'static Model]) -> (Outcome, Vec<&'static Model>) {
        let (mut sum, mut catchers) = (Outcome::Held, Vec::new());
        for model in models {
            let outcome = self.ask(model, Engine::Rc11);
            if matches!(outcome, Outcome::Caught(_)) {
                catchers.push(*model);
            }
            sum = sum.or(|| outcome);
        }
        (sum, catchers)
    }

    fn ask_until_caught(&self, models: &[&'static Model], engine: Engine) -> Outcome {
        let ask = |sum: Outcome, model: &&'static Model| sum.or(|| self.ask(model, engine));
        models.iter().fold(Outcome::Held, ask)
    }

    fn ask(&self, model: &'static Model, engine: Engine) -> Outcome {
        if self.audits.stop.is_stopped() {
            return Outcome::Unfinished("stopped".into());
        }
        let weaken = Some(self.site.weaken(self.step));
        let plan = Plan { weaken, time: Some(LIMIT), ..Plan::of(engine) };
        Outcome::of(runner::run_one(&Job::of(model, plan), self.audits.stop, |_| ()))
    }
}
