//! Bytes that come in: a datagram's messages.
//!
//! The kernel takes what the parsers of `netlink-packet-core` and `netlink-packet-route` refuse: bytes behind the last
//! attribute, values that are longer than their type, a family without its padding, a message that ends before its
//! padding. And what it refuses, it refuses with an error that names the place. So requests are walked here, by the
//! kernel's rules; those crates lend the layout of the headers and build what goes out.

use netlink_packet_core::{NLM_F_REQUEST, NetlinkBuffer};

/// The length of a message's header.
pub(super) const HEADER: usize = 16;

/// The types below are netlink's own (`NLMSG_MIN_TYPE`).
#[doc(alias = "NLMSG_MIN_TYPE")]
const FIRST_TYPE: u16 = 16;

/// The last type that rtnetlink has a name for (`RTM_MAX`).
#[doc(alias = "RTM_MAX")]
pub(super) const LAST_TYPE: u16 = 123;

/// A length with the padding behind it.
#[doc(alias = "NLMSG_ALIGN")]
#[doc(alias = "NLA_ALIGN")]
pub(super) fn align(length: usize) -> usize {
    length.next_multiple_of(4)
}

/// A message, as it was sent: header and body, without the padding.
#[derive(Clone, Copy)]
pub(super) struct Message<'a> {
    /// As long as the header says, at least [`HEADER`].
    bytes: &'a [u8],
}

/// What is wanted of the kinds of objects that rtnetlink knows: each has four types in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Type 0, 1 or 3 of four: to make, delete or set one.
    Change,
    /// Type 2 of four: to tell of one or all.
    Get,
}

impl<'a> Message<'a> {
    /// The first message of a datagram, unless it is shorter than a header or says that it is longer than the rest.
    fn first(datagram: &'a [u8]) -> Option<Self> {
        let header = datagram.get(..HEADER)?;
        let length = usize::try_from(NetlinkBuffer::new(header).length()).ok()?;
        let bytes = datagram.get(..length).filter(|bytes| bytes.len() >= HEADER)?;
        Some(Message { bytes })
    }

    fn fields(&self) -> NetlinkBuffer<&'a [u8]> {
        NetlinkBuffer::new(self.bytes)
    }

    /// Header and body.
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The header by itself.
    pub(super) fn header(&self) -> &'a [u8] {
        &self.bytes[..HEADER]
    }

    /// Whether rtnetlink is to look at it: it is a request, and not one to netlink itself.
    pub(super) fn is_request(&self) -> bool {
        self.has(NLM_F_REQUEST) && self.message_type() >= FIRST_TYPE
    }

    /// `nlmsg_type`.
    pub(super) fn message_type(&self) -> u16 {
        self.fields().message_type()
    }

    /// Whether it makes, deletes or sets something, or only asks.
    #[doc(alias = "rtnl_msgtype_kind")]
    pub(super) fn kind(&self) -> Kind {
        if self.message_type() % 4 == 2 { Kind::Get } else { Kind::Change }
    }

    /// Whether `nlmsg_flags` has one of these.
    pub(super) fn has(&self, flags: u16) -> bool {
        self.fields().flags() & flags != 0
    }

    /// `nlmsg_seq`.
    pub(super) fn seq(&self) -> u32 {
        self.fields().sequence_number()
    }

    /// Whether there is a byte behind the header: the family, which every request begins with.
    pub(super) fn has_family(&self) -> bool {
        self.bytes.len() > HEADER
    }
}

/// The messages of a datagram. The first that is too short, or longer than what is left, ends it.
#[doc(alias = "netlink_rcv_skb")]
pub(super) fn messages(mut datagram: &[u8]) -> impl Iterator<Item = Message<'_>> {
    std::iter::from_fn(move || {
        let message = Message::first(datagram)?;
        datagram = datagram.get(align(message.bytes.len())..).unwrap_or_default();
        Some(message)
    })
}
