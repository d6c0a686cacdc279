//! Settings of the initial namespace: what is refused, and handlers that do unusual things.

use super::*;
use crate::Namespaces;
use crate::net::Worker;
use crate::sync::{AtomicBool, AtomicU32, Ordering, planned_panic, thread};
use SysctlMode::{ReadOnly, ReadWrite};

fn by_hand() -> Namespaces {
    Namespaces::builder().worker(Worker::Manual).build().unwrap()
}

/// A handler that is what a test needs: the function gets what is written, and `None` when it is read.
struct Does<F>(F);

impl<F: Fn(&Net, Option<&str>) -> Result<String, Error> + Send + Sync + 'static> SysctlHandler for Does<F> {
    fn read(&self, net: &Net) -> Result<String, Error> {
        (self.0)(net, None)
    }

    fn write(&self, net: &Net, value: &str) -> Result<(), Error> {
        (self.0)(net, Some(value)).map(drop)
    }
}

fn does(
    name: &str,
    handler: impl Fn(&Net, Option<&str>) -> Result<String, Error> + Send + Sync + 'static,
) -> SysctlEntry {
    SysctlEntry::new(name, ReadWrite, Does(handler))
}

fn number(name: &str, value: i32) -> SysctlEntry {
    SysctlEntry::new(name, ReadWrite, SysctlInt::new(value, i32::MIN..=i32::MAX))
}

fn paths(net: &Net) -> Vec<String> {
    net.sysctl_list().into_iter().map(|(path, _)| path).collect()
}

/// Says when it is dropped.
struct Flag(Arc<AtomicBool>);

impl Drop for Flag {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn settings_are_read_written_and_listed_by_path() {
    let namespaces = by_hand();
    let net = namespaces.init_net();
    let name = Arc::new(SysctlString::new("cubic", 15));
    let version = SysctlEntry::new("version", ReadOnly, SysctlInt::new(6, 0..=9));
    let ipv4 = net.register_net_sysctl("net/ipv4", [number("ttl", 64), version]).unwrap();
    let tcp =
        net.register_net_sysctl("net/ipv4/tcp", [SysctlEntry::new("name", ReadWrite, name.clone())]).unwrap();
    let list =
        [("net/ipv4/tcp/name", ReadWrite), ("net/ipv4/ttl", ReadWrite), ("net/ipv4/version", ReadOnly)];
    assert_eq!(net.sysctl_list(), list.map(|(path, mode)| (path.into(), mode)));
    net.sysctl_write("net/ipv4/tcp/name", "reno\nand more").unwrap();
    assert_eq!((name.get(), net.sysctl_read("net/ipv4/tcp/name")), ("reno".into(), Ok("reno".into())));
    assert_eq!(net.sysctl_read("net/ipv4/ttl"), Ok("64".into()));
    assert_eq!(net.sysctl_read("net/ipv4/version"), Ok("6".into()));
    ipv4.unregister().unwrap();
    assert_eq!(paths(net), ["net/ipv4/tcp/name"]);
    drop(tcp);
    assert!(paths(net).is_empty());
    assert_eq!(net.sysctl_read("net/ipv4/ttl"), Err(Error::NotFound));
    assert_eq!(Arc::strong_count(&name), 1, "the handler is dropped");
}

#[test]
fn what_is_not_there_and_what_may_not_be_written_is_refused() {
    let namespaces = by_hand();
    let net = namespaces.init_net();
    let entry = SysctlEntry::new("version", ReadOnly, SysctlInt::new(6, 0..=9));
    let _table = net.register_net_sysctl("net", [entry]).unwrap();
    assert_eq!(net.sysctl_write("net/version", "7"), Err(Error::AccessDenied));
    assert_eq!(net.sysctl_read("net/version"), Ok("6".into()));
    for unknown in ["net", "version", "net/version/x", "net/versio"] {
        assert_eq!(net.sysctl_read(unknown), Err(Error::NotFound), "{unknown}");
        assert_eq!(net.sysctl_write(unknown, ""), Err(Error::NotFound), "{unknown}");
    }
    // Who may be written, but does not say how.
    struct Reads;
    impl SysctlHandler for Reads {
        fn read(&self, _: &Net) -> Result<String, Error> {
            Err(Error::Errno(99))
        }
    }
    let _reads = net.register_net_sysctl("net", [SysctlEntry::new("reads", ReadWrite, Reads)]).unwrap();
    assert_eq!(net.sysctl_read("net/reads"), Err(Error::Errno(99)));
    assert_eq!(net.sysctl_write("net/reads", "1"), Err(Error::AccessDenied));
}

#[test]
fn a_path_that_makes_no_sense_is_refused() {
    let namespaces = by_hand();
    let net = namespaces.init_net();
    for path in ["", "/net", "net/", "net//ipv4", "net/..", "../net", "net/./ipv4"] {
        assert_eq!(
            net.register_net_sysctl(path, [number("a", 0)]).err(),
            Some(Error::InvalidArgument),
            "{path}"
        );
        assert_eq!(net.sysctl_read(path), Err(Error::InvalidArgument), "{path}");
        assert_eq!(net.sysctl_write(path, "1"), Err(Error::InvalidArgument), "{path}");
    }
    for name in ["", ".", "..", "a/b", "/"] {
        let entries = [number("fine", 0), number(name, 0)];
        assert_eq!(net.register_net_sysctl("net", entries).err(), Some(Error::InvalidArgument), "{name}");
    }
    assert!(paths(net).is_empty());
    let _dotted = net.register_net_sysctl("net/eth0.100", [number("..mtu", 1500)]).unwrap();
    assert_eq!(net.sysctl_read("net/eth0.100/..mtu"), Ok("1500".into()));
}

#[test]
fn all_settings_of_a_table_are_registered_or_none() {
    let namespaces = by_hand();
    let net = namespaces.init_net();
    let _table = net.register_net_sysctl("net/ipv4", [number("ttl", 64)]).unwrap();
    let refused = |path: &str, names: &[&str]| {
        let dropped = Arc::new(AtomicBool::new(false));
        let flag = Flag(dropped.clone());
        let witness = does("witness", move |_, _| Ok(format!("{:p}", &raw const flag)));
        let entries = names.iter().map(|name| number(name, 0)).chain([witness]);
        assert_eq!(net.register_net_sysctl(path, entries).err(), Some(Error::Exists), "{path} {names:?}");
        assert!(dropped.load(Ordering::Relaxed), "what is refused is dropped");
        assert_eq!(paths(net), ["net/ipv4/ttl"]);
    };
    refused("net/ipv4", &["a", "ttl"]);
    refused("net/ipv4", &["a", "b", "a"]);
    // A setting is no directory, at any depth; nor the other way round.
    refused("net/ipv4/ttl", &["a"]);
    refused("net/ipv4/ttl/deep/er", &["a"]);
    refused("net", &["a", "ipv4"]);
    assert_eq!(net.register_net_sysctl("net/ipv4/ttl", []).err(), Some(Error::Exists));
    // Names that only begin alike are others.
    let _others = net.register_net_sysctl("net/ipv4/ttl2", [number("a", 1)]).unwrap();
    let _empty = net.register_net_sysctl("net/ipv4", []).unwrap();
    assert_eq!(net.sysctl_read("net/ipv4/ttl"), Ok("64".into()));
}

#[test]
fn an_integer_takes_what_the_kernel_takes_within_its_range() {
    let namespaces = by_hand();
    let net = namespaces.init_net();
    let number = Arc::new(SysctlInt::new(7, -8..=100));
    let _table = net.register_net_sysctl("net", [SysctlEntry::new("n", ReadWrite, number.clone())]).unwrap();
    for (text, value) in [
        ("0", 0),
        (" 12\n", 12),
        ("-8", -8),
        ("100", 100),
        ("0x1f", 31),
        ("-0X8", -8),
        ("017", 15),
        ("-0", 0),
    ] {
        assert_eq!(net.sysctl_write("net/n", text), Ok(()), "{text:?}");
        assert_eq!((number.get(), net.sysctl_read("net/n")), (value, Ok(value.to_string())), "{text:?}");
    }
    number.write(net, "42").unwrap();
    let nonsense = ["", " ", "-", "x", "1x", "1 2", "+1", "--1", "-+1", "08", "0x", "0x-1", "0x+1", "1.0"];
    for text in nonsense.into_iter().chain(["101", "-9", "4294967338", "99999999999999999999"]) {
        assert_eq!(net.sysctl_write("net/n", text), Err(Error::InvalidArgument), "{text:?}");
        assert_eq!(number.get(), 42, "{text:?}");
    }
    let whole = SysctlInt::new(0, i32::MIN..=i32::MAX);
    for value in [i32::MIN, i32::MAX] {
        whole.write(net, &value.to_string()).unwrap();
        assert_eq!(whole.get(), value);
    }
}

#[test]
fn a_string_takes_a_line_that_fits() {
    let namespaces = by_hand();
    let net = namespaces.init_net();
    let text = SysctlString::new("much longer than that", 4);
    assert_eq!(text.read(net), Ok("much longer than that".into()));
    assert_eq!(text.write(net, "five5"), Err(Error::InvalidArgument));
    assert_eq!(text.get(), "much longer than that");
    for (written, value) in [("four", "four"), ("a b\nlonger than it may be", "a b"), ("", "")] {
        assert_eq!(text.write(net, written), Ok(()));
        assert_eq!(text.get(), value);
    }
}

#[test]
fn a_handler_that_panics_harms_only_its_caller() {
    let namespaces = by_hand();
    let net = namespaces.init_net();
    let entries = [does("panics", |_, _| planned_panic()), number("fine", 1)];
    let table = net.register_net_sysctl("net", entries).unwrap();
    assert_eq!(net.sysctl_read("net/panics"), Err(Error::HandlerPanicked));
    assert_eq!(net.sysctl_write("net/panics", ""), Err(Error::HandlerPanicked));
    assert_eq!(net.sysctl_read("net/fine"), Ok("1".into()));
    assert_eq!(namespaces.run_cleanup(), Ok(0), "it is in no handler any more");
    assert_eq!(table.unregister(), Ok(()), "nobody is counted");
}

/// Panics when it is dropped.
struct Grudge;

impl Drop for Grudge {
    fn drop(&mut self) {
        planned_panic();
    }
}

#[test]
fn a_handler_whose_drop_panics_does_not_keep_the_others() {
    let namespaces = by_hand();
    let net = namespaces.init_net();
    let dropped = Arc::new(AtomicBool::new(false));
    let (grudge, flag) = (Grudge, Flag(dropped.clone()));
    let entries = [
        does("grudge", move |_, _| Ok(format!("{:p}", &raw const grudge))),
        does("flag", move |_, _| Ok(format!("{:p}", &raw const flag))),
    ];
    let table = net.register_net_sysctl("net", entries).unwrap();
    assert_eq!(table.unregister(), Ok(()));
    assert!(dropped.load(Ordering::Relaxed));
    assert!(paths(net).is_empty());
}

/// A table whose handler may take it: when it is written, it unregisters.
fn suicidal(net: &Net, ran: &Arc<AtomicU32>, dropped: &Arc<AtomicBool>) -> Arc<Mutex<Option<SysctlTable>>> {
    let slot = Arc::new(Mutex::new(None::<SysctlTable>));
    let (own, ran, flag) = (slot.clone(), ran.clone(), Flag(dropped.clone()));
    let handler = move |net: &Net, written: Option<&str>| {
        if written.is_some() {
            let table = own.lock().take().expect("it is written once");
            assert_eq!(table.unregister(), Err(Error::WouldDeadlock));
            assert_eq!(net.sysctl_read("net/self"), Err(Error::NotFound), "it cannot be found any more");
            assert!(!flag.0.load(Ordering::Relaxed), "it is not dropped while it runs");
        }
        ran.fetch_add(1, Ordering::Relaxed);
        Ok(String::new())
    };
    *slot.lock() = Some(net.register_net_sysctl("net", [does("self", handler)]).unwrap());
    slot
}

#[test]
fn a_handler_may_unregister_its_own_table() {
    let namespaces = by_hand();
    let net = namespaces.init_net();
    let (ran, dropped) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
    let slot = suicidal(net, &ran, &dropped);
    assert_eq!(net.sysctl_read("net/self"), Ok(String::new()));
    assert_eq!(net.sysctl_write("net/self", "go"), Ok(()));
    assert_eq!(ran.load(Ordering::Relaxed), 2);
    assert!(dropped.load(Ordering::Relaxed), "its last user has freed it");
    assert!(slot.lock().is_none());
    // Its place is free.
    let _again = net.register_net_sysctl("net", [number("self", 1)]).unwrap();
}

#[test]
fn a_handler_may_use_register_and_unregister_others() {
    let namespaces = by_hand();
    let net = namespaces.init_net();
    let _one = net.register_net_sysctl("net", [number("one", 1)]).unwrap();
    let outer = does("outer", |net, _| {
        let made = net.register_net_sysctl("net/made", [number("two", 2)])?;
        net.sysctl_write("net/made/two", "3")?;
        let values = net.sysctl_read("net/one")? + &net.sysctl_read("net/made/two")?;
        assert_eq!(made.unregister(), Ok(()), "nobody uses it");
        net.rcu().synchronize();
        net.rcu().barrier();
        Ok(values)
    });
    let _outer = net.register_net_sysctl("net", [outer]).unwrap();
    assert_eq!(net.sysctl_read("net/outer"), Ok("13".into()));
    assert_eq!(paths(net), ["net/one", "net/outer"]);
}

#[test]
fn what_an_unregistration_might_wait_for_is_refused_in_a_handler() {
    let namespaces = Arc::new(by_hand());
    let net = namespaces.init_net();
    let (inner, other) = (namespaces.clone(), by_hand());
    let handler = does("h", move |_, _| {
        assert_eq!(inner.run_cleanup(), Err(Error::WouldDeadlock));
        assert_eq!(inner.flush_cleanup(), Err(Error::WouldDeadlock));
        assert_eq!(other.run_cleanup(), Err(Error::WouldDeadlock), "the worlds may wait for each other");
        Ok(String::new())
    });
    let table = net.register_net_sysctl("net", [handler]).unwrap();
    assert_eq!(net.sysctl_read("net/h"), Ok(String::new()));
    // The handler has the owner: it ends after the table.
    drop(table);
}

/// A handler that another thread is in, until the test lets it go.
struct Busy {
    gate: Arc<(Mutex<(bool, bool)>, Condvar)>,
    reader: thread::JoinHandle<()>,
}

impl Busy {
    fn enter(net: &Net) -> (Busy, SysctlTable) {
        let gate = Arc::new((Mutex::new((false, false)), Condvar::new()));
        let inside = gate.clone();
        let handler = does("busy", move |_, _| {
            let mut state = inside.0.lock();
            state.0 = true;
            inside.1.notify_all();
            while !state.1 {
                state = inside.1.wait(state);
            }
            Ok(String::new())
        });
        let table = net.register_net_sysctl("net", [handler]).unwrap();
        let reader = {
            let net = net.maybe_get().unwrap();
            thread::spawn(move || assert_eq!(net.sysctl_read("net/busy"), Ok(String::new())))
        };
        let mut state = gate.0.lock();
        while !state.0 {
            state = gate.1.wait(state);
        }
        drop(state);
        (Busy { gate, reader }, table)
    }

    fn let_go(self) {
        self.gate.0.lock().1 = true;
        self.gate.1.notify_all();
        self.reader.join().unwrap();
    }
}

#[test]
fn unregistering_waits_for_a_handler_that_runs() {
    let namespaces = by_hand();
    let net = namespaces.init_net();
    let (busy, table) = Busy::enter(net);
    let waits = thread::spawn(move || table.unregister());
    // It is hidden before it is waited for.
    while !paths(net).is_empty() {
        thread::yield_now();
    }
    assert_eq!(net.sysctl_read("net/busy"), Err(Error::NotFound));
    assert_eq!(net.sysctls.set.lock().in_use(), 1, "the table stays while its handler runs");
    busy.let_go();
    assert_eq!(waits.join().unwrap(), Ok(()));
    assert_eq!(net.sysctls.set.lock().in_use(), 0);
}

#[test]
fn where_a_handler_may_wait_for_the_caller_the_last_user_finishes() {
    let namespaces = by_hand();
    let net = namespaces.init_net();
    let refused = |unregister: &mut dyn FnMut(SysctlTable) -> Result<(), Error>| {
        let (busy, table) = Busy::enter(net);
        assert_eq!(unregister(table), Err(Error::WouldDeadlock));
        assert!(paths(net).is_empty());
        busy.let_go();
        assert_eq!(net.sysctls.set.lock().in_use(), 0);
    };
    refused(&mut |table| {
        let _guard = namespaces.read_lock();
        table.unregister()
    });
    refused(&mut |table| {
        let (mut table, mut result) = (Some(table), Ok(()));
        namespaces.for_each_net(|_| result = table.take().expect("one namespace").unregister());
        result
    });
    refused(&mut |table| {
        let result = Arc::new(Mutex::new(Ok(())));
        let inner = result.clone();
        namespaces.rcu().call(move || *inner.lock() = table.unregister());
        namespaces.rcu().barrier();
        let result = result.lock();
        result.clone()
    });
    refused(&mut |table| {
        let (slot, result) = (Mutex::new(Some(table)), Arc::new(Mutex::new(Ok(()))));
        let inner = result.clone();
        let other = does("other", move |_, _| {
            *inner.lock() = slot.lock().take().expect("it is read once").unregister();
            Ok(String::new())
        });
        let _other = net.register_net_sysctl("other", [other]).unwrap();
        net.sysctl_read("other/other").unwrap();
        drop(_other);
        let result = result.lock();
        result.clone()
    });
    // With nobody in it, nothing is waited for.
    let table = net.register_net_sysctl("net", [number("n", 1)]).unwrap();
    let _guard = namespaces.read_lock();
    assert_eq!(table.unregister(), Ok(()));
}

#[test]
fn many_threads_read_while_tables_come_and_go() {
    let namespaces = by_hand();
    let net = namespaces.init_net();
    let stop = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (net, stop) = (net.clone(), stop.clone());
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    assert!(matches!(
                        net.sysctl_read("net/alive").as_deref(),
                        Ok("yes") | Err(Error::NotFound)
                    ));
                }
            })
        })
        .collect();
    for _ in 0..500 {
        let alive = Arc::new(AtomicBool::new(true));
        let inner = alive.clone();
        let handler =
            does("alive", move |_, _| Ok(if inner.load(Ordering::Relaxed) { "yes" } else { "no" }.into()));
        let table = net.register_net_sysctl("net", [handler]).unwrap();
        table.unregister().unwrap();
        alive.store(false, Ordering::Relaxed);
    }
    stop.store(true, Ordering::Relaxed);
    readers.into_iter().for_each(|reader| reader.join().unwrap());
}
