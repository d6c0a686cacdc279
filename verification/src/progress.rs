//! What is shown while models run: bars on a terminal, a line a model elsewhere. On standard error.

mod bars;

use crate::figures;
use crate::runner::{Event, Job, Run};
use crate::terminal;
use crate::verdict::Verdict;
use bars::Bars;
use std::io::{IsTerminal, stderr};
use std::time::Duration;

/// What is shown while models run.
pub(crate) enum Progress<'a> {
    /// A line a running model, and one of the total.
    Bars(Box<Bars<'a>>),
    /// A line a model that has ended.
    Lines,
}

impl<'a> Progress<'a> {
    /// What standard error can show.
    pub(crate) fn of(jobs: &'a [Job]) -> Progress<'a> {
        if stderr().is_terminal() { Progress::Bars(Box::new(Bars::of(jobs))) } else { Progress::Lines }
    }

    /// Shows what happened.
    pub(crate) fn show(&mut self, event: &Event) {
        match (self, event) {
            (Progress::Bars(bars), event) => bars.show(event),
            (Progress::Lines, Event::Ended(_, run)) => terminal::complain(&line(run)),
            (Progress::Lines, Event::Started(_) | Event::Progress(..)) => {}
        }
    }
}

/// A model that has ended, in a line.
fn line(run: &Run) -> String {
    let executions = figures::counted(run.executions, "execution");
    format!("{}: {}, {executions}, {}", run.model.name, Verdict::of(run), figures::time(run.elapsed))
}

/// The time that the rest takes if it goes on as it went; `None` while nobody can know.
fn time_left(done: u64, expected: u64, elapsed: Duration) -> Option<Duration> {
    let rest = expected.saturating_sub(done) as f64;
    (done > 0).then(|| elapsed.mul_f64(rest / done as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::toys::{complete, toy};
    use netns_models::Model;

    #[test]
    fn a_model_that_ended_is_a_line() {
        static TOY: Model = toy("toy");
        assert_eq!(line(&complete(&TOY)), "toy: complete, 2,870 executions, 2.0 s");
    }

    #[test]
    fn the_rest_takes_as_long_as_what_is_done_took() {
        let minute = Duration::from_secs(60);
        assert_eq!(time_left(1_000, 4_000, minute), Some(3 * minute));
        assert_eq!(time_left(5_000, 4_000, minute), Some(Duration::ZERO));
        assert_eq!(time_left(0, 4_000, minute), None);
    }
}
