//! Choices that a model makes, for engines that know of none: a tree, explored depth first around the engine.
//!
//! A choice is known by its thread and its number in that thread. One run of the engine explores all
//! interleavings under one assignment of values to choices; what an assignment does not name yet is 0 and is
//! added to it. The next assignment raises the last value that can be raised and forgets those after it.

/// One choice: who makes it, as its how-manieth, and of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Choice {
    thread: usize,
    nth: usize,
    of: usize,
    value: usize,
}

/// How choices are made.
#[derive(Debug)]
pub(crate) enum Choices {
    /// All of them, an assignment a run.
    All(Tree),
    /// At random (SplitMix64).
    Random(u64),
}

/// The current assignment.
#[derive(Debug, Default)]
pub(crate) struct Tree(Vec<Choice>);

impl Choices {
    /// The `nth` choice of `thread`, among `of`; `None` if the same choice was among another number before.
    pub(super) fn choose(&mut self, thread: usize, nth: usize, of: usize) -> Option<usize> {
        match self {
            Choices::All(Tree(choices)) => {
                if let Some(choice) = choices.iter().find(|c| c.thread == thread && c.nth == nth) {
                    return (choice.of == of).then_some(choice.value);
                }
                choices.push(Choice { thread, nth, of, value: 0 });
                Some(0)
            }
            Choices::Random(state) => {
                *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut z = *state;
                z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                Some(((z ^ (z >> 31)) % of as u64) as usize)
            }
        }
    }

    /// Goes to the next assignment; `false` if there is none.
    #[cfg(any(test, feature = "loom", feature = "shuttle"))]
    pub(crate) fn advance(&mut self) -> bool {
        let Choices::All(Tree(choices)) = self else { return false };
        while let Some(last) = choices.last_mut() {
            if last.value + 1 < last.of {
                last.value += 1;
                return true;
            }
            choices.pop();
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program of two choices, the second of which exists only if the first is not 1.
    #[test]
    fn every_path_of_a_tree_is_taken_once() {
        let mut choices = Choices::All(Tree::default());
        let mut paths = Vec::new();
        loop {
            let first = choices.choose(0, 0, 3).unwrap();
            let second = if first == 1 { None } else { choices.choose(1, 0, 2) };
            paths.push((first, second));
            if !choices.advance() {
                break;
            }
        }
        assert_eq!(paths, [(0, Some(0)), (0, Some(1)), (1, None), (2, Some(0)), (2, Some(1))]);
    }

    #[test]
    fn a_choice_that_changes_its_arity_is_noticed() {
        let mut choices = Choices::All(Tree::default());
        assert_eq!(choices.choose(0, 0, 3), Some(0));
        assert_eq!(choices.choose(0, 0, 2), None);
    }
}
