//! A recorded file: a script, and what came of it on a running kernel.

use crate::decode::{Message, Portid};
use crate::message::{Template, hex};
use crate::names::Errno;
use crate::script::Op;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A scenario: each operation of its script is a step.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    pub(crate) steps: Vec<Step>,
}

/// An operation and what came of it.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) op: Op,
    pub(crate) result: Outcome,
    pub(crate) wire: Vec<Wire>,
    /// Whether what is received may come in any order.
    pub(crate) unordered: bool,
    /// What another kernel is worked out to give, if that is different.
    pub(crate) differs: Option<Differs>,
}

/// The result of an operation. What an operation does not have is `None`, or empty.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Outcome {
    pub(crate) ret: Option<Value>,
    pub(crate) err: Option<Errno>,
    /// Options that the system does not know.
    pub(crate) refused: Vec<String>,
    /// What was read.
    pub(crate) got: Option<Vec<Read>>,
    /// Of a batch: the results of its operations.
    pub(crate) each: Vec<Outcome>,
    /// The answer to a request about devices.
    pub(crate) error: Option<Errno>,
    pub(crate) links: Option<Vec<(String, BTreeMap<String, Value>)>>,
}

/// What a read gave.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Read {
    Datagram {
        msgs: Vec<Message>,
        nsid_cmsg: Option<i32>,
    },
    Failed {
        #[serde(alias = "error")]
        err: Errno,
    },
    /// A datagram that cannot be told in messages: the buffer was too small for it.
    #[serde(skip)]
    Garbled,
}

impl Read {
    pub(crate) fn is_datagram(&self) -> bool {
        !matches!(self, Read::Failed { .. })
    }
}

impl Outcome {
    pub(crate) fn ret(value: impl Into<Value>) -> Outcome {
        Outcome { ret: Some(value.into()), ..Outcome::default() }
    }

    /// The datagrams that were read, also inside a batch.
    pub(crate) fn datagrams(&self) -> Vec<Read> {
        let got = self.got.iter().flatten().filter(|read| read.is_datagram()).cloned();
        got.chain(self.each.iter().flat_map(Outcome::datagrams)).collect()
    }

    /// Calls `f` for everything that was read, also inside a batch.
    pub(crate) fn for_each_read(&mut self, f: &mut impl FnMut(&mut Vec<Read>)) {
        self.got.iter_mut().for_each(&mut *f);
        self.each.iter_mut().for_each(|outcome| outcome.for_each_read(f));
    }

    /// Puts the numbers of sockets in the places of their names.
    pub(crate) fn fill(&mut self, portid: &impl Fn(&str) -> Result<u32, String>) -> Result<(), String> {
        let mut failed = Ok(());
        self.for_each_read(&mut |reads| {
            for read in reads {
                let Read::Datagram { msgs, .. } = read else { continue };
                for message in msgs {
                    let Portid::Name(name) = &message.portid else { continue };
                    match portid(name) {
                        Ok(number) => message.portid = Portid::Number(number),
                        Err(error) => failed = Err(error),
                    }
                }
            }
        });
        failed
    }
}

/// A datagram that a step sent or received.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    pub(crate) incoming: bool,
    pub(crate) sock: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) form: Template,
    /// Whether the bytes differ from run to run all over: the result is all that there is to compare.
    pub(crate) fields_alone: bool,
    pub(crate) nsid_cmsg: Option<i32>,
}

/// What another kernel is worked out to give, and why.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Differs {
    step: usize,
    seed: Value,
    because: Vec<String>,
}

impl Differs {
    /// Whether the recorded kernel has ended a dump too early.
    pub(crate) fn dump_stops(&self) -> bool {
        self.because.iter().any(|because| because == "dump_stops")
    }

    /// How many messages each datagram has with the other kernel, if it differs in dumps alone.
    pub(crate) fn counts(&self) -> Option<Vec<usize>> {
        if self.because.iter().any(|because| because != "dump_stops" && because != "done_in_last") {
            return None;
        }
        if let Ok(counts) = Vec::<usize>::deserialize(&self.seed["got_summary"]) {
            return Some(counts);
        }
        let got = self.seed["got"].as_array()?;
        got.iter().map(|read| Some(read["msgs"].as_array()?.len())).collect()
    }
}

#[derive(Deserialize)]
struct RawStep {
    n: usize,
    result: Outcome,
    #[serde(default)]
    wire: Vec<RawWire>,
    #[serde(default)]
    unordered: bool,
}

#[derive(Deserialize)]
struct RawWire {
    dir: String,
    sock: String,
    hex: String,
    form: String,
    compare: Option<String>,
    nsid_cmsg: Option<i32>,
}

impl RawWire {
    fn read(self) -> Result<Wire, String> {
        Ok(Wire {
            incoming: self.dir == "in",
            sock: self.sock,
            bytes: hex(&self.hex)?,
            form: Template::parse(&self.form)?,
            fields_alone: self.compare.as_deref() == Some("fields"),
            nsid_cmsg: self.nsid_cmsg,
        })
    }
}

impl Recording {
    /// Reads a file.
    pub(crate) fn load(path: &Path) -> Result<Recording, String> {
        Recording::parse(&fs::read_to_string(path).map_err(|error| error.to_string())?)
    }

    pub(crate) fn parse(text: &str) -> Result<Recording, String> {
        let (mut script, mut recorded, mut differs) = (None, Vec::new(), Vec::new());
        for line in text.lines().filter(|line| !line.is_empty()) {
            let mut value: Value = read(serde_json::from_str(line), "a line")?;
            match value["kind"].as_str() {
                Some("scenario") => script = Some(value["script"].take()),
                Some("step") => recorded.push(from_value::<RawStep>(value)?),
                Some("differs") => differs.push(from_value::<Differs>(value)?),
                _ => {}
            }
        }
        let script = script.ok_or("there is no script")?;
        let script = script.as_array().ok_or("the script is no list")?;
        if recorded.iter().map(|step| step.n).ne(0..script.len()) {
            return Err(format!("{} operations, {} steps", script.len(), recorded.len()));
        }
        let steps = script.iter().zip(recorded).map(|(op, step)| {
            Ok(Step {
                unordered: step.unordered
                    || is_unordered(op)
                    || step.wire.iter().any(|wire| wire.compare.as_deref() == Some("unordered")),
                op: from_value(op.clone())?,
                result: step.result,
                wire: step.wire.into_iter().map(RawWire::read).collect::<Result<_, _>>()?,
                differs: differs.iter().find(|differs| differs.step == step.n).cloned(),
            })
        });
        Ok(Recording { steps: steps.collect::<Result<_, String>>()? })
    }
}

/// Whether an operation, or one of its batch, is marked so.
fn is_unordered(op: &Value) -> bool {
    let inner = op["ops"].as_array().is_some_and(|ops| ops.iter().any(is_unordered));
    inner || op["unordered"] == Value::Bool(true)
}

fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    let text = value.to_string();
    read(serde_json::from_value(value), &text)
}

fn read<T>(result: serde_json::Result<T>, what: &str) -> Result<T, String> {
    result.map_err(|error| format!("{error}: {:.200}", what))
}

/// The recordings of a folder, by name.
pub(crate) fn folder(path: &Path) -> Result<Vec<(String, PathBuf)>, String> {
    let entries = fs::read_dir(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, path));
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(format!("{} has no recordings", path.display()));
    }
    Ok(files)
}
