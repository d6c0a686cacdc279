//! The models: what each is about, and what came of it under each engine.

use super::failure::{Of, counterexample};
use super::table::{Column, number, row, table};
use crate::document::{Document, OfModel, OfRun};
use crate::explain::Sources;
use crate::figures;
use crate::together::Standing;
use maud::{Markup, html};
use netns_core::check::Engine;

const COLUMNS: [Column; 10] = [
    Column::Words("model"),
    Column::Words("scenario"),
    Column::Numbers("threads"),
    Column::Words("invariants"),
    Column::Numbers("rc11"),
    Column::Numbers("blocked"),
    Column::Numbers("time"),
    Column::Numbers("loom"),
    Column::Numbers("time"),
    Column::Words("verdict"),
];

/// The section's contents.
pub(super) fn section(gate: &Document, sources: &Sources) -> Markup {
    let rows: Vec<Markup> = gate.models.iter().map(|model| of_model(model, sources)).collect();
    html! {
        p {
            "Each model is a few threads that do a few operations, and every execution of it was to be explored, under "
            "rc11 and under loom. rc11 has each execution once, where loom has each interleaving; blocked are those in "
            "which a thread waits for what comes in another. The numbers behind the outcomes are the executions under "
            "rc11 in which each was seen."
        }
        (table("models-table", "Models: executions under each engine", &COLUMNS, &rows))
    }
}

fn of_model(model: &OfModel, sources: &Sources) -> Markup {
    let run = |engine| model.runs.iter().find(|run| run.engine == engine);
    let (rc11, loom) = (run(Engine::Rc11), run(Engine::Loom));
    let cells = html! {
        th scope="row" { (model.model) }
        td.words { (scenario(model, rc11)) }
        (number(Some(model.threads as f64), &model.threads.to_string()))
        td { (claims(&model.claims)) }
        (executions(rc11))
        (number(rc11.map(|run| run.blocked as f64), &rc11.map_or(String::new(), blocked)))
        (time(rc11))
        @match &model.not_for_loom {
            Some(why) => { td.number colspan="2" { "not for it" br; span.quiet { (why) } } }
            None => { (executions(loom)) (time(loom)) }
        }
        td { (verdict(model)) }
    };
    let below = troubles(model, sources);
    row(Some(&format!("model-{}", model.model)), &cells, below.as_ref(), COLUMNS.len())
}

fn scenario(model: &OfModel, rc11: Option<&OfRun>) -> Markup {
    let outcomes = rc11.and_then(|run| run.report.as_ref()).map(|report| &report.outcomes);
    html! {
        (model.about)
        @if !model.reaches.is_empty() {
            div.quiet {
                "Must be seen: "
                @for (index, outcome) in model.reaches.iter().enumerate() {
                    @if index > 0 { "; " }
                    (outcome)
                    @if let Some(seen) = outcomes.and_then(|outcomes| outcomes.get(outcome)) {
                        " (" (figures::count(*seen)) ")"
                    }
                }
            }
        }
    }
}

/// The invariants, each with a way to what it says.
fn claims(claims: &[u8]) -> Markup {
    html! {
        @for (index, number) in claims.iter().enumerate() {
            @if index > 0 { ", " }
            a href={ "#invariant-" (number) } { (number) }
        }
    }
}

fn executions(run: Option<&OfRun>) -> Markup {
    match run {
        Some(run) => number(Some(run.executions as f64), &figures::count(run.executions)),
        None => number(None, ""),
    }
}

fn blocked(run: &OfRun) -> String {
    if run.blocked > 0 { figures::count(run.blocked) } else { String::new() }
}

fn time(run: Option<&OfRun>) -> Markup {
    match run {
        Some(run) => number(Some(run.elapsed.as_secs_f64()), &figures::time(run.elapsed)),
        None => number(None, ""),
    }
}

fn verdict(model: &OfModel) -> Markup {
    let Some(together) = &model.together else { return html! {} };
    let class = match together.standing {
        Standing::Both | Standing::Bounded | Standing::NotForLoom => "good",
        Standing::Failed => "bad",
        Standing::Incomplete => "open",
    };
    html! {
        span.verdict.(class) { (together.verdict) }
        @for run in model.runs.iter().filter(|run| run.count.differs()) {
            div.quiet { (run.engine.name()) ": " (run.count.to_string()) }
        }
    }
}

/// What went wrong, whole; `None` if nothing did.
fn troubles(model: &OfModel, sources: &Sources) -> Option<Markup> {
    let failure =
        |run: &OfRun| run.report.as_ref().and_then(|report| report.failure.clone()).or(run.died_of.clone());
    let is_trouble = |run: &&OfRun| failure(run).is_some() || !run.stderr.is_empty();
    let troubled: Vec<&OfRun> = model.runs.iter().filter(is_trouble).collect();
    (!troubled.is_empty()).then(|| {
        html! {
            @for run in troubled {
                @if let Some(failure) = failure(run) {
                    @let of = Of { model: &model.model, engine: run.engine, sources, about: None };
                    (counterexample(&format!("Counterexample under {}", run.engine), of, &failure))
                }
                @if !run.stderr.is_empty() {
                    details { summary { "Last words under " (run.engine.name()) } pre { (run.stderr.join("\n")) } }
                }
            }
        }
    })
}
