//! Invariants by number.

use std::collections::BTreeSet;

/// The invariants of the namespace core, as INVARIANTS.md numbers them.
pub(crate) const CORE: std::ops::RangeInclusive<u8> = 1..=28;

/// What each of them is about, from 1 on.
const TITLES: [&str; 28] = [
    "A count never leaves zero, and a namespace is queued for cleanup once",
    "Every namespace whose count reached zero is cleaned up: no wake-up is lost",
    "The memory of a namespace is freed once, after all that still needs it",
    "A slot array is freed once, and one that was replaced after a grace period",
    "A passive holder never reaches data or an owner that is gone",
    "The initial namespace is never cleaned up",
    "A creation that fails gives everything back",
    "A counter that would overflow leaks its namespace, and never frees it early",
    "An exit runs once for each init that succeeded, and for no other",
    "Exits run in the reverse order of inits, those of devices before those of subsystems",
    "In a batch, an operation's exits and then its batch exit come before the next operation's",
    "Data outlives all exits of its namespace, and the callbacks that they queued",
    "A registration is all or nothing",
    "A registration covers every namespace; after its end none of its callbacks runs",
    "Nothing deadlocks: locks have one order, and what would break it is refused",
    "A slot gives its operation's data from init to exit, and nothing else",
    "Who sees data sees all that was written before it was published",
    "An array never claims more slots than were allocated for it",
    "A namespace is listed only between its last init and the start of its cleanup",
    "No walker of the list is left when the exits of what it found begin",
    "A grace period outlasts every reader that began before it",
    "A barrier returns after every callback that was queued before it",
    "Namespaces that die together share one grace period, and none is missed",
    "A peer has one id and an id one peer; a lookup gives a counted reference or nothing",
    "No table holds what is unlisted, and a dying observer's takes nothing in",
    "Every change of an id is told once, after it, to all who were subscribed",
    "A dump neither misses nor repeats an id that was there throughout",
    "The table of ids is linearisable, and gives the lowest free id",
];

/// What an invariant of the core is about, in a line.
pub(crate) fn title(number: u8) -> Option<&'static str> {
    TITLES.get(usize::from(number).checked_sub(1)?).copied()
}

/// Numbers in a few characters: `1-3,9`.
pub(crate) fn ranges(numbers: &[u8]) -> String {
    let sorted: Vec<u8> = BTreeSet::from_iter(numbers.iter().copied()).into_iter().collect();
    let runs = sorted.chunk_by(|a, b| a + 1 == *b).map(|run| match run {
        [first, _, .., last] => format!("{first}-{last}"),
        few => few.iter().map(u8::to_string).collect::<Vec<_>>().join(","),
    });
    runs.collect::<Vec<_>>().join(",")
}

/// The invariants of the core that are in none of `claims`.
pub(crate) fn unclaimed<'a>(claims: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let claimed: BTreeSet<u8> = claims.into_iter().flatten().copied().collect();
    CORE.filter(|number| !claimed.contains(number)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_in_a_row_are_a_range_and_two_are_not() {
        assert_eq!(ranges(&[1, 2, 3, 9]), "1-3,9");
        assert_eq!(ranges(&[4, 5, 7]), "4,5,7");
        assert_eq!(ranges(&[]), "");
    }

    #[test]
    fn order_and_repetition_do_not_matter() {
        assert_eq!(ranges(&[9, 2, 1, 3, 2]), "1-3,9");
    }

    #[test]
    fn each_invariant_of_the_core_has_a_title_of_its_own_and_no_other_has_one() {
        let titles: BTreeSet<_> = CORE.map(|number| title(number).expect("it has a title")).collect();
        assert_eq!(titles.len(), CORE.count());
        assert_eq!((title(0), title(CORE.end() + 1)), (None, None));
    }

    #[test]
    fn the_unclaimed_are_those_of_the_core_that_nobody_names() {
        let most: Vec<u8> = (2..=21).collect();
        assert_eq!(unclaimed([&most[..], &[22, 24, 25, 26, 27, 28]]), [1, 23]);
    }
}
