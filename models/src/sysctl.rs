//! Settings: who writes one while its table is unregistered, or goes with its namespace.

use crate::world::World;
use crate::{Engines, Model};
use netns_core::check::reached;
use netns_core::net::sysctl::{SysctlEntry, SysctlHandler, SysctlMode, SysctlTable};
use netns_core::sync::{self, Arc, Mutex, UnsafeCell, thread};
use netns_core::{Error, Net, PernetOperations};

/// The models of this protocol.
pub const MODELS: &[Model] = &[
    Model {
        name: "sysctl-write-against-unregister",
        protocol: "sysctl",
        about: "A setting is written while its table is unregistered: when that returns no handler runs, so what the \
                handler wrote to may be read, and none starts.",
        threads: 2,
        claims: &[5],
        reaches: &["written", "not found"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: write_against_unregister,
    },
    Model {
        name: "sysctl-two-writers-against-unregister",
        protocol: "sysctl",
        about: "The same with two writers, of two settings of one table.",
        threads: 3,
        claims: &[5],
        reaches: &["written", "not found"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: two_writers_against_unregister,
    },
    Model {
        name: "sysctl-write-against-the-end",
        protocol: "sysctl",
        about: "A walker writes a setting of a namespace that dies and is cleaned up: the handler runs before the \
                settings go with the namespace, or the namespace is not found.",
        threads: 2,
        claims: &[5, 20],
        reaches: &["written", "no namespace"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: write_against_the_end,
    },
    Model {
        name: "sysctl-handler-unregisters-its-own-table",
        protocol: "sysctl",
        about: "A handler unregisters the table that it is in while another thread writes to that: nobody waits for \
                itself, and the last handler frees the table, once.",
        threads: 2,
        claims: &[15],
        reaches: &["written by both", "written by one"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: handler_unregisters,
    },
    Model {
        name: "sysctl-write-against-exit",
        protocol: "sysctl",
        about: "A setting whose handler waits for a grace period is written while its module, which keeps the table \
                in its data, is unregistered, under the registry lock: neither waits for the other for ever.",
        threads: 2,
        claims: &[14, 15],
        reaches: &["written", "not found"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: write_against_exit,
    },
    Model {
        name: "sysctl-two-tables-against-a-handler-in-both",
        protocol: "sysctl",
        about: "A handler of one table writes a setting of another while both are unregistered, by two threads: each \
                is woken when its own table is left.",
        threads: 3,
        claims: &[5, 15],
        reaches: &["written", "not found"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: two_tables_against_a_handler_in_both,
    },
];

const DIRECTORY: &str = "net/model";

/// Plain memory that a handler writes, and whoever ended the handler's table reads.
struct Setting {
    value: UnsafeCell<u32>,
}

// SAFETY: written by one handler, and read when none runs; the checker watches whether that is so.
unsafe impl Sync for Setting {}

impl Setting {
    fn new() -> Arc<Setting> {
        let setting = Setting { value: UnsafeCell::new(0) };
        sync::name(&setting.value, "value");
        Arc::new(setting)
    }

    fn get(&self) -> u32 {
        // SAFETY: no handler runs.
        self.value.with(|value| unsafe { *value })
    }
}

impl SysctlHandler for Setting {
    fn read(&self, _: &Net) -> Result<String, Error> {
        Ok(String::new())
    }

    fn write(&self, _: &Net, _: &str) -> Result<(), Error> {
        // SAFETY: one thread writes this setting.
        self.value.with_mut(|value| unsafe { *value += 1 });
        Ok(())
    }
}

fn register(net: &Net, settings: &[(&'static str, Arc<dyn SysctlHandler>)]) -> SysctlTable {
    let entry = |(name, handler): &(&'static str, Arc<dyn SysctlHandler>)| {
        SysctlEntry::new(*name, SysctlMode::ReadWrite, handler.clone())
    };
    net.register_net_sysctl(DIRECTORY, settings.iter().map(entry)).expect("nothing is there yet")
}

/// Writes, and returns how often the handler ran.
fn write(net: &Net, name: &str) -> u32 {
    match net.sysctl_write(&format!("{DIRECTORY}/{name}"), "1") {
        Ok(()) => 1,
        Err(error) => {
            assert_eq!(error, Error::NotFound);
            0
        }
    }
}

fn said(written: u32) {
    reached(if written > 0 { "written" } else { "not found" });
}

fn write_against_unregister() {
    let world = World::with_slots(0);
    let (net, setting) = (world.namespaces.init_net().clone(), Setting::new());
    let table = register(&net, &[("a", setting.clone())]);
    let writer = thread::spawn_named("writer", move || write(&net, "a"));
    table.unregister().expect("it may wait here");
    let value = setting.get();
    let written = writer.join().unwrap();
    assert_eq!(value, written, "none runs and none starts when unregistering has returned");
    said(written);
    world.end();
}

fn two_writers_against_unregister() {
    let world = World::with_slots(0);
    let (net, settings) = (world.namespaces.init_net(), [Setting::new(), Setting::new()]);
    let table = register(net, &[("a", settings[0].clone()), ("b", settings[1].clone())]);
    let writers = ["a", "b"].map(|name| {
        let world = world.clone();
        thread::spawn_named("writer", move || write(world.namespaces.init_net(), name))
    });
    table.unregister().expect("it may wait here");
    let values = settings.map(|setting| setting.get());
    let written = writers.map(|writer| writer.join().unwrap());
    assert_eq!(values, written, "none runs and none starts when unregistering has returned");
    written.into_iter().for_each(said);
    world.end();
}

fn write_against_the_end() {
    let world = World::with_slots(0);
    let (net, setting) = (world.new_net(), Setting::new());
    let table = register(&net, &[("a", setting.clone())]);
    let (there, prepared) = (world.clone(), world.namespaces.rcu().prepare_reader());
    let writer = thread::spawn_named("writer", move || {
        prepared.register();
        let guard = there.namespaces.read_lock();
        let net = there.namespaces.for_each_net_rcu(&guard).nth(1);
        net.map(|net| write(net, "a"))
    });
    drop(net);
    world.clean_up();
    let value = setting.get();
    assert_eq!(Arc::strong_count(&setting), 1, "the settings went with the namespace");
    match writer.join().unwrap() {
        Some(written) => {
            assert_eq!((value, written), (1, 1), "what is found has its settings");
            reached("written");
        }
        None => reached("no namespace"),
    }
    // The namespace is gone, and its memory goes with this.
    drop(table);
    world.end();
}

/// A handler that unregisters a table, once.
struct Ends(Mutex<Option<SysctlTable>>);

impl SysctlHandler for Ends {
    fn read(&self, _: &Net) -> Result<String, Error> {
        Ok(String::new())
    }

    fn write(&self, _: &Net, _: &str) -> Result<(), Error> {
        let table = self.0.lock().take();
        let ended = table.map_or(Err(Error::WouldDeadlock), SysctlTable::unregister);
        assert_eq!(ended, Err(Error::WouldDeadlock), "nobody waits for itself");
        Ok(())
    }
}

fn handler_unregisters() {
    let world = World::with_slots(0);
    let (net, ends) = (world.namespaces.init_net(), Arc::new(Ends(Mutex::new(None))));
    sync::name(&ends.0, "table");
    let table = register(net, &[("a", ends.clone())]);
    *ends.0.lock() = Some(table);
    let there = world.clone();
    let writer = thread::spawn_named("writer", move || write(there.namespaces.init_net(), "a"));
    let written = write(net, "a") + writer.join().unwrap();
    reached(if written == 2 { "written by both" } else { "written by one" });
    assert!(written >= 1);
    assert_eq!(Arc::strong_count(&ends), 1, "the table is gone");
    world.end();
}

/// A handler that waits for a grace period before it writes.
struct Patient(Arc<Setting>);

impl SysctlHandler for Patient {
    fn read(&self, net: &Net) -> Result<String, Error> {
        self.0.read(net)
    }

    fn write(&self, net: &Net, value: &str) -> Result<(), Error> {
        net.rcu().synchronize();
        self.0.write(net, value)
    }
}

/// A module that keeps its table in its data.
struct Module(Arc<Setting>);

impl PernetOperations for Module {
    type Data = SysctlTable;

    fn init(&self, net: &Net) -> Result<SysctlTable, Error> {
        Ok(register(net, &[("a", Arc::new(Patient(self.0.clone())))]))
    }
}

fn write_against_exit() {
    let (world, setting) = (World::with_slots(1), Setting::new());
    let module =
        world.namespaces.register_pernet_subsys(Module(setting.clone())).expect("nothing fails here");
    let there = world.clone();
    let writer = thread::spawn_named("writer", move || write(there.namespaces.init_net(), "a"));
    module.unregister().expect("not in a callback");
    let value = setting.get();
    let written = writer.join().unwrap();
    assert_eq!(value, written, "none runs and none starts when unregistering has returned");
    said(written);
    world.end();
}

/// A handler that writes another setting of its namespace.
struct Relay;

impl SysctlHandler for Relay {
    fn read(&self, _: &Net) -> Result<String, Error> {
        Ok(String::new())
    }

    fn write(&self, net: &Net, _: &str) -> Result<(), Error> {
        said(write(net, "a"));
        Ok(())
    }
}

fn two_tables_against_a_handler_in_both() {
    let world = World::with_slots(0);
    let (net, setting) = (world.namespaces.init_net(), Setting::new());
    let table = register(net, &[("a", setting.clone())]);
    let relays = register(net, &[("b", Arc::new(Relay))]);
    let there = world.clone();
    let writer = thread::spawn_named("writer", move || write(there.namespaces.init_net(), "b"));
    let other = thread::spawn_named("other", move || relays.unregister());
    table.unregister().expect("it may wait here");
    let value = setting.get();
    other.join().unwrap().expect("it may wait there");
    assert!(writer.join().unwrap() >= value, "whoever wrote was let in");
    assert_eq!(setting.get(), value, "none runs and none starts when unregistering has returned");
    world.end();
}
