//! Settings are read, written and listed while they, their module and their namespaces come and go.

use super::cast::{Part, play};
use super::ledger::Habits;
use super::stage::Stage;
use netns_core::check::{choose, reached};
use netns_core::net::Worker;
use netns_core::sync::Ordering::Relaxed;
use netns_core::sync::{Arc, AtomicBool, AtomicU32, Mutex, thread};
use netns_core::{Error, Net, NetRef, PernetOperations, SysctlEntry, SysctlHandler, SysctlMode, SysctlTable};

const CAST: &[Part<Stage>] = &[
    Part { name: "writer", threads: 3, turns: 8, act: write },
    Part { name: "reader", threads: 1, turns: 5, act: list },
    Part { name: "owner", threads: 2, turns: 4, act: own },
    Part { name: "module", threads: 1, turns: 3, act: module },
    Part { name: "keeper", threads: 2, turns: 6, act: Stage::keep },
    Part { name: "cleaner", threads: 1, turns: 5, act: |stage| stage.world.clean_up() },
];

pub(super) fn settings() {
    play(Stage::new(Worker::Manual, 3, Habits::NONE).with_namespaces(5), CAST).end();
}

/// A setting that knows when nobody may use it any more.
#[derive(Default)]
struct Setting {
    value: AtomicU32,
    over: AtomicBool,
}

impl Setting {
    fn assert_is_there(&self) {
        assert!(!self.over.load(Relaxed), "no handler runs when unregistering has returned (5, 14)");
    }

    fn table(self: &Arc<Self>, net: &Net, directory: &str) -> Result<SysctlTable, Error> {
        net.register_net_sysctl(directory, [SysctlEntry::new("value", SysctlMode::ReadWrite, self.clone())])
    }

    fn end(&self, table: SysctlTable) {
        table.unregister().expect("it may wait here");
        self.over.store(true, Relaxed);
    }
}

impl SysctlHandler for Setting {
    fn read(&self, _: &Net) -> Result<String, Error> {
        self.assert_is_there();
        thread::yield_now();
        self.assert_is_there();
        Ok(self.value.load(Relaxed).to_string())
    }

    fn write(&self, net: &Net, _: &str) -> Result<(), Error> {
        self.assert_is_there();
        if choose(4) == 0 {
            net.rcu().synchronize();
        }
        self.value.fetch_add(1, Relaxed);
        self.assert_is_there();
        Ok(())
    }
}

/// A module that has a setting in every namespace.
struct Module;

struct Own(Arc<Setting>, Option<SysctlTable>);

impl PernetOperations for Module {
    type Data = Mutex<Own>;

    fn init(&self, net: &Net) -> Result<Self::Data, Error> {
        let setting = Arc::<Setting>::default();
        let table = setting.table(net, "net/module")?;
        Ok(Mutex::new(Own(setting, Some(table))))
    }

    fn exit(&self, _: &Net, data: &Self::Data) {
        let Own(setting, table) = &mut *data.lock();
        setting.end(table.take().expect("one exit (9)"));
    }
}

fn anywhere(stage: &Stage) -> NetRef {
    stage.borrow().unwrap_or_else(|| stage.world.namespaces.init_net().clone())
}

/// Writes or reads some setting of some namespace.
fn write(stage: &Stage) {
    let (net, path) = (anywhere(stage), ["net/module/value", "net/own/value"][choose(2)]);
    let result = match choose(3) {
        0 => net.sysctl_read(path).map(|value| _ = value.parse::<u32>().expect("a number")),
        _ => net.sysctl_write(path, "1"),
    };
    reached(match result {
        Ok(()) => "written",
        Err(Error::NotFound) => "no such setting",
        Err(error) => panic!("unplanned: {error}"),
    });
}

/// Lists the settings: a directory has all of what is registered together, or none of it.
fn list(stage: &Stage) {
    let list = anywhere(stage).sysctl_list();
    assert!(list.is_sorted_by(|a, b| a.0 < b.0), "each once: {list:?}");
    assert!(list.len() <= 2, "what has gone is not listed: {list:?}");
}

/// Gives some namespace a setting for a while.
fn own(stage: &Stage) {
    let (net, setting) = (anywhere(stage), Arc::<Setting>::default());
    match setting.table(&net, "net/own") {
        Ok(table) => {
            // The settings of who dies meanwhile go with it, if nobody is quicker.
            drop(net);
            thread::yield_now();
            setting.end(table);
        }
        Err(error) => {
            assert_eq!(error, Error::Exists);
            reached("there already");
        }
    }
}

/// The module is there for a while.
fn module(stage: &Stage) {
    let module = stage.world.namespaces.register_pernet_subsys(Module).expect("nothing fails here");
    for _ in 0..choose(20) {
        thread::yield_now();
    }
    module.unregister().expect("not inside a callback");
}
