//! Namespaces come and go: references, cleanup, quota, the end of the owner.

use super::*;
use crate::sync::{AtomicBool, Ordering, planned_panic, thread};

#[test]
fn without_the_flag_there_is_no_new_namespace() {
    let namespaces = by_hand();
    let same = namespaces.copy_net_ns(0, &user(), namespaces.init_net()).unwrap();
    assert_eq!(&same, namespaces.init_net());
    assert_eq!(same.count(), 2);
}

#[test]
fn a_namespace_is_found_until_it_is_cleaned_up() {
    let namespaces = by_hand();
    let (a, b, c) = (namespaces.create(), namespaces.create(), namespaces.create());
    let ids = |namespaces: &Namespaces| {
        let guard = namespaces.read_lock();
        let found: Vec<_> = namespaces.for_each_net_rcu(&guard).map(Net::id).collect();
        drop(guard);
        let mut under_rtnl = Vec::new();
        namespaces.for_each_net(|net| under_rtnl.push(net.id()));
        assert_eq!(found, under_rtnl);
        found
    };
    let (init_net, a_id, c_id) = (namespaces.init_net().id(), a.id(), c.id());
    assert_eq!(ids(&namespaces), [init_net, a_id, b.id(), c_id]);
    drop(b);
    assert_eq!(ids(&namespaces).len(), 4, "dying, and listed");
    namespaces.run_cleanup().unwrap();
    assert_eq!(ids(&namespaces), [init_net, a_id, c_id]);
    drop(c);
    namespaces.run_cleanup().unwrap();
    let d = namespaces.create();
    assert_eq!(ids(&namespaces), [init_net, a_id, d.id()]);
    drop((a, d));
    namespaces.run_cleanup().unwrap();
    assert_eq!(ids(&namespaces), [init_net]);
}

#[test]
fn a_walker_gets_no_reference_to_a_dying_namespace() {
    let namespaces = by_hand();
    let net = namespaces.create();
    let again = |namespaces: &Namespaces| {
        let guard = namespaces.read_lock();
        namespaces.for_each_net_rcu(&guard).filter_map(Net::maybe_get).count()
    };
    assert_eq!(again(&namespaces), 2);
    assert_eq!(net.count(), 1);
    drop(net);
    assert_eq!(again(&namespaces), 1);
}

#[test]
fn a_passive_holder_keeps_the_identity_of_a_namespace_that_is_gone() {
    let (namespaces, user) = (by_hand(), UserNamespace::new(1));
    let net = namespaces.copy_net_ns(CLONE_NEWNET, &user, namespaces.init_net()).unwrap();
    let (id, passive) = (net.id(), net.passive());
    assert_eq!(passive.maybe_get().unwrap(), net);
    drop(net);
    assert_eq!(user.net_namespaces(), 1);
    namespaces.run_cleanup().unwrap();
    assert_eq!(user.net_namespaces(), 0, "it is gone, its memory is not");
    let other = passive.clone();
    drop(namespaces);
    drop(passive);
    assert_eq!(other.maybe_get(), None);
    assert_eq!(other.id(), id);
}

#[test]
fn the_quota_holds_and_a_failed_creation_gives_it_back() {
    let (namespaces, user) = (by_hand(), UserNamespace::new(1));
    let create = || namespaces.copy_net_ns(CLONE_NEWNET, &user, namespaces.init_net());
    let net = create().unwrap();
    assert_eq!(net.user_ns(), &user);
    assert_eq!(create().unwrap_err(), Error::NoSpace);
    drop(net);
    namespaces.run_cleanup().unwrap();
    let init_net = namespaces.init_net().id();
    let fails = move |net: &Net| if net.id() == init_net { Ok(()) } else { Err(Error::Errno(99)) };
    let a = namespaces.register_pernet_subsys(Probe::new("a", &Log::default()).in_init(fails)).unwrap();
    assert_eq!(create().unwrap_err().errno(), 99);
    assert_eq!(user.net_namespaces(), 0);
    drop(a);
    assert!(create().is_ok());
}

#[test]
fn a_reference_that_a_failed_init_kept_keeps_a_namespace_that_is_nowhere() {
    let (namespaces, user, log) = (by_hand(), UserNamespace::new(1), Log::default());
    let kept = Arc::new(Mutex::new(None));
    let a = namespaces.register_pernet_subsys(Probe::new("a", &log)).unwrap();
    let (init_net, keep) = (namespaces.init_net().id(), kept.clone());
    let keeps_and_fails = move |net: &Net| {
        if net.id() == init_net {
            return Ok(());
        }
        *keep.lock() = net.maybe_get();
        Err(Error::Errno(99))
    };
    let _b = namespaces.register_pernet_subsys(Probe::new("b", &log).in_init(keeps_and_fails)).unwrap();
    log.take();
    assert!(namespaces.copy_net_ns(CLONE_NEWNET, &user, namespaces.init_net()).is_err());
    assert_eq!(log.take(), ["init a1", "init b1", "exit a1", "batch a of 1", "drop a1"]);
    let net = kept.lock().take().unwrap();
    assert_eq!((net.count(), user.net_namespaces()), (1, 1));
    assert!(net.generic(&namespaces.read_lock(), a.id()).is_none());
    assert_eq!(namespaces.for_each_net_rcu(&namespaces.read_lock()).count(), 1);
    // It has nothing to exit from, and dies alone or with others.
    drop(net);
    assert_eq!(namespaces.run_cleanup(), Ok(1));
    assert_eq!(user.net_namespaces(), 0);
    assert!(log.take().is_empty());
}

#[test]
fn the_worker_cleans_up_without_being_asked() {
    let (namespaces, user) = (Namespaces::new().unwrap(), UserNamespace::new(8));
    for _ in 0..8 {
        drop(namespaces.copy_net_ns(CLONE_NEWNET, &user, namespaces.init_net()).unwrap());
    }
    namespaces.flush_cleanup().unwrap();
    assert_eq!(user.net_namespaces(), 0);
}

#[test]
fn what_outlives_the_owner_is_cleaned_up_all_the_same() {
    for worker in [Worker::Thread, Worker::Manual] {
        let (log, user) = (Log::default(), UserNamespace::new(2));
        let builder = Namespaces::builder().worker(worker).user_ns(user.clone());
        let namespaces = builder.build().unwrap();
        let a = namespaces.register_pernet_subsys(Probe::new("a", &log)).unwrap();
        let net = namespaces.copy_net_ns(CLONE_NEWNET, &user, namespaces.init_net()).unwrap();
        let passive = net.passive();
        log.take();
        drop(namespaces);
        assert_eq!(log.take(), ["exit a0", "batch a of 1", "drop a0"]);
        assert_eq!(user.net_namespaces(), 1);
        drop(net);
        while user.net_namespaces() > 0 {
            thread::yield_now();
        }
        assert_eq!(log.take(), ["exit a1", "batch a of 1", "drop a1"]);
        drop(a);
        assert_eq!(passive.maybe_get(), None);
    }
}

#[test]
fn nothing_of_an_owner_is_left_when_all_handles_are_gone() {
    /// Holds a count that tells whether the registry has been dropped.
    struct Held(#[expect(dead_code, reason = "it is there to be dropped")] Arc<()>);
    impl PernetOperations for Held {
        type Data = ();
        fn init(&self, _: &Net) -> Result<(), Error> {
            Ok(())
        }
    }
    for worker in [Worker::Thread, Worker::Manual] {
        let witness = Arc::new(());
        let namespaces = Namespaces::builder().worker(worker).initial_slots(0).build().unwrap();
        let a = namespaces.register_pernet_subsys(Held(witness.clone())).unwrap();
        let net = namespaces.create();
        let passive = net.passive();
        let world = Arc::downgrade(&net.world);
        drop(namespaces);
        drop((net, a, passive));
        while world.strong_count() > 0 {
            thread::yield_now();
        }
        while Arc::strong_count(&witness) > 1 {
            thread::yield_now();
        }
    }
}

#[test]
fn whoever_finds_a_namespace_finds_it_initialised() {
    let (namespaces, log) = (Arc::new(Namespaces::new().unwrap()), Log::default());
    let a = namespaces.register_pernet_subsys(Probe::new("a", &log)).unwrap();
    let (id, stop) = (a.id(), Arc::new(AtomicBool::new(false)));
    let walkers: Vec<_> = (0..2)
        .map(|_| {
            let (namespaces, stop) = (namespaces.clone(), stop.clone());
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let guard = namespaces.read_lock();
                    for net in namespaces.for_each_net_rcu(&guard) {
                        assert_eq!(net.generic(&guard, id).unwrap().net, net.id());
                        drop(net.maybe_get());
                    }
                }
            })
        })
        .collect();
    for i in 0..300 {
        let nets: Vec<_> = (0..1 + i % 3).map(|_| namespaces.create()).collect();
        drop(nets);
    }
    stop.store(true, Ordering::Relaxed);
    walkers.into_iter().for_each(|t| t.join().unwrap());
    drop(a);
    namespaces.flush_cleanup().unwrap();
    let events = log.take();
    let count = |word: &str| events.iter().filter(|e| e.starts_with(word)).count();
    assert_eq!(count("init"), 601);
    assert_eq!((count("exit"), count("drop")), (601, 601));
}

#[test]
fn handles_go_to_other_threads() {
    fn sendable<T: Send + Sync>() {}
    sendable::<NetRef>();
    sendable::<PassiveNet>();
    sendable::<Namespaces>();
    sendable::<Registration<Datum>>();
}

/// Waits until a user namespace has none left: who cleans up is another thread.
fn until_none_are_left(user: &UserNamespace) {
    while user.net_namespaces() > 0 {
        thread::yield_now();
    }
}

#[test]
fn a_last_put_in_a_section_after_the_end_of_the_owner_is_cleaned_up() {
    let (namespaces, user) = (by_hand(), UserNamespace::new(1));
    let net = namespaces.copy_net_ns(CLONE_NEWNET, &user, namespaces.init_net()).unwrap();
    let rcu = namespaces.rcu().clone();
    drop(namespaces);
    let guard = rcu.read_lock();
    drop(net);
    assert_eq!(user.net_namespaces(), 1, "nobody waits for a section inside it");
    drop(guard);
    until_none_are_left(&user);
}

/// Operations whose end panics, and says so before.
struct EndsBadly(Arc<AtomicBool>);

impl PernetOperations for EndsBadly {
    type Data = ();
    fn init(&self, _: &Net) -> Result<(), Error> {
        Ok(())
    }
}

impl Drop for EndsBadly {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
        planned_panic();
    }
}

#[test]
fn a_panic_in_a_cleanup_that_was_handed_over_harms_no_later_one() {
    let (namespaces, user, ended) = (by_hand(), UserNamespace::new(1), Arc::new(AtomicBool::new(false)));
    let net = namespaces.copy_net_ns(CLONE_NEWNET, &user, namespaces.init_net()).unwrap();
    let registration = namespaces.register_pernet_subsys(EndsBadly(ended.clone())).unwrap();
    let rcu = namespaces.rcu().clone();
    drop(namespaces);
    let in_a_section = |what: Box<dyn FnOnce()>| {
        let _guard = rcu.read_lock();
        what();
    };
    in_a_section(Box::new(|| drop(registration)));
    while !ended.load(Ordering::Relaxed) {
        thread::yield_now();
    }
    in_a_section(Box::new(|| drop(net)));
    until_none_are_left(&user);
}

#[test]
fn an_owner_that_ends_in_a_section_leaves_nothing_behind() {
    let user = UserNamespace::new(2);
    let namespaces = Namespaces::builder().worker(Worker::Manual).user_ns(user.clone()).build().unwrap();
    let net = namespaces.copy_net_ns(CLONE_NEWNET, &user, namespaces.init_net()).unwrap();
    let rcu = namespaces.rcu().clone();
    let guard = rcu.read_lock();
    drop(namespaces);
    drop(guard);
    drop(net);
    until_none_are_left(&user);
}

#[test]
#[should_panic(expected = "for_each_net() inside a read-side section")]
fn a_walk_under_rtnl_inside_a_section_is_refused() {
    let namespaces = by_hand();
    let _guard = namespaces.read_lock();
    namespaces.for_each_net(|_| ());
}
