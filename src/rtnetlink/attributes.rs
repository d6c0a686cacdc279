//! The attributes of a request about ids, and the rules by which they are taken.

use super::extack::{ExtendedAck, Policy};
use super::wire::{HEADER, Message, align};
use crate::error::Error;
use netlink_packet_core::{NLA_HEADER_SIZE, NlaBuffer};

const NETNSA_NSID: u16 = 1;
const NETNSA_PID: u16 = 2;
const NETNSA_FD: u16 = 3;
const NETNSA_TARGET_NSID: u16 = 4;
const NETNSA_CURRENT_NSID: u16 = 5;

/// The attributes begin here: behind the family and its padding.
const START: usize = HEADER + 4;

/// How an attribute that has no meaning is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rules {
    /// It is skipped (`NL_VALIDATE_LIBERAL`).
    Liberal,
    /// An unknown type, and bytes behind the last attribute, are errors (`NL_VALIDATE_DEPRECATED_STRICT`).
    Strict,
}

/// A value, and where in the message its attribute begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) offset: u32,
}

/// What a request names. Of several attributes of one type the last counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Attributes {
    pub(super) nsid: Option<At<i32>>,
    pub(super) pid: Option<At<u32>>,
    pub(super) fd: Option<At<u32>>,
    pub(super) target: Option<At<i32>>,
    /// It is for answers: in a request its value is not looked at.
    pub(super) current: Option<At<()>>,
}

/// An attribute before its type is looked at.
struct Raw<'a> {
    kind: u16,
    value: &'a [u8],
    offset: u32,
}

impl<'a> Raw<'a> {
    /// The attribute at `offset`, unless it is shorter than its header or says that it is longer than the rest; and
    /// the offset of the next.
    #[doc(alias = "nla_ok")]
    fn at(message: &'a [u8], offset: usize) -> Option<(Self, usize)> {
        let rest = message.get(offset..)?;
        let header = NlaBuffer::new(rest.get(..NLA_HEADER_SIZE)?);
        let length = usize::from(header.length());
        let value = rest.get(NLA_HEADER_SIZE..length)?;
        let raw = Raw { kind: header.kind(), value, offset: u32::try_from(offset).ok()? };
        Some((raw, offset + align(length)))
    }

    /// The first four bytes of the value, which may be longer.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] (`ERANGE`) if it is shorter.
    #[doc(alias = "validate_nla")]
    fn word<T>(
        &self,
        policy: Policy,
        from: fn([u8; 4]) -> T,
        extack: &mut ExtendedAck,
    ) -> Result<Option<At<T>>, Error> {
        let Some(bytes) = self.value.first_chunk() else {
            extack.say_of_policy(self.offset, policy, "Attribute failed policy validation");
            return Err(Error::OutOfRange);
        };
        Ok(Some(At { value: from(*bytes), offset: self.offset }))
    }
}

impl Attributes {
    /// The attributes of a message that has a family.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] (`ERANGE`) if a value is too short; by strict rules [`Error::InvalidArgument`]
    /// (`EINVAL`) for an unknown type and for bytes left over.
    #[doc(alias = "__nla_validate_parse")]
    #[doc(alias = "rtnl_net_policy")]
    pub(super) fn parse(
        message: &Message<'_>,
        rules: Rules,
        extack: &mut ExtendedAck,
    ) -> Result<Self, Error> {
        let mut found = Attributes::default();
        let mut offset = START;
        while let Some((raw, next)) = Raw::at(message.bytes(), offset) {
            match raw.kind {
                NETNSA_NSID => found.nsid = raw.word(Policy::S32, i32::from_ne_bytes, extack)?,
                NETNSA_PID => found.pid = raw.word(Policy::U32, u32::from_ne_bytes, extack)?,
                NETNSA_FD => found.fd = raw.word(Policy::U32, u32::from_ne_bytes, extack)?,
                NETNSA_TARGET_NSID => found.target = raw.word(Policy::S32, i32::from_ne_bytes, extack)?,
                NETNSA_CURRENT_NSID => found.current = Some(At { value: (), offset: raw.offset }),
                _ if rules == Rules::Strict => {
                    extack.say_of(raw.offset, "Unknown attribute type");
                    return Err(Error::InvalidArgument);
                }
                _ => {}
            }
            offset = next;
        }
        if offset < message.bytes().len() {
            extack.say("bytes leftover after parsing attributes");
            if rules == Rules::Strict {
                return Err(Error::InvalidArgument);
            }
        }
        Ok(found)
    }
}
