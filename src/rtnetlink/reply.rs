//! Bytes that go out: answers, notifications, acks, the end of a dump.

use super::extack::ExtendedAck;
use super::wire::{Message, align};
use crate::error::Error;
use crate::net::{Nsid, NsidEventKind, Origin};
use netlink_packet_core::{
    DoneMessage, ErrorMessage, NLM_F_ACK_TLVS, NLM_F_CAPPED, NLM_F_MULTIPART, NetlinkHeader, NetlinkMessage,
    NetlinkPayload,
};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::nsid::{NsidAttribute, NsidMessage};
use std::num::NonZeroI32;

/// The length of `NLMSG_DONE` without an extended ack.
pub(super) const DONE: usize = 20;

/// Whom a message goes to, and which request it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct To {
    pub(super) portid: u32,
    pub(super) seq: u32,
}

/// What a message says of a peer: -1 stands for no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ids {
    pub(super) id: i32,
    /// The id in the asker's namespace, if it asked about another.
    pub(super) current: Option<i32>,
}

/// The length of a message that says this, with or without the id in the asker's namespace.
pub(super) fn message_length(with_current: bool) -> usize {
    if with_current { 36 } else { 28 }
}

/// The number in a message: -1 for none.
pub(super) fn number(id: Option<Nsid>) -> i32 {
    id.map_or(Nsid::NOT_ASSIGNED, Nsid::get)
}

fn emit(to: To, flags: u16, payload: NetlinkPayload<RouteNetlinkMessage>) -> Vec<u8> {
    let mut header = NetlinkHeader::default();
    header.flags = flags;
    header.sequence_number = to.seq;
    header.port_number = to.portid;
    let mut message = NetlinkMessage::new(header, payload);
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    bytes
}

fn about(ids: Ids) -> NsidMessage {
    let mut message = NsidMessage::default();
    message.attributes.push(NsidAttribute::Id(ids.id));
    message.attributes.extend(ids.current.map(NsidAttribute::CurrentNsid));
    message
}

/// The answer to a question about one peer.
#[doc(alias = "rtnl_net_fill")]
pub(super) fn answer(to: To, ids: Ids) -> Vec<u8> {
    emit(to, 0, NetlinkPayload::InnerMessage(RouteNetlinkMessage::NewNsId(about(ids))))
}

/// One of the answers to a question about all peers.
pub(super) fn one_of_all(to: To, ids: Ids) -> Vec<u8> {
    emit(to, NLM_F_MULTIPART, NetlinkPayload::InnerMessage(RouteNetlinkMessage::NewNsId(about(ids))))
}

/// What everybody is told of an id that came or went.
#[doc(alias = "rtnl_net_notifyid")]
pub(super) fn notification(kind: NsidEventKind, id: Nsid, origin: Option<Origin>) -> Vec<u8> {
    let message = about(Ids { id: id.get(), current: None });
    let message = match kind {
        NsidEventKind::New => RouteNetlinkMessage::NewNsId(message),
        NsidEventKind::Del => RouteNetlinkMessage::DelNsId(message),
    };
    let to = origin.map_or(To { portid: 0, seq: 0 }, |Origin { portid, seq }| To { portid, seq });
    emit(to, 0, NetlinkPayload::InnerMessage(message))
}

fn code(failed: Option<&Error>) -> i32 {
    failed.map_or(0, |error| -error.errno())
}

/// The end of a question about all peers, for a place of `room` bytes, at least [`DONE`]. The extended ack, if there
/// is to be one, is left out if it does not fit.
#[doc(alias = "netlink_dump_done")]
pub(super) fn done(to: To, failed: Option<&Error>, extack: Option<&ExtendedAck>, room: usize) -> Vec<u8> {
    let mut message = DoneMessage::default();
    message.code = code(failed);
    let attributes = extack.map_or_else(Vec::new, |extack| extack.attributes(failed.is_some()));
    let mut flags = NLM_F_MULTIPART;
    if !attributes.is_empty() {
        flags |= NLM_F_ACK_TLVS;
        if DONE + attributes.len() <= room {
            message.extended_ack = attributes;
        }
    }
    emit(to, flags, NetlinkPayload::Done(message))
}

/// What the sender of a request is told of how it went. An error carries the request, or its header alone if it is to
/// be `capped`; a success always the header alone.
#[doc(alias = "netlink_ack")]
pub(super) fn acknowledgement(
    to: u32,
    request: &Message<'_>,
    failed: Option<&Error>,
    capped: bool,
    extack: Option<&ExtendedAck>,
) -> Vec<u8> {
    let mut message = ErrorMessage::default();
    message.code = NonZeroI32::new(code(failed));
    let mut flags = 0;
    if failed.is_some() && !capped {
        message.header = request.bytes().to_vec();
        message.header.resize(align(request.bytes().len()), 0);
    } else {
        message.header = request.header().to_vec();
        flags |= NLM_F_CAPPED;
    }
    let attributes = extack.map_or_else(Vec::new, |extack| extack.attributes(failed.is_some()));
    if !attributes.is_empty() {
        flags |= NLM_F_ACK_TLVS;
        message.header.extend(attributes);
    }
    emit(To { portid: to, seq: request.seq() }, flags, NetlinkPayload::Error(message))
}
