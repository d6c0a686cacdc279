//! The display on a terminal.

use super::{line, time_left};
use crate::exit::Exit;
use crate::figures;
use crate::runner::{Event, Job, Run};
use crate::verdict::Verdict;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const KNOWN: &str = "{prefix} {bar:24} {human_pos} of {human_len}  {msg}";
const UNKNOWN: &str = "{prefix} {spinner} {human_pos}  {msg}";
const TOTAL: &str = "{prefix} {msg}";
const TICK: Duration = Duration::from_millis(200);

/// A line a running model, and below them the total.
pub(crate) struct Bars<'a> {
    jobs: &'a [Job],
    begun: Instant,
    screen: MultiProgress,
    total: ProgressBar,
    running: BTreeMap<usize, ProgressBar>,
    done: Vec<u64>,
    ended: Vec<bool>,
    width: usize,
}

impl<'a> Bars<'a> {
    pub(super) fn of(jobs: &'a [Job]) -> Bars<'a> {
        let screen = MultiProgress::new();
        let width = jobs.iter().map(|job| job.model.name.len()).max().unwrap_or(0);
        let total = screen.add(ProgressBar::no_length().with_style(style(TOTAL)));
        total.set_prefix(format!("{:width$}", "total"));
        let (done, ended) = (vec![0; jobs.len()], vec![false; jobs.len()]);
        Bars { jobs, begun: Instant::now(), screen, total, running: BTreeMap::new(), done, ended, width }
    }

    pub(super) fn show(&mut self, event: &Event) {
        match event {
            Event::Started(index) => self.start(*index),
            Event::Progress(index, executions) => self.advance(*index, *executions),
            Event::Ended(index, run) => self.end(*index, run),
        }
        self.total.set_message(self.sum());
    }

    fn start(&mut self, index: usize) {
        let Job { model, expected, .. } = &self.jobs[index];
        let bar = match expected {
            Some(executions) => ProgressBar::new(*executions).with_style(style(KNOWN)),
            None => ProgressBar::no_length().with_style(style(UNKNOWN)),
        };
        let bar = self.screen.insert_before(&self.total, bar);
        bar.set_prefix(format!("{:1$}", model.name, self.width));
        bar.enable_steady_tick(TICK);
        self.running.insert(index, bar);
    }

    fn advance(&mut self, index: usize, executions: u64) {
        self.done[index] = executions;
        if let Some(bar) = self.running.get(&index) {
            if bar.length().is_some_and(|length| length < executions) {
                bar.set_length(executions);
            }
            bar.set_position(executions);
            let seconds = bar.elapsed().as_secs_f64().max(1e-9);
            bar.set_message(format!("{} per s", figures::rate(executions as f64 / seconds)));
        }
    }

    fn end(&mut self, index: usize, run: &Run) {
        self.done[index] = run.executions;
        self.ended[index] = true;
        if let Some(bar) = self.running.remove(&index) {
            bar.finish_and_clear();
            self.screen.remove(&bar);
        }
        if Exit::of([&Verdict::of(run)]) != Exit::Held {
            // A terminal that cannot be written to shows the table neither.
            let _ = self.screen.println(line(run));
        }
    }

    fn sum(&self) -> String {
        let ended = self.ended.iter().filter(|&&ended| ended).count();
        let elapsed = self.begun.elapsed();
        let executions = figures::counted(self.done.iter().sum(), "execution");
        let left = match self.left(elapsed) {
            Some(left) => format!("about {} left", figures::time(left)),
            None => "nobody knows how long".into(),
        };
        format!("{ended} of {} models, {executions}, {}, {left}", self.jobs.len(), figures::time(elapsed))
    }

    /// Known only when every model's number of executions is.
    fn left(&self, elapsed: Duration) -> Option<Duration> {
        let each = self.jobs.iter().zip(&self.done).zip(&self.ended);
        // What has ended had as many as it had; what goes on has at least as many as it has.
        let expected = each.map(|((job, &done), &ended)| if ended { Some(done) } else { job.expected });
        time_left(self.done.iter().sum(), expected.sum::<Option<u64>>()?, elapsed)
    }
}

impl Drop for Bars<'_> {
    fn drop(&mut self) {
        // As above.
        let _ = self.screen.clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is a constant")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::toys::{complete, job, toy};
    use netns_models::Model;

    #[test]
    fn the_templates_are_templates() {
        for template in [KNOWN, UNKNOWN, TOTAL] {
            style(template);
        }
    }

    #[test]
    fn what_has_ended_counts_with_what_it_had() {
        static TOYS: [Model; 2] = [toy("one"), toy("two")];
        let jobs = [job(&TOYS[0], None), job(&TOYS[1], Some(2 * 2_870))];
        let mut bars = Bars::of(&jobs);
        let minute = Duration::from_secs(60);
        bars.show(&Event::Started(0));
        bars.show(&Event::Progress(0, 512));
        assert_eq!(bars.left(minute), None);
        bars.show(&Event::Ended(0, Box::new(complete(&TOYS[0]))));
        assert_eq!(bars.left(minute), Some(2 * minute));
        assert!(bars.sum().starts_with("1 of 2 models, 2,870 executions, "), "{}", bars.sum());
    }
}
