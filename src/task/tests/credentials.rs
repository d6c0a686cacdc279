//! What credentials allow.

use super::*;
use Capability::{NetAdmin, SysAdmin, SysPtrace};

#[test]
fn capabilities_are_sets() {
    let set = Capabilities::NONE.with(NetAdmin).with(SysAdmin);
    assert!(set.contains(NetAdmin) && !set.contains(SysPtrace));
    assert!(set.is_subset(Capabilities::ALL) && !Capabilities::ALL.is_subset(set));
    assert_eq!(set.without(SysAdmin), Capabilities::NONE.with(NetAdmin));
    assert_eq!(set & Capabilities::ALL.without(NetAdmin), Capabilities::NONE.with(SysAdmin));
}

#[test]
fn a_capability_holds_in_its_user_namespace_and_below() {
    let world = World::new();
    let root = &world.user_ns;
    let child = root.child(1000).unwrap();
    child.map_root().unwrap();
    let grandchild = child.child(0).unwrap();
    let main = world.main.credentials();
    for user_ns in [root, &child, &grandchild] {
        assert!(main.ns_capable(user_ns, SysAdmin));
    }
    world.main.keep_capabilities(Capabilities::ALL.without(NetAdmin));
    let main = world.main.credentials();
    assert!(!main.ns_capable(root, NetAdmin) && main.ns_capable(root, SysAdmin));
    assert!(!main.ns_capable(&child, NetAdmin), "another user made it");
    assert!(!main.ns_capable(&UserNamespace::new(1), SysAdmin), "a stranger");
}

#[test]
fn who_made_a_user_namespace_has_every_capability_in_it() {
    let world = World::new();
    let root = &world.user_ns;
    let (own, foreign) = (root.child(65534).unwrap(), root.child(1000).unwrap());
    own.map_root().unwrap();
    let below = own.child(0).unwrap();
    let u = world.unprivileged().credentials();
    assert_eq!(u.capabilities(), Capabilities::NONE);
    assert!(!u.ns_capable(root, SysAdmin));
    assert!(u.ns_capable(&own, SysAdmin) && u.ns_capable(&below, SysAdmin));
    assert!(!u.ns_capable(&foreign, SysAdmin));
}

#[test]
fn inside_a_user_namespace_nothing_above_or_beside_is_owned() {
    let world = World::new();
    let u = world.unprivileged();
    let beside = world.user_ns.child(65534).unwrap();
    u.unshare(USER).unwrap();
    let u = u.credentials();
    assert!(u.ns_capable(u.user_ns(), SysAdmin));
    assert!(!u.ns_capable(&world.user_ns, SysAdmin));
    assert!(!u.ns_capable(&beside, SysAdmin), "its user made it, but elsewhere");
}

#[test]
fn leaving_uid_0_gives_the_capabilities_up() {
    let world = World::new();
    let task = world.main.fork().unwrap();
    let before = task.credentials();
    task.set_uid(0);
    assert_eq!(task.credentials().capabilities(), Capabilities::ALL);
    task.set_uid(1000);
    assert_eq!((task.credentials().uid(), task.credentials().capabilities()), (1000, Capabilities::NONE));
    assert_eq!((before.uid(), before.capabilities()), (0, Capabilities::ALL), "these are never changed");
    task.set_uid(0);
    assert_eq!(task.credentials().capabilities(), Capabilities::NONE, "nothing comes back");
}

#[test]
fn threads_become_others_one_by_one() {
    let world = World::new();
    let thread = world.main.thread().unwrap();
    thread.set_uid(1000);
    assert_eq!((world.main.credentials().uid(), thread.credentials().uid()), (0, 1000));
}

/// Whether a task may look into another.
fn looks(task: &Task, of: &Task) -> Result<(), Error> {
    task.readlink_ns(of, NsKind::Uts).map(drop)
}

#[test]
fn a_task_looks_into_its_own_process_always() {
    let world = World::new();
    let u = world.unprivileged();
    let thread = u.thread().unwrap();
    assert_eq!(looks(&u, &u), Ok(()));
    assert_eq!(looks(&thread, &u), Ok(()));
}

#[test]
fn another_user_is_not_looked_into_without_the_capability() {
    let world = World::new();
    let (main, u) = (&world.main, world.unprivileged());
    assert_eq!(looks(&u, main), Err(Error::AccessDenied));
    assert_eq!(u.open_ns(main, NsKind::Net, true), Err(Error::AccessDenied));
    let pidfd = u.open_pidfd(main).unwrap();
    assert_eq!(u.setns(pidfd, NsKind::Uts.flag()), Err(Error::NotPermitted));
    assert_eq!(looks(main, &u), Ok(()));
    main.keep_capabilities(Capabilities::ALL.without(SysPtrace));
    assert_eq!(looks(main, &u), Err(Error::AccessDenied), "another user");
    assert_eq!(looks(&main.fork().unwrap(), main), Ok(()), "the same user");
}

#[test]
fn who_became_somebody_else_is_not_looked_into_by_the_same_user() {
    let world = World::new();
    let (u, w) = (world.unprivileged(), world.unprivileged());
    let child = u.fork().unwrap();
    assert_eq!(looks(&w, &u), Err(Error::AccessDenied));
    assert_eq!(looks(&u, &child), Err(Error::AccessDenied), "a child inherits it");
    assert_eq!(looks(&world.main, &u), Ok(()));
    u.exit();
    assert_eq!(looks(&w, &u), Err(Error::NotFound), "nothing is left to be kept secret");
}

#[test]
fn who_has_more_is_not_looked_into_by_the_same_user() {
    let world = World::new();
    let (main, less) = (&world.main, world.main.fork().unwrap());
    less.keep_capabilities(Capabilities::NONE);
    assert_eq!(looks(&less, main), Err(Error::AccessDenied));
    assert_eq!(looks(&less.fork().unwrap(), &less), Ok(()), "giving up keeps it open to its like");
    less.keep_capabilities(Capabilities::ALL);
    assert_eq!(less.credentials().capabilities(), Capabilities::NONE);
}

#[test]
fn who_is_in_another_user_namespace_is_looked_into_by_its_owner() {
    let world = World::new();
    let (inside, above) = (world.main.fork().unwrap(), world.main.fork().unwrap());
    inside.unshare(USER).unwrap();
    above.keep_capabilities(Capabilities::NONE);
    assert_eq!(looks(&above, &inside), Ok(()), "its user made the namespace");
    assert_eq!(looks(&inside, &above), Err(Error::AccessDenied), "upwards");
    assert_eq!(looks(&world.unprivileged(), &inside), Err(Error::AccessDenied), "a stranger");
}

#[test]
fn who_enters_a_foreign_user_namespace_is_closed_to_its_owner() {
    let world = World::new();
    let (main, u) = (&world.main, world.unprivileged());
    u.unshare(USER).unwrap();
    let (guest, owner) = (main.fork().unwrap(), world.unprivileged());
    let fd = guest.open(&u, NsKind::User);
    guest.setns(fd, USER).unwrap();
    assert!(owner.credentials().ns_capable(guest.credentials().user_ns(), SysPtrace));
    assert_eq!(looks(&owner, &guest), Err(Error::AccessDenied), "it could do more before");
    assert_eq!(looks(main, &guest), Ok(()));
}
