//! What holds of the list of models itself.

use libtest_mimic::{Failed, Trial};
use netns_models::{Model, all, known};
use std::collections::BTreeSet;

/// INVARIANTS.md numbers them from 1 to 28; what stands above the core begins after 23.
const ALL: std::ops::RangeInclusive<u8> = 1..=28;
const CORE: std::ops::RangeInclusive<u8> = 1..=23;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("registry::names_are_unique", names_are_unique),
        each("registry::names_are_words_joined_by_hyphens", |model| is_kebab_case(model.name)),
        each("registry::claims_are_numbers_of_invariants", |model| {
            model.claims.iter().all(|claim| ALL.contains(claim))
        }),
        each("registry::every_model_says_what_it_is_about", |model| !model.about.trim().is_empty()),
        each("registry::every_race_names_the_outcomes_it_reaches", |model| {
            model.threads < 2 || !model.reaches.is_empty()
        }),
        Trial::test("registry::every_invariant_of_the_core_is_claimed_without_a_bound", core_is_claimed)
            .with_ignored_flag(all().is_empty()),
    ]
}

/// A trial that fails with the names of the models that are not as `is_right` says.
fn each(name: &str, is_right: fn(&Model) -> bool) -> Trial {
    Trial::test(name, move || {
        let wrong: Vec<_> = known().filter(|model| !is_right(model)).map(|model| model.name).collect();
        if wrong.is_empty() { Ok(()) } else { Err(format!("not so: {}", wrong.join(", ")).into()) }
    })
}

fn names_are_unique() -> Result<(), Failed> {
    let mut seen = BTreeSet::new();
    match known().find(|model| !seen.insert(model.name)) {
        Some(twice) => Err(format!("two models are named {}", twice.name).into()),
        None => Ok(()),
    }
}

fn is_kebab_case(name: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    name.split('-').all(is_word)
}

fn core_is_claimed() -> Result<(), Failed> {
    let unbounded = all().into_iter().filter(|model| model.preemptions.is_none());
    let claimed: BTreeSet<u8> = unbounded.flat_map(|model| model.claims).copied().collect();
    let missing: Vec<_> = CORE.filter(|number| !claimed.contains(number)).map(|n| n.to_string()).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("nobody claims {}", missing.join(", ")).into()) }
}
