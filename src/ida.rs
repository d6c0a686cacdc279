//! Small numbers handed out lowest first (`struct ida`).

use crate::error::Error;
use std::collections::BTreeMap;

/// A set of numbers from which the lowest free one is handed out.
///
/// Not for concurrent use by itself: whatever lock protects its owner protects it.
///
/// It remembers the runs of numbers that are taken, so it is as large as there are gaps among them, however great they
/// are, and every operation is O(log runs).
///
/// # Invariants
///
/// Each entry of `runs` is a maximal run of taken numbers, from its key up to and without its value: no run is empty,
/// and between two runs at least one number is free. None is above [`Ida::MAX`].
#[derive(Debug, Clone, Default)]
pub struct Ida {
    runs: BTreeMap<u32, u32>,
}

impl Ida {
    /// The greatest number that is handed out, as in the kernel.
    pub const MAX: u32 = i32::MAX as u32;

    /// A set with no number taken.
    #[doc(alias = "ida_init")]
    pub const fn new() -> Self {
        Ida { runs: BTreeMap::new() }
    }

    /// Takes the lowest free number that is at least `min`.
    ///
    /// # Errors
    ///
    /// [`Error::NoSpace`] (`ENOSPC`) if every number from `min` to [`Ida::MAX`] is taken.
    #[doc(alias = "ida_alloc_min")]
    #[doc(alias = "ida_get_new_above")]
    pub fn alloc(&mut self, min: u32) -> Result<u32, Error> {
        // Where the run that `min` is in ends, a number is free, as the run is maximal.
        let id = self.run_of(min).map_or(min, |(_, end)| end);
        if id > Self::MAX {
            return Err(Error::NoSpace);
        }
        self.mark(id);
        Ok(id)
    }

    /// Takes this very number, and says whether it was free. Numbers above [`Ida::MAX`] never are.
    pub fn take(&mut self, id: u32) -> bool {
        let free = id <= Self::MAX && !self.contains(id);
        if free {
            self.mark(id);
        }
        free
    }

    /// Gives a number back, and says whether it was taken: if it was not, nothing happens.
    #[doc(alias = "ida_free")]
    #[doc(alias = "ida_remove")]
    pub fn free(&mut self, id: u32) -> bool {
        let Some((start, end)) = self.run_of(id) else { return false };
        if start < id {
            self.runs.insert(start, id);
        } else {
            self.runs.remove(&start);
        }
        if id + 1 < end {
            self.runs.insert(id + 1, end);
        }
        true
    }

    /// Whether the number is taken.
    pub fn contains(&self, id: u32) -> bool {
        self.run_of(id).is_some()
    }

    /// The run that a number is in: its first, and one past its last.
    fn run_of(&self, id: u32) -> Option<(u32, u32)> {
        let (&start, &end) = self.runs.range(..=id).next_back()?;
        (id < end).then_some((start, end))
    }

    /// Takes a free number, and joins it to the runs that it touches.
    fn mark(&mut self, id: u32) {
        let end = self.runs.remove(&(id + 1)).unwrap_or(id + 1);
        let before = id.checked_sub(1).and_then(|previous| self.run_of(previous));
        self.runs.insert(before.map_or(id, |(start, _)| start), end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_runs_are_maximal(ida: &Ida) {
        let mut free_from = None;
        for (&start, &end) in &ida.runs {
            assert!(start < end && end <= Ida::MAX + 1, "{ida:?}");
            assert!(free_from.is_none_or(|free| free < start), "{ida:?}");
            free_from = Some(end);
        }
    }

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
        // The last range is dense, so that runs are long and are joined and split in their middle.
        for (range, fill, rounds) in [(10, 5, 2_000), (300, 6, 10_000), (9_000, 9, 40_000)] {
            let (mut ida, mut naive) = (Ida::new(), vec![false; 100_000]);
            for round in 0..rounds {
                let n = random(range) as u32;
                if random(10) < fill {
                    let lowest = (n as usize..).find(|&i| !naive[i]).unwrap();
                    assert_eq!(ida.alloc(n), Ok(lowest as u32));
                    naive[lowest] = true;
                } else {
                    assert_eq!(ida.free(n), std::mem::take(&mut naive[n as usize]));
                }
                assert_eq!(ida.contains(n), naive[n as usize]);
                if round % 64 == 0 {
                    assert_runs_are_maximal(&ida);
                }
            }
        }
    }

    #[test]
    fn long_runs_are_skipped() {
        let mut ida = Ida::new();
        for i in 0..(64 * 64 + 65) {
            assert_eq!(ida.alloc(0), Ok(i));
        }
        assert!(ida.free(64 * 63 + 5));
        assert_eq!(ida.alloc(0), Ok(64 * 63 + 5));
        assert_eq!(ida.alloc(3), Ok(64 * 64 + 65));
    }

    #[test]
    fn great_numbers_cost_no_more_than_small_ones() {
        let mut ida = Ida::new();
        assert!(ida.take(Ida::MAX));
        assert_eq!(ida.runs.len(), 1);
        assert!(ida.take(Ida::MAX - 2));
        assert_eq!(ida.runs.len(), 2);
        assert_eq!(ida.alloc(Ida::MAX - 2), Ok(Ida::MAX - 1));
        assert_eq!(ida.runs.len(), 1, "the gap is filled: {ida:?}");
        for i in 0..10_000 {
            assert_eq!(ida.alloc(0), Ok(i));
        }
        assert_eq!(ida.runs.len(), 2, "{ida:?}");
        assert!(ida.free(5_000));
        assert_eq!(ida.runs.len(), 3, "{ida:?}");
        for i in 0..10_000 {
            assert_eq!(ida.free(i), i != 5_000);
        }
        assert!((Ida::MAX - 2..=Ida::MAX).all(|id| ida.free(id)));
        assert!(ida.runs.is_empty(), "{ida:?}");
    }
}
