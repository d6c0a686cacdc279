//! A failure, with the execution that shows it.

use crate::explain::{self, Counterexample, Sources, svg, text};
use crate::figures::counted;
use maud::{Markup, html};
use netns_core::check::{Engine, Failure};

/// Whose failures are shown, and where the source is that they speak of.
#[derive(Debug, Clone)]
pub(super) struct Of<'a> {
    pub(super) model: &'a str,
    pub(super) engine: Engine,
    pub(super) sources: &'a Sources,
    /// What the picture says of what it is about, if anything.
    pub(super) about: Option<String>,
}

/// Unfolded, a picture of the execution, and all of it in words.
pub(super) fn counterexample(title: &str, of: Of<'_>, failure: &Failure) -> Markup {
    let operations = counted(failure.events.len() as u64, "operation");
    let reproduce = explain::command(&failure.reproduce);
    let shown = Failure { reproduce, ..failure.clone() };
    let shown = Counterexample::new(of.model, of.engine, shown, of.sources);
    let shown = shown.about(of.about.into_iter().collect());
    html! {
        details.counterexample {
            summary { (title) span.quiet { ", " (operations) } }
            @if failure.events.is_empty() {
                (words(shown))
            } @else {
                div.picture role="group" tabindex="0" aria-label="Picture" {
                    img src=(data_url(&svg(&shown))) alt="The threads side by side; the same in words is below.";
                }
                details { summary { "In words, with every operation" } (words(shown)) }
            }
        }
    }
}

fn words(of: Counterexample) -> Markup {
    html! { pre role="group" tabindex="0" aria-label="Words" { (text(&of.whole(true), false)) } }
}

/// What the check said.
pub(super) fn said(failure: &Failure) -> Markup {
    html! {
        strong { (failure.kind.to_string()) } ": " (failure.message)
    }
}

/// A picture as an address. So its style is its own, and its scheme that of the page.
fn data_url(svg: &str) -> String {
    let escaped = svg.replace('%', "%25").replace('#', "%23").replace('\n', "%0A");
    format!("data:image/svg+xml;charset=utf-8,{escaped}")
}
