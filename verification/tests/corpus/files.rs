//! The descriptors of a world's tasks, and what they stand for.

use crate::recording::Outcome;
use crate::script::{Close, Fd, Item, Op, Place};
use crate::world::{Stop, World, ns_kind};
use netns_core::Error;
use netns_core::task::{File, NsKind, Task};
use std::collections::BTreeMap;

/// A namespace, or another file: equal if `stat` shows the same.
#[derive(Debug, Clone, PartialEq)]
enum Identity {
    Namespace(NsKind, u32),
    Path(String),
    Opened(usize),
}

/// What descriptors a script has named.
#[derive(Default)]
pub(crate) struct Descriptors {
    /// By process and name.
    numbers: BTreeMap<(u32, String), u32>,
    /// By name alone: the last that had it.
    last: BTreeMap<String, u32>,
    /// What is open, by process and descriptor, that is no namespace.
    others: BTreeMap<(u32, u32), Identity>,
    pub(crate) highest: u32,
    opened: usize,
}

impl Descriptors {
    /// The identity of a file that is no other.
    fn new_identity(&mut self) -> Identity {
        self.opened += 1;
        Identity::Opened(self.opened)
    }
}

impl World {
    /// Namespaces as a thread makes them that comes and goes for it: so the task itself stays where it is.
    pub(crate) fn make_ns(&mut self, task: &str, name: &str, count: Option<u32>) -> Result<Outcome, Stop> {
        let by = self.task(task)?.clone();
        let names: Vec<_> = match count {
            Some(count) => (0..count).map(|n| format!("{name}{n}")).collect(),
            None => vec![name.into()],
        };
        for name in &names {
            let maker = by.thread()?;
            let made =
                maker.unshare(NsKind::Net.flag()).and_then(|()| maker.open_ns(&maker, NsKind::Net, false));
            maker.exit();
            self.name_fd(&by, name, made?);
        }
        Ok(Outcome::ret(names.len()))
    }

    /// Carries out an operation that opens one file.
    pub(crate) fn open(&mut self, task: &str, name: &str, op: &Op) -> Result<Outcome, Stop> {
        let by = self.task(task)?.clone();
        let (fd, other) = match op {
            Op::OpenNs { of, kind, o_path, .. } => {
                (by.open_ns(self.task(of)?, ns_kind(kind)?, *o_path)?, None)
            }
            Op::OpenAt { at, .. } => (self.tasks.mounts().open(&by, at)?, Some(Identity::Path(at.clone()))),
            Op::OpenOther { what, of, .. } => {
                let fd = match (what.as_str(), of) {
                    ("pidfd", Some(of)) => by.open_pidfd(self.task(of)?)?,
                    _ => by.install(File::Other)?,
                };
                let device = what == "null";
                let new = if device { Identity::Path(what.clone()) } else { self.descriptors.new_identity() };
                (fd, Some(new))
            }
            Op::Dup { fd, .. } => {
                let old = self.fd(&by, fd)?;
                (by.dup(old)?, self.descriptors.others.get(&(by.tgid(), old)).cloned())
            }
            _ => return Err(Stop::Senseless(format!("{op:?} opens nothing"))),
        };
        self.name_fd(&by, name, fd);
        match other {
            Some(identity) => self.descriptors.others.insert((by.tgid(), fd), identity),
            None => self.descriptors.others.remove(&(by.tgid(), fd)),
        };
        Ok(Outcome::ret("fd"))
    }

    pub(crate) fn name_fd(&mut self, by: &Task, name: &str, fd: u32) {
        self.descriptors.numbers.insert((by.tgid(), name.into()), fd);
        self.descriptors.last.insert(name.into(), fd);
        self.descriptors.highest = self.descriptors.highest.max(fd);
    }

    /// The number of a task's descriptor. A name that is another's, or that of one which is closed, keeps the number
    /// that it had.
    pub(crate) fn fd(&self, by: &Task, fd: &Fd) -> Result<u32, String> {
        match fd {
            Fd::Number(number) => Ok(*number as u32),
            Fd::Name(name) => {
                let Descriptors { numbers, last, .. } = &self.descriptors;
                let number = numbers.get(&(by.tgid(), name.clone())).or_else(|| last.get(name));
                number.copied().ok_or_else(|| format!("{name} is no descriptor"))
            }
        }
    }

    pub(crate) fn close(&mut self, close: &Close) -> Result<(), Stop> {
        match close {
            Close::Descriptor { task, fd } => {
                let task = self.task(task)?;
                Ok(task.close(self.fd(task, fd)?)?)
            }
            Close::Descriptors { task, fds } => {
                let task = self.task(task)?;
                for name in fds.names() {
                    task.close(self.fd(task, &Fd::Name(name))?)?;
                    self.settle()?;
                }
                Ok(())
            }
            Close::Socket { sock } => {
                let sock = self.sock(sock)?;
                Ok(self.living(&sock.owner).close(sock.fd)?)
            }
        }
    }

    pub(crate) fn bind(&self, task: &str, from: &Place, at: &str) -> Result<(), Stop> {
        let by = self.task(task)?;
        let file = match from {
            Place::Task { task: of } => by.ns_file(self.task(of)?, NsKind::Net)?,
            Place::Fd { fd } => match by.file(self.fd(by, fd)?)? {
                File::Namespace(file) => file,
                _ => return Err(Error::InvalidArgument.into()),
            },
        };
        Ok(self.tasks.mounts().bind(by, &file, at)?)
    }

    /// A number for each item; the first has 0, and equal ones are one namespace.
    pub(crate) fn same_ns(&self, items: &[Item]) -> Result<Outcome, Stop> {
        let mut known = Vec::new();
        let mut classes = Vec::new();
        for item in items {
            let identity = self.identity(item)?;
            let class = known.iter().position(|other| *other == identity).unwrap_or_else(|| {
                known.push(identity);
                known.len() - 1
            });
            classes.push(class);
        }
        Ok(Outcome::ret(classes))
    }

    fn identity(&self, item: &Item) -> Result<Identity, Stop> {
        match item {
            Item::Task { task } => {
                let file = self.observer.ns_file(self.task(task)?, NsKind::Net)?;
                let (kind, number) = file.identity();
                Ok(Identity::Namespace(kind, number))
            }
            Item::Fd { fd, by } => {
                let by = self.task(by)?;
                let fd = self.fd(by, fd)?;
                if let File::Namespace(file) = by.file(fd)? {
                    let (kind, number) = file.identity();
                    return Ok(Identity::Namespace(kind, number));
                }
                let other = self.descriptors.others.get(&(by.tgid(), fd)).cloned();
                Ok(other.ok_or_else(|| format!("descriptor {fd} is of no known file"))?)
            }
            Item::At { at } => Ok(match self.tasks.mounts().identity(at) {
                Some((kind, number)) => Identity::Namespace(kind, number),
                None => Identity::Path(at.clone()),
            }),
        }
    }
}
