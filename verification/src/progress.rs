//! What is shown while models run: bars on a terminal, lines elsewhere. On standard error.

mod bars;
mod lines;

use crate::figures;
use crate::runner::{Event, Job, Run};
use crate::verdict::Verdict;
use bars::Bars;
use lines::Lines;
use netns_core::check;
use std::io::{IsTerminal, stderr};
use std::time::Duration;

/// What is shown while models run.
pub(crate) enum Progress<'a> {
    /// A line a running model, and one of the total.
    Bars(Box<Bars<'a>>),
    /// A line a model that has ended, and one now and then of those that take long.
    Lines(Lines<'a>),
}

impl<'a> Progress<'a> {
    /// What standard error can show.
    pub(crate) fn of(jobs: &'a [Job]) -> Progress<'a> {
        if stderr().is_terminal() {
            Progress::Bars(Box::new(Bars::of(jobs)))
        } else {
            Progress::Lines(Lines::of(jobs))
        }
    }

    /// Shows what happened.
    pub(crate) fn show(&mut self, event: &Event) {
        match self {
            Progress::Bars(bars) => bars.show(event),
            Progress::Lines(lines) => lines.show(event),
        }
    }
}

/// The model of a job, and its engine.
fn title(job: &Job) -> String {
    format!("{} under {}", job.model.name, job.plan.engine)
}

/// A model that has ended, in a line.
fn line(run: &Run) -> String {
    let executions = figures::executions(run.executions, run.blocked);
    let (model, engine, time) = (run.model.name, run.plan.engine, figures::time(run.elapsed));
    format!("{model} under {engine}: {}, {executions}, {time}", Verdict::of(run))
}

/// The share of the job that is done; `None` while nobody can know.
fn share(job: &Job, so_far: check::Progress) -> Option<f64> {
    let known = |expected: u64| so_far.executions as f64 / expected.max(1) as f64;
    so_far.explored.or(job.expected.map(known)).map(|share| share.min(1.0))
}

/// The time that the rest takes if it goes on as it went; `None` while nobody can know.
fn time_left(share: f64, elapsed: Duration) -> Option<Duration> {
    Duration::try_from_secs_f64(elapsed.as_secs_f64() * (1.0 - share) / share).ok()
}

/// How far a job is: `about 37 %, about 2 min 10 s left`; empty while nobody can know.
pub(crate) fn outlook(share: Option<f64>, elapsed: Duration) -> String {
    let Some(share) = share else { return String::new() };
    let left = time_left(share, elapsed).map(|left| format!(", about {} left", figures::time(left)));
    format!("about {} %{}", figures::percent(share), left.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::toys::{complete, complete_under_rc11, job, toy};
    use netns_models::Model;

    static TOY: Model = toy("toy");

    #[test]
    fn a_model_that_ended_is_a_line() {
        assert_eq!(line(&complete(&TOY)), "toy under loom: complete, 2,870 executions, 2.0 s");
        let expected = "toy under rc11: complete, 36 executions, 18 blocked, 2.0 s";
        assert_eq!(line(&complete_under_rc11(&TOY)), expected);
    }

    #[test]
    fn the_rest_takes_as_long_as_what_is_done_took() {
        let minute = Duration::from_secs(60);
        assert_eq!(time_left(0.25, minute), Some(3 * minute));
        assert_eq!(time_left(1.0, minute), Some(Duration::ZERO));
        assert_eq!(time_left(0.0, minute), None);
        assert_eq!(time_left(1e-300, minute), None);
    }

    #[test]
    fn the_engines_word_on_the_share_comes_before_the_baselines() {
        let so_far = |explored| check::Progress { executions: 10, explored };
        assert_eq!(share(&job(&TOY, Some(40)), so_far(Some(0.5))), Some(0.5));
        assert_eq!(share(&job(&TOY, Some(40)), so_far(None)), Some(0.25));
        assert_eq!(share(&job(&TOY, Some(5)), so_far(None)), Some(1.0));
        assert_eq!(share(&job(&TOY, None), so_far(None)), None);
    }

    #[test]
    fn an_outlook_says_how_far_and_how_long() {
        let minute = Duration::from_secs(60);
        assert_eq!(outlook(Some(0.25), minute), "about 25 %, about 3 min 00 s left");
        assert_eq!(outlook(Some(0.0), minute), "about 0.00 %");
        assert_eq!(outlook(None, minute), "");
    }
}
