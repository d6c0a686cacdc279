//! The one counterexample that is shown when all bugs were tried.

use super::{Bug, Trial, Verdict};
use crate::explain::{Counterexample, Sources, length, text};
use netns_core::check::Failure;

/// What has caught a bug.
#[derive(Debug)]
pub(crate) struct Shown<'t> {
    bug: &'t Bug,
    of: Counterexample,
}

/// Of the counterexamples of several threads that have caught a bug, the one whose story is the shortest.
pub(crate) fn shortest(trials: &[Trial]) -> Option<Shown<'_>> {
    let caught = trials.iter().filter_map(|trial| {
        let shown = Shown::of(trial)?;
        Some((length(&shown.of)?, shown))
    });
    caught.min_by_key(|(length, _)| *length).map(|(_, shown)| shown)
}

impl Shown<'_> {
    fn of(trial: &Trial) -> Option<Shown<'_>> {
        let Trial { bug, verdict: Verdict::Caught, failure: Some(failure), lines, .. } = trial else {
            return None;
        };
        let failure = Failure { reproduce: bug.picture(), ..failure.clone() };
        let of = Counterexample::new(bug.model.name, bug.engine, failure, &Sources::Excerpt(lines.clone()));
        Some(Shown { bug, of: of.about(vec![format!("The bug: {}", bug.story)]) })
    }

    /// It, and how others are shown.
    pub(crate) fn to_text(&self, coloured: bool) -> String {
        let Bug { name, kernel, .. } = self.bug;
        let story = text(&self.of, coloured);
        format!(
            "\n{name} ({kernel}), as it was found:\n\n{story}others: cargo verify explain --bug NAME; as a picture \
             with --format svg --out FILE\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bugs::trial::tests::{bug, trial};
    use crate::runner::{End, toys};
    use netns_core::check::EventRecord;

    /// The trial of a bug that was caught by so many operations of each of some threads.
    fn caught(name: &str, threads: &[(usize, usize)]) -> Trial {
        let event = |thread: usize, operation: usize| EventRecord {
            thread: format!("{thread}:t{thread}"),
            thread_number: thread,
            operation: "load".into(),
            object: format!("x{operation}"),
            ..EventRecord::default()
        };
        let of =
            |(thread, operations): &(usize, usize)| (0..*operations).map(|n| event(*thread, n)).collect();
        let events: Vec<Vec<EventRecord>> = threads.iter().map(of).collect();
        let failure = Failure { events: events.concat(), ..toys::failure() };
        trial(&Bug { name: name.into(), ..bug() }, End::Failed(Box::new(failure)))
    }

    #[test]
    fn the_shortest_story_of_several_threads_is_shown() {
        let alone = caught("alone", &[(0, 1)]);
        let otherwise = Trial { verdict: Verdict::NotRun, ..caught("otherwise", &[(0, 1), (1, 1)]) };
        let (long, short) = (caught("long", &[(0, 4), (1, 4)]), caught("short", &[(0, 2), (1, 2)]));
        let trials = [alone.clone(), otherwise, long, short];
        let shown = shortest(&trials).unwrap();
        assert_eq!(shown.bug.name, "short");
        let text = shown.to_text(false);
        assert!(
            text.starts_with("\nshort (CVE-1), as it was found:\n\ntoy under rc11: use after free\n"),
            "{text}"
        );
        assert!(text.contains("The bug: It is freed."), "{text}");
        assert!(
            text.contains("again: cargo verify explain toy --engine rc11 --bug short\nothers: "),
            "{text}"
        );
        assert!(text.lines().all(|line| line.len() <= 100), "{text}");
        assert!(shortest(&[alone]).is_none(), "nobody is in its way");
    }
}
