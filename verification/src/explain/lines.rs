//! Text in so many columns.

use console::{measure_text_width as columns, truncate_str};

/// As much of a text as so many columns hold.
pub(super) fn cut(text: &str, width: usize) -> String {
    let end = if width > 0 { "…" } else { "" };
    truncate_str(text, width, end).into_owned()
}

/// Lines of at most so many columns, all but the first indented.
pub(super) fn wrapped(text: &str, width: usize, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.trim().is_empty() && columns(&line) + 1 + columns(word) > width {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
        }
        if !line.trim().is_empty() {
            line.push(' ');
        }
        line.push_str(&cut(word, width - indent));
    }
    lines.push(line);
    lines
}
