//! The list of namespaces (`net_namespace_list`): readers walk it under RCU, writers change it under a lock.

use super::Net;
use super::context::{self, Held};
use crate::rcu::{Guard, Rcu};
use crate::sync::alloc::{Atomic, Shared};
use crate::sync::{self, Mutex, MutexGuard, Ordering, UnsafeCell};
use std::marker::PhantomData;

/// All namespaces that can be found, in the order of their creation.
///
/// # Invariants
///
/// * Writers hold the registry lock *and* rtnl: who holds either sees a list that does not change.
/// * A namespace that is taken off keeps its `next`, so that a walker standing on it can go on. Its memory stays
///   until a grace period has passed.
pub(super) struct NetList {
    head: Atomic<Net>,
    rtnl: Mutex<Tail>,
}

/// The end of the list: what rtnl protects.
pub(super) struct Tail {
    last: Option<Shared<Net>>,
}

/// A namespace's place in the list.
///
/// `prev` and `listed` are written by writers of the list, and read by who holds one of their locks.
pub(super) struct Links {
    next: Atomic<Net>,
    prev: UnsafeCell<Option<Shared<Net>>>,
    listed: UnsafeCell<bool>,
}

// SAFETY: `prev` and `listed` are protected by the locks of the list.
unsafe impl Sync for Links {}

impl Links {
    /// In no list.
    pub(super) fn new() -> Self {
        let links =
            Links { next: Atomic::new(None), prev: UnsafeCell::new(None), listed: UnsafeCell::new(false) };
        sync::name(&links.next, "next");
        sync::name(&links.prev, "prev");
        sync::name(&links.listed, "listed");
        links
    }
}

impl NetList {
    pub(super) fn new() -> Self {
        let list = NetList { head: Atomic::new(None), rtnl: Mutex::new(Tail { last: None }) };
        sync::name(&list.head, "net_namespace_list");
        sync::name(&list.rtnl, "rtnl");
        list
    }

    /// Takes rtnl, which orders all writers. The registry lock, if it is needed, is taken before.
    #[doc(alias = "rtnl_lock")]
    pub(super) fn lock(&self) -> MutexGuard<'_, Tail> {
        self.rtnl.lock()
    }

    /// The place that holds the address of what follows `prev`.
    fn place_after(&self, prev: &Option<Shared<Net>>) -> &Atomic<Net> {
        match prev {
            // SAFETY: the caller holds rtnl, and what is listed is alive.
            Some(prev) => &unsafe { prev.as_ref() }.links.next,
            None => &self.head,
        }
    }

    /// Adds a namespace at the end (`list_add_tail_rcu`). The caller holds the registry lock and, as `tail`
    /// proves, rtnl.
    #[doc(alias = "list_add_tail_rcu")]
    pub(super) fn push(&self, tail: &mut Tail, net: &Net) {
        let prev = tail.last;
        // SAFETY: written under both locks.
        net.links.prev.with_mut(|p| unsafe { *p = prev });
        // SAFETY: as above.
        net.links.listed.with_mut(|l| unsafe { *l = true });
        // Release: pairs with the acquire in `Walk::next`. Whoever finds it finds it complete.
        self.place_after(&prev).store(Some(net.address()), Ordering::Release);
        tail.last = Some(net.address());
    }

    /// Takes a namespace off, and leaves it where its walkers are (`list_del_rcu`). Locks as for `push`.
    #[doc(alias = "list_del_rcu")]
    pub(super) fn unlink(&self, tail: &mut Tail, net: &Net) {
        // SAFETY: accessed under both locks.
        let prev = net.links.prev.with(|p| unsafe { *p });
        // SAFETY: as above.
        net.links.listed.with_mut(|l| unsafe { *l = false });
        // Relaxed: the lock orders writers.
        let next = net.links.next.load(Ordering::Relaxed);
        match next {
            Some(next) => {
                // SAFETY: it follows a listed namespace under the lock, so it is listed, and alive.
                let next = unsafe { next.as_ref() };
                // SAFETY: written under both locks.
                next.links.prev.with_mut(|p| unsafe { *p = prev });
            }
            None => tail.last = prev,
        }
        // Release: pairs with the acquire in `Walk::next`: a reader may first learn of `next` from this store.
        self.place_after(&prev).store(next, Ordering::Release);
    }

    /// Whether the namespace is in the list. The caller holds the registry lock.
    pub(super) fn contains(&self, net: &Net) -> bool {
        // SAFETY: writers hold the registry lock.
        net.links.listed.with(|l| unsafe { *l })
    }

    /// Walks the list inside a read-side section.
    pub(super) fn walk<'a>(&'a self, rcu: &Rcu, guard: &'a Guard<'_>) -> Walk<'a> {
        rcu.assert_protects(guard);
        Walk { place: &self.head, _list: PhantomData }
    }

    /// All listed namespaces.
    ///
    /// # Safety
    ///
    /// While the references are used, the caller holds the registry lock or rtnl.
    pub(super) unsafe fn protected(&self) -> Walk<'_> {
        Walk { place: &self.head, _list: PhantomData }
    }

    /// Calls `f` for each namespace, under rtnl.
    ///
    /// # Panics
    ///
    /// Inside itself.
    pub(super) fn for_each(&self, world: u64, f: impl FnMut(&Net)) {
        assert!(!context::holds_rtnl(world), "for_each_net() inside itself would wait for itself");
        let _tail = self.lock();
        let _held = Held::rtnl(world);
        // SAFETY: rtnl is held until the walk is over.
        unsafe { self.protected() }.for_each(f);
    }
}

/// A walk along the list.
pub(super) struct Walk<'a> {
    place: &'a Atomic<Net>,
    _list: PhantomData<&'a Net>,
}

impl<'a> Iterator for Walk<'a> {
    type Item = &'a Net;

    fn next(&mut self) -> Option<&'a Net> {
        // Acquire: pairs with the releases in `push` and `unlink`.
        let net = self.place.load(Ordering::Acquire)?;
        // SAFETY: it was listed when we loaded it or when the place was last changed, and memory is kept for a
        // grace period after that, or there is a lock that keeps it listed.
        let net = unsafe { net.as_ref() };
        self.place = &net.links.next;
        Some(net)
    }
}
