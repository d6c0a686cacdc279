//! The page as a whole.

use super::part::{Document, Missing, Part};
use super::{Parts, bugs, invariants, models, orderings, summary, trusted};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::time::SystemTime;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Nothing is loaded from anywhere.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/// The page, made `now`, with the trusted base of this README.
pub(crate) fn page(parts: &Parts, readme: &str, now: SystemTime) -> String {
    let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let sections = [
        ("summary", "Summary", summary::section(parts)),
        ("models", "Models", part(&parts.gate, |gate| models::section(gate, &parts.gate.sources()))),
        ("invariants", "Invariants", part(&parts.gate, invariants::section)),
        ("bugs", "Known bugs", part(&parts.bugs, bugs::section)),
        (
            "orderings",
            "Orderings",
            part(&parts.orderings, |audit| orderings::section(audit, &parts.orderings.sources())),
        ),
        ("trusted", "Trusted base: what the checkers do not see", trusted_base(readme)),
    ];
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "netns-core: what was checked" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "netns-core: what was checked" }
                    p.quiet { "The page was made on " (summary::moment(now)) " by " code { "cargo verify report" } "." }
                    nav aria-label="Sections" {
                        ul { @for (id, title, _) in &sections { li { a href={ "#" (id) } { (short(title)) } } } }
                    }
                }
                main {
                    @for (id, title, contents) in &sections {
                        section #(id) aria-labelledby={ (id) "-title" } {
                            h2 #{ (id) "-title" } { (title) }
                            (contents)
                        }
                    }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
    .into_string()
}

/// A title up to its colon.
fn short(title: &str) -> &str {
    title.split(':').next().unwrap_or(title)
}

/// What a part has to show, or that it is missing.
fn part<D: Document>(part: &Part<D>, section: impl Fn(&D) -> Markup) -> Markup {
    match part {
        Part::Found { document, .. } => section(document),
        Part::Missing(Missing { why, exit }) => html! {
            p.banner.(summary::class(*exit)) { "This part is missing: " (why) "." }
        },
    }
}

fn trusted_base(readme: &str) -> Markup {
    match trusted::section(readme) {
        Some(section) => html! { div.prose { (section) } },
        None => html! { p.banner.bad { "This part is missing: the README has no section on it." } },
    }
}
