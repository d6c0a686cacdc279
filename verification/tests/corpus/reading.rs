//! Recordings against themselves: what a script says is what was sent, and what a result says is what was received.
//!
//! No room of the crate has a part in this. It is what the replay's own reading and writing of messages is tested
//! with.

use crate::decode::decode;
use crate::message::{Name, Template, encode};
use crate::recording::{Read, Recording, Step, Wire};
use crate::script::Op;
use std::collections::BTreeMap;

/// Checks every step of a recording.
pub(crate) fn check(recording: &Recording) -> Result<(), String> {
    let mut reading = Reading::default();
    for (n, step) in recording.steps.iter().enumerate() {
        let checked = reading.written(step).and_then(|()| reading.read(step));
        checked.map_err(|error| format!("step {n}: {:?}\n{error}", step.op))?;
    }
    Ok(())
}

/// What the steps so far have told of the sockets, by name.
#[derive(Default)]
struct Reading {
    sequences: BTreeMap<String, u32>,
    portids: BTreeMap<String, u32>,
    bufsizes: BTreeMap<String, usize>,
}

impl Reading {
    /// What the messages of the script are on the wire is what was sent.
    fn written(&mut self, step: &Step) -> Result<(), String> {
        let mut sent = Vec::new();
        self.send(&step.op, &mut sent)?;
        let recorded = step.wire.iter().filter(|wire| !wire.incoming && !wire.fields_alone);
        let recorded: Vec<_> = recorded.map(|wire| wire.form.clone()).collect();
        if sent != recorded {
            return Err(format!("is written as {sent:?}\nand was sent as {recorded:?}"));
        }
        Ok(())
    }

    fn send(&mut self, op: &Op, sent: &mut Vec<Template>) -> Result<(), String> {
        match op {
            Op::Socket(socket) => {
                self.bufsizes.insert(socket.name.clone(), socket.bufsize);
            }
            Op::Send(send) | Op::Request { send, .. } => {
                let seq = self.sequences.entry(send.sock.clone()).or_default();
                sent.push(encode(send.messages(), seq)?);
            }
            Op::Veth { sock, .. }
            | Op::LinkGet { sock, .. }
            | Op::LinkMove { sock, .. }
            | Op::LinkDel { sock, .. } => *self.sequences.entry(sock.clone()).or_default() += 1,
            Op::Batch { ops } => ops.iter().try_for_each(|op| self.send(op, sent))?,
            _ => {}
        }
        Ok(())
    }

    /// What was received reads as what the result says.
    fn read(&mut self, step: &Step) -> Result<(), String> {
        let mut got = Vec::new();
        for wire in step.wire.iter().filter(|wire| !wire.fields_alone) {
            let values = wire.form.values(&wire.bytes);
            for (name, value) in
                values.ok_or_else(|| format!("{} is not the form of its bytes", wire.form))?
            {
                if let Name::Portid(name) = name {
                    self.portids.insert(name.clone(), value);
                }
            }
            if wire.incoming {
                got.push(self.read_one(wire)?);
            }
        }
        let mut result = step.result.clone();
        result.fill(&|name| self.portids.get(name).copied().ok_or_else(|| format!("{name} is no socket")))?;
        let recorded = result.datagrams();
        let same = |(recorded, got): (&Read, &Read)| *got == Read::Garbled || recorded == got;
        if got.len() != recorded.len() || !recorded.iter().zip(&got).all(same) {
            return Err(format!("reads as {got:?}\nand was recorded as {recorded:?}"));
        }
        Ok(())
    }

    fn read_one(&self, wire: &Wire) -> Result<Read, String> {
        // What fills the buffer may have been longer.
        let full = self.bufsizes.get(&wire.sock) == Some(&wire.bytes.len());
        match decode(&wire.bytes) {
            Ok(msgs) => Ok(Read::Datagram { msgs, nsid_cmsg: wire.nsid_cmsg }),
            Err(_) if full => Ok(Read::Garbled),
            Err(error) => Err(error),
        }
    }
}
