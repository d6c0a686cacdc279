//! Tables of settings by one thread: every sequence of a few registrations, what is written and refused, and the end.

use crate::world::{PanicsInTheEnd, World};
use crate::{Engines, Model};
use netns_core::check::{choose, reached};
use netns_core::net::sysctl::{SysctlEntry, SysctlHandler, SysctlInt, SysctlMode, SysctlString, SysctlTable};
use netns_core::sync::Ordering::Relaxed;
use netns_core::sync::{Arc, AtomicUsize};
use netns_core::{Error, Net, NetRef};
use std::collections::BTreeMap;

/// The models of this room.
pub const MODELS: &[Model] = &[
    Model {
        name: "sysctl-any-three-tables",
        protocol: "sysctl",
        about: "Tables of settings are registered and unregistered, among them some that are in each other's way: all of a \
                table is there or nothing, no setting is a directory, and each is read and written as its mode says.",
        threads: 1,
        claims: &[5],
        reaches: &["registered", "in the way"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: any_three_of_tables,
    },
    Model {
        name: "sysctl-values-and-the-end",
        protocol: "sysctl",
        about: "Settings take what they should and refuse the rest, one that only reads takes nothing; a handler that panics \
                when it goes, with its table or with its namespace, harms nobody.",
        threads: 1,
        claims: &[5],
        reaches: &["the table first", "the namespace first"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: values_and_the_end,
    },
];

/// Directories and the names in them, the first of which may only be read.
const TABLES: [(&str, &[&str]); 6] = [
    ("net", &["a", "b"]),
    ("net/a", &["c"]),
    ("net/a/d", &["e"]),
    ("net", &["c", "b"]),
    ("net", &["f", "f"]),
    ("net", &["f", ".."]),
];

/// What is there: the tables, and each setting with its mode.
#[derive(Default)]
struct Expected {
    tables: Vec<(SysctlTable, Vec<String>)>,
    settings: BTreeMap<String, SysctlMode>,
}

fn mode(index: usize) -> SysctlMode {
    [SysctlMode::ReadOnly, SysctlMode::ReadWrite][index.min(1)]
}

impl Expected {
    fn is_in_the_way(&self, path: &str) -> bool {
        let is_below = |a: &str, b: &str| format!("{a}/").starts_with(&format!("{b}/"));
        self.settings.keys().any(|other| is_below(path, other) || is_below(other, path))
    }

    /// Registers one of [`TABLES`].
    fn register(&mut self, net: &NetRef, table: usize) {
        let (directory, names) = TABLES[table];
        let entry = |(i, name): (usize, &&str)| SysctlEntry::new(*name, mode(i), SysctlInt::new(7, 0..=9));
        let paths: Vec<_> = names.iter().map(|name| format!("{directory}/{name}")).collect();
        let has_room = !paths.iter().any(|path| self.is_in_the_way(path));
        match net.register_net_sysctl(directory, names.iter().enumerate().map(entry)) {
            Ok(registered) => {
                assert!(has_room && table < 4, "{paths:?} among {:?}", self.settings);
                self.settings.extend(paths.iter().cloned().enumerate().map(|(i, path)| (path, mode(i))));
                self.tables.push((registered, paths));
                reached("registered");
            }
            Err(Error::Exists) => {
                assert!(!has_room || table == 4, "{paths:?} among {:?}", self.settings);
                reached("in the way");
            }
            Err(error) => assert_eq!((error, table), (Error::InvalidArgument, 5)),
        }
    }

    /// Unregisters the newest, if there is one.
    fn unregister(&mut self) {
        let Some((table, paths)) = self.tables.pop() else { return };
        table.unregister().expect("it may wait here");
        paths.iter().for_each(|path| _ = self.settings.remove(path));
    }

    fn assert_found(&self, net: &NetRef) {
        assert_eq!(net.sysctl_list(), Vec::from_iter(self.settings.clone()));
        for (path, mode) in &self.settings {
            let written = if *mode == SysctlMode::ReadOnly { Err(Error::AccessDenied) } else { Ok(()) };
            assert_eq!((net.sysctl_read(path).as_deref(), net.sysctl_write(path, "7")), (Ok("7"), written));
        }
        assert_eq!(net.sysctl_read("net/g"), Err(Error::NotFound));
    }
}

fn any_three_of_tables() {
    let world = World::with_slots(0);
    let net = world.namespaces.init_net();
    let mut expected = Expected::default();
    for _ in 0..3 {
        match choose(TABLES.len() + 1) {
            table if table < TABLES.len() => expected.register(net, table),
            _ => expected.unregister(),
        }
        expected.assert_found(net);
    }
    drop(expected);
    assert_eq!(net.sysctl_list(), []);
    world.end();
}

/// A handler that knows nothing of writing.
impl SysctlHandler for PanicsInTheEnd {
    fn read(&self, _: &Net) -> Result<String, Error> {
        Ok(String::new())
    }
}

/// Values are kept, or refused.
fn values(net: &Net) {
    let number = || SysctlEntry::new("number", SysctlMode::ReadWrite, SysctlInt::new(0, -5..=9));
    let text = SysctlEntry::new("text", SysctlMode::ReadWrite, SysctlString::new("one", 3));
    assert_eq!(net.register_net_sysctl("net/..", [number()]).err(), Some(Error::InvalidArgument));
    let table = net.register_net_sysctl("net", [number(), text]).expect("nothing is there");
    let (taken, refused) = (Ok(()), Err(Error::InvalidArgument));
    for (path, value, expected, result) in [
        ("net/number", "9", "9", &taken),
        ("net/number", "-5", "-5", &taken),
        ("net/number", "-6", "-5", &refused),
        ("net/text", "", "", &taken),
        ("net/text", "six", "six", &taken),
        ("net/text", "five", "six", &refused),
    ] {
        let written = net.sysctl_write(path, value);
        assert_eq!((&written, net.sysctl_read(path).as_deref()), (result, Ok(expected)));
    }
    drop(table);
}

fn values_and_the_end() {
    let (world, ends) = (World::with_slots(0), Arc::new(AtomicUsize::new(0)));
    values(world.namespaces.init_net());
    let net = world.new_net();
    let handler = PanicsInTheEnd(ends.clone());
    let table = net.register_net_sysctl("net", [SysctlEntry::new("last", SysctlMode::ReadWrite, handler)]);
    assert_eq!(net.sysctl_write("net/last", ""), Err(Error::AccessDenied), "it cannot be written");
    let table = table.expect("nothing is there");
    if choose(2) == 0 {
        drop(table);
        assert_eq!(ends.load(Relaxed), 1, "it goes with its table");
        drop(net);
        world.clean_up();
        reached("the table first");
    } else {
        drop(net);
        world.clean_up();
        drop(table);
        reached("the namespace first");
    }
    assert_eq!(ends.load(Relaxed), 1, "it is gone, once");
    world.end();
}
