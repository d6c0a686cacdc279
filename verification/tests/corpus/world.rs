//! A world in which scripts run: tasks and sockets of the crate, by the names that a script gives them.
//!
//! What differs from a kernel is when the dead are cleaned up: after each operation, or after a whole batch. So
//! deaths are told in the order in which they happened, whether or not the script waits between them.

use crate::dump::Dumps;
use crate::files::Descriptors;
use crate::links::Links;
use crate::message::Name;
use crate::names::Errno;
use crate::recording::Outcome;
use crate::script::{Fd, Kinds, Op, Place};
use netns_core::net::Worker;
use netns_core::task::{NsKind, Task, Tasks};
use netns_core::{Error, Namespaces, NetRef, PassiveNet, UserNamespace};
use std::collections::BTreeMap;

/// Why an operation has no result: the system refused it, or it makes no sense as it is written.
#[derive(Debug)]
pub(crate) enum Stop {
    Refused(Errno),
    Senseless(String),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Refused(Errno(error.errno() as u16))
    }
}

impl From<String> for Stop {
    fn from(what: String) -> Self {
        Stop::Senseless(what)
    }
}

/// A datagram that was sent or received.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) incoming: bool,
    pub(crate) sock: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) nsid_cmsg: Option<i32>,
}

pub(crate) struct World {
    // Dropped first: what it registered is in the namespaces.
    pub(crate) links: Links,
    pub(crate) tasks: Tasks,
    /// The first task, which may look at everything and does nothing else.
    pub(crate) observer: Task,
    pub(crate) by_name: BTreeMap<String, Task>,
    pub(crate) descriptors: Descriptors,
    pub(crate) socks: BTreeMap<String, Sock>,
    /// What was sent and received, but for requests about devices.
    pub(crate) wire: Vec<Event>,
    /// Dumps that were not what they have to be.
    pub(crate) complaints: Vec<String>,
    in_batch: bool,
    // Dropped last: it cleans up.
    namespaces: Namespaces,
}

/// A socket that was opened, maybe closed since.
pub(crate) struct Sock {
    pub(crate) owner: Task,
    /// Where it was opened.
    pub(crate) net: PassiveNet,
    pub(crate) fd: u32,
    pub(crate) portid: u32,
    pub(crate) seq: u32,
    pub(crate) bufsize: usize,
    pub(crate) dumps: Dumps,
}

impl World {
    /// A world with one task, `main`, in a namespace that is not the first.
    pub(crate) fn new() -> Result<World, String> {
        let failed = |error: Error| format!("no world: {error}");
        let user_ns = UserNamespace::new(u32::MAX);
        let builder = Namespaces::builder().worker(Worker::Manual).user_ns(user_ns.clone());
        let namespaces = builder.build().map_err(failed)?;
        let links = Links::new(&namespaces).map_err(failed)?;
        let (tasks, observer) = Tasks::new(namespaces.init_net().clone(), user_ns);
        let main = observer.fork().map_err(failed)?;
        main.unshare(NsKind::Net.flag()).map_err(failed)?;
        Ok(World {
            links,
            tasks,
            observer,
            by_name: BTreeMap::from([("main".into(), main)]),
            descriptors: Descriptors::default(),
            socks: BTreeMap::new(),
            wire: Vec::new(),
            complaints: Vec::new(),
            in_batch: false,
            namespaces,
        })
    }

    /// Carries an operation out. `recorded` is what came of it elsewhere: [`recv`](World::recv) says what is looked at.
    ///
    /// # Errors
    ///
    /// If the operation makes no sense: it uses a name that nothing has.
    pub(crate) fn run(&mut self, op: &Op, recorded: Option<&Outcome>) -> Result<Outcome, String> {
        if let Op::Batch { ops } = op {
            return self.batch(ops, recorded);
        }
        let outcome = match self.carry_out(op, recorded) {
            Ok(outcome) => outcome,
            Err(Stop::Refused(errno)) => Outcome { err: Some(errno), ..Outcome::default() },
            Err(Stop::Senseless(what)) => return Err(what),
        };
        self.settle()?;
        Ok(outcome)
    }

    fn batch(&mut self, ops: &[Op], recorded: Option<&Outcome>) -> Result<Outcome, String> {
        self.in_batch = true;
        let recorded = |n| recorded.and_then(|outcome| outcome.each.get(n));
        let each = ops.iter().enumerate().map(|(n, op)| self.run(op, recorded(n)));
        let each = each.collect::<Result<_, _>>();
        self.in_batch = false;
        self.settle()?;
        Ok(Outcome { each: each?, ..Outcome::default() })
    }

    /// Cleans up what has died, unless a batch of deaths is under way.
    pub(crate) fn settle(&self) -> Result<(), String> {
        let clean_up = || self.namespaces.run_cleanup().map_err(|error| format!("no cleanup: {error}"));
        while !self.in_batch && clean_up()? > 0 {}
        Ok(())
    }

    fn carry_out(&mut self, op: &Op, recorded: Option<&Outcome>) -> Result<Outcome, Stop> {
        match op {
            Op::Spawn { task, parent, net } => self.spawn(task, parent, net.as_deref())?,
            Op::Thread { task, of } => {
                let thread = self.task(of)?.thread()?;
                self.by_name.insert(task.clone(), thread);
            }
            Op::Exit { task, reap } => self.exit(task, *reap)?,
            Op::Reap { task } => self.task(task)?.reap()?,
            Op::Unshare { task, flags } => self.task(task)?.unshare(clone_flags(flags)?)?,
            Op::Setuid { task, uid } => self.task(task)?.set_uid(*uid),
            Op::MapRoot { task } => self.task(task)?.credentials().user_ns().map_root()?,
            Op::LimitNet { task, max } => self.task(task)?.credentials().user_ns().set_limit(*max),
            Op::MakeNs { task, name, count } => return self.make_ns(task, name, *count),
            Op::OpenNs { task, name, .. }
            | Op::OpenAt { task, name, .. }
            | Op::OpenOther { task, name, .. }
            | Op::Dup { task, name, .. } => return self.open(task, name, op),
            Op::Close(close) => self.close(close)?,
            Op::Setns { task, fd, kind } => {
                let task = self.task(task)?;
                task.setns(self.fd(task, fd)?, setns_flags(kind)?)?;
            }
            Op::Bind { task, from, at } => self.bind(task, from, at)?,
            Op::Umount { task, at, lazy } => self.tasks.mounts().umount(self.task(task)?, at, *lazy)?,
            Op::SameNs { items } => return self.same_ns(items),
            Op::Readlink { task, of, kind } => {
                let text = self.task(task)?.readlink_ns(self.task(of)?, ns_kind(kind)?)?;
                let kind = text.split('[').next().unwrap_or_default();
                return Ok(Outcome::ret(format!("{kind}[<ino>]")));
            }
            Op::Barrier {} => {}
            Op::Batch { .. } => return Err(Stop::Senseless("a batch in a batch".into())),
            Op::Socket(socket) => return self.open_socket(socket),
            Op::Send(send) => self.send(send)?,
            Op::Request { send, count } => {
                self.send(send)?;
                return self.recv(&send.sock, *count, recorded);
            }
            Op::Recv { sock, count } => return self.recv(sock, *count, recorded),
            Op::Veth { .. } | Op::LinkGet { .. } | Op::LinkMove { .. } | Op::LinkDel { .. } => {
                return self.about_links(op);
            }
        }
        Ok(Outcome::ret(0))
    }

    pub(crate) fn task(&self, name: &str) -> Result<&Task, String> {
        self.by_name.get(name).ok_or_else(|| format!("{name} is no task"))
    }

    fn spawn(&mut self, name: &str, parent: &str, net: Option<&str>) -> Result<(), Stop> {
        let child = self.task(parent)?.fork()?;
        for fd in 0..=self.descriptors.highest {
            match child.close(fd) {
                Ok(()) | Err(Error::BadDescriptor) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.by_name.insert(name.into(), child.clone());
        match net {
            None => Ok(()),
            Some("new") => Ok(child.unshare(NsKind::Net.flag())?),
            Some(other) => Err(Stop::Senseless(format!("a {other} net"))),
        }
    }

    fn exit(&mut self, name: &str, reap: bool) -> Result<(), Stop> {
        let task = self.task(name)?;
        if task.pid() != task.tgid() {
            task.exit();
            return Ok(());
        }
        task.exit_group();
        if reap {
            task.reap()?;
        }
        Ok(())
    }

    /// The network namespace of a task or of a task's descriptor.
    pub(crate) fn net_of(&self, by: &Task, place: &Place) -> Result<NetRef, Stop> {
        Ok(match place {
            Place::Task { task } => self.tasks.get_net_ns_by_pid(self.task(task)?.pid())?,
            Place::Fd { fd } => by.get_net_ns_by_fd(self.fd(by, fd)?)?,
        })
    }

    /// What a name in a datagram stands for in this world. `sock` sent it, or received it.
    pub(crate) fn value(&self, name: &Name, sock: &str) -> Result<u32, String> {
        match name {
            Name::Portid(name) => Ok(self.sock(name)?.portid),
            Name::Pid(name) => Ok(self.task(name)?.pid()),
            Name::Fd(name) => self.fd(&self.sock(sock)?.owner, &Fd::Name(name.clone())),
        }
    }

    pub(crate) fn sock(&self, name: &str) -> Result<&Sock, String> {
        self.socks.get(name).ok_or_else(|| format!("{name} is no socket"))
    }

    /// A thread of the same process, the same if it lives, that can use its descriptors.
    pub(crate) fn living(&self, task: &Task) -> Task {
        let lives = |other: &&Task| other.tgid() == task.tgid() && other.net_ns().is_ok();
        let same = Some(task).filter(lives);
        same.or_else(|| self.by_name.values().find(lives)).unwrap_or(task).clone()
    }
}

pub(crate) fn ns_kind(name: &str) -> Result<NsKind, String> {
    let kind = NsKind::ALL.into_iter().find(|kind| kind.name() == name);
    kind.ok_or_else(|| format!("{name} is no kind of namespace"))
}

fn clone_flags(names: &[String]) -> Result<u64, String> {
    names.iter().try_fold(0, |flags, name| Ok(flags | ns_kind(name)?.flag()))
}

fn setns_flags(kinds: &Kinds) -> Result<u64, String> {
    match kinds {
        Kinds::One(name) if name == "any" => Ok(0),
        Kinds::One(name) => Ok(ns_kind(name)?.flag()),
        Kinds::Several(names) => clone_flags(names),
    }
}
