//! Namespaces as tasks hold them: that of a network, and the identities of all others.

use super::kind::NsKind;
use crate::error::Error;
use crate::ida::Ida;
use crate::net::{NetRef, UserNamespace};
use crate::sync::{self, Arc, Mutex};
use std::fmt;

/// The number of the first namespace's file.
#[doc(alias = "PROC_DYNAMIC_FIRST")]
const FIRST: u32 = 0xf000_0000;

/// The numbers of the namespaces of one world, but for those of networks, which have their own.
pub(super) struct Numbers(Mutex<Ida>);

impl Numbers {
    pub(super) fn new() -> Arc<Numbers> {
        let numbers = Mutex::new(Ida::new());
        sync::name(&numbers, "namespace numbers");
        Arc::new(Numbers(numbers))
    }

    fn alloc(&self) -> Result<u32, Error> {
        let mut ida = self.0.lock();
        let n = ida.alloc(0)?;
        FIRST.checked_add(n).ok_or_else(|| {
            ida.free(n);
            Error::NoSpace
        })
    }
}

/// A namespace of any kind but the network's (`struct ns_common`): a number that no other that is held has.
pub(super) struct Identity {
    kind: NsKind,
    number: u32,
    /// Who owns it. Of a user namespace: itself.
    pub(super) user_ns: UserNamespace,
    /// What it was made in, if it is of process ids.
    outer: Option<Arc<Identity>>,
    /// How many it was made in: that one, and those around it.
    level: u32,
    numbers: Arc<Numbers>,
}

impl Identity {
    /// The deepest level that there may be.
    #[doc(alias = "MAX_PID_NS_LEVEL")]
    const DEEPEST: u32 = 32;

    /// A new one, with the lowest free number.
    ///
    /// # Errors
    ///
    /// [`Error::NoSpace`] (`ENOSPC`) if every number is taken, or `outer` is at level 32.
    #[doc(alias = "ns_alloc_inum")]
    pub(super) fn new(
        numbers: &Arc<Numbers>,
        kind: NsKind,
        user_ns: &UserNamespace,
        outer: Option<&Arc<Identity>>,
    ) -> Result<Arc<Identity>, Error> {
        let level = outer.map_or(0, |outer| outer.level + 1);
        if level > Self::DEEPEST {
            return Err(Error::NoSpace);
        }
        let number = numbers.alloc()?;
        let (user_ns, outer, numbers) = (user_ns.clone(), outer.cloned(), numbers.clone());
        Ok(Arc::new(Identity { kind, number, user_ns, outer, level, numbers }))
    }

    /// Whether it is `other`, or was made in it, or in one that was.
    pub(super) fn is_within(&self, other: &Identity) -> bool {
        let mut around = Some(self);
        while let Some(identity) = around {
            if std::ptr::eq(identity, other) {
                return true;
            }
            around = identity.outer.as_deref();
        }
        false
    }
}

impl Drop for Identity {
    #[doc(alias = "ns_free_inum")]
    fn drop(&mut self) {
        self.numbers.0.lock().free(self.number - FIRST);
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:[{}]", self.kind, self.number)
    }
}

/// A namespace of any kind, held.
#[derive(Clone)]
pub(super) enum Namespace {
    Net(NetRef),
    Other(Arc<Identity>),
}

impl Namespace {
    pub(super) fn kind(&self) -> NsKind {
        match self {
            Namespace::Net(_) => NsKind::Net,
            Namespace::Other(identity) => identity.kind,
        }
    }

    /// The number of its file (`ns.inum`).
    pub(super) fn number(&self) -> u32 {
        match self {
            Namespace::Net(net) => net.inum(),
            Namespace::Other(identity) => identity.number,
        }
    }

    /// The user namespace that owns it. Of a user namespace: itself.
    pub(super) fn user_ns(&self) -> &UserNamespace {
        match self {
            Namespace::Net(net) => net.user_ns(),
            Namespace::Other(identity) => &identity.user_ns,
        }
    }
}
