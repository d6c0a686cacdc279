//! Who a task is and what it may do.

use super::identity::Identity;
use crate::net::UserNamespace;
use crate::sync::Arc;
use std::ops::BitAnd;

/// A right (`CAP_*`). There are those that this crate asks for; the values are the kernel's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Capability {
    /// Sending to many, and listening to other namespaces.
    NetBroadcast = 11,
    /// Configuring a network.
    NetAdmin = 12,
    /// Changing the root directory; asked for by whoever enters a mount namespace.
    SysChroot = 18,
    /// Looking into any process.
    SysPtrace = 19,
    /// Making and entering namespaces, mounting, and much else.
    SysAdmin = 21,
}

/// A set of capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Capabilities(u64);

impl Capabilities {
    /// None of them.
    pub const NONE: Capabilities = Capabilities(0);
    /// All of them, also those that have no name here.
    pub const ALL: Capabilities = Capabilities(u64::MAX);

    /// The set without this one.
    pub const fn without(self, capability: Capability) -> Capabilities {
        Capabilities(self.0 & !(1 << capability as u8))
    }

    /// The set with this one.
    pub const fn with(self, capability: Capability) -> Capabilities {
        Capabilities(self.0 | 1 << capability as u8)
    }

    /// Whether it is in the set.
    #[doc(alias = "cap_raised")]
    pub const fn contains(self, capability: Capability) -> bool {
        self.0 & 1 << capability as u8 != 0
    }

    /// Whether all of these are in `other`.
    #[doc(alias = "cap_issubset")]
    pub const fn is_subset(self, other: Capabilities) -> bool {
        self.0 & !other.0 == 0
    }
}

impl BitAnd for Capabilities {
    type Output = Capabilities;
    fn bitand(self, other: Capabilities) -> Capabilities {
        Capabilities(self.0 & other.0)
    }
}

/// Who a task is: a user, in a user namespace, with capabilities there (`struct cred`).
///
/// Never changed: a task that becomes somebody else gets others. Whoever has to remember who somebody was, as a
/// socket does, keeps these.
#[derive(Debug)]
#[doc(alias = "cred")]
pub struct Credentials {
    uid: u32,
    capabilities: Capabilities,
    /// Of the user namespace.
    pub(super) identity: Arc<Identity>,
}

impl Credentials {
    /// With every capability in the user namespace.
    #[doc(alias = "set_cred_user_ns")]
    pub(super) fn full(uid: u32, identity: Arc<Identity>) -> Arc<Credentials> {
        Arc::new(Credentials { uid, capabilities: Capabilities::ALL, identity })
    }

    /// The same in the user namespace, with this uid and these capabilities.
    pub(super) fn with(&self, uid: u32, capabilities: Capabilities) -> Arc<Credentials> {
        Arc::new(Credentials { uid, capabilities, identity: self.identity.clone() })
    }

    /// The user, as the root user namespace counts them.
    pub fn uid(&self) -> u32 {
        self.uid
    }

    /// The user namespace.
    pub fn user_ns(&self) -> &UserNamespace {
        &self.identity.user_ns
    }

    /// The capabilities in the user namespace.
    pub fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    /// Whether these have a capability over what `target` owns: they have it in their own user namespace, and
    /// `target` is that or a descendant; or their user made `target`, or an ancestor of it, in their user namespace.
    #[doc(alias = "cap_capable")]
    pub fn ns_capable(&self, target: &UserNamespace, capability: Capability) -> bool {
        let own = self.user_ns();
        let mut target = target;
        loop {
            if target == own {
                return self.capabilities.contains(capability);
            }
            match target.parent() {
                Some(parent) if target.level() > own.level() => {
                    if parent == own && target.owner() == self.uid {
                        return true;
                    }
                    target = parent;
                }
                _ => return false,
            }
        }
    }

    /// Whether a process that has these and is to have `new` may still be looked into by others of its user: it
    /// stays the same user, and gains nothing.
    #[doc(alias = "set_dumpable")]
    pub(super) fn leaves_dumpable(&self, new: &Credentials) -> bool {
        self.uid == new.uid && self.covers(new)
    }

    /// Whether who has these has nothing more with `new`.
    #[doc(alias = "cred_cap_issubset")]
    fn covers(&self, new: &Credentials) -> bool {
        if self.user_ns() == new.user_ns() {
            return new.capabilities.is_subset(self.capabilities);
        }
        let mut below = new.user_ns();
        while let Some(parent) = below.parent() {
            if parent == self.user_ns() && below.owner() == self.uid {
                return true;
            }
            below = parent;
        }
        false
    }
}
