//! A pointer that readers follow and updaters replace.

use super::{Guard, Rcu};
use crate::sync::alloc::{Atomic, Object, Owned, Shared};
use crate::sync::{self, Named, Ordering};
use std::fmt;
use std::marker::PhantomData;

/// A place for one object, or none, that readers of one domain follow without a lock.
///
/// # Invariants
///
/// The cell owns its content. What was taken out of it, a [`Retired`], is freed after a grace period of the same
/// domain.
pub struct RcuCell<T: ?Sized + Object> {
    domain: u64,
    content: Atomic<T>,
    _owns: PhantomData<Owned<T>>,
}

impl<T: ?Sized + Object> RcuCell<T> {
    /// A cell of this domain.
    pub fn new(rcu: &Rcu, content: Option<Owned<T>>) -> Self {
        let content = Atomic::new(content.map(Owned::into_shared));
        RcuCell { domain: rcu.core.key, content, _owns: PhantomData }
    }

    /// What the cell holds now; it stays valid, though perhaps not current, until the section ends.
    ///
    /// # Panics
    ///
    /// If the guard is of another domain: it would protect nothing here.
    #[inline]
    #[doc(alias = "rcu_dereference")]
    pub fn load<'a>(&'a self, guard: &'a Guard<'_>) -> Option<&'a T> {
        guard.assert_of(self.domain);
        // Acquire: pairs with the release in `replace`.
        let content = self.content.load(Ordering::Acquire)?;
        // SAFETY: it is freed after a grace period that begins after it was taken out, so not before our section
        // ends; nor is it freed with the cell, which is borrowed for as long.
        Some(unsafe { content.as_ref() })
    }

    /// Puts something new in, and returns what was there: readers may still be following it.
    #[doc(alias = "rcu_assign_pointer")]
    #[doc(alias = "rcu_replace_pointer")]
    pub fn replace(&self, content: Option<Owned<T>>) -> Option<Retired<T>> {
        // Release: pairs with the acquire in `load`. Acquire: pairs with the release of the `replace` that put the
        // old content in, as the caller is about to free it.
        let old = self.content.swap(content.map(Owned::into_shared), Ordering::AcqRel)?;
        Some(Retired { domain: self.domain, old })
    }

    /// What the cell holds, for its one writer.
    ///
    /// # Safety
    ///
    /// While the reference is used, nobody calls [`replace`](RcuCell::replace), and every earlier call of it
    /// happens before this one: the caller holds the lock that writers hold.
    #[inline]
    #[doc(alias = "rcu_dereference_protected")]
    pub unsafe fn load_protected(&self) -> Option<&T> {
        let content = self.content.load(Ordering::Relaxed)?;
        // SAFETY: by the contract, it is not taken out while the reference is used.
        Some(unsafe { content.as_ref() })
    }
}

impl<T: ?Sized + Object> Drop for RcuCell<T> {
    /// No reader borrows the cell, so none follows its content.
    fn drop(&mut self) {
        if let Some(content) = self.content.get() {
            // SAFETY: the cell owns its content.
            drop(unsafe { content.into_owned() });
        }
    }
}

impl<T: ?Sized + Object> Named for RcuCell<T> {
    #[inline(always)]
    fn set_name(&self, name: &'static str) {
        sync::name(&self.content, name);
    }
}

impl<T: ?Sized + Object> fmt::Debug for RcuCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RcuCell(domain {})", self.domain)
    }
}

/// What a cell held, and readers may still follow. [`Rcu::free`] or [`Rcu::synchronize_and_free`] frees it; if it
/// is dropped instead, it leaks.
#[must_use = "it leaks unless it is given to `Rcu::free`"]
pub struct Retired<T: ?Sized + Object> {
    domain: u64,
    old: Shared<T>,
}

impl<T: ?Sized + Object> Retired<T> {
    /// The object, to be freed after a grace period of `domain`.
    pub(super) fn into_shared(self, domain: u64) -> Shared<T> {
        if self.domain != domain {
            foreign();
        }
        self.old
    }
}

impl<T: ?Sized + Object> fmt::Debug for Retired<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Retired(domain {})", self.domain)
    }
}

#[cold]
#[inline(never)]
pub(super) fn foreign() -> ! {
    panic!("a guard or a retired object of another RCU domain");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::{Arc, AtomicU64, thread};

    fn owned<T>(value: T) -> Option<Owned<T>> {
        Some(Owned::try_new(value).unwrap())
    }

    /// Counts its drops.
    struct Counted(Arc<AtomicU64>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_cell_frees_what_it_holds() {
        let (rcu, drops) = (Rcu::new(), Arc::new(AtomicU64::new(0)));
        let cell = RcuCell::new(&rcu, owned(Counted(drops.clone())));
        let old = cell.replace(owned(Counted(drops.clone()))).unwrap();
        assert_eq!(drops.load(Ordering::Relaxed), 0);
        rcu.synchronize_and_free(old);
        assert_eq!(drops.load(Ordering::Relaxed), 1);
        drop(cell);
        assert_eq!(drops.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn a_slice_is_followed_as_a_whole() {
        let rcu = Rcu::new();
        let cell = RcuCell::new(&rcu, Some(Owned::try_from_fn(3, |i| i * 2).unwrap()));
        assert_eq!(cell.load(&rcu.read_lock()), Some(&[0, 2, 4][..]));
        rcu.free(cell.replace(None).unwrap());
        assert_eq!(cell.load(&rcu.read_lock()), None);
    }

    #[test]
    #[should_panic(expected = "another RCU domain")]
    fn a_foreign_guard_is_refused() {
        let (ours, other) = (Rcu::new(), Rcu::new());
        let cell = RcuCell::new(&ours, owned(1));
        let guard = other.read_lock();
        cell.load(&guard);
    }

    #[test]
    #[should_panic(expected = "another RCU domain")]
    fn a_foreign_retired_object_is_refused() {
        let (ours, other) = (Rcu::new(), Rcu::new());
        let cell = RcuCell::new(&ours, owned(1));
        other.free(cell.replace(None).unwrap());
    }

    #[test]
    fn readers_see_whole_objects_while_a_writer_replaces_them() {
        let rcu = Rcu::new();
        let cell = Arc::new(RcuCell::new(&rcu, owned([0_u64; 8])));
        let readers: Vec<_> = (0..2)
            .map(|_| {
                let (rcu, cell) = (rcu.clone(), cell.clone());
                thread::spawn(move || {
                    let mut last = 0;
                    while last < 500 {
                        let guard = rcu.read_lock();
                        let seen = cell.load(&guard).unwrap();
                        assert!(seen.iter().all(|&x| x == seen[0]));
                        assert!(seen[0] >= last);
                        last = seen[0];
                    }
                })
            })
            .collect();
        for i in 1..=500 {
            rcu.synchronize_and_free(cell.replace(owned([i; 8])).unwrap());
        }
        readers.into_iter().for_each(|t| t.join().unwrap());
    }
}
