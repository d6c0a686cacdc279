//! Questions about all peers: as many datagrams as it takes, each made when there is room for it.

use super::attributes::Attributes;
use super::extack::ExtendedAck;
use super::reply::{self, DONE, Ids, To};
use super::socket::{Socket, SocketOption};
use crate::error::Error;
use crate::net::{NetRef, Nsid};
use crate::sync::Arc;
use crate::task::Credentials;

/// A question that is being answered (`struct netlink_callback`).
#[doc(alias = "netlink_callback")]
pub(super) struct Dump {
    pub(super) to: To,
    /// What was asked for: of a socket without strict checks, nothing is looked at.
    pub(super) attributes: Attributes,
    /// Who asked. Each datagram is made with the rights that the asker had then.
    pub(super) asker: Arc<Credentials>,
    pub(super) progress: Progress,
}

pub(super) enum Progress {
    /// This id, and those behind it, are yet to be told.
    From(Nsid),
    /// All is told, or this is why it cannot be: that remains to be said.
    Told(Option<(Error, ExtendedAck)>),
}

impl Dump {
    /// The namespace that was asked about, if it was another than the socket's. Attributes are looked at in the order
    /// of their types.
    #[doc(alias = "rtnl_valid_dump_net_req")]
    fn target(&self, socket: &Socket, extack: &mut ExtendedAck) -> Result<Option<NetRef>, Error> {
        let Attributes { nsid, pid, fd, target, current } = self.attributes;
        let mut unsupported = |offset: Option<u32>| match offset {
            Some(offset) => {
                extack.say_of(offset, "Unsupported attribute in dump request");
                Err(Error::InvalidArgument)
            }
            None => Ok(()),
        };
        unsupported(nsid.map(|at| at.offset))?;
        unsupported(pid.or(fd).map(|at| at.offset))?;
        let net = target.map(|at| socket.target(&self.asker, at.value)).transpose();
        if net.is_ok() {
            unsupported(current.map(|at| at.offset))?;
        }
        net.inspect_err(|_| {
            if let Some(at) = target {
                extack.say_of(at.offset, "Invalid target network namespace id");
            }
        })
    }

    /// Puts as many ids into a datagram of `room` bytes as fit. Returns the first that does not.
    #[doc(alias = "rtnl_net_dumpid")]
    fn list(
        &self,
        from: Nsid,
        socket: &Socket,
        target: Option<&NetRef>,
        room: usize,
        datagram: &mut Vec<u8>,
    ) -> Option<Nsid> {
        let here = socket.net();
        let ids = |id: Nsid, current| Ids { id: id.get(), current: target.map(|_| current) };
        let fit = room / ids(from, 0).message_length();
        let mut peers = target.unwrap_or(here).peer_ids(from, fit + 1);
        let next = peers.get(fit).map(|&(id, _)| id);
        peers.truncate(fit);
        for (id, peer) in peers {
            let current = if target.is_some() { reply::number(here.id_of(peer)) } else { 0 };
            datagram.extend(reply::one_of_all(self.to, ids(id, current)));
        }
        next
    }

    /// The next datagram, of at most `room` bytes, and whether it is the last. References that were taken for it go
    /// to `kept`: they are not to be dropped under a lock.
    #[doc(alias = "netlink_dump")]
    pub(super) fn datagram(
        &mut self,
        socket: &Socket,
        room: usize,
        kept: &mut Option<NetRef>,
    ) -> (Vec<u8>, bool) {
        let mut datagram = Vec::new();
        if let Progress::From(from) = self.progress {
            let mut extack = ExtendedAck::default();
            let end = match self.target(socket, &mut extack) {
                Ok(target) => {
                    *kept = target;
                    if let Some(next) = self.list(from, socket, kept.as_ref(), room, &mut datagram) {
                        self.progress = Progress::From(next);
                        return (datagram, false);
                    }
                    None
                }
                Err(error) => Some((error, extack)),
            };
            self.progress = Progress::Told(end);
        }
        let left = room - datagram.len();
        if left < DONE {
            return (datagram, false);
        }
        let (failed, extack) = match &self.progress {
            Progress::Told(Some((error, extack))) => (Some(error), Some(extack)),
            _ => (None, None),
        };
        let extack = extack.filter(|_| socket.has(SocketOption::ExtAck));
        datagram.extend(reply::done(self.to, failed, extack, left));
        (datagram, true)
    }
}
