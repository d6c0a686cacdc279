//! Entering namespaces.

use super::*;

#[test]
fn a_task_enters_the_very_namespace_of_a_descriptor() {
    let world = World::new();
    let (main, (a, _)) = (&world.main, world.apart());
    let (fa, home) = (main.open(&a, NsKind::Net), main.open(main, NsKind::Net));
    let start = main.net_ns().unwrap();
    assert_ne!(a.net_ns().unwrap(), start);
    assert_eq!(main.get_net_ns_by_fd(fa), a.net_ns());
    main.setns(fa, NET).unwrap();
    assert_eq!(main.net_ns(), a.net_ns());
    main.setns(home, 0).unwrap();
    assert_eq!(main.net_ns().unwrap(), start);
    main.setns(home, NET).unwrap();
    assert_eq!(main.net_ns().unwrap(), start, "where it is already");
}

#[test]
fn files_that_are_no_such_namespace() {
    let world = World::new();
    let main = &world.main;
    let (other, uts) = (main.install(File::Other).unwrap(), main.open(main, NsKind::Uts));
    let socket = main.install(socket(|| ())).unwrap();
    let pidfd = main.open_pidfd(main).unwrap();
    for fd in [9999, u32::MAX, 0] {
        assert_eq!(main.setns(fd, NET), Err(Error::BadDescriptor));
        assert_eq!(main.get_net_ns_by_fd(fd), Err(Error::BadDescriptor));
    }
    for fd in [other, socket, uts] {
        assert_eq!(main.setns(fd, NET), Err(Error::InvalidArgument));
    }
    for fd in [other, socket, uts, pidfd] {
        assert_eq!(main.get_net_ns_by_fd(fd), Err(Error::InvalidArgument));
    }
    assert_eq!(main.setns(other, 0), Err(Error::InvalidArgument));
    assert_eq!(main.setns(uts, 0), Ok(()));
    let net = main.open(main, NsKind::Net);
    assert_eq!(main.setns(net, NET | NsKind::Uts.flag()), Err(Error::InvalidArgument));
}

#[test]
fn a_descriptor_of_a_process_leads_to_its_namespaces() {
    let world = World::new();
    let (main, (a, number)) = (&world.main, world.apart());
    a.unshare(NsKind::Uts.flag() | NsKind::Ipc.flag()).unwrap();
    let p = main.open_pidfd(&a).unwrap();
    assert_eq!(main.setns(p, 0), Err(Error::InvalidArgument));
    assert_eq!(main.setns(p, NET | 0x400), Err(Error::InvalidArgument));
    main.setns(p, NET | NsKind::Uts.flag()).unwrap();
    assert_eq!(main.net_ns(), a.net_ns());
    assert_eq!(main.is_in(NsKind::Uts), a.is_in(NsKind::Uts));
    assert_ne!(main.is_in(NsKind::Ipc), a.is_in(NsKind::Ipc));
    let elsewhere = main.fork().unwrap();
    a.exit();
    assert_eq!(elsewhere.setns(p, NET), Err(Error::NoSuchProcess), "a zombie");
    a.reap().unwrap();
    assert_eq!(elsewhere.setns(p, NET), Err(Error::NoSuchProcess));
    assert_eq!(main.net_ns().unwrap().inum(), number);
    assert_eq!(main.open_pidfd(&a), Err(Error::NoSuchProcess));
}

#[test]
fn all_the_namespaces_of_a_process_are_entered_or_none() {
    let world = World::new();
    let (main, (a, _)) = (&world.main, world.apart());
    let p = main.open_pidfd(&a).unwrap();
    assert_eq!(
        main.setns(p, NET | USER),
        Err(Error::InvalidArgument),
        "it is in that user namespace already"
    );
    assert_ne!(main.net_ns(), a.net_ns());
    let guest = main.fork().unwrap();
    guest.unshare(USER | NET).unwrap();
    let p = main.open_pidfd(&guest).unwrap();
    main.setns(p, NET | USER).unwrap();
    assert_eq!(main.net_ns(), guest.net_ns());
    assert_eq!(main.credentials().user_ns(), guest.credentials().user_ns());
}

#[test]
fn a_pid_that_is_another_s_now_is_not_the_process_of_a_descriptor() {
    let world = World::new();
    let (main, a) = (&world.main, world.main.fork().unwrap());
    let pidfd = main.open_pidfd(&a).unwrap();
    // Another world, in which a task has the same pid.
    let (_tasks, first) = Tasks::new(main.net_ns().unwrap(), world.user_ns.clone());
    let namesake = first.fork().unwrap();
    assert_eq!(namesake.pid(), a.pid());
    let moved = first.install(main.file(pidfd).unwrap()).unwrap();
    assert_eq!(first.setns(moved, NET), Err(Error::NoSuchProcess));
    assert_eq!(first.open_ns(&a, NsKind::Net, false), Err(Error::NotFound));
    assert_eq!(first.open_pidfd(&a), Err(Error::NoSuchProcess));
}

#[test]
fn a_thread_has_no_descriptor_of_a_process() {
    let world = World::new();
    let thread = world.main.thread().unwrap();
    assert_eq!(world.main.open_pidfd(&thread), Err(Error::NotFound));
}

#[test]
fn without_the_capability_nothing_is_entered() {
    let world = World::new();
    let (main, u) = (&world.main, world.main.fork().unwrap());
    let [home, uts, user] = [NsKind::Net, NsKind::Uts, NsKind::User].map(|kind| u.open(main, kind));
    u.set_uid(65534);
    assert_eq!(u.unshare(NET), Err(Error::NotPermitted));
    assert_eq!(u.setns(home, NET), Err(Error::NotPermitted));
    assert_eq!(u.setns(uts, 0), Err(Error::NotPermitted));
    assert_eq!(u.net_ns(), main.net_ns());
    u.unshare(USER | NET).unwrap();
    assert_ne!(u.net_ns(), main.net_ns());
    assert_eq!(u.setns(home, NET), Err(Error::NotPermitted), "a foreign user namespace's");
    assert_eq!(u.setns(user, USER), Err(Error::NotPermitted));
    let own = u.open(&u, NsKind::Net);
    u.setns(own, NET).unwrap();
}

#[test]
fn who_may_enter_a_namespace_must_also_be_somebody_at_home() {
    let world = World::new();
    let (main, u) = (&world.main, world.unprivileged());
    let v = u.fork().unwrap();
    v.unshare(USER | NET).unwrap();
    let fd = main.open(&v, NsKind::Net);
    let Ok(file) = main.file(fd) else { unreachable!("it was opened") };
    let fd = u.install(file).unwrap();
    // It made the user namespace that owns the network, so it has the capability there.
    assert!(u.credentials().ns_capable(v.credentials().user_ns(), Capability::SysAdmin));
    assert_eq!(u.setns(fd, NET), Err(Error::NotPermitted));
}

#[test]
fn a_user_namespace_is_entered_alone_and_not_twice() {
    let world = World::new();
    let (main, u) = (&world.main, world.main.fork().unwrap());
    u.unshare(USER).unwrap();
    let fd = main.open(&u, NsKind::User);
    let thread = main.thread().unwrap();
    assert_eq!(main.setns(fd, USER), Err(Error::InvalidArgument), "not alone");
    thread.exit();
    main.keep_capabilities(Capabilities::NONE.with(Capability::SysAdmin));
    main.setns(fd, USER).unwrap();
    let credentials = main.credentials();
    assert_eq!(credentials.user_ns(), u.credentials().user_ns());
    assert_eq!(credentials.capabilities(), Capabilities::ALL);
    assert_eq!(main.setns(fd, USER), Err(Error::InvalidArgument), "its own");
    assert!(!credentials.ns_capable(&world.user_ns, Capability::SysAdmin));
}

#[test]
fn clocks_are_entered_alone() {
    let world = World::new();
    let (main, a) = (&world.main, world.main.fork().unwrap());
    a.unshare(NsKind::Time.flag()).unwrap();
    let before = a.is_in(NsKind::Time);
    let child = a.fork().unwrap();
    assert_ne!(child.is_in(NsKind::Time), before, "they are for children");
    assert_eq!(a.is_in(NsKind::Time), before);
    assert_eq!(a.thread().unwrap().is_in(NsKind::Time), before);
    let fd = main.open(&child, NsKind::Time);
    let thread = main.thread().unwrap();
    assert_eq!(main.setns(fd, 0), Err(Error::TooManyUsers));
    thread.exit();
    main.setns(fd, 0).unwrap();
    assert_eq!(main.is_in(NsKind::Time), child.is_in(NsKind::Time));
    assert_eq!(main.fork().unwrap().is_in(NsKind::Time), child.is_in(NsKind::Time));
}

#[test]
fn process_ids_are_entered_downwards_and_by_children() {
    let world = World::new();
    let (main, a) = (&world.main, world.main.fork().unwrap());
    a.unshare(NsKind::Pid.flag()).unwrap();
    assert_eq!(a.unshare(NsKind::Pid.flag()), Err(Error::InvalidArgument), "children are elsewhere already");
    assert_eq!(a.thread(), Err(Error::InvalidArgument));
    let child = a.fork().unwrap();
    assert_ne!(child.is_in(NsKind::Pid), a.is_in(NsKind::Pid));
    let (outer, inner) = (child.open(main, NsKind::Pid), main.open(&child, NsKind::Pid));
    assert_eq!(child.setns(outer, 0), Err(Error::InvalidArgument));
    let before = main.is_in(NsKind::Pid);
    main.setns(inner, 0).unwrap();
    assert_eq!(main.is_in(NsKind::Pid), before);
    assert_eq!(main.fork().unwrap().is_in(NsKind::Pid), child.is_in(NsKind::Pid));
    let own = main.open(main, NsKind::Pid);
    main.setns(own, 0).unwrap();
    assert_eq!(main.fork().unwrap().is_in(NsKind::Pid), before);
}

#[test]
fn a_thread_that_is_refused_leaves_its_pid_free() {
    let world = World::new();
    let a = world.main.fork().unwrap();
    a.unshare(NsKind::Pid.flag()).unwrap();
    assert_eq!(a.thread(), Err(Error::InvalidArgument));
    assert_eq!(world.tasks.find(3), None);
    a.exit();
    assert_eq!(a.reap(), Ok(()), "nothing is left of the thread");
}

#[test]
fn a_mount_namespace_is_entered_alone_by_who_may_change_its_root() {
    let world = World::new();
    let (main, a) = (&world.main, world.main.fork().unwrap());
    a.unshare(NsKind::Mnt.flag()).unwrap();
    let fd = main.open(&a, NsKind::Mnt);
    let thread = main.thread().unwrap();
    assert_eq!(main.setns(fd, 0), Err(Error::InvalidArgument));
    thread.exit();
    main.setns(fd, 0).unwrap();
    assert_eq!(main.is_in(NsKind::Mnt), a.is_in(NsKind::Mnt));
    main.keep_capabilities(Capabilities::ALL.without(Capability::SysChroot));
    assert_eq!(main.setns(fd, 0), Err(Error::NotPermitted));
}
