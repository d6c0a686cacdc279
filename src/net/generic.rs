//! What pernet operations keep in a namespace (`net_generic`).
//!
//! Each namespace has an array of slots, one for each id. A slot is empty, or has the address of an operation's
//! data. The array grows by copy: a larger one is published, and the old one freed after a grace period.

use super::Net;
use crate::error::Error;
use crate::rcu::Guard;
use crate::sync::alloc::{Atomic, Owned, Shared};
use crate::sync::{self, Ordering};
use std::fmt;
use std::marker::PhantomData;

/// The array of a namespace. Its elements are written under the registry lock.
pub(super) type Slots = [Atomic<Header>];

/// The beginning of every operation's data: whose it is.
pub(super) struct Header {
    key: u64,
}

/// The data of one operation in one namespace.
///
/// # Invariants
///
/// `value` is `Some` in all data that is in a slot. A header is followed by a value of type `T` if its key is that
/// of a `PernetId<T>`: keys are never used twice.
#[repr(C)]
pub(super) struct Pernet<T> {
    header: Header,
    value: Option<T>,
}

impl<T> Pernet<T> {
    /// Room for data, so that nothing can fail once there is some.
    pub(super) fn reserve(key: u64) -> Result<Owned<Self>, Error> {
        Ok(Owned::try_new(Pernet { header: Header { key }, value: None })?)
    }

    pub(super) fn fill(mut place: Owned<Self>, value: T) -> Shared<Header> {
        place.value = Some(value);
        place.into_shared().cast()
    }

    /// The data behind a header.
    ///
    /// # Safety
    ///
    /// The header is that of a live `Pernet<T>`, which lives throughout `'a`.
    #[inline(always)]
    pub(super) unsafe fn value<'a>(header: Shared<Header>) -> Option<&'a T> {
        // SAFETY: by the contract.
        let data: &Self = unsafe { header.cast().as_ref() };
        data.value.as_ref()
    }

    /// Frees the data behind a header.
    ///
    /// # Safety
    ///
    /// The header is that of a live `Pernet<T>`, which nobody goes through from now on.
    pub(super) unsafe fn free(header: Shared<Header>) {
        // SAFETY: by the contract.
        let data: Owned<Self> = unsafe { header.cast().into_owned() };
        drop(data);
    }
}

/// Where a registered operation keeps its data: the key for [`Net::generic`].
///
/// An id stays what it is when its operation is unregistered: it then finds nothing, and never what belongs to
/// another operation, or to that of another owner, which got the same slot.
#[doc(alias = "net_id")]
pub struct PernetId<T> {
    index: usize,
    key: u64,
    _data: PhantomData<fn() -> T>,
}

impl<T> PernetId<T> {
    pub(super) fn new(index: usize, key: u64) -> Self {
        PernetId { index, key, _data: PhantomData }
    }
}

impl<T> Clone for PernetId<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for PernetId<T> {}

impl<T> PartialEq for PernetId<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
impl<T> Eq for PernetId<T> {}

impl<T> fmt::Debug for PernetId<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PernetId({}, key {})", self.index, self.key)
    }
}

impl Net {
    /// The data that an operation keeps in this namespace: from the end of its successful init until it is taken
    /// down, which begins with emptying the slot and goes on with the exit. `None` at any other time, and for an id
    /// that is stale or foreign.
    ///
    /// # Panics
    ///
    /// If the guard is not of the owner of this namespace.
    #[inline]
    #[doc(alias = "net_generic")]
    pub fn generic<'a, T>(&'a self, guard: &'a Guard<'_>, id: PernetId<T>) -> Option<&'a T> {
        let slots = self.generic.load(guard)?;
        // Acquire: pairs with the release in `fill_slot`.
        let data = slots.get(id.index)?.load(Ordering::Acquire)?;
        // SAFETY: data is freed after its slot is emptied and no reader of the slot is left.
        let header = unsafe { data.as_ref() };
        if header.key != id.key {
            return None;
        }
        // SAFETY: as above; and the key says that it is a `T`.
        unsafe { Pernet::value(data) }
    }

    /// The slots, for who holds the registry lock.
    ///
    /// # Safety
    ///
    /// The caller holds the registry lock while the reference is used, and does not make the array grow.
    unsafe fn slots(&self) -> &Slots {
        // SAFETY: the array is replaced under the registry lock alone.
        let slots = unsafe { self.generic.load_protected() };
        slots.expect("a namespace has an array for as long as it lives")
    }

    /// Makes the array long enough for `index`, so that filling the slot cannot fail. If it has to grow, it gets
    /// `len` slots.
    ///
    /// # Safety
    ///
    /// The caller holds the registry lock.
    pub(super) unsafe fn reserve_slot(&self, index: usize, len: usize) -> Result<(), Error> {
        // SAFETY: by the contract; not used after the array is replaced.
        let old = unsafe { self.slots() };
        if index < old.len() {
            return Ok(());
        }
        // Relaxed: slots are written under the lock that the caller holds.
        let copy = |i: usize| Atomic::new(old.get(i).and_then(|slot| slot.load(Ordering::Relaxed)));
        let grown = Owned::try_from_fn(len, copy)?;
        sync::name(&grown, "slots");
        if let Some(old) = self.generic.replace(Some(grown)) {
            self.world.rcu.free(old);
        }
        tracing::debug!(net = %self.id(), len, "slot array grown");
        Ok(())
    }

    /// Publishes data.
    ///
    /// # Safety
    ///
    /// The caller holds the registry lock, has reserved the slot, and leaves the data alone until it has emptied
    /// the slot again.
    #[doc(alias = "net_assign_generic")]
    pub(super) unsafe fn fill_slot(&self, index: usize, data: Shared<Header>) {
        // SAFETY: by the contract.
        let slot = &unsafe { self.slots() }[index];
        sync::name(slot, "slot");
        // Release: pairs with the acquire in `generic`. Who sees the data sees all that init wrote to it.
        slot.store(Some(data), Ordering::Release);
    }

    /// Empties a slot, and returns what was there, which readers may still see.
    ///
    /// # Safety
    ///
    /// The caller holds the registry lock.
    pub(super) unsafe fn empty_slot(&self, index: usize) -> Option<Shared<Header>> {
        // SAFETY: by the contract.
        let slot = unsafe { self.slots() }.get(index)?;
        // Relaxed: slots are written under the lock that the caller holds; and a grace period, not this store,
        // is what keeps readers off.
        let data = slot.load(Ordering::Relaxed);
        slot.store(None, Ordering::Relaxed);
        data
    }
}
