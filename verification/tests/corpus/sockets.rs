//! The sockets of a world.

use crate::decode::decode;
use crate::dump::{Dumps, changes_before_dump};
use crate::message::encode;
use crate::names::{Errno, Flags, Type};
use crate::recording::{Outcome, Read};
use crate::script;
use crate::world::{Event, Sock, Stop, World};
use netns_core::Error;
use netns_core::rtnetlink::{Socket, SocketOption};
use netns_core::sync::Arc;
use netns_core::task::File;

impl World {
    pub(crate) fn open_socket(&mut self, how: &script::Socket) -> Result<Outcome, Stop> {
        let owner = self.task(&how.task)?.clone();
        let net = owner.net_ns()?.passive();
        let socket = Socket::open(&owner)?;
        if let Some(bytes) = how.rcvbuf {
            socket.set_receive_buffer(bytes);
        }
        for name in &how.set {
            socket.set(&owner, option(name)?, true)?;
        }
        for group in &how.groups {
            socket.join(group.0.into())?;
        }
        let portid = socket.portid();
        let fd = owner.install(File::Socket(socket))?;
        self.name_fd(&owner, &how.name, fd);
        let strict = how.set.iter().any(|name| name == "STRICT");
        let dumps = Dumps::new(portid, strict);
        let sock = Sock { owner, net, fd, portid, seq: 0, bufsize: how.bufsize, dumps };
        self.socks.insert(how.name.clone(), sock);
        Ok(Outcome::ret("sock"))
    }

    /// The socket itself, if it is open.
    pub(crate) fn socket(&self, name: &str) -> Result<Arc<Socket>, Stop> {
        let sock = self.sock(name)?;
        let File::Socket(socket) = self.living(&sock.owner).file(sock.fd)? else {
            return Err(Error::BadDescriptor.into());
        };
        Ok(socket.downcast().map_err(|_| "another's socket".to_string())?)
    }

    pub(crate) fn send(&mut self, send: &script::Send) -> Result<(), Stop> {
        let socket = self.socket(&send.sock)?;
        let mut seq = self.sock(&send.sock)?.seq;
        let template = encode(send.messages(), &mut seq)?;
        let sender = match &send.sender {
            Some(sender) => self.task(sender)?.clone(),
            None => self.living(&self.sock(&send.sock)?.owner),
        };
        let datagram = template.fill(|name| self.value(name, &send.sock))?;
        let sock = self.sock_mut(&send.sock)?;
        sock.seq = seq;
        // A dump begins with the ids that there are when its request is reached.
        let net = sock.net.maybe_get();
        let (now, later) = if changes_before_dump(&datagram) { (None, net) } else { (net, None) };
        sock.dumps.sent(&datagram, now);
        socket.send(&sender, &datagram)?;
        self.sock_mut(&send.sock)?.dumps.sent(&datagram, later);
        self.wire.push(Event { incoming: false, sock: send.sock.clone(), bytes: datagram, nsid_cmsg: None });
        Ok(())
    }

    /// Reads what is there, at most `count` datagrams.
    ///
    /// A read that fails is a result as well. Whether it was the last one, the recorded result shows: if that has
    /// more datagrams than have been read, it was not.
    pub(crate) fn recv(
        &mut self,
        name: &str,
        count: Option<usize>,
        recorded: Option<&Outcome>,
    ) -> Result<Outcome, Stop> {
        let socket = self.socket(name)?;
        let recorded = recorded.map_or(0, |outcome| outcome.datagrams().len());
        let datagrams = |got: &[Read]| got.iter().filter(|read| read.is_datagram()).count();
        let mut got = Vec::new();
        while count.is_none_or(|count| datagrams(&got) < count) {
            let offered = self.sock(name)?.bufsize;
            match socket.recv(offered) {
                Ok(datagram) => {
                    let nsid_cmsg = datagram.nsid.map(|id| id.get());
                    got.push(match datagram.truncated {
                        true => Read::Garbled,
                        false => Read::Datagram { msgs: decode(&datagram.bytes)?, nsid_cmsg },
                    });
                    self.received(name, &datagram.bytes, offered)?;
                    let bytes = datagram.bytes;
                    self.wire.push(Event { incoming: true, sock: name.into(), bytes, nsid_cmsg });
                }
                Err(Error::WouldBlock) => {
                    let missing = self.sock_mut(name)?.dumps.missing();
                    self.complaints.extend(missing.map(|missing| format!("{name}: {missing}")));
                    break;
                }
                Err(error) => {
                    got.push(Read::Failed { err: Errno(error.errno() as u16) });
                    self.sock_mut(name)?.dumps.lost();
                    if datagrams(&got) >= recorded {
                        break;
                    }
                }
            }
        }
        Ok(Outcome { got: Some(got), ..Outcome::default() })
    }

    /// Compares what was received with the dump that it may be part of.
    fn received(&mut self, name: &str, bytes: &[u8], offered: usize) -> Result<(), String> {
        let sock = self.sock_mut(name)?;
        if let Some(net) = sock.net.maybe_get() {
            let wrong = sock.dumps.read(bytes, offered, &net);
            self.complaints.extend(wrong.err().map(|wrong| format!("{name}: {wrong}")));
        }
        Ok(())
    }

    /// Sends and reads as a request about devices does, which the socket has no part in otherwise: one more number is
    /// used, and the socket has been read from.
    pub(crate) fn pass_by(&mut self, name: &str) -> Result<(), Stop> {
        let sock = self.sock_mut(name)?;
        sock.seq += 1;
        let (seq, bufsize) = (sock.seq, sock.bufsize);
        let sender = self.living(&self.sock(name)?.owner);
        let mut request = Vec::new();
        request.extend(16_u32.to_le_bytes());
        request.extend(Type::GETLINK.0.to_le_bytes());
        request.extend((Flags::REQUEST | Flags::ACK).to_le_bytes());
        request.extend(seq.to_le_bytes());
        request.extend(0_u32.to_le_bytes());
        let socket = self.socket(name)?;
        socket.send(&sender, &request)?;
        while let Ok(datagram) = socket.recv(bufsize) {
            self.received(name, &datagram.bytes, bufsize)?;
        }
        Ok(())
    }

    pub(crate) fn sock_mut(&mut self, name: &str) -> Result<&mut Sock, String> {
        self.socks.get_mut(name).ok_or_else(|| format!("{name} is no socket"))
    }
}

fn option(name: &str) -> Result<SocketOption, String> {
    match name {
        "EXT_ACK" => Ok(SocketOption::ExtAck),
        "CAP_ACK" => Ok(SocketOption::CapAck),
        "STRICT" => Ok(SocketOption::StrictCheck),
        "LISTEN_ALL_NSID" => Ok(SocketOption::ListenAllNsid),
        "NO_ENOBUFS" => Ok(SocketOption::NoEnobufs),
        _ => Err(format!("{name} is no option")),
    }
}
