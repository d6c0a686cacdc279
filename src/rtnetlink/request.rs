//! What is done about a request.

use super::attributes::{At, Attributes, Rules};
use super::dump::{Dump, Progress};
use super::extack::ExtendedAck;
use super::reply::{self, Ids, To};
use super::socket::{Socket, SocketOption};
use super::wire::{Kind, LAST_TYPE, Message};
use crate::error::Error;
use crate::net::{AssignError, NetRef, Nsid, NsidEventKind, Origin, UserNamespace};
use crate::task::{Capability, Credentials, Task};
use netlink_packet_core::{NLM_F_DUMP, NLM_F_ECHO};

const RTM_NEWNSID: u16 = 88;
const RTM_GETNSID: u16 = 90;

/// What came of a request that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is done.
    Done,
    /// Its answers have begun to come, and end with a message of their own: there is no ack.
    Dumping,
}

impl Socket {
    /// Does what a request asks for.
    ///
    /// # Errors
    ///
    /// What the sender is told, with what is left in `extack`.
    #[doc(alias = "rtnetlink_rcv_msg")]
    pub(super) fn handle(
        &self,
        sender: &Task,
        request: &Message<'_>,
        extack: &mut ExtendedAck,
    ) -> Result<Outcome, Error> {
        if request.message_type() > LAST_TYPE {
            return Err(Error::NotSupported);
        }
        if !request.has_family() {
            return Ok(Outcome::Done);
        }
        let owner = self.net().user_ns();
        if request.kind() == Kind::Change && !self.may(&sender.credentials(), owner, Capability::NetAdmin) {
            return Err(Error::NotPermitted);
        }
        match request.message_type() {
            RTM_NEWNSID => self.give(sender, request, extack),
            RTM_GETNSID if request.has(NLM_F_DUMP) => self.tell_all(sender, request),
            RTM_GETNSID => self.tell(sender, request, extack),
            _ => Err(Error::NotSupported),
        }
    }

    /// Whether both the socket's opener and who uses it now have a capability.
    #[doc(alias = "netlink_net_capable")]
    #[doc(alias = "sk_ns_capable")]
    fn may(&self, user: &Credentials, owner: &UserNamespace, capability: Capability) -> bool {
        self.opener().ns_capable(owner, capability) && user.ns_capable(owner, capability)
    }

    /// The namespace that has an id here, unless there is none or it is dying.
    pub(super) fn by_id(&self, id: i32) -> Option<NetRef> {
        self.net().get_net_ns_by_id(Nsid::new(id)?)
    }

    /// Whether somebody may ask what another namespace knows.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] (`EINVAL`) if there is no such namespace, [`Error::AccessDenied`] (`EACCES`) without
    /// `CAP_NET_ADMIN` over it.
    #[doc(alias = "rtnl_get_net_ns_capable")]
    pub(super) fn may_ask(&self, user: &Credentials, target: Option<&NetRef>) -> Result<(), Error> {
        let owner = target.ok_or(Error::InvalidArgument)?.user_ns();
        if self.may(user, owner, Capability::NetAdmin) { Ok(()) } else { Err(Error::AccessDenied) }
    }

    fn to(&self, request: &Message<'_>) -> To {
        To { portid: self.portid(), seq: request.seq() }
    }

    /// How strictly questions are looked at. Those who give ids are never looked at strictly.
    #[doc(alias = "netlink_strict_get_check")]
    fn rules(&self) -> Rules {
        if self.has(SocketOption::StrictCheck) { Rules::Strict } else { Rules::Liberal }
    }

    /// The peer that a request names by a process or a descriptor of its sender, and where it does.
    fn named_peer(&self, sender: &Task, attributes: &Attributes) -> Option<(Result<NetRef, Error>, u32)> {
        match (attributes.pid, attributes.fd) {
            (Some(pid), _) => Some((sender.tasks().get_net_ns_by_pid(pid.value), pid.offset)),
            (None, Some(fd)) => Some((sender.get_net_ns_by_fd(fd.value), fd.offset)),
            (None, None) => None,
        }
    }

    /// `RTM_NEWNSID`: gives a peer an id.
    #[doc(alias = "rtnl_net_newid")]
    fn give(&self, sender: &Task, request: &Message<'_>, extack: &mut ExtendedAck) -> Result<Outcome, Error> {
        let attributes = Attributes::parse(request, Rules::Liberal, extack)?;
        let Some(nsid) = attributes.nsid else {
            extack.say("nsid is missing");
            return Err(Error::InvalidArgument);
        };
        let (peer, named_at) = found(self.named_peer(sender, &attributes), extack)?;

        let To { portid, seq } = self.to(request);
        let origin = Origin { portid, seq };
        let echo = request.has(NLM_F_ECHO);
        match self.assign(&peer, Nsid::new(nsid.value), origin, echo) {
            Ok(id) if echo => {
                // A loss is noted in the queue; the id is given all the same.
                let _ = self.queue().push(reply::notification(NsidEventKind::New, id, Some(origin)), None);
                Ok(Outcome::Done)
            }
            Ok(_) => Ok(Outcome::Done),
            Err(error) => {
                match error {
                    AssignError::PeerHasId(_) => {
                        extack.say_of(named_at, "Peer netns already has a nsid assigned");
                    }
                    AssignError::IdTaken => extack.say_of(nsid.offset, "The specified nsid is already used"),
                    _ => {}
                }
                Err(error.into())
            }
        }
    }

    /// `RTM_GETNSID`: tells the id of a peer, here or in another namespace.
    #[doc(alias = "rtnl_net_getid")]
    fn tell(&self, sender: &Task, request: &Message<'_>, extack: &mut ExtendedAck) -> Result<Outcome, Error> {
        let attributes = Attributes::parse(request, self.rules(), extack)?;
        if attributes.current.is_some() && self.rules() == Rules::Strict {
            extack.say("Unsupported attribute in peer netns getid request");
            return Err(Error::InvalidArgument);
        }
        let by_id = |At { value, offset }| (self.by_id(value).ok_or(Error::NotFound), offset);
        let named = self.named_peer(sender, &attributes).or_else(|| attributes.nsid.map(by_id));
        let (peer, _) = found(named, extack)?;

        let here = reply::number(self.net().peernet2id(&peer));
        let mut ids = Ids { id: here, current: None };
        if let Some(At { value, offset }) = attributes.target {
            let target = self.by_id(value);
            self.may_ask(&sender.credentials(), target.as_ref()).inspect_err(|_| {
                extack.say_of(offset, "Target netns reference is invalid");
            })?;
            let there = reply::number(target.and_then(|target| target.peernet2id(&peer)));
            ids = Ids { id: there, current: Some(here) };
        }
        self.queue().push(reply::answer(self.to(request), ids), None)?;
        Ok(Outcome::Done)
    }

    /// `RTM_GETNSID` for all: begins to tell the ids of all peers.
    fn tell_all(&self, sender: &Task, request: &Message<'_>) -> Result<Outcome, Error> {
        let mut progress = Progress::From(Nsid::MIN);
        let mut attributes = Attributes::default();
        if self.rules() == Rules::Strict {
            // What is wrong with them is said at the end of the answers, which is there at once.
            let mut extack = ExtendedAck::default();
            match Attributes::parse(request, Rules::Strict, &mut extack) {
                Ok(parsed) => attributes = parsed,
                Err(error) => progress = Progress::Told(Some((error, extack))),
            }
        }
        let dump = Dump { to: self.to(request), attributes, asker: sender.credentials(), progress };
        self.start(dump)?;
        Ok(Outcome::Dumping)
    }
}

/// The peer that a request names, and where it does.
fn found(
    named: Option<(Result<NetRef, Error>, u32)>,
    extack: &mut ExtendedAck,
) -> Result<(NetRef, u32), Error> {
    let Some((peer, offset)) = named else {
        extack.say("Peer netns reference is missing");
        return Err(Error::InvalidArgument);
    };
    let peer = peer.inspect_err(|_| extack.say_of(offset, "Peer netns reference is invalid"))?;
    Ok((peer, offset))
}
