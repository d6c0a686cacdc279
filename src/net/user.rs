//! User namespaces, as far as network namespaces need them: as owners with a limit.

use crate::error::Error;
use crate::sync::{self, Arc, AtomicU32, Ordering};
use std::fmt;

/// The owner of network namespaces (`struct user_namespace`). Cloning gives another handle to the same one.
///
/// It allows so many network namespaces and no more (`user.max_net_namespaces`). A namespace counts from its
/// creation to the end of its cleanup.
#[derive(Clone)]
#[doc(alias = "user_namespace")]
pub struct UserNamespace {
    inner: Arc<Inner>,
}

struct Inner {
    limit: u32,
    used: AtomicU32,
}

impl UserNamespace {
    /// A user namespace that allows `limit` network namespaces at a time.
    pub fn new(limit: u32) -> Self {
        let used = AtomicU32::new(0);
        sync::name(&used, "net_namespaces");
        UserNamespace { inner: Arc::new(Inner { limit, used }) }
    }

    /// The network namespaces that there are now.
    pub fn net_namespaces(&self) -> u32 {
        self.inner.used.load(Ordering::Relaxed)
    }

    /// Makes one more namespace count, until the charge is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::NoSpace`] (`ENOSPC`) at the limit.
    #[doc(alias = "inc_net_namespaces")]
    pub(super) fn charge(&self) -> Result<Charge, Error> {
        let Inner { limit, used } = &*self.inner;
        // Relaxed throughout: a number that orders nothing.
        let mut now = used.load(Ordering::Relaxed);
        loop {
            if now >= *limit {
                return Err(Error::NoSpace);
            }
            match used.compare_exchange(now, now + 1, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Ok(Charge { owner: self.clone() }),
                Err(newer) => now = newer,
            }
        }
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
        write!(f, "UserNamespace({} of {})", self.net_namespaces(), self.inner.limit)
    }
}

/// One network namespace that counts against its owner's limit.
pub(super) struct Charge {
    pub(super) owner: UserNamespace,
}

impl Drop for Charge {
    #[doc(alias = "dec_net_namespaces")]
    fn drop(&mut self) {
        self.owner.inner.used.fetch_sub(1, Ordering::Relaxed);
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
}
