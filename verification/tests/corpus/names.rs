//! Names that scripts and results use for numbers.

use serde::Deserialize;
use std::fmt;

/// A name, or the number itself.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Code {
    Number(u64),
    Name(String),
}

/// A table of names. The first name of a number is the one it is printed with.
pub(crate) type Table = &'static [(&'static str, u64)];

pub(crate) const TYPES: Table = &[
    ("NLMSG_NOOP", 1),
    ("NLMSG_ERROR", 2),
    ("NLMSG_DONE", 3),
    ("NLMSG_OVERRUN", 4),
    ("RTM_NEWLINK", 16),
    ("RTM_DELLINK", 17),
    ("RTM_GETLINK", 18),
    ("RTM_SETLINK", 19),
    ("RTM_NEWNSID", 88),
    ("RTM_DELNSID", 89),
    ("RTM_GETNSID", 90),
];

pub(crate) const FLAGS: Table = &[
    ("REQUEST", 0x1),
    ("MULTI", 0x2),
    ("ACK", 0x4),
    ("ECHO", 0x8),
    ("DUMP_INTR", 0x10),
    ("DUMP_FILTERED", 0x20),
    ("DUMP", 0x300),
    ("CAPPED", 0x100),
    ("ACK_TLVS", 0x200),
    ("ROOT", 0x100),
    ("MATCH", 0x200),
    ("ATOMIC", 0x400),
    ("REPLACE", 0x100),
    ("EXCL", 0x200),
    ("CREATE", 0x400),
    ("APPEND", 0x800),
    ("NONREC", 0x100),
    ("BULK", 0x200),
];

pub(crate) const ATTRIBUTES: Table =
    &[("NSID", 1), ("PID", 2), ("FD", 3), ("TARGET_NSID", 4), ("CURRENT_NSID", 5), ("NONE", 0)];

pub(crate) const GROUPS: Table = &[("LINK", 1), ("NSID", 28)];

/// `asm-generic/errno.h`, as far as anybody here returns it.
pub(crate) const ERRORS: Table = &[
    ("EPERM", 1),
    ("ENOENT", 2),
    ("ESRCH", 3),
    ("EINTR", 4),
    ("EIO", 5),
    ("ENXIO", 6),
    ("E2BIG", 7),
    ("EBADF", 9),
    ("EAGAIN", 11),
    ("ENOMEM", 12),
    ("EACCES", 13),
    ("EFAULT", 14),
    ("EBUSY", 16),
    ("EEXIST", 17),
    ("EXDEV", 18),
    ("ENODEV", 19),
    ("ENOTDIR", 20),
    ("EISDIR", 21),
    ("EINVAL", 22),
    ("ENFILE", 23),
    ("EMFILE", 24),
    ("ENOTTY", 25),
    ("ENOSPC", 28),
    ("EROFS", 30),
    ("ERANGE", 34),
    ("EDEADLK", 35),
    ("ENOTEMPTY", 39),
    ("ELOOP", 40),
    ("ENODATA", 61),
    ("EUSERS", 87),
    ("ENOTSOCK", 88),
    ("EMSGSIZE", 90),
    ("ENOPROTOOPT", 92),
    ("EOPNOTSUPP", 95),
    ("EADDRINUSE", 98),
    ("ENOBUFS", 105),
    ("ECONNREFUSED", 111),
];

/// The number of a name.
pub(crate) fn number(table: Table, code: &Code) -> Result<u64, String> {
    match code {
        Code::Number(number) => Ok(*number),
        Code::Name(name) => {
            let entry = table.iter().find(|(known, _)| known == name);
            entry.map(|&(_, number)| number).ok_or_else(|| format!("{name} is the name of no number"))
        }
    }
}

fn name(table: Table, number: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match table.iter().find(|&&(_, known)| known == number) {
        Some((name, _)) => f.write_str(name),
        None => write!(f, "{number}"),
    }
}

/// A number of one of the tables, which prints as its name.
macro_rules! named {
    ($(#[$doc:meta])* $type:ident, $table:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
        #[serde(try_from = "Code")]
        pub(crate) struct $type(pub(crate) u16);

        impl TryFrom<Code> for $type {
            type Error = String;
            fn try_from(code: Code) -> Result<Self, String> {
                let number = number($table, &code)?;
                number.try_into().map($type).map_err(|_| format!("{number} is too great"))
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                name($table, self.0.into(), f)
            }
        }
    };
}

named!(
    /// The type of a message.
    Type,
    TYPES
);
named!(
    /// The type of an attribute.
    Attribute,
    ATTRIBUTES
);
named!(
    /// A group of notifications.
    Group,
    GROUPS
);
named!(
    /// An error number; 0 is none.
    Errno,
    ERRORS
);

impl Errno {
    pub(crate) const EEXIST: Errno = Errno(17);
    pub(crate) const EBUSY: Errno = Errno(16);
    pub(crate) const ENODEV: Errno = Errno(19);
    pub(crate) const EPERM: Errno = Errno(1);
}

/// The flags of a message.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "Vec<Code>")]
pub(crate) struct Flags(pub(crate) u16);

impl Flags {
    pub(crate) const REQUEST: u16 = 0x1;
    pub(crate) const MULTI: u16 = 0x2;
    pub(crate) const ACK: u16 = 0x4;
    pub(crate) const DUMP: u16 = 0x300;
    /// In an error or an ack.
    pub(crate) const CAPPED: u16 = 0x100;
    /// In an error, an ack or the end of a dump.
    pub(crate) const ACK_TLVS: u16 = 0x200;
}

impl TryFrom<Vec<Code>> for Flags {
    type Error = String;
    fn try_from(codes: Vec<Code>) -> Result<Self, String> {
        let bits = codes.iter().map(|code| number(FLAGS, code));
        let all = bits.reduce(|all, bit| Ok(all? | bit?)).unwrap_or(Ok(0))?;
        all.try_into().map(Flags).map_err(|_| format!("{all:#x} are no flags"))
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl Type {
    pub(crate) const ERROR: Type = Type(2);
    pub(crate) const DONE: Type = Type(3);
    pub(crate) const GETLINK: Type = Type(18);
    pub(crate) const NEWNSID: Type = Type(88);
    pub(crate) const GETNSID: Type = Type(90);
}
