//! The kinds of namespaces, and the flags that ask for them.

use crate::error::Error;
use crate::net::CLONE_NEWNET;
use std::fmt;

/// The kinds of namespaces. This crate gives those of the network and of users a behaviour; of the others there is
/// an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NsKind {
    /// Network.
    Net,
    /// Host names.
    Uts,
    /// System V IPC and POSIX queues.
    Ipc,
    /// Mounts.
    Mnt,
    /// Process ids.
    Pid,
    /// Users and capabilities.
    User,
    /// Control groups.
    Cgroup,
    /// Clocks.
    Time,
}

impl NsKind {
    /// All kinds, in the order in which a call that asks for several makes or enters them.
    pub const ALL: [NsKind; 8] = [
        NsKind::User,
        NsKind::Mnt,
        NsKind::Uts,
        NsKind::Ipc,
        NsKind::Pid,
        NsKind::Cgroup,
        NsKind::Net,
        NsKind::Time,
    ];

    /// The flag of `unshare(2)` and `setns(2)` (`CLONE_NEW*`).
    pub const fn flag(self) -> u64 {
        match self {
            NsKind::Net => CLONE_NEWNET,
            NsKind::Uts => 0x0400_0000,
            NsKind::Ipc => 0x0800_0000,
            NsKind::Mnt => 0x0002_0000,
            NsKind::Pid => 0x2000_0000,
            NsKind::User => 0x1000_0000,
            NsKind::Cgroup => 0x0200_0000,
            NsKind::Time => 0x80,
        }
    }

    /// The name of its file in `/proc/PID/ns`.
    pub const fn name(self) -> &'static str {
        match self {
            NsKind::Net => "net",
            NsKind::Uts => "uts",
            NsKind::Ipc => "ipc",
            NsKind::Mnt => "mnt",
            NsKind::Pid => "pid",
            NsKind::User => "user",
            NsKind::Cgroup => "cgroup",
            NsKind::Time => "time",
        }
    }
}

impl fmt::Display for NsKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a call asks for: a set of `CLONE_*` flags that the call knows.
#[derive(Clone, Copy)]
pub(super) struct Flags(u64);

impl Flags {
    /// Flags about memory, signal handlers and threads: who is alone has nothing to unshare, and who is not cannot.
    const SHARED_BY_THREADS: u64 = 0x100 | 0x800 | 0x1_0000;
    /// The descriptor table, which belongs to the process here.
    const FILES: u64 = 0x400;
    /// Working directories and semaphore adjustments, of which there are none here.
    const WITHOUT_EFFECT: u64 = 0x200 | 0x4_0000;

    /// The flags of the namespaces of every kind.
    fn namespaces() -> u64 {
        NsKind::ALL.iter().fold(0, |flags, kind| flags | kind.flag())
    }

    /// The flags of a call to `unshare`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] (`EINVAL`) for flags that it does not know.
    #[doc(alias = "check_unshare_flags")]
    pub(super) fn of_unshare(flags: u64) -> Result<Flags, Error> {
        let known = Self::namespaces() | Self::SHARED_BY_THREADS | Self::FILES | Self::WITHOUT_EFFECT;
        if flags & !known == 0 { Ok(Flags(flags)) } else { Err(Error::InvalidArgument) }
    }

    /// The flags of a call to `setns` with the descriptor of a process.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] (`EINVAL`) for none, or for flags that are no namespace's.
    #[doc(alias = "check_setns_flags")]
    pub(super) fn of_setns(flags: u64) -> Result<Flags, Error> {
        if flags != 0 && flags & !Self::namespaces() == 0 {
            Ok(Flags(flags))
        } else {
            Err(Error::InvalidArgument)
        }
    }

    pub(super) fn has(self, kind: NsKind) -> bool {
        self.0 & kind.flag() != 0
    }

    /// Whether they ask for any namespace that a task enters through its nsproxy.
    pub(super) fn has_any_but_user(self) -> bool {
        self.0 & Self::namespaces() & !NsKind::User.flag() != 0
    }

    /// Whether they ask for something that a process of several threads cannot have.
    pub(super) fn alone(self) -> bool {
        self.has(NsKind::User) || self.0 & (Self::SHARED_BY_THREADS | Self::FILES) != 0
    }
}
