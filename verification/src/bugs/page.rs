//! The page that people read: the table, what went wrong, the summary.

mod matrix;

pub(crate) use matrix::MatrixPage;

use super::trial::{Trial, Verdict};
use crate::figures::{self, counted};
use comfy_table::{CellAlignment, Table, presets};
use std::fmt::{Display, Formatter, Result};
use std::time::Duration;

const HEADER: [&str; 7] =
    ["bug", "fixed in the kernel by", "model", "engine", "execution", "time", "verdict"];
const NUMBERS: [usize; 2] = [4, 5];

/// The whole page.
pub(crate) struct Page<'a> {
    pub(crate) trials: &'a [Trial],
    pub(crate) wall: Duration,
    /// Whether each story is told, with the execution that shows the bug.
    pub(crate) stories: bool,
}

impl Display for Page<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(f, "{}\n", table(self.trials))?;
        for trial in self.trials {
            if self.stories {
                story(trial, f)?;
            }
            trouble(trial, f)?;
        }
        writeln!(
            f,
            "{} in {}: {}",
            counted(self.trials.len() as u64, "bug"),
            figures::time(self.wall),
            self.sum()
        )?;
        let changed = self.trials.iter().filter(|trial| trial.other_count().is_some()).count();
        if changed > 0 {
            let bugs = counted(changed as u64, "bug");
            writeln!(
                f,
                "{bugs} found in another execution than before: `cargo verify bugs --bless` notes which"
            )?;
        }
        Ok(())
    }
}

impl Page<'_> {
    /// How many of each verdict.
    fn sum(&self) -> String {
        let mut sums: Vec<(String, u64)> = Vec::new();
        for trial in self.trials {
            let name = match &trial.verdict {
                Verdict::Missed { .. } => "MISSED".into(),
                verdict => verdict.to_string(),
            };
            match sums.iter_mut().find(|(known, _)| *known == name) {
                Some((_, number)) => *number += 1,
                None => sums.push((name, 1)),
            }
        }
        let said: Vec<String> =
            sums.iter().map(|(name, number)| format!("{} {name}", figures::count(*number))).collect();
        said.join(", ")
    }
}

/// The table, without the end of its last line.
fn table(trials: &[Trial]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(HEADER).add_rows(trials.iter().map(row));
    for column in NUMBERS {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

fn row(trial: &Trial) -> [String; 7] {
    let ran = trial.executions > 0;
    let if_ran = |text: String| if ran { text } else { String::new() };
    [
        trial.bug.name.clone(),
        trial.bug.kernel.clone(),
        trial.bug.model.name.into(),
        trial.bug.engine.to_string(),
        if_ran(figures::count(trial.executions)),
        if_ran(figures::time(trial.elapsed)),
        verdict(trial),
    ]
}

/// The verdict, with the mark of a number that differs.
fn verdict(trial: &Trial) -> String {
    let mark = trial.other_count().map(|was| format!("; execution was {}", figures::count(was)));
    format!("{}{}", trial.verdict, mark.unwrap_or_default())
}

/// What a bug is, and the execution that shows it.
fn story(Trial { bug, failure, .. }: &Trial, f: &mut Formatter<'_>) -> Result {
    writeln!(f, "{}: {}", bug.name, bug.story)?;
    match failure {
        Some(failure) => writeln!(f, "{failure}  a picture: {}\n", bug.picture()),
        None => Ok(()),
    }
}

/// Why a bug was not caught, in full.
fn trouble(Trial { bug, verdict, .. }: &Trial, f: &mut Formatter<'_>) -> Result {
    let name = &bug.name;
    match verdict {
        Verdict::Caught | Verdict::Missed { .. } | Verdict::Stopped | Verdict::NotRun => Ok(()),
        Verdict::Otherwise { kind, message } => {
            writeln!(f, "{name}: {} should say \"{}\" ({})", bug.model.name, bug.says, bug.kind)?;
            writeln!(f, "but says ({kind}): {message}\n")
        }
        Verdict::Died { how } => writeln!(f, "{name}: the process of {} died: {how}\n", bug.model.name),
        Verdict::DoesNotApply { words } | Verdict::DoesNotBuild { words } | Verdict::Io { words } => {
            writeln!(f, "{name}: {verdict}\n{words}\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::tests::{bug, failed, trial};
    use super::*;
    use crate::bugs::Bug;
    use crate::runner::End;

    fn page(trials: &[Trial], stories: bool) -> String {
        Page { trials, wall: Duration::from_secs(2), stories }.to_string()
    }

    #[test]
    fn a_bug_that_is_caught_is_a_line() {
        let caught = trial(&bug(), failed());
        let row = row(&caught);
        assert_eq!(row, ["toy-freed", "CVE-1", "toy", "rc11", "17", "2.0 s", "caught"]);
        let page = page(&[caught], false);
        assert_eq!(page.lines().count(), 4, "{page}");
        assert!(page.ends_with("\n1 bug in 2.0 s: 1 caught\n"), "{page}");
    }

    #[test]
    fn another_number_of_the_execution_is_marked() {
        let trial = trial(&Bug { executions: 1_234, ..bug() }, failed());
        assert_eq!(row(&trial)[6], "caught; execution was 1,234");
        assert!(page(&[trial], false).contains("\n1 bug found in another execution than before: "));
    }

    #[test]
    fn a_story_is_told_with_its_execution_where_it_is_asked_for() {
        let caught = trial(&bug(), failed());
        let page = page(&[caught], true);
        assert!(page.contains("toy-freed: It is freed.\nuse after free: net#1 was freed\n"), "{page}");
        let picture = "\n  a picture: cargo verify explain toy --engine rc11 --bug toy-freed\n";
        assert!(page.contains(picture), "{page}");
    }

    #[test]
    fn what_goes_wrong_is_told_in_full() {
        let otherwise = trial(&Bug { says: "was locked".into(), ..bug() }, failed());
        let words = "error: patch failed".to_owned();
        let broken = Trial { verdict: Verdict::DoesNotApply { words }, ..Trial::not_run(&bug()) };
        assert_eq!(row(&broken)[4..], ["", "", "DOES NOT APPLY"]);
        let page = page(&[otherwise, broken, trial(&bug(), End::Stopped)], false);
        assert!(
            page.contains("toy should say \"was locked\" (use after free)\nbut says (use after free): net#1")
        );
        assert!(page.contains("toy-freed: DOES NOT APPLY\nerror: patch failed\n"), "{page}");
        let sum = "3 bugs in 2.0 s: 1 FAILED OTHERWISE, 1 DOES NOT APPLY, 1 stopped\n";
        assert!(page.ends_with(sum), "{page}");
    }
}
