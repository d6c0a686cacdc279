//! Tables of settings, each namespace its own (`register_net_sysctl`).
//!
//! ```
//! use netns_core::net::sysctl::{SysctlEntry, SysctlInt, SysctlMode};
//! use netns_core::sync::Arc;
//! use netns_core::{Error, Namespaces};
//!
//! let namespaces = Namespaces::new()?;
//! let net = namespaces.init_net();
//! let forward = Arc::new(SysctlInt::new(0, 0..=1));
//! let entry = SysctlEntry::new("ip_forward", SysctlMode::ReadWrite, forward.clone());
//! let table = net.register_net_sysctl("net/ipv4", [entry])?;
//!
//! net.sysctl_write("net/ipv4/ip_forward", "1")?;
//! assert_eq!(forward.get(), 1);
//! assert_eq!(net.sysctl_read("net/ipv4/ip_forward")?, "1");
//! assert_eq!(net.sysctl_write("net/ipv4/ip_forward", "2"), Err(Error::InvalidArgument));
//!
//! drop(table);
//! assert_eq!(net.sysctl_read("net/ipv4/ip_forward"), Err(Error::NotFound));
//! # Ok::<(), Error>(())
//! ```
//!
//! A module registers its tables in the `init` of its [`PernetOperations`](crate::PernetOperations) and keeps the
//! [`SysctlTable`] in its data. A table that is still registered when its namespace has been cleaned up goes with it;
//! so does one that is registered in a namespace that is dying.
//!
//! # What a handler may do
//!
//! Handlers run in the thread that reads or writes, several at a time, and with no lock of this crate held but those
//! that the caller holds. They may read, write, register and unregister settings, take and drop references, queue RCU
//! callbacks and wait for grace periods. Who unregisters a table waits for its handlers, so what might wait for *that*
//! is refused in them with [`Error::WouldDeadlock`]: registering pernet operations, creating a namespace, waiting for
//! the cleanup. A table that is unregistered in a handler, be it the handler's own, is not waited for.
//!
//! A handler that panics is reported, and the caller gets [`Error::HandlerPanicked`] (`EIO`). A handler that keeps a
//! [`NetRef`](crate::NetRef) of its own namespace keeps it alive for ever.

mod entry;
mod set;
mod value;

pub use entry::{SysctlEntry, SysctlHandler, SysctlMode};
pub use value::{SysctlInt, SysctlString};

use super::context::Held;
use super::{Net, PassiveNet};
use crate::error::Error;
use crate::sync::{self, Arc, Condvar, Mutex, catch_unwind};
use entry::Table;
use set::{Found, Set, Stage};
use std::fmt;

/// The settings of one namespace.
///
/// The lock is held for a look or a change, never while a handler runs: a handler in use is counted in its table, and
/// who unregisters the table waits until nobody uses it. It is the innermost lock.
pub(super) struct Sysctls {
    set: Mutex<Set>,
    /// The last user has left a table that is waited for.
    idle: Condvar,
}

impl Sysctls {
    pub(super) fn new() -> Self {
        let set = Mutex::new(Set::default());
        sync::name(&set, "sysctls");
        let idle = Condvar::new();
        sync::name(&idle, "sysctls idle");
        Sysctls { set, idle }
    }

    /// Begins the use of a setting.
    fn enter(&self, path: &str, mode: SysctlMode) -> Result<Found, Error> {
        self.set.lock().enter(path, mode)
    }

    /// Ends it. The last user of a table that nobody waits for frees it.
    fn leave(&self, key: u64) {
        let mut set = self.set.lock();
        let table = match set.leave(key) {
            Some(Stage::Waited) => {
                self.idle.notify_all();
                None
            }
            Some(Stage::Orphaned) => set.take(key),
            Some(Stage::Registered) | None => None,
        };
        drop(set);
        table.into_iter().for_each(Table::free);
    }

    /// Unregisters a table. If it is in use and this thread may not wait, its last user frees it.
    fn unregister(&self, key: u64, may_wait: bool) -> Result<(), Error> {
        let mut set = self.set.lock();
        set.hide(key);
        if set.is_used(key) && !may_wait {
            set.leaves(key, Stage::Orphaned);
            return Err(Error::WouldDeadlock);
        }
        while set.is_used(key) {
            set.leaves(key, Stage::Waited);
            set = self.idle.wait(set);
        }
        let table = set.take(key);
        drop(set);
        table.into_iter().for_each(Table::free);
        Ok(())
    }

    /// The end of the namespace: what is still registered goes. Nobody has a `&Net`, so no handler runs or will.
    pub(super) fn retire(&self) {
        let set = std::mem::take(&mut *self.set.lock());
        set.into_tables().for_each(Table::free);
    }
}

impl Net {
    /// Registers settings of this namespace in the directory `path`, such as `net/ipv4`: all of them, or none.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] (`EINVAL`) if a component of the path, or a name, is empty, `.` or `..`, or if a
    /// name has a `/` in it; [`Error::Exists`] (`EEXIST`) if one of the settings is there already or twice among
    /// `entries`, or if something would be both a setting and a directory.
    #[doc(alias = "ctl_table")]
    pub fn register_net_sysctl(
        &self,
        path: &str,
        entries: impl IntoIterator<Item = SysctlEntry>,
    ) -> Result<SysctlTable, Error> {
        let table = Arc::new(Table::new(path, entries)?);
        let registered = self.sysctls.set.lock().insert(&table);
        match registered {
            Ok(key) => {
                tracing::debug!(net = %self.id(), path, "settings registered");
                Ok(SysctlTable { net: self.passive(), key: Some(key) })
            }
            Err(error) => {
                Table::free(table);
                Err(error)
            }
        }
    }

    /// The value of the setting at `path`, such as `net/ipv4/ip_forward`, as its handler gives it: without the end of
    /// line that the kernel's files have.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] (`EINVAL`) if the path makes no sense, [`Error::NotFound`] (`ENOENT`) if there is no
    /// such setting, [`Error::HandlerPanicked`] (`EIO`), and what the handler returns.
    pub fn sysctl_read(&self, path: &str) -> Result<String, Error> {
        self.with_handler(path, SysctlMode::ReadOnly, |handler| handler.read(self))
    }

    /// Gives the setting at `path` a value.
    ///
    /// # Errors
    ///
    /// As [`sysctl_read`](Net::sysctl_read), and [`Error::AccessDenied`] (`EACCES`) if it is only for reading.
    pub fn sysctl_write(&self, path: &str, value: &str) -> Result<(), Error> {
        self.with_handler(path, SysctlMode::ReadWrite, |handler| handler.write(self, value))
    }

    /// The paths of all settings, in order, and what may be done with each.
    pub fn sysctl_list(&self) -> Vec<(String, SysctlMode)> {
        self.sysctls.set.lock().list()
    }

    fn with_handler<R>(
        &self,
        path: &str,
        mode: SysctlMode,
        run: impl FnOnce(&dyn SysctlHandler) -> Result<R, Error>,
    ) -> Result<R, Error> {
        entry::check_path(path)?;
        let Found { key, table, index } = self.sysctls.enter(path, mode)?;
        let held = Held::handler(self.world.key);
        let result = catch_unwind(|| run(table.handler(index)));
        drop(held);
        // Given back first: who frees the table has the last handle to it.
        drop(table);
        self.sysctls.leave(key);
        result.unwrap_or_else(|_| {
            tracing::error!(net = %self.id(), path, "the handler of a setting panicked");
            Err(Error::HandlerPanicked)
        })
    }
}

/// Registered settings. Dropping it unregisters them.
///
/// It keeps the memory of the namespace, and not its life: when the namespace is gone, so are the settings, and this
/// does nothing.
///
/// When unregistering returns, none of the handlers runs or can start. Where that might wait for its own caller (see
/// [`unregister`](SysctlTable::unregister)) none can start, and the last one that runs drops them all.
#[must_use = "dropping it unregisters the settings"]
#[doc(alias = "ctl_table_header")]
pub struct SysctlTable {
    net: PassiveNet,
    /// `None` once it is unregistered.
    key: Option<u64>,
}

impl SysctlTable {
    /// Unregisters the settings, and waits for their handlers.
    ///
    /// # Errors
    ///
    /// [`Error::WouldDeadlock`] (`EDEADLK`) if a handler runs and this is called where a handler might have to wait
    /// for the caller: inside a handler, a read-side section, an RCU callback or a walk under rtnl. The settings are
    /// gone then, and the last handler that runs finishes it.
    #[doc(alias = "unregister_net_sysctl_table")]
    #[doc(alias = "start_unregistering")]
    pub fn unregister(mut self) -> Result<(), Error> {
        self.leave()
    }

    fn leave(&mut self) -> Result<(), Error> {
        let Some(key) = self.key.take() else { return Ok(()) };
        let net = self.net.net();
        net.sysctls.unregister(key, net.world.may_wait_for_handlers())
    }
}

impl Drop for SysctlTable {
    fn drop(&mut self) {
        // An error says that the last handler finishes it.
        let _ = self.leave();
    }
}

impl fmt::Debug for SysctlTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SysctlTable").field("net", &self.net.id()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
