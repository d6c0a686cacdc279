//! What went wrong, in sentences.

use super::Counterexample;
use super::counterexample::{Role, Step};
use super::story;
use netns_core::check::FailureKind;

/// What went wrong, and whether that takes weak memory.
pub(super) fn claim(of: &Counterexample) -> Vec<String> {
    let mut claim = vec![wrong(of)];
    claim.extend(memory(of));
    claim
}

fn wrong(of: &Counterexample) -> String {
    let failure = &of.failure;
    if failure.kind == FailureKind::Deadlock && !of.steps.is_empty() {
        return deadlock(of);
    }
    let said = one_line(&failure.message);
    let (Some(event), Some(conflict)) = (failure.event, failure.conflict) else {
        return match (failure.kind, of.failed_lane()) {
            (FailureKind::Assertion, Some(lane)) => format!("{}: {said}", of.lanes[lane]),
            _ => said,
        };
    };
    let [failed, other] = [event, conflict].map(|index| &of.steps[index]);
    let [who, whom] = [failed, other].map(|step| of.lanes[step.lane].as_str());
    let (this, that) = (event + 1, conflict + 1);
    let object = &failure.object;
    let done = |operation: &str| match operation {
        "write" => "writes".to_owned(),
        "read" => "reads".to_owned(),
        "free" => "frees".to_owned(),
        _ => "accesses".to_owned(),
    };
    let (mine, theirs) = (done(&failed.phrase.operation), done(&other.phrase.operation));
    match failure.kind {
        FailureKind::DoubleFree => {
            format!("{who} frees {object} in step {this}, which {whom} has freed in step {that}.")
        }
        FailureKind::UseAfterFree if failed.phrase.operation == "free" => format!(
            "{who} frees {object} in step {this}, and {whom} accesses it in step {that}: nothing makes that \
             happen before the free."
        ),
        FailureKind::UseAfterFree => {
            format!("{who} accesses {object} in step {this}, which {whom} has freed in step {that}.")
        }
        FailureKind::DataRace if other.phrase.operation == "allocate" => format!(
            "{who} reaches {object} in step {this}, and its allocation by {whom} in step {that} does not happen \
             before: what it finds there need not be filled in."
        ),
        _ => format!(
            "{who} {mine} {object} in step {this}, and {whom} {theirs} it in step {that}: neither happens before \
             the other."
        ),
    }
}

/// Who waits for what.
fn deadlock(of: &Counterexample) -> String {
    let waits = of.steps.iter().enumerate().filter(|(_, step)| step.role == Role::Waits);
    let waits: Vec<String> = waits
        .map(|(index, step)| {
            let who = &of.lanes[step.lane];
            format!("{who} waits for ever in step {}: {}{}", index + 1, step.phrase, held(of, step))
        })
        .collect();
    format!("Nobody can go on: {}.", waits.join("; "))
}

/// Who has the lock that a step waits for.
fn held(of: &Counterexample, waiting: &Step) -> String {
    let is_of_it = |step: &&Step| step.role == Role::Plain && step.phrase.object == waiting.phrase.object;
    let last =
        of.steps.iter().rposition(|step| is_of_it(&step)).filter(|_| waiting.phrase.operation == "lock");
    let holder = last.filter(|last| of.steps[*last].phrase.operation == "lock");
    holder.map_or_else(String::new, |lock| {
        let who = &of.lanes[of.steps[lock].lane];
        format!(", which {who} has had since step {}", lock + 1)
    })
}

/// Whether an interleaving is enough, where that is known.
fn memory(of: &Counterexample) -> Option<String> {
    if !of.is_certain() || of.steps.is_empty() {
        return None;
    }
    let stale = story::related(of).into_iter().filter(|step| of.steps[*step].missed.is_some()).count();
    Some(match stale {
        0 if of.steps.iter().any(|step| step.missed.is_some()) => {
            "Every read that this depends on reads the newest value.".into()
        }
        0 => "Every read reads the newest value: this is an interleaving.".into(),
        1 => {
            "This is no interleaving: one read does not read the newest value, which the memory model allows."
                .into()
        }
        _ => format!(
            "This is no interleaving: {stale} reads do not read the newest value, which the memory model allows."
        ),
    })
}

/// A message without its line breaks.
pub(super) fn one_line(message: &str) -> String {
    message.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use crate::explain::toys;

    #[test]
    fn a_use_after_free_names_who_and_where() {
        let claim = toys::freed_too_early().claim;
        assert_eq!(
            claim[0],
            "main frees Net#2 in step 9, and lookup accesses it in step 7: nothing makes that happen before the free."
        );
        assert!(claim[1].starts_with("This is no interleaving: one read"), "{}", claim[1]);
    }

    #[test]
    fn a_race_names_both() {
        assert_eq!(
            toys::race().claim,
            [
                "main writes data in step 6, and holder reads it in step 2: neither happens before the other.",
                "Every read reads the newest value: this is an interleaving.",
            ]
        );
    }

    #[test]
    fn a_deadlock_says_who_waits_for_what() {
        let expected = "Nobody can go on: main waits for ever in step 4: lock second, which other has had since \
                        step 3; other waits for ever in step 5: lock first, which main has had since step 2.";
        assert_eq!(toys::deadlock().claim[0], expected);
    }

    #[test]
    fn an_assertion_is_what_it_says_on_one_line() {
        let claim = toys::asserted("left is not right\n  left: 1\n right: 2").claim;
        assert_eq!(claim[0], "main: left is not right; left: 1; right: 2");
    }

    #[test]
    fn what_loom_does_not_know_is_not_said() {
        assert_eq!(toys::under_loom().claim.len(), 1);
    }
}
