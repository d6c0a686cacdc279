//! Rtnetlink, as far as it is about ids of network namespaces: the messages that `ip netns` sends and hears, as bytes.
//!
//! # A guide
//!
//! A [`Socket`] is opened by a task, in the namespace that the task is in. What is sent on it is done at once; what
//! comes of it is queued, and read datagram by datagram. Numbers are in the machine's own byte order, as in all
//! netlink. Any crate that makes and parses such messages can be the other side, or a program's own code.
//!
//! ```
//! use netlink_packet_core::{NLM_F_ACK, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
//! use netlink_packet_route::RouteNetlinkMessage::{self, GetNsId, NewNsId};
//! use netlink_packet_route::nsid::{NsidAttribute, NsidMessage};
//! use netns_core::rtnetlink::Socket;
//! use netns_core::task::{NsKind, Tasks};
//! use netns_core::{Namespaces, UserNamespace};
//! # if !cfg!(feature = "net-ns") { return Ok(()) }
//!
//! /// A request about a peer, in bytes.
//! fn request(make: fn(NsidMessage) -> RouteNetlinkMessage, attributes: Vec<NsidAttribute>) -> Vec<u8> {
//!     let mut body = NsidMessage::default();
//!     body.attributes = attributes;
//!     let mut message = NetlinkMessage::new(NetlinkHeader::default(), make(body).into());
//!     message.header.flags = NLM_F_REQUEST | NLM_F_ACK;
//!     message.finalize();
//!     let mut bytes = vec![0; message.buffer_len()];
//!     message.serialize(&mut bytes);
//!     bytes
//! }
//!
//! let namespaces = Namespaces::new()?;
//! let user_ns = namespaces.init_net().user_ns().clone();
//! let (_tasks, init) = Tasks::new(namespaces.init_net().clone(), user_ns);
//! let child = init.fork()?;
//! child.unshare(NsKind::Net.flag())?;
//! let peer = NsidAttribute::Pid(child.pid());
//!
//! // ip netns set NAME 7
//! let socket = Socket::open(&init)?;
//! socket.send(&init, &request(NewNsId, vec![NsidAttribute::Id(7), peer.clone()]))?;
//! let ack = NetlinkMessage::<RouteNetlinkMessage>::deserialize(&socket.recv(8192)?.bytes)?;
//! assert!(matches!(ack.payload, NetlinkPayload::Error(ack) if ack.code.is_none()));
//!
//! socket.send(&init, &request(GetNsId, vec![peer]))?;
//! let answer = NetlinkMessage::<RouteNetlinkMessage>::deserialize(&socket.recv(8192)?.bytes)?;
//! let NetlinkPayload::InnerMessage(NewNsId(answer)) = answer.payload else { panic!("{answer:?}") };
//! assert_eq!(answer.attributes, [NsidAttribute::Id(7)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The messages
//!
//! | request | attributes | what is done | what comes of it |
//! |---|---|---|---|
//! | `RTM_NEWNSID` (88) | NSID, and PID or FD | the peer gets that id, or the lowest free one if it is negative | a notification to the group; with `NLM_F_ECHO` one to the sender, whether in the group or not |
//! | `RTM_GETNSID` (90) | PID, FD or NSID; TARGET_NSID | | `RTM_NEWNSID` with the peer's id, or -1; with a target its id there, and as CURRENT_NSID the one here |
//! | `RTM_GETNSID` for all (`NLM_F_DUMP`) | on a strict socket, TARGET_NSID | | `RTM_NEWNSID` for each id, in ascending order, then `NLMSG_DONE` |
//! | any other up to 123 | | | `EOPNOTSUPP`; `EPERM` if it would change something and the sender may not |
//!
//! | notification to group 28 ([`RTNLGRP_NSID`]) | when | portid and sequence number |
//! |---|---|---|
//! | `RTM_NEWNSID` | a peer has got an id | those of the request; 0 if there was none |
//! | `RTM_DELNSID` (89) | a peer is gone, and its id with it | 0 |
//!
//! A request is followed by an ack, `NLMSG_ERROR` with 0, if it has `NLM_F_ACK`, and in any case by one with the negative
//! error number if it fails. A dump is not acked. Changes need `CAP_NET_ADMIN` over the socket's namespace, of
//! who opened the socket and of who sends; questions need nothing, but about a target the same over the target's.
//!
//! # How bytes are taken
//!
//! As the kernel takes them, which is not as a strict parser would: a message that is longer than the rest of the
//! datagram ends it in silence, one without a body is a success, unknown attributes and bytes behind the last are
//! skipped, a value may be longer than its type but not shorter (`ERANGE`), and of two attributes of a type the second
//! counts. Requests are therefore walked by a parser of this crate's own; what goes out is built by
//! `netlink-packet-route`.
//!
//! # All ids
//!
//! A dump comes in as many datagrams as it takes: the first when it is asked for, each further one when so much has
//! been read that the queue is half empty. A datagram has up to 3,776 bytes, or as many as the greatest buffer that a
//! read of the socket has offered, at most 32,448. One that follows begins behind the last id of the one before: ids
//! that are there throughout are told once, those that come or go meanwhile at most once. Until the end is queued, the
//! socket answers another question for all with `EBUSY`.
//!
//! Linux 6.18 ends a dump after one datagram, whether or not all ids have been told. That is not copied.
//!
//! # What is lost
//!
//! A queue has [room](Socket::set_receive_buffer) for 256 messages, unless it is changed. What comes when it is full is
//! lost, and so is all that follows until it has been read to its end. The next read says `ENOBUFS`.
//!
//! # Locks
//!
//! Of each socket, in this order: its groups; the one that is held while it asks for an id; that of its dump, held
//! during reads; then the core's; then that of its queue, under which nothing is called. What is told to a group is
//! queued under the lock of the announcing namespace, so in the order of the changes.

mod attributes;
mod dump;
mod extack;
mod listener;
mod queue;
mod reply;
mod request;
mod socket;
mod wire;

pub use queue::Datagram;
pub use socket::{RTNLGRP_NSID, Socket, SocketOption};

// They take more than one namespace.
#[cfg(all(test, feature = "net-ns"))]
mod tests;
