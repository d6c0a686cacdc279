//! A reference count that saturates instead of wrapping (`refcount_t`).

use crate::sync::{self, AtomicU32, Named, Ordering, fence};

/// A reference count (`refcount_t`).
///
/// # Invariants
///
/// * Read as a signed number, the value is a count (0 and above) or *saturated* (below 0). Counting past
///   [`Refcount::MAX`], taking a reference when there is none, and dropping one too many all saturate.
/// * A saturated count is pinned to the middle of the negative half, so far from both ends that no number of
///   threads between an operation and its pinning brings it back. It never reaches 0: what it counts leaks.
/// * The value changes by read-modify-writes alone, so all decrements are one release sequence.
#[derive(Debug)]
pub struct Refcount {
    value: AtomicU32,
}

impl Refcount {
    /// The greatest count that is not saturated.
    #[doc(alias = "REFCOUNT_MAX")]
    pub const MAX: u32 = i32::MAX as u32;

    #[doc(alias = "REFCOUNT_SATURATED")]
    const SATURATED: u32 = (i32::MIN / 2) as u32;

    /// A count of `n`.
    #[inline]
    #[doc(alias = "refcount_set")]
    pub fn new(n: u32) -> Self {
        Refcount { value: AtomicU32::new(n) }
    }

    /// The value, for reports: it may have changed when the caller looks at it. Saturated ones are above
    /// [`Refcount::MAX`].
    #[inline]
    #[doc(alias = "refcount_read")]
    pub fn read(&self) -> u32 {
        self.value.load(Ordering::Relaxed)
    }

    /// Whether the count has saturated, and what it counts has leaked for good.
    #[inline]
    pub fn is_saturated(&self) -> bool {
        self.read() > Self::MAX
    }

    /// Takes another reference, from one that the caller has: that one orders all that matters, so this is
    /// relaxed.
    #[inline]
    #[doc(alias = "refcount_inc")]
    pub fn inc(&self) {
        let new = self.value.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        // 1: there was no reference. Below 0: past the greatest, or saturated before.
        if new as i32 <= 1 {
            self.saturate();
        }
    }

    /// Takes a reference if there is one; for a caller that knows that the object is there, but has no reference
    /// to it. What keeps the object there orders all that matters, so this is relaxed.
    #[inline]
    #[must_use = "if there was no reference, none was taken"]
    #[doc(alias = "refcount_inc_not_zero")]
    pub fn inc_not_zero(&self) -> bool {
        let mut old = self.value.load(Ordering::Relaxed);
        loop {
            if old == 0 {
                return false;
            }
            if old > Self::MAX {
                return true; // Pinned: it counts no more.
            }
            match self.value.compare_exchange(old, old + 1, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) if old < Self::MAX => return true,
                Ok(_) => {
                    self.saturate();
                    return true;
                }
                Err(now) => old = now,
            }
        }
    }

    /// Gives a reference back. True for the last one: the caller then owns what is counted, and sees all that
    /// was done with it through the other references.
    ///
    /// A decrement and, for the last, a fence: the others need not see what their predecessors did.
    #[inline]
    #[must_use = "whoever drops the last reference must release what it counted"]
    #[doc(alias = "refcount_dec_and_test")]
    pub fn dec_and_test(&self) -> bool {
        // Release: pairs with the fence below, of whoever gives the last reference back.
        let old = self.value.fetch_sub(1, Ordering::Release);
        if old as i32 > 1 {
            return false;
        }
        if old == 1 {
            // Acquire: pairs with the release above, of all who gave a reference back before.
            fence(Ordering::Acquire);
            return true;
        }
        self.saturate();
        false
    }

    /// Pins the value. A swap, as the value changes by read-modify-writes alone.
    #[cold]
    fn saturate(&self) {
        self.value.swap(Self::SATURATED, Ordering::Relaxed);
        tracing::error!("a reference count saturated: what it counts leaks");
    }
}

impl Named for Refcount {
    #[inline(always)]
    fn set_name(&self, name: &'static str) {
        sync::name(&self.value, name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::{Arc, thread};

    #[test]
    fn the_last_reference_is_told() {
        let count = Refcount::new(1);
        count.inc();
        assert!(count.inc_not_zero());
        assert_eq!(count.read(), 3);
        assert!(!count.dec_and_test());
        assert!(!count.dec_and_test());
        assert!(count.dec_and_test());
        assert!(!count.inc_not_zero());
        assert_eq!(count.read(), 0);
    }

    #[test]
    fn an_overflow_saturates_and_never_reaches_zero() {
        for overflow in [Refcount::inc, |c: &Refcount| assert!(c.inc_not_zero())] {
            let count = Refcount::new(Refcount::MAX);
            overflow(&count);
            assert!(count.is_saturated());
            for _ in 0..100 {
                assert!(!count.dec_and_test());
            }
            count.inc();
            assert!(count.inc_not_zero());
            assert_eq!(count.read(), Refcount::SATURATED);
        }
    }

    #[test]
    fn one_short_of_the_limit_still_counts() {
        let count = Refcount::new(Refcount::MAX - 1);
        assert!(count.inc_not_zero());
        assert_eq!(count.read(), Refcount::MAX);
        assert!(!count.dec_and_test());
        assert_eq!(count.read(), Refcount::MAX - 1);
    }

    #[test]
    fn misuse_of_a_count_without_references_saturates() {
        let count = Refcount::new(0);
        count.inc();
        assert!(count.is_saturated());
        let count = Refcount::new(0);
        assert!(!count.dec_and_test());
        assert!(count.is_saturated());
    }

    #[test]
    fn exactly_one_of_many_threads_drops_the_last_reference() {
        let count = Arc::new(Refcount::new(1));
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let count = count.clone();
                count.inc();
                thread::spawn(move || {
                    for _ in 0..1000 {
                        assert!(count.inc_not_zero());
                        assert!(!count.dec_and_test());
                    }
                    count.dec_and_test()
                })
            })
            .collect();
        let mine = count.dec_and_test();
        let lasts = threads.into_iter().map(|t| t.join().unwrap()).filter(|&last| last).count();
        assert_eq!(lasts + usize::from(mine), 1);
    }
}
