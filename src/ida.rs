//! Small numbers handed out lowest first (`struct ida`).

use crate::error::Error;

/// A set of numbers from which the lowest free one is handed out.
///
/// Not for concurrent use by itself: whatever lock protects its owner protects it.
///
/// # Invariants
///
/// Bit `i` of `levels[0]` says that number `i` is taken; bit `i` of `levels[n + 1]` says that word `i` of
/// `levels[n]` is full. What lies beyond the end of a level is free. So finding, taking and freeing a number looks
/// at one or two words of each level: O(log n), to the base of 64.
#[derive(Debug, Clone, Default)]
pub struct Ida {
    levels: Vec<Vec<u64>>,
}

const BITS: usize = u64::BITS as usize;

/// The word that bit `i` is in, and its mask there.
fn place(i: usize) -> (usize, u64) {
    (i / BITS, 1 << (i % BITS))
}

impl Ida {
    /// The greatest number that is handed out, as in the kernel.
    pub const MAX: u32 = i32::MAX as u32;

    /// A set with no number taken.
    #[doc(alias = "ida_init")]
    pub const fn new() -> Self {
        Ida { levels: Vec::new() }
    }

    /// Takes the lowest free number that is at least `min`.
    ///
    /// # Errors
    ///
    /// [`Error::NoSpace`] (`ENOSPC`) if every number from `min` to [`Ida::MAX`] is taken.
    #[doc(alias = "ida_alloc_min")]
    #[doc(alias = "ida_get_new_above")]
    pub fn alloc(&mut self, min: u32) -> Result<u32, Error> {
        let id = u32::try_from(self.first_free(0, min as usize)).map_err(|_| Error::NoSpace)?;
        if id > Self::MAX {
            return Err(Error::NoSpace);
        }
        self.mark(id as usize);
        Ok(id)
    }

    /// Takes this very number, and says whether it was free. Numbers above [`Ida::MAX`] never are.
    pub fn take(&mut self, id: u32) -> bool {
        let free = id <= Self::MAX && !self.contains(id);
        if free {
            self.mark(id as usize);
        }
        free
    }

    /// Gives a number back, and says whether it was taken: if it was not, nothing happens.
    #[doc(alias = "ida_free")]
    #[doc(alias = "ida_remove")]
    pub fn free(&mut self, id: u32) -> bool {
        let taken = self.contains(id);
        if taken {
            self.unmark(id as usize);
        }
        taken
    }

    /// Whether the number is taken.
    pub fn contains(&self, id: u32) -> bool {
        let (word, mask) = place(id as usize);
        self.levels.first().and_then(|bits| bits.get(word)).is_some_and(|w| w & mask != 0)
    }

    /// The lowest clear bit of a level, from bit `from` on.
    fn first_free(&self, level: usize, from: usize) -> usize {
        let (word, mask) = place(from);
        let Some(&bits) = self.levels.get(level).and_then(|l| l.get(word)) else { return from };
        let free = !bits & !(mask - 1);
        if free != 0 {
            return word * BITS + free.trailing_zeros() as usize;
        }
        // This word is full from there on: the level above knows the next word that is not.
        let next = self.first_free(level + 1, word + 1);
        self.first_free(level, next * BITS)
    }

    /// Sets a bit, and tells the levels above of a word that became full.
    fn mark(&mut self, mut i: usize) {
        for level in 0.. {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let bits = &mut self.levels[level];
            let (word, mask) = place(i);
            if word >= bits.len() {
                bits.resize(word + 1, 0);
            }
            bits[word] |= mask;
            if bits[word] != u64::MAX {
                return;
            }
            i = word;
        }
    }

    /// Clears a bit, and tells the levels above of a word that is full no more.
    fn unmark(&mut self, mut i: usize) {
        for bits in &mut self.levels {
            let (word, mask) = place(i);
            let was_full = bits[word] == u64::MAX;
            bits[word] &= !mask;
            if !was_full {
                return;
            }
            i = word;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_free_number_comes_first() {
        let mut ida = Ida::new();
        assert_eq!(ida.alloc(0), Ok(0));
        assert_eq!(ida.alloc(0), Ok(1));
        assert_eq!(ida.alloc(5), Ok(5));
        assert!(ida.free(0));
        assert_eq!(ida.alloc(0), Ok(0));
        assert_eq!(ida.alloc(0), Ok(2));
        assert!(ida.take(3));
        assert!(!ida.take(3));
        assert_eq!(ida.alloc(0), Ok(4));
        assert_eq!(ida.alloc(0), Ok(6));
    }

    #[test]
    fn freeing_what_is_free_does_nothing() {
        let mut ida = Ida::new();
        assert!(!ida.free(7));
        assert_eq!(ida.alloc(0), Ok(0));
        assert!(ida.free(0));
        assert!(!ida.free(0));
        assert!(!ida.free(u32::MAX));
    }

    #[test]
    fn there_is_an_end() {
        let mut ida = Ida::new();
        assert!(!ida.take(Ida::MAX + 1));
        assert!(ida.take(Ida::MAX));
        assert_eq!(ida.alloc(Ida::MAX), Err(Error::NoSpace));
        assert_eq!(ida.alloc(Ida::MAX - 1), Ok(Ida::MAX - 1));
        assert_eq!(ida.alloc(u32::MAX), Err(Error::NoSpace));
    }

    #[test]
    fn agrees_with_a_list_of_flags() {
        // A linear congruential generator: the sequence is the same in every run.
        let mut state = 0x6e65_746e_u64;
        let mut random = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        // The last range is dense, so that words of the second level fill up.
        for (range, fill, rounds) in [(10, 5, 2_000), (300, 6, 10_000), (9_000, 9, 40_000)] {
            let (mut ida, mut naive) = (Ida::new(), vec![false; 100_000]);
            for _ in 0..rounds {
                let n = random(range) as u32;
                if random(10) < fill {
                    let lowest = (n as usize..).find(|&i| !naive[i]).unwrap();
                    assert_eq!(ida.alloc(n), Ok(lowest as u32));
                    naive[lowest] = true;
                } else {
                    assert_eq!(ida.free(n), std::mem::take(&mut naive[n as usize]));
                }
                assert_eq!(ida.contains(n), naive[n as usize]);
            }
        }
    }

    #[test]
    fn full_words_are_skipped_at_every_level() {
        let mut ida = Ida::new();
        for i in 0..(64 * 64 + 65) {
            assert_eq!(ida.alloc(0), Ok(i));
        }
        assert!(ida.free(64 * 63 + 5));
        assert_eq!(ida.alloc(0), Ok(64 * 63 + 5));
        assert_eq!(ida.alloc(3), Ok(64 * 64 + 65));
    }
}
