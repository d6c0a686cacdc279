//! What of an execution is shown, and what is folded.
//!
//! A failure is at the end of a long way. What its thread did, and what that depends on, tells of it; the rest does not.
//! Of what is left, runs of operations on what no other thread uses are of little interest, and so is how the first
//! thread set up the world before there was another.

use super::Counterexample;
use super::counterexample::{Role, Step};
use netns_core::check::{FailureKind, Source};
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

/// A line of the story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// A step.
    Step(usize),
    /// This step locks, and the next one unlocks.
    Section(usize),
    /// Steps that are not shown.
    Fold(Fold),
    /// A check fails that is no operation, in this lane.
    Fails(usize),
}

impl Line {
    /// The steps that it shows.
    pub(super) fn steps(&self) -> Range<usize> {
        match self {
            Line::Step(step) => *step..step + 1,
            Line::Section(lock) => *lock..lock + 2,
            Line::Fold(_) | Line::Fails(_) => 0..0,
        }
    }

    /// The lane that it is in.
    pub(super) fn lane(&self, of: &Counterexample) -> usize {
        match self {
            Line::Step(step) | Line::Section(step) => of.steps[*step].lane,
            Line::Fold(fold) => fold.lane,
            Line::Fails(lane) => *lane,
        }
    }
}

/// Steps of one thread, one after the other, that are not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fold {
    pub(super) lane: usize,
    pub(super) steps: usize,
    pub(super) why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// They come before the first start of a thread.
    SetUp,
    /// They are done to what no other thread uses.
    Private,
    /// What failed does not depend on them.
    Beside,
    /// They come when every other thread has ended.
    Afterwards,
    /// They are done to something else than what leaks.
    Elsewhere,
}

impl Fold {
    /// `54 operations of the set-up`.
    pub(super) fn words(&self) -> String {
        let operations = match self.steps {
            1 => "1 operation".to_owned(),
            n => format!("{n} operations"),
        };
        match self.why {
            Why::SetUp => format!("{operations} of the set-up"),
            Why::Private => format!("{operations} on what no other thread uses"),
            Why::Beside => format!("{operations} that this does not depend on"),
            Why::Afterwards => format!("{operations}, when every other thread has ended"),
            Why::Elsewhere => format!("{operations} on something else"),
        }
    }
}

/// So many steps are shown rather than folded.
const FEW: usize = 2;

/// The lines of a counterexample: those that tell of the failure, or all steps if that is asked for.
pub(super) fn story(of: &Counterexample) -> Vec<Line> {
    let steps = 0..of.steps.len();
    let fails = of.failed_lane().filter(|_| of.failure.event.is_none()).map(Line::Fails);
    if of.is_whole {
        return steps.map(Line::Step).chain(fails).collect();
    }
    let hidden = Hidden::of(of);
    let runs = runs(of, &hidden);
    let mut lines = Vec::new();
    for step in steps {
        match (hidden.why(step), runs.get(&step)) {
            (Some(why), Some(Run { first, steps })) if *steps > FEW => {
                if *first == step {
                    lines.push(Line::Fold(Fold { lane: of.steps[step].lane, steps: *steps, why }));
                }
            }
            _ => lines.push(Line::Step(step)),
        }
    }
    lines.extend(fails);
    sections(of, lines)
}

/// How long the story is, if it is one of several threads.
pub(crate) fn length(of: &Counterexample) -> Option<usize> {
    let lines = story(of);
    let lanes: BTreeSet<usize> = lines.iter().flat_map(Line::steps).map(|step| of.steps[step].lane).collect();
    (lanes.len() > 1).then_some(lines.len())
}

/// Where a lock is given back at once, both steps make one line.
fn sections(of: &Counterexample, lines: Vec<Line>) -> Vec<Line> {
    let step = |line: &Line| if let Line::Step(step) = line { Some(*step) } else { None };
    let is_section = |a: &Line, b: &Line| match (step(a), step(b)) {
        (Some(a), Some(b)) => b == a + 1 && is_a_section(&of.steps[a], &of.steps[b]),
        _ => false,
    };
    let mut joined: Vec<Line> = Vec::new();
    for line in lines {
        match joined.last_mut() {
            Some(last) if is_section(last, &line) => *last = Line::Section(step(last).unwrap_or_default()),
            _ => joined.push(line),
        }
    }
    joined
}

fn is_a_section(lock: &Step, unlock: &Step) -> bool {
    let is = |step: &Step, operation| step.role == Role::Plain && step.phrase.operation == operation;
    is(lock, "lock")
        && is(unlock, "unlock")
        && lock.lane == unlock.lane
        && lock.phrase.object == unlock.phrase.object
}

/// What is said of a section that begins with this step.
pub(super) fn section(lock: &Step) -> String {
    format!("lock and unlock {}", lock.phrase.object)
}

/// Steps of one thread that are hidden for the same reason, with none between that is shown.
#[derive(Debug, Clone, Copy)]
struct Run {
    first: usize,
    steps: usize,
}

/// The run that each hidden step is in.
fn runs(of: &Counterexample, hidden: &Hidden) -> HashMap<usize, Run> {
    let mut all = HashMap::new();
    for lane in 0..of.lanes.len() {
        let steps: Vec<usize> = (0..of.steps.len()).filter(|step| of.steps[*step].lane == lane).collect();
        for run in steps.chunk_by(|a, b| hidden.why(*a) == hidden.why(*b)) {
            if hidden.why(run[0]).is_some() {
                all.extend(run.iter().map(|step| (*step, Run { first: run[0], steps: run.len() })));
            }
        }
    }
    all
}

/// Why steps are hidden; `None` for those that are shown.
struct Hidden(Vec<Option<Why>>);

impl Hidden {
    fn of(of: &Counterexample) -> Hidden {
        let related = related(of);
        let begun = set_up(of);
        let (ended, leaked) = (ended(of), leaked(of));
        let named = named(of, &related);
        let users = users(of, &related, begun);
        let why = |index: usize| {
            let step = &of.steps[index];
            if named.contains(&index) {
                return None;
            }
            if !leaked.is_empty() {
                return (!counts(&leaked, step)).then_some(Why::Elsewhere);
            }
            let is_shown = if index < begun {
                return Some(Why::SetUp);
            } else if ended.contains(&index) {
                return Some(Why::Afterwards);
            } else if !related.contains(&index) {
                return Some(Why::Beside);
            } else if is_a_fence(step) {
                matters(of, index, &related)
            } else {
                is_of_threads(step) || users.get(step.phrase.object.as_str()).is_some_and(|all| all.len() > 1)
            };
            (!is_shown).then_some(Why::Private)
        };
        Hidden((0..of.steps.len()).map(why).collect())
    }

    fn why(&self, step: usize) -> Option<Why> {
        self.0[step]
    }
}

fn is_of_threads(step: &Step) -> bool {
    matches!(step.phrase.operation.as_str(), "spawn" | "join")
}

fn is_a_fence(step: &Step) -> bool {
    step.phrase.operation.ends_with("fence")
}

/// Whether a fence has to do with what other threads did, or would have to if they did more.
fn matters(of: &Counterexample, fence: usize, related: &BTreeSet<usize>) -> bool {
    let step = &of.steps[fence];
    if step.phrase.ordering != "acquire" {
        // One of the total order is about reads that are stale, or are not. A release is for who reads later.
        return step.phrase.ordering == "release"
            || related.iter().any(|step| of.steps[*step].missed.is_some());
    }
    let before = (0..fence).rev().filter(|before| of.steps[*before].lane == step.lane);
    let since_last = before.take_while(|before| of.steps[*before].phrase != step.phrase);
    !step.after.is_empty() || since_last.into_iter().any(|read| of.unordered_source(read).is_some())
}

/// How many steps come before the first start of a thread; 0 if none is started.
fn set_up(of: &Counterexample) -> usize {
    of.steps.iter().position(|step| step.phrase.operation == "spawn").unwrap_or(0)
}

/// What a thread does when it has waited for all others, but for its last few steps.
fn ended(of: &Counterexample) -> Range<usize> {
    let Some(last) = of.steps.last() else { return 0..0 };
    let is_join = |step: &Step| step.phrase.operation == "join";
    let alone = of.steps.iter().rposition(|step| step.lane != last.lane || is_join(step));
    let alone = alone.filter(|step| of.steps[*step].lane == last.lane);
    alone.map_or(0..0, |step| step + 1..of.steps.len().saturating_sub(FEW))
}

/// What is never freed, if that is what failed.
fn leaked(of: &Counterexample) -> BTreeSet<&str> {
    let done = |operation| move |step: &&Step| step.phrase.operation == operation;
    let names = |operation| of.steps.iter().filter(done(operation)).map(|step| step.phrase.object.as_str());
    let freed: BTreeSet<&str> = names("free").collect();
    let is_leak = |_: &&str| of.failure.kind == FailureKind::Leak;
    names("allocate").filter(is_leak).filter(|name| !freed.contains(name)).collect()
}

/// Whether a step has to do with how many hold what is never freed.
fn counts(leaked: &BTreeSet<&str>, step: &Step) -> bool {
    let object = step.phrase.object.as_str();
    let is_part = || object.split_once('.').is_some_and(|(whole, _)| leaked.contains(whole));
    is_of_threads(step) || leaked.contains(object) || is_part() && step.phrase.operation.starts_with("fetch_")
}

/// Which threads use an object, after the set-up.
fn users<'a>(
    of: &'a Counterexample,
    related: &BTreeSet<usize>,
    begun: usize,
) -> HashMap<&'a str, BTreeSet<usize>> {
    let mut users: HashMap<&str, BTreeSet<usize>> = HashMap::new();
    for step in related.iter().filter(|step| **step >= begun).map(|step| &of.steps[*step]) {
        users.entry(&step.phrase.object).or_default().insert(step.lane);
    }
    users
}

/// Steps that are shown whatever they are: those that failed, and those that a stale read is about, but for what is as
/// old as the set-up.
fn named(of: &Counterexample, related: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut named: BTreeSet<usize> =
        (0..of.steps.len()).filter(|step| of.steps[*step].role != Role::Plain).collect();
    for index in related {
        let step = &of.steps[*index];
        if let Some(missed) = step.missed {
            named.extend([*index, missed]);
            if let Some(Source::Event { event }) = step.reads
                && event >= set_up(of)
            {
                named.insert(event);
            }
        }
    }
    named
}

/// The steps that tell of the failure: those of the thread that failed, and of what it is in conflict with, all that
/// these depend on, and the stores that reads among them did not see, with what those depend on.
///
/// What a thread depends on is known if the engine knows it. Otherwise, and where no thread alone has failed, it is all.
pub(super) fn related(of: &Counterexample) -> BTreeSet<usize> {
    let all = || (0..of.steps.len()).collect();
    let is_of_all =
        matches!(of.failure.kind, FailureKind::Deadlock | FailureKind::Endless | FailureKind::NonDeterminism);
    let Some(lane) = of.failed_lane().filter(|_| of.is_certain() && !is_of_all) else { return all() };
    let last = of.steps.iter().rposition(|step| step.lane == lane);
    let mut left: Vec<usize> = last.into_iter().chain(of.failure.event).chain(of.failure.conflict).collect();
    let mut before = vec![None; of.steps.len()];
    let mut last_of = vec![None; of.lanes.len()];
    for (index, step) in of.steps.iter().enumerate() {
        before[index] = last_of[step.lane].replace(index);
    }
    let mut related = BTreeSet::new();
    while let Some(index) = left.pop() {
        if !related.insert(index) {
            continue;
        }
        let step = &of.steps[index];
        left.extend(before[index]);
        left.extend(&step.after);
        left.extend(step.missed);
        if let Some(Source::Event { event }) = step.reads {
            left.push(event);
        }
    }
    related
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::toys;
    use netns_core::check::Engine;

    /// The story in words.
    fn told(of: &Counterexample) -> Vec<String> {
        let line = |line: Line| match line {
            Line::Step(step) => (step + 1).to_string(),
            Line::Section(lock) => format!("{}-{}", lock + 1, lock + 2),
            Line::Fold(fold) => format!("{}: {}", of.lanes[fold.lane], fold.words()),
            Line::Fails(lane) => format!("{} fails", of.lanes[lane]),
        };
        story(of).into_iter().map(line).collect()
    }

    #[test]
    fn the_set_up_is_folded_and_what_matters_is_not() {
        let told = told(&toys::freed_too_early());
        assert_eq!(told, ["main: 3 operations of the set-up", "4", "5", "6", "7", "8", "9"]);
    }

    #[test]
    fn all_is_all() {
        let of = toys::freed_too_early().whole(true);
        assert_eq!(story(&of), (0..of.steps.len()).map(Line::Step).collect::<Vec<_>>());
    }

    #[test]
    fn what_no_other_thread_uses_is_folded() {
        let many = told(&toys::with_private_steps(FEW + 1));
        assert_eq!(
            many,
            ["1", "2", "main: 3 operations on what no other thread uses", "6", "7", "8", "main fails"]
        );
        let few = told(&toys::with_private_steps(FEW));
        assert_eq!(few, ["1", "2", "3", "4", "5", "6", "7", "main fails"], "a few are shown");
    }

    #[test]
    fn what_nothing_depends_on_is_folded() {
        let told = told(&toys::with_steps_beside());
        assert_eq!(told, ["1", "2", "other: 3 operations that this does not depend on", "6", "main fails"]);
    }

    #[test]
    fn a_fence_is_shown_where_it_could_order_something() {
        let is_shown = |of: &Counterexample, words: &str| {
            let fence = of.steps.iter().position(|step| step.phrase.to_string() == words).unwrap();
            Hidden::of(of).why(fence).is_none()
        };
        assert!(is_shown(&toys::freed_too_early(), "heavy fence"), "there is a stale read");
        assert!(is_shown(&toys::race(), "fence acquire"), "it comes after a read of another thread's store");
        let alone = toys::with_private_fences(FEW + 1);
        assert_eq!(told(&alone)[2], "main: 3 operations on what no other thread uses");
    }

    #[test]
    fn a_lock_that_is_given_back_at_once_is_one_line() {
        assert_eq!(told(&toys::with_steps_afterwards(0)), ["1", "2-3", "4", "main fails"]);
        let all = told(&toys::with_steps_afterwards(0).whole(true));
        assert_eq!(all, ["1", "2", "3", "4", "main fails"]);
    }

    #[test]
    fn a_story_is_as_long_as_its_lines_if_several_threads_are_in_it() {
        assert_eq!(length(&toys::freed_too_early()), Some(7));
        assert_eq!(length(&toys::freed_too_early().whole(true)), Some(9));
        assert_eq!(length(&toys::asserted("no")), None, "there is nobody else");
    }

    #[test]
    fn what_comes_when_all_others_have_ended_is_folded_but_for_the_last() {
        let folded = "main: 3 operations, when every other thread has ended";
        assert_eq!(told(&toys::with_steps_afterwards(5)), ["1", "2-3", "4", folded, "8", "9", "main fails"]);
    }

    #[test]
    fn a_leak_is_told_by_who_held_it() {
        let folded = "main: 4 operations on something else";
        assert_eq!(told(&toys::leak()), ["1", "2", "3", "4", folded, "9", "main fails"]);
    }

    #[test]
    fn what_was_missed_is_shown_with_what_its_thread_did_before() {
        let told = told(&toys::stale());
        assert_eq!(told, ["1", "other: 3 operations on what no other thread uses", "5", "6", "main fails"]);
    }

    #[test]
    fn under_an_engine_that_does_not_know_nothing_is_left_aside() {
        let mut of = toys::with_steps_beside();
        of.engine = Engine::Loom;
        assert_eq!(related(&of).len(), of.steps.len());
    }
}
