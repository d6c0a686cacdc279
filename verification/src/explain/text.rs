//! The counterexample on a terminal: a lane a thread, a line an operation.

mod paint;

use super::Counterexample;
use super::counterexample::{Role, Step};
use super::lines::{cut, wrapped};
use super::story::{Line, section, story};
use console::measure_text_width as columns;
use netns_core::check::Source;
use paint::{Look, Row};

/// The greatest number of columns of a line.
pub(super) const WIDTH: usize = 100;

/// What stands before the operations: a number, and the lanes.
const NUMBER: usize = 4;

/// The counterexample as text of at most [`WIDTH`] columns.
pub(crate) fn text(of: &Counterexample, coloured: bool) -> String {
    let page = Page { of, lanes: of.lanes.len() };
    let rows = page.rows();
    rows.iter().map(|row| row.to_text(coloured)).collect()
}

struct Page<'a> {
    of: &'a Counterexample,
    lanes: usize,
}

impl Page<'_> {
    fn rows(&self) -> Vec<Row> {
        let of = self.of;
        let mut rows = vec![Row::new(Look::Strong, &of.title())];
        for sentence in &of.claim {
            rows.extend(wrapped(sentence, WIDTH, 0).into_iter().map(|line| Row::new(Look::Plain, &line)));
        }
        for sentence in &of.about {
            rows.extend(wrapped(sentence, WIDTH, 2).into_iter().map(|line| Row::new(Look::Dim, &line)));
        }
        if let Some(place) = &of.place {
            rows.push(Row::new(Look::Dim, &format!("at {place}")));
        }
        if !of.steps.is_empty() {
            rows.push(Row::default());
            rows.extend(self.heads());
            for line in story(of) {
                rows.extend(self.line(&line));
            }
            rows.extend(self.legend());
        }
        rows.push(Row::default());
        if !of.found.is_empty() {
            rows.extend(wrapped(&of.found, WIDTH, 0).into_iter().map(|line| Row::new(Look::Dim, &line)));
        }
        rows.extend(again(&of.failure.reproduce).into_iter().map(Row::command));
        rows
    }

    /// The names of the lanes, each above its own.
    fn heads(&self) -> Vec<Row> {
        let head = |lane: usize| {
            let mut row = self.margin(lane, "", |_| "│");
            row.push(Look::Lane(lane), &self.of.lanes[lane]);
            row
        };
        (0..self.lanes).map(head).collect()
    }

    /// A number, and a mark in each of so many lanes.
    fn margin<'m>(&self, lanes: usize, number: &str, mark: impl Fn(usize) -> &'m str) -> Row {
        let mut row = Row::default();
        row.push(Look::Dim, &format!("{number:>NUMBER$}"));
        row.push(Look::Plain, "  ");
        for lane in 0..lanes {
            row.push(Look::Lane(lane), mark(lane));
            row.push(Look::Plain, " ");
        }
        row
    }

    /// As `margin`, with a mark of its own in one lane.
    fn marked(&self, number: &str, lane: usize, mark: &str) -> Row {
        self.margin(self.lanes, number, |other| if other == lane { mark } else { "│" })
    }

    fn line(&self, line: &Line) -> Vec<Row> {
        match line {
            Line::Step(index) => self.step(*index),
            Line::Section(lock) => vec![self.section(*lock)],
            Line::Fold(fold) => {
                let mut row = self.marked("", fold.lane, "┆");
                row.push(Look::Dim, &format!(" … {}", fold.words()));
                vec![row]
            }
            Line::Fails(lane) => {
                let mut row = self.marked("", *lane, "✗");
                row.push(Look::Bad, &format!(" {}", self.of.failure.kind));
                self.put_source(&mut row, &self.of.check());
                vec![row]
            }
        }
    }

    fn step(&self, index: usize) -> Vec<Row> {
        let step = &self.of.steps[index];
        let is_bad = step.role != Role::Plain;
        let mark = if is_bad { "✗" } else { "●" };
        let mut row = self.marked(&(index + 1).to_string(), step.lane, mark);
        row.push(Look::Plain, " ");
        let look = if is_bad { Look::Bad } else { Look::Lane(step.lane) };
        row.push(look, &step.phrase.to_string());
        row.push(Look::Dim, &self.marks(index));
        self.put_source(&mut row, &step.source());
        let mut rows = vec![row];
        rows.extend(self.notes(step));
        rows
    }

    /// It has the number of its end, which others come after.
    fn section(&self, lock: usize) -> Row {
        let step = &self.of.steps[lock];
        let mut row = self.marked(&(lock + 2).to_string(), step.lane, "●");
        row.push(Look::Plain, " ");
        row.push(Look::Lane(step.lane), &section(step));
        row.push(Look::Dim, &self.marks(lock));
        self.put_source(&mut row, &step.source());
        row
    }

    /// The steps that it comes after, and the one whose value it reads.
    fn marks(&self, index: usize) -> String {
        let step = &self.of.steps[index];
        let mut marks = String::new();
        for after in &step.after {
            marks.push_str(&format!("  ⇐ {}", after + 1));
        }
        if let Some(event) = self.of.unordered_source(index) {
            marks.push_str(&format!("  ← {}", event + 1));
        }
        marks
    }

    /// Source text at the right.
    fn put_source(&self, row: &mut Row, text: &str) {
        let begin = (self.operations() + WIDTH.saturating_sub(self.operations()) / 2).max(row.width() + 2);
        if !text.is_empty() && begin + 8 < WIDTH {
            row.push(Look::Plain, &" ".repeat(begin - row.width()));
            row.push(Look::Dim, &cut(text, WIDTH - begin));
        }
    }

    /// What is to be said below a step.
    fn notes(&self, step: &Step) -> Vec<Row> {
        let mut notes = Vec::new();
        if let Some(missed) = step.missed {
            let read = match step.reads {
                Some(Source::Event { event }) => format!("it reads what step {} stored", event + 1),
                Some(Source::Initial) | None => "it reads the initial value".to_owned(),
            };
            notes.push((Look::Stale, format!("stale: {read}, and not step {}, which is newer", missed + 1)));
        }
        let said = match step.role {
            Role::Plain => None,
            Role::Failed => Some("here it fails".to_owned()),
            Role::Waits => Some("it waits for ever".to_owned()),
            Role::Conflict => {
                self.of.failure.event.map(|event| format!("step {} is in conflict with this", event + 1))
            }
        };
        notes.extend(said.map(|said| (Look::Bad, said)));
        let note = |(look, words): (Look, String)| {
            let mut row = self.margin(self.lanes, "", |_| "│");
            row.push(look, &cut(&format!("   {words}"), WIDTH.saturating_sub(row.width())));
            row
        };
        notes.into_iter().map(note).collect()
    }

    /// Where operations begin.
    fn operations(&self) -> usize {
        NUMBER + 2 + 2 * self.lanes
    }

    fn legend(&self) -> Vec<Row> {
        let has = |mark: &str| (0..self.of.steps.len()).any(|step| self.marks(step).contains(mark));
        let mut legend = Vec::new();
        if has("⇐") {
            legend.push("⇐ n: what was done up to step n happens before");
        }
        if has("←") {
            legend.push("← n: it reads what step n stored, which orders nothing");
        }
        if !self.of.is_certain() {
            legend.push(
                "what reads read is found by value, where that is unambiguous; what fences synchronise is not known",
            );
        }
        if legend.is_empty() {
            return Vec::new();
        }
        let rows = legend.into_iter().flat_map(|line| wrapped(line, WIDTH, NUMBER + 2));
        std::iter::once(Row::default()).chain(rows.map(|line| Row::new(Look::Dim, &line))).collect()
    }
}

/// The command that shows it again. Options that do not fit go on in the next line, as a shell has it.
fn again(command: &str) -> Vec<String> {
    let mut lines = vec!["again: ".to_owned()];
    for (index, part) in command.split(" --").enumerate() {
        let part = if index == 0 { part.to_owned() } else { format!(" --{part}") };
        let line = lines.last_mut().expect("there is one");
        if index > 0 && columns(line) + columns(&part) + " \\".len() > WIDTH {
            line.push_str(" \\");
            lines.push("       ".into());
        }
        lines.last_mut().expect("there is one").push_str(&part);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::toys;

    #[test]
    fn the_text_has_a_lane_a_thread_and_a_line_an_operation() {
        let expected = "\
toy under rc11: use after free
main frees Net#2 in step 9, and lookup accesses it in step 7: nothing makes that happen before the
free.
This is no interleaving: one read does not read the newest value, which the memory model allows.

      main
      │ lookup
      ┆ │  … 3 operations of the set-up
   4  ● │  spawn lookup                                src/toys.rs:17
   5  ● │  store gp := 1 release                       src/toys.rs:17
   6  │ ●  load gp = 0 relaxed  ⇐ 4                    src/toys.rs:17
      │ │    stale: it reads the initial value, and not step 5, which is newer
   7  │ ✗  fetch_add Net#2.count 1 → 2 relaxed         src/toys.rs:17
      │ │    step 9 is in conflict with this
   8  ● │  heavy fence                                 src/toys.rs:17
   9  ✗ │  free Net#2
      │ │    here it fails

⇐ n: what was done up to step n happens before

again: cargo verify run toy --engine rc11
";
        assert_eq!(text(&toys::freed_too_early(), false), expected);
    }

    #[test]
    fn no_line_is_wider_than_it_may_be() {
        let some = [toys::freed_too_early(), toys::race(), toys::with_private_steps(3), toys::hostile()];
        let found = "a word ".repeat(50);
        for of in some.into_iter().map(|of| of.found(found.clone())) {
            for all in [false, true] {
                for line in text(&of.clone().whole(all), false).lines() {
                    assert!(columns(line) <= WIDTH, "{} columns: {line}", columns(line));
                    assert!(!line.contains(char::is_control), "{line:?}");
                }
            }
        }
    }

    #[test]
    fn a_long_command_goes_on_in_the_next_line() {
        let (name, bug) = ("n".repeat(50), "b".repeat(40));
        let lines = again(&format!("cargo verify explain {name} --engine rc11 --bug {bug}"));
        let first = format!("again: cargo verify explain {name} --engine rc11 \\");
        assert_eq!(lines, [first, format!("        --bug {bug}")]);
    }

    #[test]
    fn colour_is_all_that_a_terminal_adds() {
        let of = toys::freed_too_early();
        let coloured = text(&of, true);
        let mut plain = String::new();
        let mut rest = coloured.as_str();
        while let Some(begin) = rest.find('\u{1b}') {
            plain.push_str(&rest[..begin]);
            let end = rest[begin..].find('m').unwrap();
            rest = &rest[begin + end + 1..];
        }
        assert_ne!(coloured, text(&of, false));
        assert_eq!(plain + rest, text(&of, false));
    }

    #[test]
    fn what_loom_does_not_know_is_said_to_be_unknown() {
        assert!(text(&toys::under_loom(), false).contains("what reads read is found by value"));
        assert!(!text(&toys::freed_too_early(), false).contains("by value"));
    }
}
