//! A failure, with the execution that shows it.

use crate::figures::counted;
use maud::{Markup, html};
use netns_core::check::{EventRecord, Failure};

/// What went wrong, and, unfolded, the operations that led to it.
pub(super) fn counterexample(title: &str, failure: &Failure) -> Markup {
    let operations = counted(failure.events.len() as u64, "operation");
    html! {
        details.counterexample {
            summary { (title) span.quiet { ", " (operations) } }
            p.said { (said(failure)) }
            @if failure.events.is_empty() {
                p { "It is of no single operation." }
            } @else {
                (events(&failure.events))
            }
            p { "Again: " code { (failure.reproduce) } }
        }
    }
}

/// What the check said.
pub(super) fn said(failure: &Failure) -> Markup {
    html! {
        strong { (failure.kind.to_string()) } ": " (failure.message)
    }
}

fn events(events: &[EventRecord]) -> Markup {
    html! {
        div.events role="group" tabindex="0" aria-label="Operations" {
            table {
                thead {
                    tr {
                        @for head in ["step", "thread", "operation", "object", "ordering", "value", "where"] {
                            th scope="col" { (head) }
                        }
                    }
                }
                tbody {
                    @for (index, event) in events.iter().enumerate() {
                        tr {
                            td.number { (index + 1) }
                            td { (event.thread) }
                            td { (event.operation) }
                            td { (event.object) }
                            td { (event.ordering) }
                            td { (event.value) }
                            td { (event.location) }
                        }
                    }
                }
            }
        }
    }
}
