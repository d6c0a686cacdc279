//! The audit of orderings: what fails when one is weakened.

use super::failure::{Of, counterexample};
use super::table::{Column, number, row, table};
use crate::explain::Sources;
use crate::figures;
use crate::orderings::{Document, Judgement, OfEngine, OfRow};
use maud::{Markup, html};
use netns_core::check::{Engine, Failure};

const COLUMNS: [Column; 9] = [
    Column::Words("site"),
    Column::Words("function"),
    Column::Words("operation"),
    Column::Words("weakened to"),
    Column::Words("caught by"),
    Column::Numbers("rc11"),
    Column::Numbers("loom"),
    Column::Words("what went wrong"),
    Column::Words("verdict"),
];

/// The section's contents.
pub(super) fn section(audit: &Document, sources: &Sources) -> Markup {
    let rows: Vec<Markup> = audit.rows.iter().map(|row| of_row(row, sources)).collect();
    html! {
        p {
            "Every ordering of the core, weakened by one step at a time, must make some model fail: one that nothing "
            "misses is too strong. The numbers are the executions in which the failure was found."
        }
        (leftovers("No model reaches these, so nothing is known of them:", &audit.unreached))
        (leftovers("These were reached, and not found in the source:", &unknown(audit)))
        (leftovers("orderings.toml has words for what needs none:", &audit.idle_notes))
        (table("orderings-table", "Orderings, each weakened by one step", &COLUMNS, &rows))
    }
}

fn unknown(audit: &Document) -> Vec<String> {
    audit.unknown.iter().map(ToString::to_string).collect()
}

fn leftovers(title: &str, list: &[String]) -> Markup {
    html! {
        @if !list.is_empty() {
            p.trouble { (title) }
            ul { @for each in list { li { code { (each) } } } }
        }
    }
}

fn of_row(found: &OfRow, sources: &Sources) -> Markup {
    let engines = [(Engine::Rc11, &found.rc11), (Engine::Loom, &found.loom)];
    let caught = engines.into_iter().find_map(|(engine, outcome)| Some((engine, catch(outcome)?)));
    let named = caught.map(|(_, (model, _))| model);
    let site = format!("{}:{}", found.file.trim_start_matches("src/"), found.line);
    let cells = html! {
        th scope="row" { (site) }
        td { (found.function) }
        td { (found.operation) " " (found.ordering) }
        td { (found.weakened_to) }
        td { @if let Some(model) = named { a href={ "#model-" (model) } { (model) } } }
        (outcome(&found.rc11, named))
        (outcome(&found.loom, named))
        td { @if let Some((_, (_, failure))) = caught { (failure.kind.to_string()) } }
        td { (verdict(&found.verdict)) }
    };
    let below = caught.map(|(engine, (model, failure))| {
        counterexample("Counterexample", Of { model, engine, sources, about: None }, failure)
    });
    row(None, &cells, below.as_ref(), COLUMNS.len())
}

/// The model that failed, and how.
fn catch(engine: &OfEngine) -> Option<(&str, &Failure)> {
    match engine {
        OfEngine::Caught { model, failure, .. } => Some((model, failure)),
        OfEngine::Held | OfEngine::Unfinished { .. } => None,
    }
}

/// In which execution a model failed, and which one if it is not the one that is named already.
fn outcome(engine: &OfEngine, named: Option<&str>) -> Markup {
    match engine {
        OfEngine::Caught { model, failure, .. } => html! {
            td.number data-key=(failure.execution) {
                (figures::count(failure.execution))
                @if named != Some(model.as_str()) { div.quiet { (model) } }
            }
        },
        OfEngine::Held => number(None, "held"),
        OfEngine::Unfinished { why } => html! { td.number { "unfinished" div.quiet { (why) } } },
    }
}

fn verdict(judgement: &Judgement) -> Markup {
    let (class, words, why) = match judgement {
        Judgement::Caught => ("good", "caught".into(), ""),
        Judgement::ByOne { engine, why } => ("good", format!("caught by {engine}"), why.as_str()),
        Judgement::Unexplained { engine } => {
            ("bad", format!("caught by {engine} alone"), "nobody has said why")
        }
        Judgement::Accepted { why } => ("good", "accepted".into(), why.as_str()),
        Judgement::Survives => ("bad", "SURVIVES".into(), ""),
        Judgement::Unfinished => ("open", "unfinished".into(), ""),
    };
    html! {
        span.verdict.(class) { (words) }
        @if !why.is_empty() { div.quiet.words { (why) } }
    }
}
