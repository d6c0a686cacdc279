//! The namespace itself, and the handles that keep it.

use super::generic::Slots;
use super::genid::Genids;
use super::list::Links;
use super::nsid::PeerIds;
use super::sysctl::Sysctls;
use super::user::{Charge, UserNamespace};
use super::world::World;
use crate::error::Error;
use crate::rcu::{Rcu, RcuCell};
use crate::refcount::Refcount;
use crate::sync::alloc::{Atomic, Owned, Shared};
use crate::sync::{self, Arc, UnsafeCell};
use std::fmt;
use std::ops::Deref;

/// A network namespace (`struct net`).
///
/// A `&Net` comes from a [`NetRef`], from a callback, or from a walk over the list. The latter two may see a
/// namespace that is dying: [`maybe_get`](Net::maybe_get) tells.
///
/// # Invariants
///
/// * `count` decides when the namespace is shut down: the one who drops it to 0 hands the namespace to the
///   cleanup, once. It never leaves 0.
/// * `passive` decides when the memory is freed. All users together have one reference, given back at the end of
///   the cleanup; each [`PassiveNet`] has another.
/// * Nobody has a `&Net` when `user_ns` is emptied, at the end of the cleanup.
#[doc(alias = "struct net")]
pub struct Net {
    count: Refcount,
    passive: Refcount,
    /// What the pernet operations keep here. Written under the registry lock.
    pub(super) generic: RcuCell<Slots>,
    pub(super) links: Links,
    pub(super) ids: PeerIds,
    pub(super) sysctls: Sysctls,
    pub(super) genids: Genids,
    id: u64,
    /// Grows with each creation by this owner.
    pub(super) serial: u64,
    inum: u32,
    /// Where the namespace is. `None` only while it is being built.
    address: Option<Shared<Net>>,
    user_ns: UnsafeCell<Option<Charge>>,
    pub(super) world: Arc<World>,
}

// SAFETY: `user_ns` is written once, when nobody else has a `&Net`; all else is Sync by itself.
unsafe impl Sync for Net {}

impl Net {
    /// A namespace that is in no list.
    #[doc(alias = "net_alloc")]
    pub(super) fn alloc(world: &Arc<World>, user_ns: Charge, birth: Birth) -> Result<NetRef, Error> {
        let generic = Owned::try_from_fn(birth.slots, |_| Atomic::new(None))?;
        sync::name(&generic, "slots");
        let mut net = Owned::try_new(Net {
            count: Refcount::new(1),
            passive: Refcount::new(1),
            generic: RcuCell::new(&world.rcu, Some(generic)),
            links: Links::new(),
            ids: PeerIds::new(),
            sysctls: Sysctls::new(),
            genids: Genids::new(),
            id: sync::unique(),
            serial: birth.serial,
            inum: birth.inum,
            address: None,
            user_ns: UnsafeCell::new(Some(user_ns)),
            world: world.clone(),
        })?;
        sync::name(&net.count, "count");
        sync::name(&net.passive, "passive");
        sync::name(&net.generic, "generic");
        sync::name(&net.user_ns, "user_ns");
        net.address = Some(net.share());
        Ok(NetRef { net: net.into_shared() })
    }

    pub(super) fn address(&self) -> Shared<Net> {
        self.address.expect("it was built")
    }

    /// The namespace's identity: no other in this process ever has the same.
    #[inline]
    pub fn id(&self) -> NetId {
        NetId(self.id)
    }

    /// The number of the namespace's file (`/proc/PID/ns/net`): no other that lives has it.
    #[inline]
    #[doc(alias = "ns_common")]
    pub fn inum(&self) -> u32 {
        self.inum
    }

    /// The references that there are now, for reports. 0: it is dying.
    #[inline]
    pub fn count(&self) -> u32 {
        self.count.read()
    }

    /// Takes a reference, unless the namespace is dying.
    #[inline]
    #[doc(alias = "maybe_get_net")]
    pub fn maybe_get(&self) -> Option<NetRef> {
        self.count.inc_not_zero().then(|| NetRef { net: self.address() })
    }

    /// Keeps the memory and the identity of the namespace, though not its life.
    #[inline]
    pub fn passive(&self) -> PassiveNet {
        self.passive.inc();
        PassiveNet { net: self.address() }
    }

    /// The RCU domain of this namespace and all others of its owner: for callbacks, which do not have the owner.
    #[inline]
    pub fn rcu(&self) -> &Rcu {
        &self.world.rcu
    }

    /// The user namespace that owns this one.
    pub fn user_ns(&self) -> &UserNamespace {
        // SAFETY: it is emptied when nobody has a `&Net`.
        let charge = self.user_ns.with(|u| unsafe { (*u).as_ref() });
        &charge.expect("it is emptied when nobody has a reference").owner
    }
}

/// Without the feature `net-ns` there is one namespace, so all are equal.
impl PartialEq for Net {
    #[doc(alias = "net_eq")]
    fn eq(&self, other: &Self) -> bool {
        !cfg!(feature = "net-ns") || self.id == other.id
    }
}
impl Eq for Net {}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Net").field("id", &self.id).field("count", &self.count()).finish_non_exhaustive()
    }
}

/// The identity of a namespace. Comparing is all that it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NetId(u64);

impl fmt::Display for NetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "net#{}", self.0)
    }
}

/// A counted reference: the namespace works for as long as there is one. `clone` is `get_net`, `drop` is
/// `put_net`.
///
/// The last drop hands the namespace to the cleanup and returns at once. It takes no lock but that of the cleanup
/// list, and may be done anywhere, read-side sections and callbacks included. (When the owner is gone already, and
/// had no thread, the last drop cleans up itself; in a section or a callback it starts a thread for that. The last
/// reference of all ends the worker's thread, and waits for it.)
#[doc(alias = "get_net")]
#[doc(alias = "put_net")]
pub struct NetRef {
    net: Shared<Net>,
}

/// What the registry decides about a namespace that is being created.
pub(super) struct Birth {
    /// The room for pernet operations.
    pub(super) slots: usize,
    /// Its place in the order of creation.
    pub(super) serial: u64,
    /// The number of its file.
    pub(super) inum: u32,
}

impl NetRef {
    /// A namespace for a new task of this one's owner: with [`CLONE_NEWNET`](super::CLONE_NEWNET) in `flags` a new
    /// one, that `user_ns` owns; without, another reference to this one. Other flags mean nothing here.
    ///
    /// # Errors
    ///
    /// As [`Namespaces::copy_net_ns`](super::Namespaces::copy_net_ns).
    pub fn copy_net_ns(&self, flags: u64, user_ns: &UserNamespace) -> Result<NetRef, Error> {
        if flags & super::CLONE_NEWNET == 0 {
            return Ok(self.clone());
        }
        if !cfg!(feature = "net-ns") {
            return Err(Error::InvalidArgument);
        }
        self.world.create(user_ns)
    }

    /// Gives the reference back without handing a namespace that dies of it to the cleanup.
    pub(super) fn release(self) -> Option<Dying> {
        let net = self.net;
        std::mem::forget(self);
        Dying::from_put(net)
    }
}

impl Deref for NetRef {
    type Target = Net;
    #[inline(always)]
    fn deref(&self) -> &Net {
        // SAFETY: a namespace with a reference is alive.
        unsafe { self.net.as_ref() }
    }
}

impl Clone for NetRef {
    #[inline]
    fn clone(&self) -> Self {
        self.count.inc();
        NetRef { net: self.net }
    }
}

impl Drop for NetRef {
    #[inline]
    #[doc(alias = "__put_net")]
    fn drop(&mut self) {
        if let Some(dying) = Dying::from_put(self.net) {
            dying.bury();
        }
    }
}

impl PartialEq for NetRef {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}
impl Eq for NetRef {}

impl fmt::Debug for NetRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Keeps the memory and the identity of a namespace, and can ask whether it still lives. It gives no access to
/// what pernet operations keep in it: that goes at the cleanup, which it does not delay.
///
/// An RCU callback that is about a namespace holds one of these, and so do those that it queues in turn.
#[doc(alias = "net_drop_ns")]
pub struct PassiveNet {
    net: Shared<Net>,
}

impl PassiveNet {
    pub(crate) fn net(&self) -> &Net {
        // SAFETY: the memory of a namespace is kept by a passive reference.
        unsafe { self.net.as_ref() }
    }

    /// The namespace's identity.
    #[inline]
    pub fn id(&self) -> NetId {
        self.net().id()
    }

    /// Takes a reference, unless the namespace is dying or dead.
    #[inline]
    #[doc(alias = "maybe_get_net")]
    pub fn maybe_get(&self) -> Option<NetRef> {
        self.net().maybe_get()
    }
}

impl Clone for PassiveNet {
    #[inline]
    fn clone(&self) -> Self {
        self.net().passive()
    }
}

impl Drop for PassiveNet {
    #[inline]
    #[doc(alias = "net_free")]
    fn drop(&mut self) {
        if self.net().passive.dec_and_test() {
            // SAFETY: that was the last reference of both kinds, and no list has the namespace.
            drop(unsafe { self.net.into_owned() });
        }
    }
}

impl PartialEq for PassiveNet {
    fn eq(&self, other: &Self) -> bool {
        self.net() == other.net()
    }
}
impl Eq for PassiveNet {}

impl fmt::Debug for PassiveNet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PassiveNet({})", self.id())
    }
}

/// A namespace whose count has reached 0, and the duty to clean it up. There is one for each.
///
/// Dropping it leaks the namespace: an unwinding cleanup must not free what may still be found.
pub(super) struct Dying {
    net: Shared<Net>,
}

impl Dying {
    #[inline]
    fn from_put(net: Shared<Net>) -> Option<Dying> {
        // SAFETY: the caller has a reference, which this gives back.
        let last = unsafe { net.as_ref() }.count.dec_and_test();
        last.then_some(Dying { net })
    }

    pub(super) fn net(&self) -> &Net {
        // SAFETY: the users' passive reference is given back in `finish` alone.
        unsafe { self.net.as_ref() }
    }

    /// Hands the namespace to the cleanup.
    #[cold]
    fn bury(self) {
        // The namespace may be gone, and with it its hold on the world, as soon as it is on the list.
        let world = self.net().world.clone();
        world.bury(self);
    }

    /// The end of the cleanup: gives back the settings, the quota and the users' passive reference.
    ///
    /// # Safety
    ///
    /// The namespace is in no list, its exits have run, and nobody has a `&Net`.
    pub(super) unsafe fn finish(self) {
        self.net().sysctls.retire();
        // SAFETY: by the contract, nobody else accesses it.
        let charge = self.net().user_ns.with_mut(|u| unsafe { (*u).take() });
        drop(charge);
        drop(PassiveNet { net: self.net });
    }
}
