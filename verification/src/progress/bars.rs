//! The display on a terminal.

use super::{line, outlook, share, time_left, title};
use crate::exit::Exit;
use crate::figures;
use crate::runner::{Event, Job, Run};
use crate::verdict::Verdict;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use netns_core::check::{Engine, Progress};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const KNOWN: &str = "{prefix} {bar:24} {msg}";
const UNKNOWN: &str = "{prefix} {spinner} {msg}";
const TOTAL: &str = "{prefix} {msg}";
const TICK: Duration = Duration::from_millis(200);
/// The length of a bar.
const WHOLE: u64 = 10_000;

/// A line a running model, and below them the total.
pub(crate) struct Bars<'a> {
    jobs: &'a [Job],
    begun: Instant,
    screen: MultiProgress,
    total: ProgressBar,
    running: BTreeMap<usize, ProgressBar>,
    states: Vec<State>,
    width: usize,
}

/// How far a job is.
#[derive(Debug, Clone, Copy)]
struct State {
    executions: u64,
    elapsed: Duration,
    share: Option<f64>,
    ended: bool,
}

impl State {
    const WAITING: State = State { executions: 0, elapsed: Duration::ZERO, share: None, ended: false };
}

impl<'a> Bars<'a> {
    pub(super) fn of(jobs: &'a [Job]) -> Bars<'a> {
        let screen = MultiProgress::new();
        let width = jobs.iter().map(|job| title(job).len()).max().unwrap_or(0);
        let total = screen.add(ProgressBar::no_length().with_style(style(TOTAL)));
        total.set_prefix(format!("{:width$}", "total"));
        let states = vec![State::WAITING; jobs.len()];
        Bars { jobs, begun: Instant::now(), screen, total, running: BTreeMap::new(), states, width }
    }

    pub(super) fn show(&mut self, event: &Event) {
        match event {
            Event::Started(index) => self.start(*index),
            Event::Progress(index, so_far) => {
                let elapsed = self.running.get(index).map_or(Duration::ZERO, ProgressBar::elapsed);
                self.advance(*index, *so_far, elapsed);
            }
            Event::Ended(index, run) => self.end(*index, run),
        }
        self.total.set_message(self.sum());
    }

    fn start(&mut self, index: usize) {
        let bar = ProgressBar::no_length().with_style(style(UNKNOWN));
        let bar = self.screen.insert_before(&self.total, bar);
        bar.set_prefix(format!("{:1$}", title(&self.jobs[index]), self.width));
        bar.enable_steady_tick(TICK);
        self.running.insert(index, bar);
    }

    fn advance(&mut self, index: usize, so_far: Progress, elapsed: Duration) {
        let share = share(&self.jobs[index], so_far);
        self.states[index] = State { executions: so_far.executions, elapsed, share, ended: false };
        if let Some(bar) = self.running.get(&index) {
            if let Some(share) = share {
                if bar.length().is_none() {
                    bar.set_style(style(KNOWN));
                    bar.set_length(WHOLE);
                }
                bar.set_position((share * WHOLE as f64) as u64);
            }
            let executions = figures::counted(so_far.executions, "execution");
            let per_second = so_far.executions as f64 / elapsed.as_secs_f64().max(1e-9);
            let rate = figures::rate(per_second);
            bar.set_message(format!("{executions}, {rate} per s  {}", outlook(share, elapsed)));
        }
    }

    fn end(&mut self, index: usize, run: &Run) {
        let Run { executions, blocked, elapsed, .. } = *run;
        self.states[index] =
            State { executions: executions + blocked, elapsed, share: Some(1.0), ended: true };
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
        let ended = self.states.iter().filter(|state| state.ended).count();
        let executions =
            figures::counted(self.states.iter().map(|state| state.executions).sum(), "execution");
        let left = match self.left() {
            Some(left) => format!("about {} left", figures::time(left)),
            None => "nobody knows how long".into(),
        };
        let (runs, elapsed) = (self.jobs.len(), figures::time(self.begun.elapsed()));
        format!("{ended} of {runs} runs, {executions}, {elapsed}, {left}")
    }

    /// Known only when every job's share or number of executions is.
    fn left(&self) -> Option<Duration> {
        let each = self.jobs.iter().zip(&self.states).map(|(job, state)| match state.share {
            Some(share) => time_left(share, state.elapsed),
            None => Duration::try_from_secs_f64(job.expected? as f64 / self.rate(job.plan.engine)?).ok(),
        });
        let work: Duration = each.sum::<Option<Duration>>()?;
        Some(work / u32::try_from(self.running.len()).unwrap_or(u32::MAX).max(1))
    }

    /// Executions a second of one run under `engine`, or, if there was none, under any.
    fn rate(&self, engine: Engine) -> Option<f64> {
        let rate = |is: &dyn Fn(Engine) -> bool| {
            let states = self.jobs.iter().zip(&self.states).filter(|(job, _)| is(job.plan.engine));
            let (executions, elapsed) = states
                .fold((0, Duration::ZERO), |(executions, elapsed), (_, state)| {
                    (executions + state.executions, elapsed + state.elapsed)
                });
            (executions > 0).then(|| executions as f64 / elapsed.as_secs_f64().max(1e-9))
        };
        rate(&|other| other == engine).or_else(|| rate(&|_| true))
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
    use crate::runner::toys::{complete, complete_under_rc11, job, toy};
    use netns_models::{Model, Plan};

    static TOYS: [Model; 3] = [toy("one"), toy("two"), toy("three")];

    #[test]
    fn the_templates_are_templates() {
        for template in [KNOWN, UNKNOWN, TOTAL] {
            style(template);
        }
    }

    #[test]
    fn what_waits_takes_as_long_as_what_ended_did() {
        let jobs = [job(&TOYS[0], None), job(&TOYS[1], Some(2 * 2_870))];
        let mut bars = Bars::of(&jobs);
        bars.show(&Event::Started(0));
        bars.advance(0, Progress { executions: 512, explored: None }, Duration::from_secs(1));
        assert_eq!(bars.left(), None, "of one nobody knows how many it has");
        bars.show(&Event::Ended(0, Box::new(complete(&TOYS[0]))));
        assert_eq!(bars.left(), Some(Duration::from_secs(4)));
        assert!(bars.sum().starts_with("1 of 2 runs, 2,870 executions, "), "{}", bars.sum());
    }

    #[test]
    fn what_runs_takes_its_share_and_each_engine_has_a_rate_of_its_own() {
        let rc11 = |model, expected| Job { plan: Plan::of(Engine::Rc11), ..job(model, expected) };
        let jobs = [
            rc11(&TOYS[0], None),
            rc11(&TOYS[1], None),
            rc11(&TOYS[2], Some(270)),
            job(&TOYS[0], Some(1_435)),
        ];
        let mut bars = Bars::of(&jobs[..3]);
        bars.show(&Event::Started(0));
        bars.show(&Event::Ended(0, Box::new(complete_under_rc11(&TOYS[0]))));
        bars.show(&Event::Started(1));
        let so_far = Progress { executions: 54, explored: Some(0.25) };
        bars.advance(1, so_far, Duration::from_secs(2));
        // 6 s for what is left of the second; the third has 270 at 108 in 4 s.
        assert_eq!(bars.left(), Some(Duration::from_secs(16)));
        let mut bars = Bars::of(&jobs[2..]);
        bars.show(&Event::Ended(0, Box::new(complete_under_rc11(&TOYS[2]))));
        assert!(bars.left().is_some(), "the rate of another engine is better than none");
    }
}
