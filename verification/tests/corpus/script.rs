//! The language of scripts: operations on tasks, namespaces and sockets, each a JSON object.
//!
//! `kernel-corpus/README.md` defines it.

use crate::names::{Attribute, Flags, Group, Type};
use serde::Deserialize;

/// One operation.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(crate) enum Op {
    Spawn {
        task: String,
        #[serde(default = "main_task")]
        parent: String,
        net: Option<String>,
    },
    Thread {
        task: String,
        of: String,
    },
    Exit {
        task: String,
        #[serde(default = "yes")]
        reap: bool,
    },
    Reap {
        task: String,
    },
    Unshare {
        task: String,
        flags: Vec<String>,
    },
    Setuid {
        task: String,
        uid: u32,
    },
    MapRoot {
        task: String,
    },
    LimitNet {
        task: String,
        max: u32,
    },
    MakeNs {
        task: String,
        #[serde(rename = "as")]
        name: String,
        count: Option<u32>,
    },
    OpenNs {
        task: String,
        of: String,
        #[serde(rename = "as")]
        name: String,
        #[serde(default = "net")]
        kind: String,
        #[serde(default)]
        o_path: bool,
    },
    OpenAt {
        task: String,
        at: String,
        #[serde(rename = "as")]
        name: String,
    },
    OpenOther {
        task: String,
        /// `pidfd`, or whatever else is no namespace.
        what: String,
        #[serde(rename = "as")]
        name: String,
        of: Option<String>,
    },
    Dup {
        task: String,
        fd: Fd,
        #[serde(rename = "as")]
        name: String,
    },
    Close(Close),
    Setns {
        task: String,
        fd: Fd,
        #[serde(rename = "type")]
        kind: Kinds,
    },
    Bind {
        task: String,
        from: Place,
        at: String,
    },
    Umount {
        task: String,
        at: String,
        #[serde(default)]
        lazy: bool,
    },
    SameNs {
        items: Vec<Item>,
    },
    Readlink {
        task: String,
        of: String,
        #[serde(default = "net")]
        kind: String,
    },
    Socket(Socket),
    Send(Send),
    Request {
        #[serde(flatten)]
        send: Send,
        count: Option<usize>,
    },
    #[serde(alias = "drain")]
    Recv {
        sock: String,
        count: Option<usize>,
    },
    Veth {
        sock: String,
        name: String,
        peer: String,
        peer_in: Option<Place>,
    },
    LinkGet {
        sock: String,
        name: String,
    },
    LinkMove {
        sock: String,
        name: String,
        to: Place,
    },
    LinkDel {
        sock: String,
        name: String,
    },
    Barrier {},
    Batch {
        ops: Vec<Op>,
    },
}

fn main_task() -> String {
    "main".into()
}

fn net() -> String {
    "net".into()
}

fn yes() -> bool {
    true
}

/// A descriptor, by its name or its number.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Fd {
    Number(i64),
    Name(String),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Close {
    Descriptor { task: String, fd: Fd },
    Descriptors { task: String, fds: Fds },
    Socket { sock: String },
}

/// Names with numbers behind them: from the first to the last, both included.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Fds {
    prefix: String,
    from: i64,
    to: i64,
    #[serde(default = "one")]
    step: i64,
}

fn one() -> i64 {
    1
}

impl Fds {
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut at = self.from;
        while self.step != 0 && (if self.step > 0 { at <= self.to } else { at >= self.to }) {
            names.push(format!("{}{at}", self.prefix));
            at += self.step;
        }
        names
    }
}

/// What `setns` may be asked for: one kind, `any`, or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Kinds {
    One(String),
    Several(Vec<String>),
}

/// A namespace: that of a task, or of a descriptor.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Place {
    Task { task: String },
    Fd { fd: Fd },
}

/// What `same_ns` compares.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Item {
    Task { task: String },
    Fd { fd: Fd, by: String },
    At { at: String },
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Socket {
    pub(crate) task: String,
    #[serde(rename = "as")]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) groups: Vec<Group>,
    #[serde(default)]
    pub(crate) set: Vec<String>,
    pub(crate) rcvbuf: Option<usize>,
    /// What each read offers.
    #[serde(default = "bufsize")]
    pub(crate) bufsize: usize,
}

fn bufsize() -> usize {
    32_768
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Send {
    pub(crate) sock: String,
    msg: Option<Message>,
    #[serde(default)]
    msgs: Vec<Message>,
    /// Another thread of the socket's process.
    pub(crate) sender: Option<String>,
}

impl Send {
    /// The messages of the datagram.
    pub(crate) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.msg.iter().chain(&self.msgs)
    }
}

/// A message to be sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Message {
    #[serde(rename = "type")]
    pub(crate) kind: Option<Type>,
    pub(crate) flags: Flags,
    pub(crate) attrs: Vec<(Attribute, Value)>,
    /// Else the socket's next.
    pub(crate) seq: Option<u32>,
    pub(crate) family: u8,
    /// Hex, in place of family and padding.
    pub(crate) body: Option<String>,
    pub(crate) bare: bool,
    /// The family alone.
    pub(crate) unpadded: bool,
    /// Hex, behind the attributes.
    pub(crate) tail: Option<String>,
    pub(crate) nlmsg_len: Option<u32>,
    /// Hex, in place of all else.
    pub(crate) raw: Option<String>,
}

/// The value of an attribute.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Value {
    Number(i64),
    /// A pid.
    Task {
        task: String,
    },
    /// A descriptor's number in the sender's table.
    Fd {
        fd: Fd,
    },
    /// Bytes; `len` in place of the true length of the attribute, `bits` as well in its type.
    Hex {
        hex: String,
        len: Option<u16>,
        #[serde(default)]
        bits: u16,
    },
    /// Text, with a zero byte behind it.
    Str {
        r#str: String,
    },
    /// Attributes.
    Nest {
        nest: Vec<(Attribute, Value)>,
    },
}
