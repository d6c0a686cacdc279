//! What can go wrong, with the kernel's numbers.

use crate::sync::alloc::AllocError;
use std::fmt;

/// Why an operation was refused or failed. [`errno`](Error::errno) is what a system call would return.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Error {
    /// There was no memory (`ENOMEM`).
    OutOfMemory,
    /// An argument makes no sense (`EINVAL`).
    InvalidArgument,
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
    /// Any other error of an operation, by its number.
    Errno(i32),
}

/// The numbers, as in `asm-generic/errno.h`.
mod number {
    pub(super) const EIO: i32 = 5;
    pub(super) const ENOMEM: i32 = 12;
    pub(super) const EINVAL: i32 = 22;
    pub(super) const ENOSPC: i32 = 28;
    pub(super) const EDEADLK: i32 = 35;
}

impl Error {
    /// The positive error number, as in `errno(3)`.
    pub fn errno(&self) -> i32 {
        match *self {
            Error::OutOfMemory => number::ENOMEM,
            Error::InvalidArgument => number::EINVAL,
            Error::NoSpace => number::ENOSPC,
            Error::WouldDeadlock => number::EDEADLK,
            Error::InitPanicked { .. } => number::EIO,
            Error::InitFailed { errno, .. } | Error::Errno(errno) => errno,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::OutOfMemory => f.write_str("out of memory (ENOMEM)"),
            Error::InvalidArgument => f.write_str("invalid argument (EINVAL)"),
            Error::NoSpace => f.write_str("no id or no quota is left (ENOSPC)"),
            Error::WouldDeadlock => f.write_str("the call would wait for its caller (EDEADLK)"),
            Error::InitFailed { operations, errno } => {
                write!(f, "init of {operations} failed (errno {errno})")
            }
            Error::InitPanicked { operations } => write!(f, "init of {operations} panicked (EIO)"),
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
    }
}
