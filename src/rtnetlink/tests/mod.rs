//! Tests of sockets and messages. Where bytes are written out, they are those that a Linux 6.18 sent.

mod attributes;
mod dump;
mod groups;
mod hostile;
mod queue;
#[cfg(target_endian = "little")]
mod recorded;
mod requests;
mod threads;

use super::extack::ExtendedAck;
use super::*;
use crate::error::Error;
use crate::net::{Namespaces, NetRef, Nsid, Worker};
use crate::sync::Arc;
use crate::task::{NsKind, Task, Tasks};
use netlink_packet_core::{NLM_F_ACK, NLM_F_ACK_TLVS, NLM_F_CAPPED, NLM_F_DUMP, NLM_F_ECHO, NLM_F_REQUEST};

const NEW: u16 = 88;
const DEL: u16 = 89;
const GET: u16 = 90;
const ERROR: u16 = 2;
const DONE: u16 = 3;
const MULTI: u16 = 2;

const NSID: u16 = 1;
const PID: u16 = 2;
const FD: u16 = 3;
const TARGET: u16 = 4;
const CURRENT: u16 = 5;

/// What a reader offers.
const BUFFER: usize = 32_768;

/// A world whose cleanups run when the test says so.
struct World {
    init: Task,
    namespaces: Namespaces,
}

impl World {
    fn new() -> World {
        let namespaces = Namespaces::builder().worker(Worker::Manual).build().unwrap();
        let user_ns = namespaces.init_net().user_ns().clone();
        let (_, init) = Tasks::new(namespaces.init_net().clone(), user_ns);
        World { init, namespaces }
    }

    /// A process in a namespace of its own.
    fn elsewhere(&self) -> Task {
        let task = self.init.fork().unwrap();
        task.unshare(NsKind::Net.flag()).unwrap();
        task
    }

    /// A namespace that nothing but a descriptor of the first task keeps.
    fn held(&self) -> u32 {
        let task = self.elsewhere();
        let fd = self.init.open_ns(&task, NsKind::Net, false).unwrap();
        task.exit();
        task.reap().unwrap();
        fd
    }

    /// `count` namespaces with the ids from 0 on.
    fn with_ids(&self, count: i32) -> Vec<NetRef> {
        let here = self.init.net_ns().unwrap();
        let new = |id| {
            let peer = here.copy_net_ns(NsKind::Net.flag(), here.user_ns()).unwrap();
            here.assign_id(&peer, Nsid::new(id), None).unwrap();
            peer
        };
        (0..count).map(new).collect()
    }

    fn socket(&self) -> Arc<Socket> {
        Socket::open(&self.init).unwrap()
    }

    /// A socket with these options.
    fn socket_with(&self, options: &[SocketOption]) -> Arc<Socket> {
        let socket = self.socket();
        options.iter().for_each(|&option| socket.set(&self.init, option, true).unwrap());
        socket
    }

    fn listener(&self) -> Arc<Socket> {
        let socket = self.socket();
        socket.join(RTNLGRP_NSID).unwrap();
        socket
    }
}

/// A message, for both directions.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Msg {
    kind: u16,
    flags: u16,
    seq: u32,
    portid: u32,
    body: Vec<u8>,
}

/// A request, sent with these flags besides `NLM_F_REQUEST`.
fn request(kind: u16, flags: u16, seq: u32, attributes: &[(u16, i32)]) -> Vec<u8> {
    let mut body = vec![0; 4];
    attributes.iter().for_each(|&(kind, value)| body.extend(attribute(kind, &value.to_ne_bytes())));
    Msg { kind, flags: flags | NLM_F_REQUEST, seq, portid: 0, body }.bytes()
}

/// An attribute without the padding behind it.
fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = 4 + value.len() as u16;
    [&length.to_ne_bytes(), &kind.to_ne_bytes(), value].concat()
}

impl Msg {
    fn bytes(&self) -> Vec<u8> {
        let length = 16 + self.body.len() as u32;
        let mut bytes =
            [length.to_ne_bytes(), [0; 4], self.seq.to_ne_bytes(), self.portid.to_ne_bytes()].concat();
        bytes[4..6].copy_from_slice(&self.kind.to_ne_bytes());
        bytes[6..8].copy_from_slice(&self.flags.to_ne_bytes());
        bytes.extend(&self.body);
        bytes
    }

    /// The messages of a datagram, which has nothing else in it.
    fn parse(mut datagram: &[u8]) -> Vec<Msg> {
        let mut messages = Vec::new();
        while !datagram.is_empty() {
            let word = |at: usize| u32::from_ne_bytes(datagram[at..at + 4].try_into().unwrap());
            let half = |at: usize| u16::from_ne_bytes(datagram[at..at + 2].try_into().unwrap());
            let length = word(0) as usize;
            let body = datagram[16..length].to_vec();
            messages.push(Msg { kind: half(4), flags: half(6), seq: word(8), portid: word(12), body });
            datagram = &datagram[length.next_multiple_of(4)..];
        }
        messages
    }

    fn number(&self, at: usize) -> i32 {
        i32::from_ne_bytes(self.body[at..at + 4].try_into().unwrap())
    }

    /// Type, flags, sequence number, portid, and what it says: the ids, or the error number.
    fn summary(&self) -> (u16, u16, u32, u32, Vec<i32>) {
        let says = match self.kind {
            ERROR | DONE => vec![self.number(0)],
            _ => (8..self.body.len()).step_by(8).map(|at| self.number(at)).collect(),
        };
        (self.kind, self.flags, self.seq, self.portid, says)
    }
}

impl Socket {
    /// Everything that is queued, datagram by datagram.
    fn drain(&self) -> Vec<Vec<Msg>> {
        let mut datagrams = Vec::new();
        loop {
            match self.recv(BUFFER) {
                Ok(datagram) => datagrams.push(Msg::parse(&datagram.bytes)),
                Err(Error::WouldBlock) => return datagrams,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// The errors, by number, of what is queued, each in a datagram of its own.
    fn errors(&self) -> Vec<i32> {
        let datagrams = self.drain();
        datagrams.iter().for_each(|d| assert_eq!((d.len(), d[0].kind), (1, ERROR)));
        datagrams.iter().map(|d| d[0].number(0)).collect()
    }

    /// Types and what they say, of what is queued.
    fn heard(&self) -> Vec<(u16, Vec<i32>)> {
        self.drain().concat().iter().map(|m| (m.kind, m.summary().4)).collect()
    }
}

/// The ids that a dump's datagrams tell, all of them but the `NLMSG_DONE` at their end.
fn ids(datagrams: &[Vec<Msg>]) -> Vec<i32> {
    let messages = datagrams.concat();
    let (last, ids) = messages.split_last().unwrap();
    assert_eq!((last.kind, last.number(0)), (DONE, 0));
    ids.iter().map(|m| m.summary().4[0]).collect()
}
