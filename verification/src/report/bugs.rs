//! The known bugs, each put back: what catches it, and how.

use super::failure::{Of, counterexample, said};
use super::table::{Column, number, row, table};
use crate::bugs::{Document, OfBug, Verdict};
use crate::explain::Sources;
use crate::figures;
use maud::{Markup, html};
use netns_core::check::Failure;
use std::time::Duration;

const COLUMNS: [Column; 8] = [
    Column::Words("bug"),
    Column::Words("what goes wrong"),
    Column::Words("fixed in the kernel by"),
    Column::Words("model"),
    Column::Numbers("execution"),
    Column::Numbers("time"),
    Column::Words("what the model said"),
    Column::Words("verdict"),
];

/// The section's contents.
pub(super) fn section(found: &Document) -> Markup {
    let rows: Vec<Markup> = found.bugs.iter().map(of_bug).collect();
    html! {
        p {
            "Bugs that this code has had in the kernel, or could have. The crate has none of them: each was put back, alone, "
            "by a patch, and the model that is to catch it must fail as the patch says. The number is that of the execution "
            "which failed."
        }
        (table("bugs-table", "Known bugs, each put back", &COLUMNS, &rows))
    }
}

fn of_bug(bug: &OfBug) -> Markup {
    let ran = bug.executions > 0;
    let (executions, seconds) = (bug.executions as f64, bug.seconds);
    let time = figures::time(Duration::try_from_secs_f64(seconds).unwrap_or_default());
    let cells = html! {
        th scope="row" { (bug.name) }
        td.words { (bug.story) }
        td { @if bug.kernel != "none" { (bug.kernel) } }
        td { a href={ "#model-" (bug.model) } { (bug.model) } div.quiet { "under " (bug.engine.name()) } }
        @if ran {
            (number(Some(executions), &figures::count(bug.executions)))
            (number(Some(seconds), &time))
        } @else {
            (number(None, "")) (number(None, ""))
        }
        td.words.said { @if let Some(failure) = &bug.failure { (said(failure)) } }
        td { (verdict(bug)) }
    };
    let below = below(bug);
    row(Some(&format!("bug-{}", bug.name)), &cells, below.as_ref(), COLUMNS.len())
}

fn verdict(bug: &OfBug) -> Markup {
    let class = match bug.verdict {
        Verdict::Caught => "good",
        Verdict::Stopped | Verdict::NotRun => "open",
        _ => "bad",
    };
    html! {
        span.verdict.(class) { (bug.verdict.to_string()) }
        @if let Some(before) = bug.executions_before {
            div.quiet { "execution was " (figures::count(before)) }
        }
        @if let Verdict::Otherwise { .. } = bug.verdict {
            div.quiet { "it should say " q { (bug.says) } " (" (bug.kind.to_string()) ")" }
        }
    }
}

/// The failure, or what the tools said; `None` if there is neither.
fn below(bug: &OfBug) -> Option<Markup> {
    match &bug.verdict {
        Verdict::Died { how: words }
        | Verdict::DoesNotApply { words }
        | Verdict::DoesNotBuild { words }
        | Verdict::Io { words } => Some(html! { details { summary { "What was said" } pre { (words) } } }),
        _ => bug.failure.as_ref().map(|failure| {
            // The lines of this tree are others than of the one with the bug.
            let sources = &Sources::Excerpt(bug.lines.clone());
            let about = Some(format!("The bug: {}", bug.story));
            let failure = Failure { reproduce: bug.picture.clone(), ..failure.clone() };
            let of = Of { model: &bug.model, engine: bug.engine, sources, about };
            counterexample("Counterexample", of, &failure)
        }),
    }
}
