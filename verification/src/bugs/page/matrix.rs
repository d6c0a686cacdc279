//! The page of the matrix: who catches what.

use crate::bugs::Row;
use crate::bugs::matrix::not_needed;
use crate::figures::{self, counted};
use comfy_table::{CellAlignment, Table, presets};
use std::collections::BTreeSet;
use std::fmt::{Display, Formatter, Result};

/// A line for each bug and model that catches it, who is not needed, and what nobody knows.
pub(crate) struct MatrixPage<'a>(pub(crate) &'a [Row]);

impl Display for MatrixPage<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(f, "{}\n", table(self.0))?;
        for row in self.0 {
            if let Some(verdict) = &row.unbuilt {
                writeln!(f, "{}: {verdict}", row.bug)?;
            } else if row.caught_by().is_empty() {
                writeln!(f, "{}: MISSED by every model that came to its end", row.bug)?;
            }
        }
        let not_needed = not_needed(self.0);
        let number = counted(not_needed.len() as u64, "model");
        writeln!(f, "{number} that catch no bug which no other catches: {}", listed(not_needed))?;
        let left: BTreeSet<&str> = self.0.iter().flat_map(Row::left).collect();
        if !left.is_empty() {
            let number = counted(left.len() as u64, "model");
            writeln!(f, "{number} left before the end, of some bug or all: {}", listed(left))?;
        }
        Ok(())
    }
}

fn listed(names: BTreeSet<&str>) -> String {
    names.into_iter().collect::<Vec<_>>().join(", ")
}

fn table(rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["bug", "models", "caught by", "left before the end"]);
    for row in rows {
        let (caught, left) = (row.caught_by(), row.left());
        let number = figures::count(caught.len() as u64);
        table.add_row([row.bug.clone(), number, caught.join("\n"), left.join("\n")]);
    }
    if let Some(column) = table.column_mut(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bugs::matrix::Found;
    use crate::bugs::matrix::tests::{CAUGHT, row};

    #[test]
    fn who_catches_what_and_who_was_left_is_told() {
        let caught = row("caught", [CAUGHT, Found::OutOfTime, CAUGHT]);
        let alone = row("alone", [Found::Held, CAUGHT, Found::Held]);
        let page =
            MatrixPage(&[caught, alone, row("missed", [Found::Held, Found::Held, Found::Held])]).to_string();
        let lines: Vec<&str> = page.lines().map(str::trim).collect();
        assert_eq!(lines[1].split_whitespace().collect::<Vec<_>>(), ["caught", "2", "one", "two"]);
        assert_eq!(lines[2], "three");
        assert!(lines.contains(&"missed: MISSED by every model that came to its end"), "{page}");
        assert!(lines.contains(&"2 models that catch no bug which no other catches: one, three"), "{page}");
        assert_eq!(lines.last(), Some(&"1 model left before the end, of some bug or all: two"));
    }
}
