//! `Net::generic`: what an id finds, and when.

use super::*;
use crate::sync::{AtomicBool, Ordering, thread};

#[test]
fn an_id_finds_its_data_from_the_end_of_init_to_the_start_of_exit() {
    let (namespaces, log) = (Arc::new(by_hand()), Log::default());
    let a = namespaces.register_pernet_subsys(Probe::new("a", &log)).unwrap();
    let (id, sees) = (a.id(), log.clone());
    let looks = move |net: &Net| {
        let guard = net.rcu().read_lock();
        sees.note(format!("a is there: {}", net.generic(&guard, id).is_some()));
    };
    let also_looks = looks.clone();
    let _b = namespaces.register_pernet_subsys(Probe::new("b", &log).in_exit(looks)).unwrap();
    drop(a);
    let c = namespaces.register_pernet_device(Probe::new("c", &log).in_init(move |net| {
        also_looks(net);
        Ok(())
    }));
    let c = c.unwrap();
    assert_eq!(log.take()[5..], ["init c0", "a is there: false"]);
    drop(namespaces.create());
    let guard = namespaces.read_lock();
    for net in namespaces.for_each_net_rcu(&guard) {
        let data = net.generic(&guard, c.id()).unwrap();
        assert_eq!((data.name, data.net), ("c", net.id()));
    }
}

#[test]
fn in_an_exit_the_own_data_is_gone_and_that_of_earlier_operations_is_not() {
    let (namespaces, log) = (by_hand(), Log::default());
    let ids = Arc::new(Mutex::new(Vec::<PernetId<Datum>>::new()));
    let looks = |name| {
        let (ids, log) = (ids.clone(), log.clone());
        move |net: &Net| {
            let guard = net.rcu().read_lock();
            let there = ids
                .lock()
                .iter()
                .filter_map(|id| net.generic(&guard, *id))
                .map(|d| d.name)
                .collect::<String>();
            log.note(format!("{name} sees {there:?}"));
        }
    };
    let registrations = ["a", "b", "c"].map(|name| {
        let probe = Probe::new(name, &log).in_exit(looks(name));
        let registration = namespaces.register_pernet_subsys(probe).unwrap();
        ids.lock().push(registration.id());
        registration
    });
    drop(namespaces.create());
    log.take();
    namespaces.run_cleanup().unwrap();
    let sights: Vec<_> = log.take().into_iter().filter(|event| event.contains("sees")).collect();
    assert_eq!(sights, ["c sees \"ab\"", "b sees \"a\"", "a sees \"\""]);
    drop(registrations);
}

#[test]
fn a_stale_id_finds_nothing() {
    let (namespaces, log) = (by_hand(), Log::default());
    let a = namespaces.register_pernet_subsys(Probe::new("a", &log)).unwrap();
    let stale = a.id();
    drop(a);
    let b = namespaces.register_pernet_subsys(Probe::new("b", &log)).unwrap();
    let guard = namespaces.read_lock();
    assert_ne!(b.id(), stale, "though they have the same slot");
    assert!(namespaces.init_net().generic(&guard, stale).is_none());
    assert_eq!(namespaces.init_net().generic(&guard, b.id()).unwrap().name, "b");
}

#[test]
fn an_id_of_another_owner_finds_nothing() {
    let (ours, other, log) = (by_hand(), by_hand(), Log::default());
    let _a = ours.register_pernet_subsys(Probe::new("a", &log)).unwrap();
    let b = other.register_pernet_subsys(Probe::new("b", &log)).unwrap();
    let guard = ours.read_lock();
    assert!(ours.init_net().generic(&guard, b.id()).is_none());
}

#[test]
#[should_panic(expected = "another RCU domain")]
fn a_guard_of_another_owner_is_refused() {
    let (ours, other) = (by_hand(), by_hand());
    let a = ours.register_pernet_subsys(Probe::new("a", &Log::default())).unwrap();
    let guard = other.read_lock();
    ours.init_net().generic(&guard, a.id());
}

#[test]
#[should_panic(expected = "another RCU domain")]
fn a_walk_with_a_guard_of_another_owner_is_refused() {
    let (ours, other) = (by_hand(), by_hand());
    let guard = other.read_lock();
    let _ = ours.for_each_net_rcu(&guard);
}

#[test]
fn the_array_grows_under_the_eyes_of_a_reader() {
    let namespaces = Namespaces::builder().initial_slots(0).build().unwrap();
    let log = Log::default();
    let first = namespaces.register_pernet_subsys(Probe::new("a", &log)).unwrap();
    let (id, stop, net) = (first.id(), Arc::new(AtomicBool::new(false)), namespaces.create());
    let reader = {
        let (stop, net) = (stop.clone(), net.clone());
        thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let guard = net.rcu().read_lock();
                assert_eq!(net.generic(&guard, id).unwrap().name, "a");
            }
        })
    };
    let more: Vec<_> =
        (0..40).map(|_| namespaces.register_pernet_device(Probe::new("b", &log)).unwrap()).collect();
    stop.store(true, Ordering::Relaxed);
    reader.join().unwrap();
    let guard = namespaces.read_lock();
    for registration in &more {
        assert_eq!(net.generic(&guard, registration.id()).unwrap().name, "b");
    }
    drop(guard);
    drop(more);
    assert!(net.generic(&namespaces.read_lock(), id).is_some());
}
