//! XML, written.

use std::fmt::{Display, Write};

/// An element: its attributes, and what is in it.
#[derive(Debug, Clone)]
pub(super) struct Element {
    name: &'static str,
    attributes: String,
    content: String,
}

pub(super) fn element(name: &'static str) -> Element {
    Element { name, attributes: String::new(), content: String::new() }
}

impl Element {
    pub(super) fn with(mut self, attribute: &str, value: impl Display) -> Element {
        // Writing to a string cannot fail.
        let _ = write!(self.attributes, " {attribute}=\"{}\"", escaped(&value.to_string()));
        self
    }

    pub(super) fn text(mut self, text: &str) -> Element {
        self.content.push_str(&escaped(text));
        self
    }

    pub(super) fn child(mut self, child: Element) -> Element {
        let Element { name, attributes, content } = child;
        let _ = match content.is_empty() {
            true => write!(self.content, "<{name}{attributes}/>"),
            false => write!(self.content, "<{name}{attributes}>{content}</{name}>"),
        };
        // White space matters in a text alone.
        if self.name != "text" {
            self.content.push('\n');
        }
        self
    }

    /// The element as all of a document.
    pub(super) fn to_document(&self) -> String {
        let Element { name, attributes, content } = self;
        format!("<{name}{attributes}>\n{content}</{name}>\n")
    }
}

/// Text as it stands in XML. What XML has no place for, escaped or not, becomes a replacement character.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' => escaped.push(character),
            '\0'..' ' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_xml_is_escaped() {
        let text = element("text").with("class", "\"<a>\"").text("a < b & c\u{1}");
        let svg = element("svg").child(text).to_document();
        let expected =
            "<svg>\n<text class=\"&quot;&lt;a&gt;&quot;\">a &lt; b &amp; c\u{fffd}</text>\n</svg>\n";
        assert_eq!(svg, expected);
    }
}
