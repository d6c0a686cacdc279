//! What is shown while bugs are tried: a bar on a terminal, lines elsewhere. On standard error.

use super::Bug;
use super::workers::Event;
use crate::terminal;
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeSet;
use std::io::{IsTerminal, stderr};
use std::time::Duration;

const TEMPLATE: &str = "{bar:24} {pos} of {len} bugs, {elapsed}, about {eta} left  {wide_msg}";
const TICK: Duration = Duration::from_millis(200);

/// How far it is.
pub(super) struct Progress<'a> {
    bugs: &'a [Bug],
    running: BTreeSet<usize>,
    /// `None` if standard error is not a terminal.
    bar: Option<ProgressBar>,
}

impl<'a> Progress<'a> {
    pub(super) fn of(bugs: &'a [Bug]) -> Progress<'a> {
        let bar = stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(bugs.len() as u64).with_style(style());
            bar.enable_steady_tick(TICK);
            bar
        });
        Progress { bugs, running: BTreeSet::new(), bar }
    }

    /// Shows what happened; `say` is what there is to say of a bug that ended.
    pub(super) fn show<T>(&mut self, event: &Event<T>, say: impl Fn(&T) -> String) {
        match event {
            Event::Started(index) => drop(self.running.insert(*index)),
            Event::Ended(index, result) => {
                self.running.remove(index);
                match &self.bar {
                    Some(bar) => bar.inc(1),
                    None => terminal::complain(&format!("{}: {}", self.bugs[*index].name, say(result))),
                }
            }
        }
        if let Some(bar) = &self.bar {
            let names: Vec<&str> = self.running.iter().map(|&index| self.bugs[index].name.as_str()).collect();
            bar.set_message(names.join(", "));
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template(TEMPLATE).expect("the template is a constant")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_template_is_one() {
        super::style();
    }
}
