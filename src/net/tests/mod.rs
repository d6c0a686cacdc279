//! Tests of the core on real threads: what a probe, registered as pernet operations, sees.

// What needs more than one namespace, and what there is to say where there is one.
#[cfg(not(feature = "net-ns"))]
mod collapsed;
#[cfg(feature = "net-ns")]
mod generic;
#[cfg(feature = "net-ns")]
mod genid;
#[cfg(feature = "net-ns")]
mod life;
#[cfg(feature = "net-ns")]
mod nsid;
#[cfg(feature = "net-ns")]
mod possible;
#[cfg(feature = "net-ns")]
mod refused;
#[cfg(feature = "net-ns")]
mod registry;
#[cfg(feature = "net-ns")]
mod sysctl;

use super::*;
use crate::error::Error;
use crate::sync::{Arc, Mutex};

/// What happened, in order: `init a0` is the init of operations `a` in the namespace that was seen first.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    nets: Vec<NetId>,
    events: Vec<String>,
}

impl Log {
    fn write(&self, event: &str, operations: &str, net: NetId) {
        let mut seen = self.0.lock();
        let known = seen.nets.iter().position(|n| *n == net);
        let net = known.unwrap_or_else(|| {
            seen.nets.push(net);
            seen.nets.len() - 1
        });
        seen.events.push(format!("{event} {operations}{net}"));
    }

    fn note(&self, event: String) {
        self.0.lock().events.push(event);
    }

    /// What happened since the last call.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().events)
    }
}

type Hook = Box<dyn Fn(&Net) -> Result<(), Error> + Send + Sync>;

/// Operations that log what happens to them.
struct Probe {
    name: &'static str,
    log: Log,
    in_init: Hook,
    in_exit: Hook,
}

/// The data of a probe: logs its drop.
struct Datum {
    name: &'static str,
    net: NetId,
    log: Log,
}

impl Drop for Datum {
    fn drop(&mut self) {
        self.log.write("drop", self.name, self.net);
    }
}

impl Probe {
    fn new(name: &'static str, log: &Log) -> Self {
        Probe { name, log: log.clone(), in_init: Box::new(|_| Ok(())), in_exit: Box::new(|_| Ok(())) }
    }

    /// Calls `hook` in init; its error is the error of init.
    fn in_init(mut self, hook: impl Fn(&Net) -> Result<(), Error> + Send + Sync + 'static) -> Self {
        self.in_init = Box::new(hook);
        self
    }

    fn in_exit(mut self, hook: impl Fn(&Net) + Send + Sync + 'static) -> Self {
        self.in_exit = Box::new(move |net| {
            hook(net);
            Ok(())
        });
        self
    }
}

impl PernetOperations for Probe {
    type Data = Datum;

    fn init(&self, net: &Net) -> Result<Datum, Error> {
        self.log.write("init", self.name, net.id());
        (self.in_init)(net)?;
        Ok(Datum { name: self.name, net: net.id(), log: self.log.clone() })
    }

    fn exit(&self, net: &Net, data: &Datum) {
        assert_eq!((data.name, data.net), (self.name, net.id()));
        self.log.write("exit", self.name, net.id());
        let _ = (self.in_exit)(net);
    }

    fn exit_batch(&self, nets: &[&Net]) {
        assert!(!nets.is_empty());
        self.log.note(format!("batch {} of {}", self.name, nets.len()));
    }
}

/// An owner whose cleanups run when the test says so.
fn by_hand() -> Namespaces {
    Namespaces::builder().worker(Worker::Manual).build().unwrap()
}

fn user() -> UserNamespace {
    UserNamespace::new(u32::MAX)
}

#[cfg(feature = "net-ns")]
impl Namespaces {
    fn create(&self) -> NetRef {
        self.try_create().unwrap()
    }

    fn try_create(&self) -> Result<NetRef, Error> {
        self.copy_net_ns(CLONE_NEWNET, &user(), self.init_net())
    }
}
