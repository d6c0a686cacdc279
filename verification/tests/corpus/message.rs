//! What a script's messages are on the wire.
//!
//! Some words of a datagram differ from run to run: a [`Template`] has their names instead, as the `form` of a
//! recorded datagram does.

use crate::names::Attribute;
use crate::script::{Fd, Message, Value};
use std::fmt;

/// A word that differs from run to run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Name {
    Portid(String),
    Pid(String),
    Fd(String),
}

#[derive(Clone, PartialEq)]
enum Piece {
    Byte(u8),
    /// Four bytes, the least significant first.
    Word(Name),
}

/// The bytes of a datagram, with names for what differs from run to run.
#[derive(Clone, PartialEq, Default)]
pub(crate) struct Template {
    pieces: Vec<Piece>,
    len: usize,
}

impl Template {
    /// Reads a `form`.
    pub(crate) fn parse(form: &str) -> Result<Template, String> {
        let mut template = Template::default();
        let mut rest = form;
        while !rest.is_empty() {
            let bracket = rest.find('<').unwrap_or(rest.len());
            template.bytes(&hex(&rest[..bracket])?);
            rest = &rest[bracket..];
            if let Some(inside) = rest.strip_prefix('<') {
                let (word, behind) = inside.split_once('>').ok_or_else(|| format!("no end: {rest}"))?;
                template.word(match word.split_once(':') {
                    Some(("portid", name)) => Name::Portid(name.into()),
                    Some(("pid", name)) => Name::Pid(name.into()),
                    Some(("fd", name)) => Name::Fd(name.into()),
                    _ => return Err(format!("<{word}> is not known")),
                });
                rest = behind;
            }
        }
        Ok(template)
    }

    /// The bytes, with the values that the names have in this run.
    pub(crate) fn fill(&self, value: impl Fn(&Name) -> Result<u32, String>) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::with_capacity(self.len);
        for piece in &self.pieces {
            match piece {
                Piece::Byte(byte) => bytes.push(*byte),
                Piece::Word(name) => bytes.extend(value(name)?.to_le_bytes()),
            }
        }
        Ok(bytes)
    }

    /// What the names stand for in bytes that this is the form of, if it is.
    pub(crate) fn values(&self, bytes: &[u8]) -> Option<Vec<(&Name, u32)>> {
        let mut values = Vec::new();
        let mut rest = bytes;
        for piece in &self.pieces {
            match piece {
                Piece::Byte(byte) => rest = rest.strip_prefix(&[*byte])?,
                Piece::Word(name) => {
                    let (word, behind) = rest.split_first_chunk()?;
                    values.push((name, u32::from_le_bytes(*word)));
                    rest = behind;
                }
            }
        }
        rest.is_empty().then_some(values)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.pieces.extend(bytes.iter().copied().map(Piece::Byte));
        self.len += bytes.len();
    }

    fn word(&mut self, name: Name) {
        self.pieces.push(Piece::Word(name));
        self.len += 4;
    }

    fn append(&mut self, other: Template) {
        self.pieces.extend(other.pieces);
        self.len += other.len;
    }

    /// Whatever is next begins at a multiple of four bytes.
    fn align(&mut self) {
        self.bytes(&[0; 3][..self.len.next_multiple_of(4) - self.len]);
    }
}

/// As in a recording.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Byte(byte) => write!(f, "{byte:02x}"),
            Piece::Word(Name::Portid(name)) => write!(f, "<portid:{name}>"),
            Piece::Word(Name::Pid(name)) => write!(f, "<pid:{name}>"),
            Piece::Word(Name::Fd(name)) => write!(f, "<fd:{name}>"),
        })
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Bytes that are written in hex.
pub(crate) fn hex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Option<Vec<_>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    match digits {
        Some(digits) if digits.len() % 2 == 0 => {
            Ok(digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect())
        }
        _ => Err(format!("{text} is not hex")),
    }
}

/// Writes bytes in hex.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A datagram of messages, numbered on from `seq`.
pub(crate) fn encode<'a>(
    messages: impl Iterator<Item = &'a Message>,
    seq: &mut u32,
) -> Result<Template, String> {
    let mut datagram = Template::default();
    for message in messages {
        *seq += 1;
        datagram.append(encode_one(message, message.seq.unwrap_or(*seq))?);
        datagram.align();
    }
    Ok(datagram)
}

fn encode_one(message: &Message, seq: u32) -> Result<Template, String> {
    let mut encoded = Template::default();
    if let Some(raw) = &message.raw {
        encoded.bytes(&hex(raw)?);
        return Ok(encoded);
    }
    let kind = message.kind.ok_or("a message has no type")?;
    let mut body = Template::default();
    match &message.body {
        Some(body_hex) => body.bytes(&hex(body_hex)?),
        None if message.bare => {}
        None if message.unpadded => body.bytes(&[message.family]),
        None => body.bytes(&[message.family, 0, 0, 0]),
    }
    encode_attributes(&message.attrs, &mut body)?;
    body.bytes(&hex(message.tail.as_deref().unwrap_or_default())?);

    let len = message.nlmsg_len.unwrap_or(16 + body.len as u32);
    encoded.bytes(&len.to_le_bytes());
    encoded.bytes(&kind.0.to_le_bytes());
    encoded.bytes(&message.flags.0.to_le_bytes());
    encoded.bytes(&seq.to_le_bytes());
    encoded.bytes(&0_u32.to_le_bytes());
    encoded.append(body);
    Ok(encoded)
}

fn encode_attributes(attributes: &[(Attribute, Value)], to: &mut Template) -> Result<(), String> {
    for (attribute, value) in attributes {
        let mut encoded = Template::default();
        let (mut len, mut bits) = (None, 0);
        match value {
            // The lower half: -1 and 4,294,967,295 are the same four bytes.
            Value::Number(number) | Value::Fd { fd: Fd::Number(number) } => {
                encoded.bytes(&(*number as u32).to_le_bytes());
            }
            Value::Task { task } => encoded.word(Name::Pid(task.clone())),
            Value::Fd { fd: Fd::Name(name) } => encoded.word(Name::Fd(name.clone())),
            Value::Hex { hex: digits, len: other, bits: further } => {
                encoded.bytes(&hex(digits)?);
                (len, bits) = (*other, *further);
            }
            Value::Str { r#str } => {
                encoded.bytes(r#str.as_bytes());
                encoded.bytes(&[0]);
            }
            Value::Nest { nest } => encode_attributes(nest, &mut encoded)?,
        }
        to.bytes(&len.unwrap_or(4 + encoded.len as u16).to_le_bytes());
        to.bytes(&(attribute.0 | bits).to_le_bytes());
        to.append(encoded);
        to.align();
    }
    Ok(())
}
