//! What is registered: settings with their handlers.

use crate::error::Error;
use crate::net::Net;
use crate::sync::{Arc, catch_unwind};
use std::fmt;

/// What may be done with a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SysctlMode {
    /// It may be read (0444).
    ReadOnly,
    /// It may be read and written (0644).
    ReadWrite,
}

/// What a setting does when it is read or written. [`sysctl`](super) says what it may do.
#[doc(alias = "proc_handler")]
pub trait SysctlHandler: Send + Sync + 'static {
    /// The value in `net`.
    ///
    /// # Errors
    ///
    /// Whatever makes this impossible: the reader gets it.
    fn read(&self, net: &Net) -> Result<String, Error>;

    /// Sets the value in `net`. Is called only if the setting's mode allows it.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the value: the writer gets it. If it is not implemented, [`Error::AccessDenied`]
    /// (`EACCES`).
    fn write(&self, net: &Net, value: &str) -> Result<(), Error> {
        let _ = (net, value);
        Err(Error::AccessDenied)
    }
}

/// A handler that its module has a handle to as well.
impl<H: SysctlHandler + ?Sized> SysctlHandler for Arc<H> {
    fn read(&self, net: &Net) -> Result<String, Error> {
        (**self).read(net)
    }

    fn write(&self, net: &Net, value: &str) -> Result<(), Error> {
        (**self).write(net, value)
    }
}

/// A setting that is to be registered.
pub struct SysctlEntry {
    name: String,
    mode: SysctlMode,
    handler: Box<dyn SysctlHandler>,
}

impl SysctlEntry {
    /// A setting of this name.
    pub fn new(name: impl Into<String>, mode: SysctlMode, handler: impl SysctlHandler) -> Self {
        SysctlEntry { name: name.into(), mode, handler: Box::new(handler) }
    }
}

impl fmt::Debug for SysctlEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SysctlEntry({}, {:?})", self.name, self.mode)
    }
}

/// The settings that are registered together.
///
/// # Invariants
///
/// The directory and the names are good: see [`check_path`] and [`is_name`].
pub(super) struct Table {
    pub(super) directory: String,
    entries: Vec<SysctlEntry>,
}

impl Table {
    pub(super) fn new(
        directory: &str,
        entries: impl IntoIterator<Item = SysctlEntry>,
    ) -> Result<Table, Error> {
        check_path(directory)?;
        let entries: Vec<_> = entries.into_iter().collect();
        if entries.iter().any(|entry| entry.name.contains('/') || !is_name(&entry.name)) {
            return Err(Error::InvalidArgument);
        }
        Ok(Table { directory: directory.into(), entries })
    }

    /// The paths of the settings, and their modes, in the order of their indices.
    pub(super) fn settings(&self) -> impl Iterator<Item = (String, SysctlMode)> {
        self.entries.iter().map(|entry| (format!("{}/{}", self.directory, entry.name), entry.mode))
    }

    pub(super) fn handler(&self, index: usize) -> &dyn SysctlHandler {
        &*self.entries[index].handler
    }

    /// Drops the handlers, each for itself: their drops are not ours. Called with the last handle, and no lock.
    pub(super) fn free(table: Arc<Table>) {
        let Table { directory, entries } = Arc::into_inner(table).expect("its users have left");
        for SysctlEntry { name, handler, .. } in entries {
            if catch_unwind(|| drop(handler)).is_err() {
                tracing::error!(
                    path = format!("{directory}/{name}"),
                    "dropping the handler of a setting panicked"
                );
            }
        }
    }
}

/// Whether it can be a component of a path.
fn is_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..")
}

/// Refuses a path that has a component which is no name.
pub(super) fn check_path(path: &str) -> Result<(), Error> {
    if path.split('/').all(is_name) { Ok(()) } else { Err(Error::InvalidArgument) }
}
