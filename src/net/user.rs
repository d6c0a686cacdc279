//! User namespaces, as far as network namespaces need them: as owners with a limit, below one another.

use crate::error::Error;
use crate::sync::{self, Arc, AtomicBool, AtomicU32, Ordering};
use std::fmt;
use std::iter;

/// The owner of network namespaces (`struct user_namespace`). Cloning gives another handle to the same one.
///
/// It allows so many network namespaces and no more (`user.max_net_namespaces`), whoever makes them. A namespace
/// counts from its creation to the end of its cleanup, for its owner and for every ancestor of it: nobody gets past
/// a limit by making user namespaces.
///
/// # Invariants
///
/// * The parent, the owner and the level of a user namespace never change. A root's level is 0, a child's is its
///   parent's and 1.
/// * What counts in a user namespace counts in its parent.
#[derive(Clone)]
#[doc(alias = "user_namespace")]
pub struct UserNamespace {
    inner: Arc<Inner>,
}

struct Inner {
    parent: Option<UserNamespace>,
    owner: u32,
    level: u32,
    limit: AtomicU32,
    used: AtomicU32,
    /// Whether its id 0 is the root's id 0. Of no meaning in a root, whose ids are what ids are counted in.
    root_mapped: AtomicBool,
}

impl UserNamespace {
    /// The deepest level at which there may still be children.
    const DEEPEST_PARENT: u32 = 32;

    /// A root (`init_user_ns`): a user namespace at level 0, of uid 0, that allows `limit` network namespaces at a
    /// time.
    #[doc(alias = "init_user_ns")]
    pub fn new(limit: u32) -> Self {
        Self::build(None, 0, 0, limit)
    }

    fn build(parent: Option<UserNamespace>, owner: u32, level: u32, limit: u32) -> Self {
        let used = AtomicU32::new(0);
        sync::name(&used, "net_namespaces");
        let (limit, root_mapped) = (AtomicU32::new(limit), AtomicBool::new(false));
        sync::name(&limit, "max_net_namespaces");
        UserNamespace { inner: Arc::new(Inner { parent, owner, level, limit, used, root_mapped }) }
    }

    /// A user namespace below this one, made by `owner`: a uid, as the root counts them. It has no limit of its
    /// own, and no ids until [`map_root`](Self::map_root).
    ///
    /// # Errors
    ///
    /// [`Error::NoSpace`] (`ENOSPC`) if this one is at level 33, and [`Error::NotPermitted`] (`EPERM`) if it has no
    /// id for `owner`.
    #[doc(alias = "create_user_ns")]
    pub fn child(&self, owner: u32) -> Result<UserNamespace, Error> {
        if self.level() > Self::DEEPEST_PARENT {
            return Err(Error::NoSpace);
        }
        if !self.has_mapping(owner) {
            return Err(Error::NotPermitted);
        }
        Ok(Self::build(Some(self.clone()), owner, self.level() + 1, u32::MAX))
    }

    /// The user namespace that this one was made in; a root has none.
    pub fn parent(&self) -> Option<&UserNamespace> {
        self.inner.parent.as_ref()
    }

    /// How many ancestors it has.
    pub fn level(&self) -> u32 {
        self.inner.level
    }

    /// The uid, as the root counts them, that made it: that user has every capability in it while in its parent.
    pub fn owner(&self) -> u32 {
        self.inner.owner
    }

    /// This user namespace and its ancestors, the root last.
    fn lineage(&self) -> impl Iterator<Item = &UserNamespace> {
        iter::successors(Some(self), |user_ns| user_ns.parent())
    }

    /// Makes id 0 of this user namespace the root's id 0 (`/proc/PID/uid_map` with `0 0 1`). It is the only id that
    /// can be mapped.
    ///
    /// # Errors
    ///
    /// [`Error::NotPermitted`] (`EPERM`) if it is mapped already, as everything is in a root.
    #[doc(alias = "uid_map")]
    pub fn map_root(&self) -> Result<(), Error> {
        // Its parent has that id: it has the owner's, and has no other if it is no root. Relaxed: a flag that orders
        // nothing.
        if self.parent().is_none() || self.inner.root_mapped.swap(true, Ordering::Relaxed) {
            return Err(Error::NotPermitted);
        }
        Ok(())
    }

    /// Whether it has an id for a uid of the root.
    #[doc(alias = "kuid_has_mapping")]
    fn has_mapping(&self, uid: u32) -> bool {
        self.parent().is_none() || (uid == 0 && self.inner.root_mapped.load(Ordering::Relaxed))
    }

    /// How many network namespaces it allows at a time.
    #[doc(alias = "max_net_namespaces")]
    pub fn limit(&self) -> u32 {
        self.inner.limit.load(Ordering::Relaxed)
    }

    /// Allows so many from now on. Those that there are stay, also if they are more.
    #[doc(alias = "max_net_namespaces")]
    pub fn set_limit(&self, limit: u32) {
        self.inner.limit.store(limit, Ordering::Relaxed);
    }

    /// The network namespaces that there are now, those of its descendants included.
    pub fn net_namespaces(&self) -> u32 {
        self.inner.used.load(Ordering::Relaxed)
    }

    /// Makes one more namespace count, here and in every ancestor, until the charge is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::NoSpace`] (`ENOSPC`) at the limit of any of them. Then it counts nowhere.
    #[doc(alias = "inc_net_namespaces")]
    pub(super) fn charge(&self) -> Result<Charge, Error> {
        for (charged, user_ns) in self.lineage().enumerate() {
            if !user_ns.inner.count_one() {
                self.lineage().take(charged).for_each(|user_ns| user_ns.inner.discount_one());
                return Err(Error::NoSpace);
            }
        }
        Ok(Charge { owner: self.clone() })
    }
}

impl Inner {
    /// Counts one more, unless the limit is met; says whether it did.
    fn count_one(&self) -> bool {
        // Relaxed throughout: numbers that order nothing.
        let limit = self.limit.load(Ordering::Relaxed);
        let mut now = self.used.load(Ordering::Relaxed);
        while now < limit {
            match self.used.compare_exchange(now, now + 1, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(newer) => now = newer,
            }
        }
        false
    }

    fn discount_one(&self) {
        self.used.fetch_sub(1, Ordering::Relaxed);
    }
}

impl PartialEq for UserNamespace {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}
impl Eq for UserNamespace {}

impl fmt::Debug for UserNamespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserNamespace(level {}, {} of {})", self.level(), self.net_namespaces(), self.limit())
    }
}

/// One network namespace that counts against its owner's limit, and those of the owner's ancestors.
pub(super) struct Charge {
    pub(super) owner: UserNamespace,
}

impl Drop for Charge {
    #[doc(alias = "dec_net_namespaces")]
    fn drop(&mut self) {
        self.owner.lineage().for_each(|user_ns| user_ns.inner.discount_one());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_holds_and_charges_are_given_back() {
        let user = UserNamespace::new(2);
        let first = user.charge().unwrap();
        let _second = user.charge().unwrap();
        assert_eq!(user.charge().err(), Some(Error::NoSpace));
        drop(first);
        assert_eq!(user.net_namespaces(), 1);
        assert!(user.charge().is_ok());
    }

    #[test]
    fn a_charge_counts_in_every_ancestor() {
        let root = UserNamespace::new(2);
        let (a, b) = (root.child(0).unwrap(), root.child(1000).unwrap());
        let counts = || [&root, &a, &b].map(UserNamespace::net_namespaces);
        let in_a = a.charge().unwrap();
        let in_b = b.charge().unwrap();
        assert_eq!(counts(), [2, 1, 1]);
        assert_eq!(b.charge().err(), Some(Error::NoSpace), "the root's limit");
        assert_eq!(counts(), [2, 1, 1], "a refused charge counts nowhere");
        drop(in_a);
        b.set_limit(1);
        assert_eq!(b.charge().err(), Some(Error::NoSpace), "its own limit");
        assert_eq!(counts(), [1, 0, 1]);
        drop(in_b);
        assert_eq!(counts(), [0, 0, 0]);
    }

    #[test]
    fn a_limit_below_what_there_is_keeps_new_ones_out() {
        let user = UserNamespace::new(2);
        let charges = [user.charge().unwrap(), user.charge().unwrap()];
        user.set_limit(1);
        assert_eq!((user.limit(), user.net_namespaces()), (1, 2));
        let [first, second] = charges;
        drop(first);
        assert_eq!(user.charge().err(), Some(Error::NoSpace));
        drop(second);
        assert!(user.charge().is_ok());
    }

    #[test]
    fn a_family_has_levels_and_owners() {
        let root = UserNamespace::new(1);
        let child = root.child(1000).unwrap();
        assert_eq!((root.level(), root.owner(), root.parent()), (0, 0, None));
        assert_eq!((child.level(), child.owner(), child.parent()), (1, 1000, Some(&root)));
        assert_eq!(child.limit(), u32::MAX);
        assert_ne!(root.child(1000).unwrap(), child);
    }

    #[test]
    fn the_33rd_level_is_the_last() {
        let mut user = UserNamespace::new(1);
        for level in 1..=33 {
            user = user.child(0).unwrap();
            assert_eq!(user.level(), level);
            user.map_root().unwrap();
        }
        assert_eq!(user.child(0), Err(Error::NoSpace));
    }

    #[test]
    fn who_has_no_id_in_a_user_namespace_makes_none_below_it() {
        let root = UserNamespace::new(1);
        let child = root.child(1000).unwrap();
        assert_eq!(child.child(0), Err(Error::NotPermitted));
        child.map_root().unwrap();
        assert_eq!(child.child(1000), Err(Error::NotPermitted));
        let grandchild = child.child(0).unwrap();
        assert_eq!(child.map_root(), Err(Error::NotPermitted), "once");
        assert_eq!(root.map_root(), Err(Error::NotPermitted), "a root has all ids");
        assert_eq!(grandchild.child(0), Err(Error::NotPermitted), "each has a map of its own");
        grandchild.map_root().unwrap();
        assert!(grandchild.child(0).is_ok());
    }
}
