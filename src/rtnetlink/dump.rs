//! Questions about all peers: as many datagrams as it takes, each made when there is room for it.

use super::attributes::{At, Attributes};
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
    /// Finds the namespace that was asked about, if it was another than the socket's. Attributes are looked at in the
    /// order of their types.
    #[doc(alias = "rtnl_valid_dump_net_req")]
    fn look_up(
        &self,
        socket: &Socket,
        found: &mut Option<NetRef>,
        extack: &mut ExtendedAck,
    ) -> Result<(), Error> {
        let Attributes { nsid, pid, fd, target, current } = self.attributes;
        if let Some(offset) = nsid.map(|at| at.offset).or(pid.or(fd).map(|at| at.offset)) {
            return Err(unsupported(offset, extack));
        }
        if let Some(At { value, offset }) = target {
            *found = socket.by_id(value);
            socket.may_ask(&self.asker, found.as_ref()).inspect_err(|_| {
                extack.say_of(offset, "Invalid target network namespace id");
            })?;
        }
        current.map_or(Ok(()), |at| Err(unsupported(at.offset, extack)))
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
        let fit = room / reply::message_length(target.is_some());
        let mut peers = target.unwrap_or(here).peer_ids(from, fit + 1);
        let next = peers.get(fit).map(|&(id, _)| id);
        peers.truncate(fit);
        for (id, peer) in peers {
            let current = target.map(|_| reply::number(here.id_of(peer)));
            datagram.extend(reply::one_of_all(self.to, Ids { id: id.get(), current }));
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
            let end = match self.look_up(socket, kept, &mut extack) {
                Ok(()) => {
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

fn unsupported(offset: u32, extack: &mut ExtendedAck) -> Error {
    extack.say_of(offset, "Unsupported attribute in dump request");
    Error::InvalidArgument
}
