//! The display elsewhere than on a terminal: in the log of a batch job, say.

use super::{line, outlook, share, title};
use crate::figures;
use crate::runner::{Event, Job};
use crate::terminal;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How often a model that takes long is told of.
const EVERY: Duration = Duration::from_secs(30);

/// A line a model that has ended, and one now and then of those that take long.
pub(crate) struct Lines<'a> {
    jobs: &'a [Job],
    /// When each running model began, and when it was told of.
    running: BTreeMap<usize, (Instant, Instant)>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(jobs: &'a [Job]) -> Lines<'a> {
        Lines { jobs, running: BTreeMap::new() }
    }

    pub(super) fn show(&mut self, event: &Event) {
        if let Some(line) = self.line(event, Instant::now()) {
            terminal::complain(&line);
        }
    }

    /// What is to be said of what happened `now`.
    fn line(&mut self, event: &Event, now: Instant) -> Option<String> {
        match event {
            Event::Started(index) => {
                self.running.insert(*index, (now, now));
                None
            }
            Event::Progress(index, so_far) => {
                let (begun, told) = self.running.get_mut(index)?;
                if now - *told < EVERY {
                    return None;
                }
                *told = now;
                let (job, elapsed) = (&self.jobs[*index], now - *begun);
                let executions = figures::counted(so_far.executions, "execution");
                let outlook = outlook(share(job, *so_far), elapsed);
                let comma = if outlook.is_empty() { "" } else { ", " };
                Some(format!("{}: {executions}, {}{comma}{outlook}", title(job), figures::time(elapsed)))
            }
            Event::Ended(index, run) => {
                self.running.remove(index);
                Some(line(run))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::toys::{complete, job, toy};
    use netns_core::check::Progress;
    use netns_models::Model;

    #[test]
    fn what_takes_long_is_told_of_now_and_then() {
        static TOY: Model = toy("toy");
        let jobs = [job(&TOY, None)];
        let mut lines = Lines::of(&jobs);
        let begun = Instant::now();
        let so_far = Event::Progress(0, Progress { executions: 900, explored: Some(0.25) });
        let mut after = |event: &Event, seconds| lines.line(event, begun + Duration::from_secs(seconds));
        assert_eq!(after(&Event::Started(0), 0), None);
        assert_eq!(after(&so_far, 29), None);
        let told = "toy under loom: 900 executions, 30 s, about 25 %, about 1 min 30 s left";
        assert_eq!(after(&so_far, 30).as_deref(), Some(told));
        assert_eq!(after(&so_far, 31), None);
        let ended = Event::Ended(0, Box::new(complete(&TOY)));
        assert!(after(&ended, 32).is_some_and(|line| line.contains("complete")));
    }
}
