//! What is shown while a campaign runs: a bar on a terminal, lines elsewhere. On standard error.

use super::chunk::{Campaign, Size};
use super::tally::Tally;
use crate::cli::PartOf;
use crate::runner::Run;
use crate::{figures, progress, terminal};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

const TEMPLATE: &str = "campaign {bar:24} {msg}";
/// The length of the bar.
const WHOLE: u64 = 10_000;
/// How often a line is written where there is no terminal.
const EVERY: Duration = Duration::from_secs(30);

/// What is shown while a campaign runs.
pub(super) struct Display {
    begun: Instant,
    size: Size,
    /// The executions that there will be; of no meaning if it is time that ends it.
    expected: u64,
    executions: u64,
    failing: u64,
    bar: Option<ProgressBar>,
    /// When a line was written.
    told: Option<Instant>,
}

impl Display {
    pub(super) fn of(campaign: &Campaign, shard: PartOf) -> Display {
        let expected = campaign.executions_of(shard).unwrap_or(0);
        let bar = stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template(TEMPLATE).expect("the template is a constant");
            ProgressBar::new(WHOLE).with_style(style)
        });
        let (begun, size) = (Instant::now(), campaign.size);
        Display { begun, size, expected, executions: 0, failing: 0, bar, told: None }
    }

    /// Shows a chunk that has ended.
    pub(super) fn show(&mut self, run: &Run, tally: &Tally) {
        self.executions += tally.executions;
        self.failing += tally.failing;
        if let (1, Some(first)) = (self.failing, &tally.first) {
            self.say(&format!("{}: {}; again: {}", run.model.name, first.verdict, first.again));
        }
        let elapsed = self.begun.elapsed();
        let message = self.message(elapsed);
        if let Some(bar) = &self.bar {
            bar.set_position((self.share(elapsed) * WHOLE as f64) as u64);
            bar.set_message(message);
        } else if self.told.is_none_or(|told| told.elapsed() >= EVERY) {
            self.told = Some(Instant::now());
            terminal::complain(&message);
        }
    }

    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => terminal::complain(line),
        }
    }

    /// The share that is done.
    fn share(&self, elapsed: Duration) -> f64 {
        let share = match self.size {
            Size::Executions(_) => self.executions as f64 / self.expected.max(1) as f64,
            Size::Time(time) => elapsed.as_secs_f64() / time.as_secs_f64().max(1e-9),
        };
        share.min(1.0)
    }

    /// `1,200 executions, 640 per s, 19 s, about 37 %, about 32 s left`.
    fn message(&self, elapsed: Duration) -> String {
        let executions = figures::counted(self.executions, "execution");
        let rate = figures::rate(self.executions as f64 / elapsed.as_secs_f64().max(1e-9));
        let failing = match self.failing {
            0 => String::new(),
            n => format!(", {} FAILED", figures::counted(n, "chunk")),
        };
        let outlook = progress::outlook(Some(self.share(elapsed)), elapsed);
        format!("{executions}, {rate} per s{failing}, {}, {outlook}", figures::time(elapsed))
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::tests::shard;
    use super::*;

    #[test]
    fn it_says_how_far_it_is_and_how_long_the_rest_takes() {
        let mut campaign = shard(0, false).campaign;
        campaign.size = Size::Executions(4_000);
        let mut display = Display::of(&campaign, PartOf { part: 0, of: 4 });
        display.executions = 250;
        let expected = "250 executions, 25 per s, 10 s, about 25 %, about 30 s left";
        assert_eq!(display.message(Duration::from_secs(10)), expected);
        display.size = Size::Time(Duration::from_secs(40));
        display.failing = 1;
        let expected = "250 executions, 25 per s, 1 chunk FAILED, 10 s, about 25 %, about 30 s left";
        assert_eq!(display.message(Duration::from_secs(10)), expected);
    }
}
