//! Sockets: what is set, sent and read.

use super::dump::Dump;
use super::extack::ExtendedAck;
use super::listener::{Elsewhere, Here, Listener};
use super::queue::{Datagram, ReceiveQueue};
use super::reply;
use super::request::Outcome;
use super::wire;
use crate::error::Error;
use crate::net::{AssignError, NetRef, Nsid, Origin, Portid, Subscription};
use crate::sync::{self, Arc, Mutex};
use crate::task::{Capability, Credentials, Task};
use netlink_packet_core::NLM_F_ACK;
use std::fmt;

/// The group that is told of ids that come and go (`RTNLGRP_NSID`).
pub const RTNLGRP_NSID: u32 = 28;
/// The last group that there is (`RTNLGRP_MAX`).
#[doc(alias = "RTNLGRP_MAX")]
const LAST_GROUP: u32 = 39;

/// The longest datagram that can be sent: the send buffer (`net.core.wmem_default`) without its administration.
#[doc(alias = "wmem_default")]
const LONGEST: usize = 212_992 - 32;

const ENODATA: i32 = 61;
const EMSGSIZE: i32 = 90;

/// What can be set on a socket (`SOL_NETLINK`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SocketOption {
    /// Errors say what is wrong: a text, a place in the request, what was expected there (`NETLINK_EXT_ACK`).
    #[doc(alias = "NETLINK_EXT_ACK")]
    ExtAck,
    /// Errors carry the header of the request alone (`NETLINK_CAP_ACK`).
    #[doc(alias = "NETLINK_CAP_ACK")]
    CapAck,
    /// In questions, what has no meaning is an error (`NETLINK_GET_STRICT_CHK`).
    #[doc(alias = "NETLINK_GET_STRICT_CHK")]
    StrictCheck,
    /// Notifications come from every namespace that has an id in the socket's (`NETLINK_LISTEN_ALL_NSID`).
    #[doc(alias = "NETLINK_LISTEN_ALL_NSID")]
    ListenAllNsid,
    /// What is lost is lost without a word (`NETLINK_NO_ENOBUFS`).
    #[doc(alias = "NETLINK_NO_ENOBUFS")]
    NoEnobufs,
}

impl SocketOption {
    pub(super) fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// A netlink socket of the protocol `NETLINK_ROUTE`, bound to an address of its own. It stays in the namespace that it
/// was opened in, and keeps it alive. It is closed when the last handle to it is dropped.
///
/// Any thread may use it at any time. Requests of one datagram are done one after the other; those of two datagrams
/// that are sent at the same time may come between each other.
#[doc(alias = "netlink_sock")]
pub struct Socket {
    membership: Mutex<Membership>,
    /// The dump that is running, if one is. Held while a datagram of it is made, and during a read: outside of the
    /// queue's lock.
    #[doc(alias = "nl_cb_mutex")]
    dump: Mutex<Option<Dump>>,
    /// Held while an id is given at this socket's request.
    asking: Mutex<()>,
    listener: Arc<Listener>,
    // The last ones to go: an address is taken for as long as somebody is told under it, and with its namespace the
    // socket may be the last thing of a world.
    _portid: Portid,
    net: NetRef,
}

/// The groups that a socket is in. Its lock is taken outside of those of announcements.
struct Membership {
    /// Bit `n - 1` is group `n`.
    groups: u64,
    here: Option<Subscription>,
    elsewhere: Option<Subscription>,
}

impl Membership {
    /// Listens wherever it should and nowhere else.
    fn update(&mut self, net: &NetRef, listener: &Arc<Listener>) {
        let member = self.groups & 1 << (RTNLGRP_NSID - 1) != 0;
        if !member {
            self.here = None;
        } else if self.here.is_none() {
            self.here = Some(net.subscribe(Arc::new(Here(listener.clone()))));
        }
        if !member || !listener.has(SocketOption::ListenAllNsid) {
            self.elsewhere = None;
        } else if self.elsewhere.is_none() {
            self.elsewhere = Some(net.subscribe_all(Arc::new(Elsewhere(listener.clone()))));
        }
    }
}

impl Socket {
    /// Opens a socket in the task's namespace of this moment. It remembers the task's credentials, and what the task
    /// may not do at this moment, nobody may do through it later.
    ///
    /// It can be opened in the task's table too, as a [`File::Socket`](crate::task::File::Socket).
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchProcess`] (`ESRCH`) if the task has exited, [`Error::NoSpace`] (`ENOSPC`) if all addresses are
    /// taken.
    #[doc(alias = "netlink_create")]
    pub fn open(task: &Task) -> Result<Arc<Socket>, Error> {
        let net = task.net_ns()?;
        let portid = Portid::new(&net)?;
        let membership = Mutex::new(Membership { groups: 0, here: None, elsewhere: None });
        sync::name(&membership, "groups of a socket");
        let (dump, asking) = (Mutex::new(None), Mutex::new(()));
        sync::name(&dump, "nl_cb_mutex");
        sync::name(&asking, "asking");
        let listener = Arc::new(Listener::new(&net, portid.get(), task.credentials()));
        Ok(Arc::new(Socket { membership, dump, asking, listener, _portid: portid, net }))
    }

    /// Its address: `nlmsg_pid` of its answers, and of the notifications of what it asked for. Never 0, and no other
    /// open socket of the world has it.
    pub fn portid(&self) -> u32 {
        self.listener.portid
    }

    pub(super) fn net(&self) -> &NetRef {
        &self.net
    }

    pub(super) fn opener(&self) -> &Credentials {
        &self.listener.opener
    }

    pub(super) fn queue(&self) -> &ReceiveQueue {
        &self.listener.queue
    }

    pub(super) fn has(&self, option: SocketOption) -> bool {
        self.listener.has(option)
    }

    /// Joins a group: what the group is told from now on is queued for this socket. Groups other than [`RTNLGRP_NSID`]
    /// are told nothing here.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] (`EINVAL`) if there is no such group: they are numbered from 1 to 39.
    #[doc(alias = "NETLINK_ADD_MEMBERSHIP")]
    pub fn join(&self, group: u32) -> Result<(), Error> {
        self.change_groups(group, |groups, bit| groups | bit)
    }

    /// Leaves a group. What is queued stays.
    ///
    /// # Errors
    ///
    /// As [`join`](Socket::join).
    #[doc(alias = "NETLINK_DROP_MEMBERSHIP")]
    pub fn leave(&self, group: u32) -> Result<(), Error> {
        self.change_groups(group, |groups, bit| groups & !bit)
    }

    fn change_groups(&self, group: u32, change: fn(u64, u64) -> u64) -> Result<(), Error> {
        if !(1..=LAST_GROUP).contains(&group) {
            return Err(Error::InvalidArgument);
        }
        let mut membership = self.membership.lock();
        membership.groups = change(membership.groups, 1 << (group - 1));
        membership.update(&self.net, &self.listener);
        Ok(())
    }

    /// Sets an option.
    ///
    /// # Errors
    ///
    /// [`Error::NotPermitted`] (`EPERM`) for [`ListenAllNsid`](SocketOption::ListenAllNsid) if the caller does not have
    /// `CAP_NET_BROADCAST` over the socket's namespace.
    #[doc(alias = "netlink_setsockopt")]
    pub fn set(&self, caller: &Task, option: SocketOption, on: bool) -> Result<(), Error> {
        match option {
            SocketOption::ListenAllNsid => {
                if !caller.credentials().ns_capable(self.net.user_ns(), Capability::NetBroadcast) {
                    return Err(Error::NotPermitted);
                }
                let mut membership = self.membership.lock();
                self.listener.set(option, on);
                membership.update(&self.net, &self.listener);
            }
            SocketOption::NoEnobufs => {
                self.listener.set(option, on);
                self.queue().set_silent(on);
            }
            _ => self.listener.set(option, on),
        }
        Ok(())
    }

    /// Sets how much may be queued (`SO_RCVBUF`): twice this many bytes, at least 2,304 and at most 425,984. A new
    /// socket has 212,992. A queued datagram counts with its administration: a notification for 832.
    #[doc(alias = "SO_RCVBUF")]
    pub fn set_receive_buffer(&self, bytes: usize) {
        self.queue().set_limit(bytes);
    }

    /// Sends a datagram of requests to the kernel's side, for this task: it has to have the capabilities that are
    /// needed, and descriptors are looked up in its table. The requests are done, and their answers queued as far as
    /// there is room, when this returns; of a [dump](super#all-ids) it is the first datagram. Never waits for a reader.
    ///
    /// Returns the length of the datagram. What is wrong with a request is an answer, not an error.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchProcess`] (`ESRCH`) if the task has exited; [`Error::Errno`]: `EMSGSIZE` (90) if the datagram is
    /// longer than 212,960 bytes, `ENODATA` (61) if it is empty.
    #[doc(alias = "netlink_sendmsg")]
    pub fn send(&self, sender: &Task, datagram: &[u8]) -> Result<usize, Error> {
        if datagram.is_empty() {
            return Err(Error::Errno(ENODATA));
        }
        if datagram.len() > LONGEST {
            return Err(Error::Errno(EMSGSIZE));
        }
        sender.net_ns()?;
        for request in wire::messages(datagram) {
            let mut extack = ExtendedAck::default();
            let failed = match request.is_request().then(|| self.handle(sender, &request, &mut extack)) {
                Some(Ok(Outcome::Dumping)) => continue,
                Some(Err(error)) => Some(error),
                Some(Ok(Outcome::Done)) | None => None,
            };
            if failed.is_some() || request.has(NLM_F_ACK) {
                let capped = self.has(SocketOption::CapAck);
                let extack = self.has(SocketOption::ExtAck).then_some(&extack);
                let ack = reply::acknowledgement(self.portid(), &request, failed.as_ref(), capped, extack);
                // A loss is noted in the queue.
                let _ = self.queue().push(ack, None);
            }
        }
        Ok(datagram.len())
    }

    /// Gives `peer` an id at this socket's request. With `echo`, this socket is not told of it with the others.
    pub(super) fn assign(
        &self,
        peer: &NetRef,
        id: Option<Nsid>,
        origin: Origin,
        echo: bool,
    ) -> Result<Nsid, AssignError> {
        // One at a time: what this socket is told of as its own, meanwhile, is this.
        let _asking = self.asking.lock();
        self.listener.set_echoing(echo);
        self.net.assign_id(peer, id, Some(origin))
    }

    /// Begins a dump, with its first datagram.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] (`EBUSY`) if one is running; [`Error::NoBuffers`] (`ENOBUFS`) if the queue is too full for the
    /// first datagram, which then comes when some of it has been read.
    #[doc(alias = "__netlink_dump_start")]
    pub(super) fn start(&self, dump: Dump) -> Result<(), Error> {
        // Dropped behind the lock: what goes with the last reference to a namespace may use this socket.
        let mut kept = None;
        let mut running = self.dump.lock();
        if running.is_some() {
            return Err(Error::Busy);
        }
        *running = Some(dump);
        self.advance(&mut running, &mut kept)
    }

    /// Queues the next datagram of a dump.
    ///
    /// # Errors
    ///
    /// [`Error::NoBuffers`] (`ENOBUFS`) if there is no room for it.
    fn advance(&self, running: &mut Option<Dump>, kept: &mut Option<NetRef>) -> Result<(), Error> {
        let Some(dump) = running else { return Ok(()) };
        let room = self.queue().reserve()?;
        let (datagram, is_last) = dump.datagram(self, room.bytes, kept);
        if is_last {
            *running = None;
        }
        self.queue().fill(room, datagram);
        Ok(())
    }

    /// Reads the next datagram, of which as much is returned as fits in `buffer` bytes. The greatest buffer that was
    /// offered decides how long the datagrams of a dump are.
    ///
    /// # Errors
    ///
    /// [`Error::WouldBlock`] (`EAGAIN`) if there is nothing to be read; [`Error::NoBuffers`] (`ENOBUFS`), once, if
    /// messages were lost since the queue was last empty, or a dump found it too full: what is queued can be read
    /// after it.
    #[doc(alias = "netlink_recvmsg")]
    pub fn recv(&self, buffer: usize) -> Result<Datagram, Error> {
        // Dropped behind the lock, as in `start`.
        let mut kept = None;
        let mut running = self.dump.lock();
        let read = self.queue().take(buffer).map(|datagram| Datagram {
            nsid: datagram.nsid.filter(|_| self.has(SocketOption::ListenAllNsid)),
            ..datagram
        });
        let goes_on = read.is_ok() && running.is_some() && self.queue().is_half_empty();
        if goes_on && self.advance(&mut running, &mut kept).is_err() {
            self.queue().report();
        }
        self.queue().finish_read();
        read
    }

    /// As [`recv`](Socket::recv), but waits until there is something. Whoever waits does so until something comes: the
    /// socket cannot be closed meanwhile.
    ///
    /// # Errors
    ///
    /// [`Error::NoBuffers`] (`ENOBUFS`) as for [`recv`](Socket::recv).
    pub fn recv_wait(&self, buffer: usize) -> Result<Datagram, Error> {
        loop {
            match self.recv(buffer) {
                Err(Error::WouldBlock) => self.queue().wait(),
                read => return read,
            }
        }
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Socket({} in {})", self.portid(), self.net.id())
    }
}
