//! A world of tasks, namespaces and sockets, played by bytes: what the fuzzer and the property test have in common.
//!
//! The first byte sets the options of the sockets. Then come steps: a byte that says what, and for what is sent, two
//! bytes of length and the datagram. The bytes of a datagram are passed on as they are.
//!
//! Whatever the bytes: nothing panics, every answer is a whole message that another implementation of the format can
//! read, it fits the buffers, and in the end everything can be cleaned up.

use netlink_packet_core::{NLM_F_MULTIPART, NetlinkMessage, NetlinkPayload};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::nsid::NsidAttribute;
use netns_core::net::Worker;
use netns_core::rtnetlink::{Datagram, Socket, SocketOption};
use netns_core::sync::Arc;
use netns_core::task::{NsKind, Task, Tasks};
use netns_core::{CLONE_NEWNET, Error, Namespaces, UserNamespace};

/// What sending nothing gives (`ENODATA`).
const NO_DATA: Error = Error::Errno(61);
/// The largest datagram that a dump makes.
const LARGEST: usize = 32_448;

struct World {
    namespaces: Namespaces,
    user: UserNamespace,
    main: Task,
    peers: Vec<Task>,
    sockets: Vec<Arc<Socket>>,
}

impl World {
    /// Four tasks in namespaces of their own, descriptors 3 and 4 on two of these, and two sockets, one of which
    /// listens.
    fn new(options: u8) -> World {
        let user = UserNamespace::new(64);
        let namespaces = Namespaces::builder().worker(Worker::Manual).user_ns(user.clone()).build();
        let namespaces = namespaces.expect("there is memory");
        let (_, main) = Tasks::new(namespaces.init_net().clone(), user.clone());
        let mut world = World { namespaces, user, main, peers: Vec::new(), sockets: Vec::new() };
        for _ in 0..3 {
            world.spawn();
        }
        for peer in &world.peers[..2] {
            world.main.open_ns(peer, NsKind::Net, false).expect("it lives");
        }
        for listens in [false, true] {
            let socket = Socket::open(&world.main).expect("there is room");
            let set = |option, bit: u8| {
                socket.set(&world.main, option, options & bit != 0).expect("it is allowed");
            };
            set(SocketOption::ExtAck, 1);
            set(SocketOption::CapAck, 2);
            set(SocketOption::StrictCheck, 4);
            set(SocketOption::ListenAllNsid, 8);
            if options & 16 != 0 {
                socket.set_receive_buffer(4_608);
            }
            if listens {
                socket.join(28).expect("there is that group");
            }
            world.sockets.push(socket);
        }
        world
    }

    fn spawn(&mut self) {
        let Ok(peer) = self.main.fork() else { return };
        // A namespace more than the user namespace allows is refused, and the task stays where it was.
        let _ = peer.unshare(CLONE_NEWNET);
        self.peers.push(peer);
    }

    fn step(&mut self, what: u8, datagram: &[u8]) {
        let socket = self.sockets[usize::from(what >> 7)].clone();
        match what & 7 {
            0..=3 => {
                let sent = socket.send(&self.main, datagram);
                let expected = if datagram.is_empty() { Err(NO_DATA) } else { Ok(datagram.len()) };
                assert_eq!(sent, expected);
            }
            4 => self.read(&socket, 32_768),
            5 => self.read(&socket, usize::from(what) * 8),
            6 => self.spawn(),
            _ => {
                if self.peers.len() > 1 {
                    let peer = self.peers.remove(usize::from(what >> 3) % self.peers.len());
                    peer.exit_group();
                    peer.reap().expect("it is a zombie");
                }
                self.namespaces.run_cleanup().expect("it may wait here");
            }
        }
    }

    /// Reads what is there, and takes it apart.
    fn read(&self, socket: &Socket, buffer: usize) {
        for _ in 0..1_000 {
            match socket.recv(buffer) {
                Ok(datagram) => check(&datagram, buffer, socket.portid()),
                Err(Error::NoBuffers) => {}
                Err(error) => {
                    assert_eq!(error, Error::WouldBlock);
                    return;
                }
            }
        }
        panic!("a dump that does not end");
    }

    fn end(self) {
        for socket in &self.sockets {
            self.read(socket, 32_768);
        }
        let World { namespaces, user, main, peers, sockets } = self;
        drop(sockets);
        peers.iter().chain([&main]).for_each(Task::exit_group);
        drop((peers, main));
        drop(namespaces);
        assert_eq!(user.net_namespaces(), 0, "everything is cleaned up");
    }
}

/// Takes an answer apart with another implementation of the format.
fn check(datagram: &Datagram, buffer: usize, portid: u32) {
    assert!(datagram.bytes.len() <= buffer);
    if datagram.truncated {
        return;
    }
    let (mut rest, mut last) = (&datagram.bytes[..], -1);
    assert!(!rest.is_empty());
    while !rest.is_empty() {
        let message = NetlinkMessage::<RouteNetlinkMessage>::deserialize(rest).expect("a whole message");
        let header = message.header;
        assert!(header.port_number == portid || header.port_number == 0 || datagram.bytes.len() == 28);
        match message.payload {
            NetlinkPayload::InnerMessage(
                RouteNetlinkMessage::NewNsId(nsid) | RouteNetlinkMessage::DelNsId(nsid),
            ) => {
                let Some(NsidAttribute::Id(id)) = nsid.attributes.first() else { panic!("no id: {nsid:?}") };
                assert!(*id >= -1);
                if header.flags & NLM_F_MULTIPART != 0 {
                    assert!(*id > last, "a dump ascends");
                    assert!(datagram.bytes.len() <= LARGEST);
                    last = *id;
                }
            }
            NetlinkPayload::Error(_) | NetlinkPayload::Done(_) => {}
            other => panic!("nobody asked for {other:?}"),
        }
        let length = header.length as usize;
        assert!(length >= 16 && length.is_multiple_of(4), "a message is padded");
        rest = &rest[length..];
    }
}

/// Plays the bytes.
pub(crate) fn play(bytes: &[u8]) {
    let Some((&options, mut rest)) = bytes.split_first() else { return };
    let mut world = World::new(options);
    while let Some((&what, behind)) = rest.split_first() {
        rest = behind;
        let mut datagram: &[u8] = &[];
        if what & 7 <= 3
            && let Some((length, behind)) = rest.split_first_chunk()
        {
            (datagram, rest) = behind.split_at(usize::from(u16::from_le_bytes(*length)).min(behind.len()));
        }
        world.step(what, datagram);
    }
    world.end();
}
