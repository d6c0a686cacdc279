//! Messages as results tell them, and how they are read from bytes.

use crate::message::to_hex;
use crate::names::{Attribute, Errno, Flags, Type};
use serde::Deserialize;
use serde_json::Value;

/// The address of a socket: in a recording the name of the socket, or 0.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Portid {
    Number(u32),
    Name(String),
}

/// A message of a result.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Message {
    #[serde(rename = "type")]
    pub(crate) kind: Type,
    pub(crate) flags: Flags,
    pub(crate) seq: u32,
    pub(crate) portid: Portid,
    pub(crate) family: Option<u8>,
    attrs: Option<Vec<(Attribute, Value)>>,
    pub(crate) error: Option<Errno>,
    echo: Option<Echo>,
    pub(crate) echo_of: Option<EchoOf>,
    ext: Option<ExtendedAck>,
}

/// How much of a request an error repeats.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Echo {
    Whole,
    Header,
}

/// The request that an error or an ack is about.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct EchoOf {
    #[serde(rename = "type")]
    kind: Type,
    pub(crate) seq: u32,
}

/// What an error says besides its number.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE", default)]
struct ExtendedAck {
    msg: Option<String>,
    offs: Option<u32>,
    policy: Option<String>,
}

/// The fields of a header.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    /// The length of the whole message.
    pub(crate) len: usize,
    pub(crate) kind: Type,
    pub(crate) flags: u16,
    pub(crate) seq: u32,
    pub(crate) portid: u32,
}

impl Header {
    pub(crate) const LEN: usize = 16;

    /// Reads a header.
    pub(crate) fn of(bytes: &[u8]) -> Result<Header, String> {
        Ok(Header {
            len: word(bytes, 0)? as usize,
            kind: Type(half(bytes, 4)?),
            flags: half(bytes, 6)?,
            seq: word(bytes, 8)?,
            portid: word(bytes, 12)?,
        })
    }
}

/// The messages of a datagram, each with its header. Ends in silence where the kernel does: at a length that cannot
/// be.
pub(crate) fn messages(datagram: &[u8]) -> impl Iterator<Item = (Header, &[u8])> {
    let mut rest = datagram;
    std::iter::from_fn(move || {
        let header = Header::of(rest).ok().filter(|h| h.len >= Header::LEN && h.len <= rest.len())?;
        let message = &rest[..header.len];
        rest = &rest[header.len.next_multiple_of(4).min(rest.len())..];
        Some((header, message))
    })
}

/// Reads a datagram that was received.
pub(crate) fn decode(datagram: &[u8]) -> Result<Vec<Message>, String> {
    let messages: Vec<_> = messages(datagram).collect();
    let len: usize = messages.iter().map(|(header, _)| header.len.next_multiple_of(4)).sum();
    if len != datagram.len() {
        return Err(format!("{} bytes are no messages", datagram.len() as i64 - len as i64));
    }
    messages.into_iter().map(|(header, message)| decode_one(header, message)).collect()
}

fn decode_one(header: Header, message: &[u8]) -> Result<Message, String> {
    let mut decoded = Message {
        kind: header.kind,
        flags: Flags(header.flags),
        seq: header.seq,
        portid: Portid::Number(header.portid),
        family: None,
        attrs: None,
        error: None,
        echo: None,
        echo_of: None,
        ext: None,
    };
    let has_ext = header.flags & Flags::ACK_TLVS != 0;
    match header.kind {
        Type::ERROR => {
            decoded.error = Some(error(message)?);
            let request = Header::of(message.get(20..).unwrap_or_default())?;
            decoded.echo_of = Some(EchoOf { kind: request.kind, seq: request.seq });
            let capped = header.flags & Flags::CAPPED != 0;
            decoded.echo = Some(if capped { Echo::Header } else { Echo::Whole });
            let echoed = if capped { Header::LEN } else { request.len.next_multiple_of(4) };
            if has_ext {
                decoded.ext = Some(extended_ack(message.get(20 + echoed..).unwrap_or_default())?);
            }
        }
        Type::DONE => {
            decoded.error = Some(error(message)?);
            if has_ext {
                decoded.ext = Some(extended_ack(&message[20..])?);
            }
        }
        _ => {
            decoded.family = Some(*message.get(16).ok_or("there is no family")?);
            let value = |(kind, value): (u16, &[u8])| {
                let number = <[u8; 4]>::try_from(value).map(i32::from_le_bytes);
                (Attribute(kind), number.map_or_else(|_| Value::from(to_hex(value)), Value::from))
            };
            let attributes = attributes(message.get(20..).unwrap_or_default())?;
            decoded.attrs = Some(attributes.into_iter().map(value).collect());
        }
    }
    Ok(decoded)
}

fn error(message: &[u8]) -> Result<Errno, String> {
    let negative = word(message, 16)? as i32;
    let errno = negative.checked_neg().and_then(|errno| u16::try_from(errno).ok());
    errno.map(Errno).ok_or_else(|| format!("{negative} is no error"))
}

fn extended_ack(bytes: &[u8]) -> Result<ExtendedAck, String> {
    let mut ext = ExtendedAck::default();
    for (kind, value) in attributes(bytes)? {
        match kind & 0x3fff {
            1 => ext.msg = Some(String::from_utf8_lossy(value.strip_suffix(&[0]).unwrap_or(value)).into()),
            2 => ext.offs = Some(word(value, 0)?),
            4 => ext.policy = Some(to_hex(value)),
            other => return Err(format!("an extended ack with attribute {other}")),
        }
    }
    Ok(ext)
}

fn attributes(bytes: &[u8]) -> Result<Vec<(u16, &[u8])>, String> {
    let mut attributes = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let len = usize::from(half(rest, 0)?);
        let value = rest.get(4..len).ok_or_else(|| format!("an attribute of {len} bytes"))?;
        attributes.push((half(rest, 2)?, value));
        rest = &rest[len.next_multiple_of(4).min(rest.len())..];
    }
    Ok(attributes)
}

fn word(bytes: &[u8], at: usize) -> Result<u32, String> {
    let word = bytes.get(at..).and_then(<[u8]>::first_chunk);
    word.map(|word| u32::from_le_bytes(*word)).ok_or_else(|| format!("no four bytes at {at}"))
}

fn half(bytes: &[u8], at: usize) -> Result<u16, String> {
    let half = bytes.get(at..).and_then(<[u8]>::first_chunk);
    half.map(|half| u16::from_le_bytes(*half)).ok_or_else(|| format!("no two bytes at {at}"))
}
