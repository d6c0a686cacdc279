//! The page that people read: the table, each failure, the summary.

mod both;
mod failures;
mod summary;
mod table;

use crate::findings::Findings;
use std::fmt;

/// The whole page.
pub(crate) struct Page<'a>(pub(crate) &'a Findings);

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.each.is_empty() {
            let table =
                if self.0.of_all.is_some() { both::table(self.0) } else { table::table(&self.0.each) };
            writeln!(f, "{table}\n")?;
        }
        failures::write(&self.0.each, f)?;
        summary::write(self.0, f)
    }
}
