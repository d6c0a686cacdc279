//! Settings and the lives of their namespaces. What they are by themselves is tested in their own room.

use super::*;
use crate::sync::{AtomicU32, Ordering};

fn number(value: i32) -> [SysctlEntry; 1] {
    [SysctlEntry::new("n", SysctlMode::ReadWrite, SysctlInt::new(value, 0..=i32::MAX))]
}

/// Counts its drops.
struct Counted(Arc<AtomicU32>);

impl SysctlHandler for Counted {
    fn read(&self, net: &Net) -> Result<String, Error> {
        Ok(net.id().to_string())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn counted(drops: &Arc<AtomicU32>) -> [SysctlEntry; 1] {
    [SysctlEntry::new("counted", SysctlMode::ReadOnly, Counted(drops.clone()))]
}

#[test]
fn each_namespace_has_its_own() {
    let namespaces = by_hand();
    let (a, b) = (namespaces.create(), namespaces.create());
    let _a_table = a.register_net_sysctl("net", number(1)).unwrap();
    let b_table = b.register_net_sysctl("net", number(2)).unwrap();
    a.sysctl_write("net/n", "3").unwrap();
    assert_eq!((a.sysctl_read("net/n"), b.sysctl_read("net/n")), (Ok("3".into()), Ok("2".into())));
    b_table.unregister().unwrap();
    assert_eq!((a.sysctl_read("net/n"), b.sysctl_read("net/n")), (Ok("3".into()), Err(Error::NotFound)));
    assert_eq!(namespaces.init_net().sysctl_read("net/n"), Err(Error::NotFound));
}

#[test]
fn what_is_registered_goes_with_its_namespace_and_does_not_keep_it() {
    let (namespaces, user) = (by_hand(), UserNamespace::new(1));
    let net = namespaces.copy_net_ns(CLONE_NEWNET, &user, namespaces.init_net()).unwrap();
    let drops = Arc::new(AtomicU32::new(0));
    let (table, other) = (
        net.register_net_sysctl("net", counted(&drops)).unwrap(),
        net.register_net_sysctl("net", number(1)).unwrap(),
    );
    assert_eq!(net.count(), 1, "a table holds no count");
    drop(net);
    namespaces.run_cleanup().unwrap();
    assert_eq!((user.net_namespaces(), drops.load(Ordering::Relaxed)), (0, 1));
    assert_eq!(table.unregister(), Ok(()), "it is gone already");
    drop(other);
    assert_eq!(drops.load(Ordering::Relaxed), 1);
}

#[test]
fn what_is_registered_in_a_dying_namespace_goes_with_it() {
    let (namespaces, drops) = (by_hand(), Arc::new(AtomicU32::new(0)));
    let (in_exit, tables) = (drops.clone(), Arc::new(Mutex::new(Vec::new())));
    let kept = tables.clone();
    let probe = Probe::new("a", &Log::default()).in_exit(move |net| {
        assert_eq!(net.sysctl_read("net/counted"), Ok(net.id().to_string()), "until the exits have run");
        kept.lock().push(net.register_net_sysctl("net/exit", counted(&in_exit)).unwrap());
    });
    let probe = namespaces.register_pernet_subsys(probe).unwrap();
    let net = namespaces.create();
    let id = net.id();
    drop(net);
    {
        let guard = namespaces.read_lock();
        let dying = namespaces.for_each_net_rcu(&guard).find(|net| net.id() == id).expect("it is listed");
        assert_eq!(dying.count(), 0);
        tables.lock().push(dying.register_net_sysctl("net", counted(&drops)).unwrap());
        assert_eq!(dying.sysctl_read("net/counted"), Ok(id.to_string()));
    }
    namespaces.run_cleanup().unwrap();
    assert_eq!(drops.load(Ordering::Relaxed), 2);
    tables.lock().clear();
    // The initial namespace gets what the exit asks for, as its life goes on.
    let _table = namespaces.init_net().register_net_sysctl("net", counted(&drops)).unwrap();
    drop(probe);
    assert_eq!(tables.lock().len(), 1);
}

#[test]
fn a_namespace_that_was_never_listed_takes_its_settings_along() {
    let (namespaces, drops) = (by_hand(), Arc::new(AtomicU32::new(0)));
    let (kept, inner) = (Arc::new(Mutex::new(None)), drops.clone());
    let init_net = namespaces.init_net().id();
    let keeps = kept.clone();
    // One that fails and keeps a reference, so that the cleanup comes later.
    let probe = Probe::new("a", &Log::default()).in_init(move |net| {
        if net.id() == init_net {
            return Ok(());
        }
        let table = net.register_net_sysctl("net", counted(&inner))?;
        *keeps.lock() = Some((net.maybe_get(), table));
        Err(Error::Busy)
    });
    let _probe = namespaces.register_pernet_subsys(probe).unwrap();
    assert_eq!(namespaces.try_create().unwrap_err().errno(), Error::Busy.errno());
    let (net, table) = kept.lock().take().unwrap();
    assert_eq!(drops.load(Ordering::Relaxed), 0);
    drop(net);
    namespaces.run_cleanup().unwrap();
    assert_eq!(drops.load(Ordering::Relaxed), 1);
    drop(table);
    // One that fails and keeps the table alone: the namespace is gone at once.
    let (kept, inner) = (Arc::new(Mutex::new(None)), drops.clone());
    let keeps = kept.clone();
    let probe = Probe::new("b", &Log::default()).in_init(move |net| {
        *keeps.lock() = Some(net.register_net_sysctl("net", counted(&inner))?);
        Err(Error::Busy)
    });
    assert_eq!(namespaces.register_pernet_subsys(probe).unwrap_err().errno(), Error::Busy.errno());
    assert_eq!(drops.load(Ordering::Relaxed), 1, "the initial namespace lives on");
    drop(kept.lock().take());
    assert_eq!(drops.load(Ordering::Relaxed), 2);
}

/// A module with a setting in each namespace.
struct Module(Arc<AtomicU32>);

impl PernetOperations for Module {
    type Data = SysctlTable;

    fn init(&self, net: &Net) -> Result<SysctlTable, Error> {
        net.register_net_sysctl("net", counted(&self.0))
    }
}

#[test]
fn a_module_s_settings_come_and_go_with_it() {
    let (namespaces, drops) = (by_hand(), Arc::new(AtomicU32::new(0)));
    let net = namespaces.create();
    let module = namespaces.register_pernet_subsys(Module(drops.clone())).unwrap();
    assert_eq!(net.sysctl_read("net/counted"), Ok(net.id().to_string()));
    drop(namespaces.create());
    namespaces.run_cleanup().unwrap();
    assert_eq!(drops.load(Ordering::Relaxed), 1);
    // The second of its kind finds the place taken, wherever it begins.
    let second = namespaces.register_pernet_subsys(Module(drops.clone())).unwrap_err();
    assert_eq!(second.errno(), Error::Exists.errno());
    assert_eq!(drops.load(Ordering::Relaxed), 2);
    module.unregister().unwrap();
    assert_eq!(drops.load(Ordering::Relaxed), 4);
    assert_eq!(net.sysctl_read("net/counted"), Err(Error::NotFound));
}
