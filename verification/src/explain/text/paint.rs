//! Colours.

use console::{Color, Style, measure_text_width as columns};

/// How something looks on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    Dim,
    Strong,
    /// Of a thread.
    Lane(usize),
    /// What failed.
    Bad,
    /// A read of an old value.
    Stale,
}

const LANES: [Color; 5] = [Color::Cyan, Color::Green, Color::Magenta, Color::Blue, Color::Yellow];

impl Look {
    fn style(self) -> Style {
        let style = Style::new().force_styling(true);
        match self {
            Look::Plain => style,
            Look::Dim => style.dim(),
            Look::Strong => style.bold(),
            Look::Lane(lane) => style.fg(LANES[lane % LANES.len()]),
            Look::Bad => style.red().bold(),
            Look::Stale => style.yellow().bold(),
        }
    }
}

/// A line of parts, each with its look.
#[derive(Debug, Default)]
pub(super) struct Row(Vec<(Look, String)>);

impl Row {
    pub(super) fn new(look: Look, text: &str) -> Row {
        let mut row = Row::default();
        row.push(look, &super::cut(text, super::WIDTH));
        row
    }

    /// A command: it is of no use if something is cut off.
    pub(super) fn command(text: String) -> Row {
        Row(vec![(Look::Plain, text)])
    }

    /// Adds a part. What would not fit is cut off.
    pub(super) fn push(&mut self, look: Look, text: &str) {
        let text =
            super::cut(&text.replace(char::is_control, " "), super::WIDTH.saturating_sub(self.width()));
        self.0.push((look, text));
    }

    /// How many columns it has.
    pub(super) fn width(&self) -> usize {
        self.0.iter().map(|(_, text)| columns(text)).sum()
    }

    /// The line, with its end.
    pub(super) fn to_text(&self, coloured: bool) -> String {
        let last = self.0.iter().rposition(|(_, text)| !text.trim().is_empty()).map_or(0, |last| last + 1);
        let mut line = String::new();
        for (index, (look, text)) in self.0[..last].iter().enumerate() {
            let text = if index + 1 == last { text.trim_end() } else { text };
            match coloured && *look != Look::Plain && !text.trim().is_empty() {
                true => line.push_str(&look.style().apply_to(text).to_string()),
                false => line.push_str(text),
            }
        }
        line + "\n"
    }
}
