//! What can go wrong, with the kernel's numbers.

use crate::sync::alloc::AllocError;
use std::fmt;

/// Why an operation was refused or failed. [`errno`](Error::errno) is what a system call would return.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Error {
    /// The caller lacks a capability (`EPERM`).
    NotPermitted,
    /// Nothing has that name or id (`ENOENT`).
    NotFound,
    /// There is no such process, or it has no namespaces any more (`ESRCH`).
    NoSuchProcess,
    /// There is no such descriptor, or it cannot be used like that (`EBADF`).
    BadDescriptor,
    /// Nothing is there now; later there may be (`EAGAIN`).
    WouldBlock,
    /// There was no memory (`ENOMEM`).
    OutOfMemory,
    /// The caller may not access that (`EACCES`).
    AccessDenied,
    /// Somebody is using it (`EBUSY`).
    Busy,
    /// It is there already (`EEXIST`).
    Exists,
    /// An argument makes no sense (`EINVAL`).
    InvalidArgument,
    /// The process has as many descriptors as it may (`EMFILE`).
    TooManyDescriptors,
    /// User namespaces are nested too deep (`EUSERS`).
    TooManyUsers,
    /// An attribute is shorter than its type (`ERANGE`).
    OutOfRange,
    /// Nobody handles that (`EOPNOTSUPP`).
    NotSupported,
    /// Messages were lost: the receiver was too slow (`ENOBUFS`).
    NoBuffers,
    /// All ids of the range are taken, or the user namespace may have no more namespaces (`ENOSPC`).
    NoSpace,
    /// The call would wait for its own caller: it was made from inside a callback, a read-side critical section
    /// or a walk that it has to wait for (`EDEADLK`).
    WouldDeadlock,
    /// The `init` of a pernet operation failed.
    InitFailed {
        /// The type of the operations.
        operations: &'static str,
        /// The number of the error that it returned.
        errno: i32,
    },
    /// The `init` of a pernet operation panicked, which is a failed init (`EIO`).
    InitPanicked {
        /// The type of the operations.
        operations: &'static str,
    },
    /// The handler of a setting panicked (`EIO`).
    HandlerPanicked,
    /// Any other error of an operation, by its number.
    Errno(i32),
}

/// The numbers, as in `asm-generic/errno.h`.
mod number {
    pub(super) const EPERM: i32 = 1;
    pub(super) const ENOENT: i32 = 2;
    pub(super) const ESRCH: i32 = 3;
    pub(super) const EIO: i32 = 5;
    pub(super) const EBADF: i32 = 9;
    pub(super) const EAGAIN: i32 = 11;
    pub(super) const ENOMEM: i32 = 12;
    pub(super) const EACCES: i32 = 13;
    pub(super) const EBUSY: i32 = 16;
    pub(super) const EEXIST: i32 = 17;
    pub(super) const EINVAL: i32 = 22;
    pub(super) const EMFILE: i32 = 24;
    pub(super) const ENOSPC: i32 = 28;
    pub(super) const ERANGE: i32 = 34;
    pub(super) const EDEADLK: i32 = 35;
    pub(super) const EUSERS: i32 = 87;
    pub(super) const EOPNOTSUPP: i32 = 95;
    pub(super) const ENOBUFS: i32 = 105;
}

impl Error {
    /// The positive error number, as in `errno(3)`.
    pub fn errno(&self) -> i32 {
        match *self {
            Error::NotPermitted => number::EPERM,
            Error::NotFound => number::ENOENT,
            Error::NoSuchProcess => number::ESRCH,
            Error::BadDescriptor => number::EBADF,
            Error::WouldBlock => number::EAGAIN,
            Error::OutOfMemory => number::ENOMEM,
            Error::AccessDenied => number::EACCES,
            Error::Busy => number::EBUSY,
            Error::Exists => number::EEXIST,
            Error::InvalidArgument => number::EINVAL,
            Error::TooManyDescriptors => number::EMFILE,
            Error::TooManyUsers => number::EUSERS,
            Error::OutOfRange => number::ERANGE,
            Error::NotSupported => number::EOPNOTSUPP,
            Error::NoBuffers => number::ENOBUFS,
            Error::NoSpace => number::ENOSPC,
            Error::WouldDeadlock => number::EDEADLK,
            Error::InitPanicked { .. } | Error::HandlerPanicked => number::EIO,
            Error::InitFailed { errno, .. } | Error::Errno(errno) => errno,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NotPermitted => f.write_str("a capability is missing (EPERM)"),
            Error::NotFound => f.write_str("not found (ENOENT)"),
            Error::NoSuchProcess => f.write_str("no such process (ESRCH)"),
            Error::BadDescriptor => f.write_str("bad descriptor (EBADF)"),
            Error::WouldBlock => f.write_str("nothing is there now (EAGAIN)"),
            Error::OutOfMemory => f.write_str("out of memory (ENOMEM)"),
            Error::AccessDenied => f.write_str("access denied (EACCES)"),
            Error::Busy => f.write_str("in use (EBUSY)"),
            Error::Exists => f.write_str("it exists already (EEXIST)"),
            Error::InvalidArgument => f.write_str("invalid argument (EINVAL)"),
            Error::TooManyDescriptors => f.write_str("too many descriptors (EMFILE)"),
            Error::TooManyUsers => f.write_str("user namespaces are nested too deep (EUSERS)"),
            Error::OutOfRange => f.write_str("attribute too short (ERANGE)"),
            Error::NotSupported => f.write_str("not supported (EOPNOTSUPP)"),
            Error::NoBuffers => f.write_str("messages were lost (ENOBUFS)"),
            Error::NoSpace => f.write_str("no id or no quota is left (ENOSPC)"),
            Error::WouldDeadlock => f.write_str("the call would wait for its caller (EDEADLK)"),
            Error::InitFailed { operations, errno } => {
                write!(f, "init of {operations} failed (errno {errno})")
            }
            Error::InitPanicked { operations } => write!(f, "init of {operations} panicked (EIO)"),
            Error::HandlerPanicked => f.write_str("the handler of a setting panicked (EIO)"),
            Error::Errno(errno) => write!(f, "errno {errno}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<AllocError> for Error {
    fn from(AllocError: AllocError) -> Self {
        Error::OutOfMemory
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_kernel_s() {
        assert_eq!(Error::from(AllocError).errno(), 12);
        assert_eq!(Error::NoSpace.errno(), 28);
        assert_eq!(Error::WouldDeadlock.errno(), 35);
        assert_eq!(Error::InitFailed { operations: "x", errno: 99 }.errno(), 99);
        assert_eq!(Error::InitPanicked { operations: "x" }.to_string(), "init of x panicked (EIO)");
        assert_eq!(Error::HandlerPanicked.errno(), 5);
    }
}
