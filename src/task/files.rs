//! Open files, and the table of descriptors of a process.

use super::identity::Namespace;
use super::kind::NsKind;
use super::mount::InUse;
use crate::error::Error;
use crate::ida::Ida;
use crate::net::NetRef;
use crate::sync::{Arc, catch_unwind};
use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;

/// An open file. A clone is another handle to it, as a descriptor is.
#[derive(Clone)]
#[non_exhaustive]
pub enum File {
    /// A namespace's.
    Namespace(NsFile),
    /// A process's.
    PidFd(PidFd),
    /// A socket, or whatever else is to be dropped when its last descriptor is closed. It must own neither a
    /// [`Task`](super::Task) nor [`Tasks`](super::Tasks): these would keep the table that keeps it.
    Socket(Arc<dyn Any + Send + Sync>),
    /// A file that has nothing to do with namespaces.
    Other,
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            File::Namespace(file) => file.fmt(f),
            File::PidFd(process) => process.fmt(f),
            File::Socket(_) => f.write_str("Socket"),
            File::Other => f.write_str("Other"),
        }
    }
}

/// The open file of a namespace, from `/proc/PID/ns` or a bind mount. It keeps the namespace, and keeps the mount
/// through which it was opened from being unmounted.
#[derive(Clone)]
pub struct NsFile {
    pub(super) namespace: Namespace,
    path_only: bool,
    _mount: Option<InUse>,
}

impl NsFile {
    pub(super) fn new(namespace: Namespace, mount: Option<InUse>) -> Self {
        NsFile { namespace, path_only: false, _mount: mount }
    }

    /// The same file, opened with `O_PATH`.
    pub(super) fn opened_as_path(mut self) -> Self {
        self.path_only = true;
        self
    }

    /// The kind of the namespace.
    pub fn kind(&self) -> NsKind {
        self.namespace.kind()
    }

    /// Which namespace it is: of those that are held no two have the same kind and number.
    #[doc(alias = "ns_match")]
    pub fn identity(&self) -> (NsKind, u32) {
        (self.kind(), self.namespace.number())
    }

    /// The network namespace, if it is one.
    pub fn net(&self) -> Option<&NetRef> {
        match &self.namespace {
            Namespace::Net(net) => Some(net),
            Namespace::Other(_) => None,
        }
    }

    /// Whether it was opened with `O_PATH`: it keeps the namespace, but neither enters nor names it.
    #[doc(alias = "O_PATH")]
    pub fn is_path_only(&self) -> bool {
        self.path_only
    }
}

/// The text of the link: `net:[4026531840]`.
impl fmt::Display for NsFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, number) = self.identity();
        write!(f, "{kind}:[{number}]")
    }
}

impl fmt::Debug for NsFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NsFile({self})")
    }
}

/// A descriptor's hold on a process: it tells the process from all others that ever have its pid, and keeps nothing
/// of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PidFd {
    pub(super) pid: u32,
    pub(super) id: u64,
}

impl PidFd {
    /// The pid of the process. It may be another's by now.
    pub fn pid(&self) -> u32 {
        self.pid
    }
}

/// The open files of a process, by descriptor.
///
/// Not for concurrent use by itself. Closing files may run other code, so it is done by whoever took them out, when
/// no lock is held.
///
/// # Invariants
///
/// * The numbers that are taken are the keys of `open`.
#[derive(Clone, Default)]
pub(super) struct Descriptors {
    open: BTreeMap<u32, File>,
    taken: Ida,
}

impl Descriptors {
    /// The first descriptor: 0, 1 and 2 are not for namespaces.
    const FIRST: u32 = 3;
    /// One past the last descriptor (`sysctl_nr_open`).
    #[doc(alias = "sysctl_nr_open")]
    const END: u32 = 1_048_576;

    /// Takes the lowest free descriptor, for `put`.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyDescriptors`] (`EMFILE`).
    #[doc(alias = "get_unused_fd_flags")]
    pub(super) fn reserve(&mut self) -> Result<u32, Error> {
        let fd = self.taken.alloc(Self::FIRST)?;
        if fd >= Self::END {
            self.taken.free(fd);
            return Err(Error::TooManyDescriptors);
        }
        Ok(fd)
    }

    /// Opens a file under a descriptor that was reserved.
    #[doc(alias = "fd_install")]
    pub(super) fn put(&mut self, fd: u32, file: File) {
        self.open.insert(fd, file);
    }

    pub(super) fn get(&self, fd: u32) -> Option<&File> {
        self.open.get(&fd)
    }

    /// Opens a file that is open under another descriptor too.
    ///
    /// # Errors
    ///
    /// [`Error::BadDescriptor`] (`EBADF`), [`Error::TooManyDescriptors`] (`EMFILE`).
    pub(super) fn dup(&mut self, fd: u32) -> Result<u32, Error> {
        // If there is no room this clone is dropped, and not the last: the table has the file.
        let file = self.get(fd).ok_or(Error::BadDescriptor)?.clone();
        let another = self.reserve()?;
        self.put(another, file);
        Ok(another)
    }

    pub(super) fn take(&mut self, fd: u32) -> Option<File> {
        self.taken.free(fd);
        self.open.remove(&fd)
    }
}

/// Closes what is still open, the highest descriptor first. A file whose drop panics keeps none of the others open.
impl Drop for Descriptors {
    #[doc(alias = "close_files")]
    fn drop(&mut self) {
        while let Some((fd, file)) = self.open.pop_last() {
            if catch_unwind(|| drop(file)).is_err() {
                tracing::error!(fd, "closing it panicked");
            }
        }
    }
}
