//! Invariants by number.

use std::collections::BTreeSet;

/// The invariants of the namespace core, as INVARIANTS.md numbers them.
pub(crate) const CORE: std::ops::RangeInclusive<u8> = 1..=28;

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
    fn the_unclaimed_are_those_of_the_core_that_nobody_names() {
        let most: Vec<u8> = (2..=21).collect();
        assert_eq!(unclaimed([&most[..], &[22, 24, 25, 26, 27, 28]]), [1, 23]);
    }
}
