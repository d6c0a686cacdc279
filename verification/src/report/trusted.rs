//! The trusted base, as the README has it.

use crate::tree;
use maud::{Markup, PreEscaped};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use std::fs;

const COMPILED_IN: &str = include_str!("../../../README.md");
const TITLE: &str = "Trusted base";

/// The README of the tree that the program runs in; outside of one, that of the build.
pub(crate) fn readme() -> String {
    let read = |root: std::path::PathBuf| fs::read_to_string(root.join("README.md")).ok();
    tree::root().and_then(read).unwrap_or_else(|| COMPILED_IN.into())
}

/// The section of a README on the trusted base, without its heading; `None` if there is no such section.
pub(super) fn section(readme: &str) -> Option<Markup> {
    let mut events = Parser::new_ext(readme, Options::ENABLE_TABLES).skip_while(|event| !begins(event));
    let mut title = String::new();
    while let Some(event) = events.next() {
        match event {
            Event::Text(text) => title.push_str(&text),
            Event::End(TagEnd::Heading(_)) if title.starts_with(TITLE) => {
                let mut section = String::new();
                html::push_html(&mut section, events.take_while(|event| !begins(event)).map(as_text));
                return Some(PreEscaped(section));
            }
            event if begins(&event) => title.clear(),
            _ => (),
        }
    }
    None
}

/// Whether a section begins.
fn begins(event: &Event<'_>) -> bool {
    matches!(event, Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }))
}

/// No HTML of the README's own gets into the page.
fn as_text(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_of_the_tree_has_a_trusted_base() {
        let section = section(COMPILED_IN).expect("there is the section").into_string();
        for said in [
            "<strong>loom.</strong>",
            "<li>At most 5 threads, main included.</li>",
            "<code>membarrier(2)</code>",
        ] {
            assert!(section.contains(said), "{said} is not in\n{section}");
        }
        assert!(!section.contains("Citing"), "{section}");
    }

    #[test]
    fn the_section_is_found_by_its_title_and_html_in_it_is_text() {
        let readme =
            "# A\n\n## Other\n\nno\n\n## Trusted base: all\n\nyes <b>\n\n### Part\n\n<hr>\n\n## Next\n\nno";
        let section = section(readme).map(Markup::into_string);
        assert_eq!(section.as_deref(), Some("<p>yes &lt;b&gt;</p>\n<h3>Part</h3>\n&lt;hr&gt;\n"));
        assert!(super::section("## Other\n\nTrusted base").is_none());
    }
}
