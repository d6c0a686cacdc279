//! Registering and unregistering: which callbacks run, in which order.

use super::*;
use crate::sync::planned_panic;

#[test]
fn inits_run_in_order_with_devices_last_and_exits_in_reverse() {
    let (namespaces, log) = (by_hand(), Log::default());
    let _a = namespaces.register_pernet_subsys(Probe::new("a", &log)).unwrap();
    let _d = namespaces.register_pernet_device(Probe::new("d", &log)).unwrap();
    let _b = namespaces.register_pernet_subsys(Probe::new("b", &log)).unwrap();
    let _e = namespaces.register_pernet_device(Probe::new("e", &log)).unwrap();
    assert_eq!(log.take(), ["init a0", "init d0", "init b0", "init e0"]);
    let net = namespaces.create();
    assert_eq!(log.take(), ["init a1", "init b1", "init d1", "init e1"]);
    drop(net);
    assert_eq!(namespaces.run_cleanup(), Ok(1));
    let exits = ["exit e1", "batch e of 1", "exit d1", "batch d of 1", "exit b1", "batch b of 1", "exit a1"];
    assert_eq!(
        log.take(),
        [&exits[..], &["batch a of 1", "drop e1", "drop d1", "drop b1", "drop a1"]].concat()
    );
}

#[test]
fn namespaces_that_die_together_exit_together_the_last_one_first() {
    let (namespaces, log) = (by_hand(), Log::default());
    let _a = namespaces.register_pernet_subsys(Probe::new("a", &log)).unwrap();
    let _b = namespaces.register_pernet_subsys(Probe::new("b", &log)).unwrap();
    let (first, second) = (namespaces.create(), namespaces.create());
    log.take();
    drop(first);
    drop(second);
    assert_eq!(namespaces.run_cleanup(), Ok(1));
    let exits = ["exit b2", "exit b1", "batch b of 2", "exit a2", "exit a1", "batch a of 2"];
    assert_eq!(log.take(), [&exits[..], &["drop b2", "drop b1", "drop a2", "drop a1"]].concat());
}

#[test]
fn the_failure_of_an_init_undoes_exactly_those_before_it() {
    let (namespaces, log) = (by_hand(), Log::default());
    let init_net = namespaces.init_net().id();
    let probe = |name| Probe::new(name, &log);
    let fails = move |net: &Net| if net.id() == init_net { Ok(()) } else { Err(Error::Errno(99)) };
    let _a = namespaces.register_pernet_subsys(probe("a")).unwrap();
    let _b = namespaces.register_pernet_subsys(probe("b")).unwrap();
    let _c = namespaces.register_pernet_subsys(probe("c").in_init(fails)).unwrap();
    let _d = namespaces.register_pernet_subsys(probe("d")).unwrap();
    log.take();
    let error = namespaces.try_create().unwrap_err();
    assert_eq!(error.errno(), 99);
    let inits = ["init a1", "init b1", "init c1"];
    let undo = ["exit b1", "batch b of 1", "exit a1", "batch a of 1", "drop b1", "drop a1"];
    assert_eq!(log.take(), [&inits[..], &undo].concat());
    assert_eq!(namespaces.run_cleanup(), Ok(0), "nothing is left");
}

#[test]
fn a_registration_that_fails_is_undone_where_it_had_succeeded() {
    let (namespaces, log) = (by_hand(), Log::default());
    let (first, second) = (namespaces.create(), namespaces.create());
    let doomed = second.id();
    let fails = move |net: &Net| if net.id() == doomed { Err(Error::OutOfMemory) } else { Ok(()) };
    let error = namespaces.register_pernet_subsys(Probe::new("a", &log).in_init(fails)).unwrap_err();
    assert!(matches!(error, Error::InitFailed { .. }));
    let events =
        ["init a0", "init a1", "init a2", "exit a0", "exit a1", "batch a of 2", "drop a0", "drop a1"];
    assert_eq!(log.take(), events);
    // Its id is free, its slots are empty, and it is in no list.
    let b = namespaces.register_pernet_subsys(Probe::new("b", &log)).unwrap();
    assert!(format!("{:?}", b.id()).starts_with("PernetId(0,"));
    log.take();
    drop((first, second));
    namespaces.run_cleanup().unwrap();
    assert!(log.take().iter().all(|event| !event.contains(" a")));
}

#[test]
fn an_init_that_panics_has_failed() {
    let (namespaces, log) = (by_hand(), Log::default());
    let _a = namespaces.register_pernet_subsys(Probe::new("a", &log)).unwrap();
    let error =
        namespaces.register_pernet_subsys(Probe::new("b", &log).in_init(|_| planned_panic())).unwrap_err();
    assert!(matches!(error, Error::InitPanicked { operations } if operations.ends_with("Probe")));
    log.take();
    let _net = namespaces.create();
    assert_eq!(log.take(), ["init a1"]);
}

#[test]
fn an_exit_that_panics_stops_nothing() {
    let (namespaces, log) = (by_hand(), Log::default());
    let _a = namespaces.register_pernet_subsys(Probe::new("a", &log)).unwrap();
    let _b = namespaces.register_pernet_subsys(Probe::new("b", &log).in_exit(|_| planned_panic())).unwrap();
    drop((namespaces.create(), namespaces.create()));
    log.take();
    namespaces.run_cleanup().unwrap();
    let exits = ["exit b2", "exit b1", "batch b of 2", "exit a2", "exit a1", "batch a of 2"];
    assert_eq!(log.take()[..6], exits);
}

#[test]
fn unregistering_exits_from_every_namespace_once() {
    let (namespaces, log) = (by_hand(), Log::default());
    let a = namespaces.register_pernet_subsys(Probe::new("a", &log)).unwrap();
    let net = namespaces.create();
    log.take();
    assert_eq!(a.unregister(), Ok(()));
    assert_eq!(log.take(), ["exit a0", "exit a1", "batch a of 2", "drop a0", "drop a1"]);
    drop(net);
    namespaces.run_cleanup().unwrap();
    drop(namespaces);
    assert!(log.take().is_empty());
}

#[test]
fn a_namespace_that_is_dying_and_listed_is_like_any_other() {
    let (namespaces, log) = (by_hand(), Log::default());
    let b = namespaces.register_pernet_subsys(Probe::new("b", &log)).unwrap();
    drop(namespaces.create());
    let _a = namespaces.register_pernet_subsys(Probe::new("a", &log)).unwrap();
    drop(b);
    let events = log.take();
    assert_eq!(events[2..4], ["init a0", "init a1"]);
    assert_eq!(events[4..6], ["exit b0", "exit b1"]);
    namespaces.run_cleanup().unwrap();
    assert_eq!(log.take(), ["exit a1", "batch a of 1", "drop a1"]);
}

#[test]
fn a_registration_dropped_in_a_callback_is_undone_by_the_worker() {
    let (namespaces, log) = (by_hand(), Log::default());
    let a = namespaces.register_pernet_subsys(Probe::new("a", &log)).unwrap();
    let a = Mutex::new(Some(a));
    let drops_a = move |_: &Net| {
        drop(a.lock().take());
        Ok(())
    };
    let _b = namespaces.register_pernet_subsys(Probe::new("b", &log).in_init(drops_a)).unwrap();
    assert_eq!(log.take(), ["init a0", "init b0"]);
    assert_eq!(namespaces.run_cleanup(), Ok(1));
    assert_eq!(log.take(), ["exit a0", "batch a of 1", "drop a0"]);
    let _net = namespaces.create();
    assert_eq!(log.take(), ["init b1"]);
}

#[test]
fn data_outlives_the_callbacks_that_exits_queue() {
    let (namespaces, log) = (by_hand(), Log::default());
    let queues = {
        let log = log.clone();
        move |net: &Net| {
            let (net, rcu, log) = (net.passive(), net.rcu().clone(), log.clone());
            // A chain of two, each of which names the namespace.
            assert_eq!(net.maybe_get(), None);
            rcu.clone().call(move || {
                log.write("callback", "a", net.id());
                rcu.call(move || log.write("chained", "a", net.id()));
            });
        }
    };
    let _a = namespaces.register_pernet_subsys(Probe::new("a", &log)).unwrap();
    let net = namespaces.create();
    let _b = namespaces.register_pernet_subsys(Probe::new("b", &log).in_exit(queues)).unwrap();
    log.take();
    drop(net);
    namespaces.run_cleanup().unwrap();
    let events = log.take();
    assert_eq!(events[..5], ["exit b1", "batch b of 1", "exit a1", "batch a of 1", "callback a1"]);
    assert_eq!(events[5..], ["drop b1", "drop a1", "chained a1"]);
}
