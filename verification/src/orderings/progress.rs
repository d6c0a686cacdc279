//! What is shown meanwhile, on standard error: a bar on a terminal, a line for each that has ended elsewhere.

use crate::runner::Event;
use crate::terminal;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, stderr};

const STYLE: &str = "{prefix} {bar:24} {pos} of {len}, {elapsed}, about {eta} left";

/// How far a phase of the audit is.
pub(crate) struct Progress(Option<ProgressBar>);

impl Progress {
    pub(super) fn of(phase: &'static str, length: usize) -> Progress {
        Progress(stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template(STYLE).expect("the template is a constant");
            ProgressBar::new(length as u64).with_style(style).with_prefix(phase)
        }))
    }

    /// A model that looks for sites has ended.
    pub(super) fn show(&mut self, event: &Event) {
        if let (Some(bar), Event::Ended(..)) = (&self.0, event) {
            bar.inc(1);
        }
    }

    /// A row is done.
    pub(super) fn ended(&mut self, row: &str) {
        match &self.0 {
            Some(bar) => bar.inc(1),
            None => terminal::complain(row),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_one() {
        assert!(ProgressStyle::with_template(STYLE).is_ok());
    }
}
