//! The build without namespaces: everything is in the initial one.

use super::*;

#[test]
fn a_new_namespace_is_refused_and_the_old_one_given() {
    let namespaces = by_hand();
    let init_net = namespaces.init_net();
    let user = user();
    assert_eq!(namespaces.copy_net_ns(CLONE_NEWNET, &user, init_net).err(), Some(Error::InvalidArgument));
    assert_eq!(init_net.copy_net_ns(CLONE_NEWNET | 1, &user).err(), Some(Error::InvalidArgument));
    assert_eq!(user.net_namespaces(), 0);
    let same = namespaces.copy_net_ns(0, &user, init_net).unwrap();
    assert_eq!((same.id(), same.count()), (init_net.id(), 2));
    assert_eq!(init_net.copy_net_ns(1, &user).unwrap().id(), init_net.id());
}

#[test]
fn all_namespaces_are_equal() {
    let (one, other) = (by_hand(), by_hand());
    assert_ne!(one.init_net().id(), other.init_net().id());
    assert_eq!(**one.init_net(), **other.init_net());
    assert_eq!(one.init_net(), other.init_net());
    assert_eq!(one.init_net().passive(), other.init_net().passive());
}

#[test]
fn what_an_object_is_in_takes_no_room_and_reads_as_the_initial_namespace() {
    let namespaces = by_hand();
    let init_net = namespaces.init_net();
    let mut object = PossibleNet::new(init_net);
    assert_eq!(size_of_val(&object), 0);
    object.write(init_net);
    assert_eq!(init_net.count(), 1);
    assert_eq!(object.read(init_net).expect("it is always there").id(), init_net.id());
    assert!(object.is(init_net));
}

#[test]
fn operations_run_in_the_initial_namespace_alone() {
    let (namespaces, log) = (by_hand(), Log::default());
    let a = namespaces.register_pernet_subsys(Probe::new("a", &log)).unwrap();
    let d =
        namespaces.register_pernet_device(Probe::new("d", &log).in_exit(|net| assert_eq!(net.count(), 1)));
    let fails = Probe::new("f", &log).in_init(|_| Err(Error::Busy));
    assert_eq!(namespaces.register_pernet_subsys(fails).unwrap_err().errno(), Error::Busy.errno());
    let guard = namespaces.read_lock();
    assert!(namespaces.init_net().generic(&guard, a.id()).is_some());
    assert_eq!(namespaces.for_each_net_rcu(&guard).count(), 1);
    drop(guard);
    assert_eq!(log.take(), ["init a0", "init d0", "init f0"]);
    drop((a, d));
    let events = ["exit a0", "batch a of 1", "drop a0", "exit d0", "batch d of 1", "drop d0"];
    assert_eq!(log.take(), events);
}

#[test]
fn a_handle_that_outlives_the_owner_keeps_what_it_names() {
    let namespaces = by_hand();
    let (net, id) = (namespaces.init_net().clone(), namespaces.init_net().id());
    let passive = net.passive();
    drop(namespaces);
    assert_eq!((net.id(), net.count()), (id, 1));
    drop(net);
    assert_eq!(passive.maybe_get(), None);
    assert_eq!(passive.id(), id);
}
