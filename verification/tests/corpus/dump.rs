//! What the dumps of a socket have to be.
//!
//! 6.18 ends a dump after one datagram. What a complete one is in datagrams of its sizes, this works out beside the
//! socket: each datagram from the ids that the namespace has when it is made, which is when the dump is asked for
//! and then whenever something was read. So every dump of every replay is compared with it, to the byte, and the
//! part that 6.18 did send with 6.18 as well (see [`compare`](crate::compare)).

use crate::decode::{Header, decode, messages};
use crate::names::{Errno, Flags, Type};
use netns_core::net::{Net, NetRef, Nsid};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The size of a datagram on a socket from which nothing has been read.
const LEAST: usize = 3776;
/// The greatest size of a datagram.
const GREATEST: usize = 32_448;
/// The size of the message that ends a dump.
const DONE: usize = 20;

pub(crate) struct Dumps {
    portid: u32,
    strict: bool,
    /// The size of the next datagram.
    size: usize,
    running: Option<Running>,
    /// The datagrams that are made and not read. `None`: what is in it, others compare.
    due: VecDeque<Option<Vec<u8>>>,
    /// The requests that were to be refused, and whose refusal has not been read.
    refused: BTreeSet<u32>,
    /// The dumps of this socket, by the number of the request.
    pub(crate) told: BTreeMap<u32, Told>,
}

struct Running {
    seq: u32,
    /// The id of the namespace that it is about, if another than the socket's.
    target: Option<Nsid>,
    /// Where the next datagram begins; `None`: all is told but the end.
    next: Option<Nsid>,
}

/// The messages of a dump but for the one that ends it.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) ours: Vec<u8>,
    pub(crate) recorded: Vec<u8>,
    /// Whether it was refused, because another one was running.
    pub(crate) refused: bool,
}

impl Dumps {
    pub(crate) fn new(portid: u32, strict: bool) -> Dumps {
        Dumps {
            portid,
            strict,
            size: LEAST,
            running: None,
            due: VecDeque::new(),
            refused: BTreeSet::new(),
            told: BTreeMap::new(),
        }
    }

    /// A datagram was sent, by a socket in this namespace.
    pub(crate) fn sent(&mut self, datagram: &[u8], net: Option<NetRef>) {
        let Some(net) = net else { return };
        for (header, message) in messages(datagram).filter(|(header, _)| asks_for_dump(header)) {
            let told = self.told.entry(header.seq).or_default();
            if self.running.is_some() {
                told.refused = true;
                self.refused.insert(header.seq);
                continue;
            }
            match self.target(message) {
                Ok(target) if target.is_none_or(|id| net.get_net_ns_by_id(id).is_some()) => {
                    self.running = Some(Running { seq: header.seq, target, next: Some(Nsid::MIN) });
                    self.make(&net);
                }
                // The end of the dump says what was wrong.
                _ => self.due.push_back(None),
            }
        }
    }

    /// The namespace that a dump is asked for, if another than the socket's.
    fn target(&self, request: &[u8]) -> Result<Option<Nsid>, ()> {
        let attributes = request.get(Header::LEN + 4..).unwrap_or_default();
        if !self.strict || attributes.is_empty() {
            return Ok(None);
        }
        match attributes {
            [8, 0, 4, 0, id @ ..] if let Ok(id) = id.try_into() => {
                Nsid::new(i32::from_le_bytes(id)).map(Some).ok_or(())
            }
            _ => Err(()),
        }
    }

    /// Makes the next datagram of the dump that is running.
    fn make(&mut self, net: &NetRef) {
        let Some(mut running) = self.running.take() else { return };
        let target = running.target.and_then(|id| net.get_net_ns_by_id(id));
        let of: &Net = target.as_ref().unwrap_or(net);
        let mut datagram = Vec::new();
        if let Some(from) = running.next {
            let size = if target.is_some() { 36 } else { 28 };
            let fit = self.size / size;
            let ids = of.peer_ids(from, fit + 1);
            for (id, peer) in ids.iter().take(fit) {
                let here = target.is_some().then(|| net.id_of(*peer).map_or(-1, Nsid::get));
                self.tell(&mut datagram, running.seq, id.get(), here);
            }
            running.next = ids.get(fit).map(|(id, _)| *id);
        }
        let ends = running.next.is_none() && datagram.len() + DONE <= self.size;
        if ends {
            self.header(&mut datagram, DONE, Type::DONE, running.seq);
            datagram.extend([0; 4]);
        } else {
            self.running = Some(running);
        }
        self.due.push_back(Some(datagram));
    }

    fn tell(&self, datagram: &mut Vec<u8>, seq: u32, id: i32, here: Option<i32>) {
        self.header(datagram, if here.is_some() { 36 } else { 28 }, Type::NEWNSID, seq);
        datagram.extend([0; 4]);
        datagram.extend([8, 0, 1, 0]);
        datagram.extend(id.to_le_bytes());
        if let Some(here) = here {
            datagram.extend([8, 0, 5, 0]);
            datagram.extend(here.to_le_bytes());
        }
    }

    fn header(&self, datagram: &mut Vec<u8>, len: usize, kind: Type, seq: u32) {
        datagram.extend((len as u32).to_le_bytes());
        datagram.extend(kind.0.to_le_bytes());
        datagram.extend(Flags::MULTI.to_le_bytes());
        datagram.extend(seq.to_le_bytes());
        datagram.extend(self.portid.to_le_bytes());
    }

    /// A datagram was read into a buffer of `offered` bytes.
    pub(crate) fn read(&mut self, datagram: &[u8], offered: usize, net: &NetRef) -> Result<(), String> {
        self.size = self.size.max(offered.min(GREATEST));
        if let Some(seq) = refusal(datagram) {
            self.refused.remove(&seq);
        }
        let mut read = Ok(());
        if fails(datagram) {
            // The replay compares it: whoever asks without the right to has no part in what is worked out here.
            self.due.pop_front();
            self.running = None;
        } else if is_of_dump(datagram) {
            read = match self.due.pop_front() {
                Some(Some(due)) if &due[..due.len().min(offered)] != datagram => {
                    Err(format!("a dump has {}, due are {}", summary(datagram), summary(&due)))
                }
                Some(_) => Ok(()),
                None => Err(format!("no dump is running that has {}", summary(datagram))),
            };
            for (seq, told) in without_end(datagram) {
                self.told.entry(seq).or_default().ours.extend(told);
            }
        }
        self.make(net);
        read
    }

    /// A read has said that messages were lost: it may have been any but those of a dump.
    pub(crate) fn lost(&mut self) {
        self.refused.clear();
    }

    /// What has not been read though nothing is there to be read.
    pub(crate) fn missing(&self) -> Option<String> {
        if let Some(due) = self.due.front() {
            return Some(format!("a dump's {} are missing", due.as_deref().map_or("".into(), summary)));
        }
        self.refused.first().map(|seq| format!("request {seq} was to be refused: a dump was running"))
    }
}

fn asks_for_dump(header: &Header) -> bool {
    let asks = header.flags & Flags::REQUEST != 0 && header.flags & Flags::DUMP != 0;
    header.kind == Type::GETNSID && asks && header.len > Header::LEN
}

/// Whether a datagram of requests asks for new ids and then for a dump.
pub(crate) fn changes_before_dump(datagram: &[u8]) -> bool {
    let mut rest = messages(datagram).map(|(header, _)| header);
    rest.any(|header| header.kind == Type::NEWNSID) && rest.any(|header| asks_for_dump(&header))
}

/// Whether a datagram is part of a dump.
pub(crate) fn is_of_dump(datagram: &[u8]) -> bool {
    messages(datagram).next().is_some_and(|(header, _)| header.flags & Flags::MULTI != 0)
}

/// Whether a datagram is the end of a dump that has failed.
fn fails(datagram: &[u8]) -> bool {
    let is_failure = |(header, message): (Header, &[u8])| {
        header.kind == Type::DONE && message.get(Header::LEN..Header::LEN + 4) != Some(&[0; 4])
    };
    messages(datagram).next().is_some_and(is_failure)
}

/// Whether a datagram has the end of a dump.
pub(crate) fn ends_dump(datagram: &[u8]) -> bool {
    messages(datagram).any(|(header, _)| header.kind == Type::DONE)
}

/// The number of the dump request that a datagram refuses because another dump is running.
pub(crate) fn refusal(datagram: &[u8]) -> Option<u32> {
    let messages = decode(datagram).ok()?;
    let [message] = &messages[..] else { return None };
    (message.error == Some(Errno::EBUSY)).then_some(message.echo_of.as_ref()?.seq)
}

/// The messages of a part of a dump, but for that which ends it, with the number of its request.
pub(crate) fn without_end(datagram: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    messages(datagram).filter(|(header, _)| header.kind != Type::DONE).map(|(header, m)| (header.seq, m))
}

/// A datagram of a dump in short.
fn summary(datagram: &[u8]) -> String {
    let kinds: Vec<_> = messages(datagram).map(|(header, _)| header.kind).collect();
    let ids = kinds.iter().filter(|kind| **kind != Type::DONE).count();
    let end = if ids < kinds.len() { " and the end" } else { "" };
    let first = without_end(datagram).next().map_or(String::new(), |(_, m)| format!(" from {:?}", decode(m)));
    format!("{ids} ids{end}{first}")
}
