//! A failed execution, ready to be shown.

use super::phrase::{Phrase, name};
use super::source::{Place, Sources};
use super::words;
use netns_core::check::{Engine, EventRecord, Failure, FailureKind, Source};

/// A failed execution, ready to be shown.
#[derive(Debug, Clone)]
pub(crate) struct Counterexample {
    /// The model.
    pub(crate) model: String,
    /// The engine.
    pub(crate) engine: Engine,
    /// What failed.
    pub(crate) failure: Failure,
    /// What went wrong, in sentences.
    pub(crate) claim: Vec<String>,
    /// What the model is about, and the bug that was put back, if one was.
    pub(crate) about: Vec<String>,
    /// How it was found, and how far a simpler one was looked for; empty if nobody said.
    pub(crate) found: String,
    /// Whether each step is shown, and not those alone that tell of the failure.
    pub(super) is_whole: bool,
    /// The names of the threads, a lane each.
    pub(super) lanes: Vec<String>,
    /// The operations.
    pub(super) steps: Vec<Step>,
    /// Where the check is that failed, if that is in the program, and no step says it.
    pub(super) place: Option<Place>,
    /// The source text there.
    check: Option<String>,
    /// For each step, how many of each lane happen before it, itself included; as far as the engine knows.
    pub(super) past: Vec<Vec<usize>>,
}

/// An operation.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) lane: usize,
    pub(super) phrase: Phrase,
    pub(super) place: Option<Place>,
    /// The text at that place.
    pub(super) source: Option<String>,
    /// What it reads from, if that is known.
    pub(super) reads: Option<Source>,
    /// The newer store that it did not see.
    pub(super) missed: Option<usize>,
    /// The steps of other threads that it comes after by synchronisation.
    pub(super) after: Vec<usize>,
    pub(super) role: Role,
}

impl Step {
    /// Its source text, or where that is; empty if nobody knows.
    pub(super) fn source(&self) -> String {
        let place = || self.place.as_ref().map(Place::to_string);
        self.source.clone().or_else(place).unwrap_or_default()
    }
}

/// What a step has to do with what failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Nothing by itself.
    Plain,
    /// It failed.
    Failed,
    /// What failed is in conflict with it.
    Conflict,
    /// Its thread waits for ever.
    Waits,
}

impl Counterexample {
    /// The counterexample that a failure of a model is.
    pub(crate) fn new(model: &str, engine: Engine, failure: Failure, sources: &Sources) -> Counterexample {
        let failure = without_dangling(failure);
        let numbers = thread_numbers(&failure);
        let lanes = lane_names(&failure, &numbers);
        let steps = (0..failure.events.len()).map(|index| step(&failure, index, &numbers, sources)).collect();
        let place = place(&failure);
        let check = place.as_ref().and_then(|place| sources.line(place));
        let mut this = Counterexample {
            model: model.into(),
            engine,
            failure,
            claim: Vec::new(),
            about: Vec::new(),
            found: String::new(),
            is_whole: false,
            lanes,
            steps,
            past: Vec::new(),
            place,
            check,
        };
        this.find_pasts();
        this.claim = words::claim(&this);
        this
    }

    /// The model, the engine and what failed.
    pub(super) fn title(&self) -> String {
        format!("{} under {}: {}", self.model, self.engine, self.failure.kind)
    }

    /// With each step shown, or with those that tell of the failure.
    pub(crate) fn whole(self, is_whole: bool) -> Counterexample {
        Counterexample { is_whole, ..self }
    }

    /// With what it is about.
    pub(crate) fn about(self, about: Vec<String>) -> Counterexample {
        Counterexample { about, ..self }
    }

    /// With how it was found.
    pub(crate) fn found(self, found: String) -> Counterexample {
        Counterexample { found, ..self }
    }

    /// The step of another thread that stored what this one reads, if that does not happen before anyway.
    pub(super) fn unordered_source(&self, step: usize) -> Option<usize> {
        let Some(Source::Event { event }) = self.steps[step].reads else { return None };
        let lane = self.steps[event].lane;
        let is_past = self.past[step][lane] >= self.past[event][lane];
        (lane != self.steps[step].lane && !is_past).then_some(event)
    }

    /// Finds what happens before each step, and forgets what synchronises with it that did so anyway.
    fn find_pasts(&mut self) {
        let mut last = vec![vec![0; self.lanes.len()]; self.lanes.len()];
        for index in 0..self.steps.len() {
            let lane = self.steps[index].lane;
            let mut past = last[lane].clone();
            // What synchronises is told before. The last of it may come after the rest.
            let mut after = std::mem::take(&mut self.steps[index].after);
            after.sort_unstable_by(|a, b| b.cmp(a));
            after.retain(|other| {
                let lane = self.steps[*other].lane;
                let is_news = *other < index && past[lane] < self.past[*other][lane];
                if is_news {
                    let before = &self.past[*other];
                    past.iter_mut().zip(before).for_each(|(mine, theirs)| *mine = (*mine).max(*theirs));
                }
                is_news
            });
            after.reverse();
            past[lane] += 1;
            last[lane].clone_from(&past);
            self.steps[index].after = after;
            self.past.push(past);
        }
    }

    /// The source text of the check that failed, or where it is; empty if nobody knows.
    pub(super) fn check(&self) -> String {
        let place = || self.place.as_ref().map(Place::to_string);
        self.check.clone().or_else(place).unwrap_or_default()
    }

    /// The lane of the thread that failed.
    pub(super) fn failed_lane(&self) -> Option<usize> {
        let thread = self.failure.thread?;
        let is_of_it = |event: &EventRecord| event.thread_number == thread;
        self.failure.events.iter().position(is_of_it).map(|step| self.steps[step].lane)
    }

    /// Whether the engine knows what reads read, and what synchronises.
    pub(super) fn is_certain(&self) -> bool {
        self.engine == Engine::Rc11
    }
}

/// Without mentions of events that are not there, as a file may have them.
fn without_dangling(mut failure: Failure) -> Failure {
    let events = failure.events.len();
    let is_there = |event: &usize| *event < events;
    failure.event = failure.event.filter(is_there);
    failure.conflict = failure.conflict.filter(is_there);
    for event in &mut failure.events {
        event.reads = event.reads.filter(|read| !matches!(read, Source::Event { event } if !is_there(event)));
        event.missed = event.missed.filter(is_there);
        event.synchronises.retain(is_there);
    }
    failure
}

/// Where the check is that failed. A deadlock is where its threads wait, a free is wherever the last owner goes, and a
/// leak is nowhere.
fn place(failure: &Failure) -> Option<Place> {
    let is_free = failure.event.is_some_and(|event| failure.events[event].operation == "free");
    let is_nowhere = is_free || matches!(failure.kind, FailureKind::Deadlock | FailureKind::Leak);
    Place::parse(&failure.location).filter(|place| !is_nowhere && !place.is_of_facade())
}

/// The threads that did something, by their numbers.
fn thread_numbers(failure: &Failure) -> Vec<usize> {
    let mut numbers: Vec<usize> = failure.events.iter().map(|event| event.thread_number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Their names, with their numbers where several have the same.
fn lane_names(failure: &Failure, numbers: &[usize]) -> Vec<String> {
    let label = |number: &usize| {
        let event = failure.events.iter().find(|event| event.thread_number == *number);
        name(&event.expect("each number is of an event").thread)
    };
    let names: Vec<String> = numbers.iter().map(label).collect();
    let several = |name: &String| names.iter().filter(|other| *other == name).count() > 1;
    let named = names.iter().zip(numbers);
    named
        .map(|(name, number)| if several(name) { format!("{name} {number}") } else { name.clone() })
        .collect()
}

fn step(failure: &Failure, index: usize, numbers: &[usize], sources: &Sources) -> Step {
    let event = &failure.events[index];
    let lane = |event: &EventRecord| {
        numbers.iter().position(|number| *number == event.thread_number).expect("it is one of them")
    };
    let is_of_another = |other: &&usize| failure.events[**other].thread_number != event.thread_number;
    let place = Place::parse(&event.location);
    let is_told = |place: &&Place| !place.is_of_facade();
    Step {
        lane: lane(event),
        phrase: Phrase::of(event),
        source: place.as_ref().filter(is_told).and_then(|place| sources.line(place)),
        place: place.filter(|place| is_told(&place)),
        reads: event.reads,
        missed: event.missed,
        after: event.synchronises.iter().filter(is_of_another).copied().collect(),
        role: if failure.event == Some(index) {
            Role::Failed
        } else if failure.conflict == Some(index) {
            Role::Conflict
        } else if failure.kind == FailureKind::Deadlock && waits(failure, index) {
            Role::Waits
        } else {
            Role::Plain
        },
    }
}

/// Whether the last operation of a thread is one that is not done, or a wait for a notification that did not come.
fn waits(failure: &Failure, index: usize) -> bool {
    let event = &failure.events[index];
    let is_last = failure.events[index + 1..].iter().all(|later| later.thread_number != event.thread_number);
    event.value == "waits" || is_last && event.operation == "wait"
}

#[cfg(test)]
mod tests {
    use crate::explain::{dot, json, shiviz, svg, text, toys};

    #[test]
    fn threads_of_one_name_are_told_apart() {
        assert_eq!(toys::namesakes().lanes, ["twin 1", "twin 2"]);
        assert_eq!(toys::race().lanes, ["main", "holder"]);
    }

    #[test]
    fn what_is_not_there_is_not_shown() {
        let of = toys::of_nobody();
        assert_eq!((of.failure.event, of.failure.conflict), (None, None));
        assert_eq!((of.steps[1].reads, of.steps[1].missed), (None, None));
        assert_eq!(of.steps[1].after, [0]);
        let shown = [svg(&of), shiviz(&of), dot(&of), json(&of)];
        assert!(shown.iter().all(|shown| shown.contains("cell")));
        let text = text(&of, false);
        assert!(text.lines().count() > 60, "though 60 lanes leave no room beside them");
        assert!(text.lines().all(|line| console::measure_text_width(line) <= 100), "{text}");
    }

    #[test]
    fn what_happens_before_anyway_synchronises_no_more() {
        let after: Vec<Vec<usize>> = toys::namesakes().steps.into_iter().map(|step| step.after).collect();
        assert_eq!(after, [vec![], vec![0], vec![]]);
        assert_eq!(toys::handed_on().steps[3].after, [2], "the first is before the second");
    }

    #[test]
    fn where_it_failed_is_told_if_that_is_in_the_program() {
        assert_eq!(toys::leak().place, None, "where the facade finds a leak is no place of the program");
        assert_eq!(toys::freed_too_early().place, None, "nobody frees by name");
        assert_eq!(toys::asserted("no").check(), "src/toys.rs:17");
    }
}
