//! The invariants, and who claims each.

use super::table::{Column, number, row, table};
use crate::document::{Document, OfModel};
use crate::invariants::{CORE, title};
use crate::verdict::Verdict;
use maud::{Markup, html};

const COLUMNS: [Column; 4] = [
    Column::Numbers("number"),
    Column::Words("what must hold"),
    Column::Numbers("models"),
    Column::Words("claimed by"),
];

/// The section's contents.
pub(super) fn section(gate: &Document) -> Markup {
    let rows: Vec<Markup> = CORE.map(|number| of_invariant(number, gate)).collect();
    html! {
        p {
            "What must always hold. A model claims an invariant if it asserts it in every execution; only models that "
            "an engine explored to the last execution count here."
        }
        (table("invariants-table", "Invariants, and the models that claim each", &COLUMNS, &rows))
    }
}

fn of_invariant(invariant: u8, gate: &Document) -> Markup {
    let claiming: Vec<&str> = gate
        .models
        .iter()
        .filter(|model| claims(model, invariant))
        .map(|model| model.model.as_str())
        .collect();
    let cells = html! {
        (number(Some(invariant.into()), &invariant.to_string()))
        th.words scope="row" { (title(invariant).unwrap_or_default()) }
        (number(Some(claiming.len() as f64), &claiming.len().to_string()))
        td {
            @if claiming.is_empty() { span.verdict.bad { "no complete run claims it" } }
            @for (index, name) in claiming.iter().enumerate() {
                @if index > 0 { ", " }
                a href={ "#model-" (name) } { (name) }
            }
        }
    };
    row(Some(&format!("invariant-{invariant}")), &cells, None, COLUMNS.len())
}

/// Whether a complete run of the model claims it.
fn claims(model: &OfModel, invariant: u8) -> bool {
    model.claims.contains(&invariant) && model.runs.iter().any(|run| run.verdict == Verdict::Complete)
}
