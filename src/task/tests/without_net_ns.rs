//! The build that has but one network namespace.

use super::*;

#[test]
fn network_namespaces_are_neither_made_nor_entered_nor_named() {
    let world = World::new();
    let main = &world.main;
    let net = main.open(main, NsKind::Net);
    let pidfd = main.open_pidfd(main).unwrap();
    let before = NsKind::ALL.map(|kind| main.is_in(kind));
    assert_eq!(main.unshare(NET), Err(Error::InvalidArgument));
    assert_eq!(main.unshare(NET | USER | NsKind::Uts.flag()), Err(Error::InvalidArgument));
    assert_eq!(main.setns(net, NET), Err(Error::InvalidArgument));
    assert_eq!(main.setns(net, 0), Err(Error::InvalidArgument));
    assert_eq!(main.setns(pidfd, NET), Err(Error::InvalidArgument));
    for fd in [net, pidfd, 9999] {
        assert_eq!(main.get_net_ns_by_fd(fd), Err(Error::InvalidArgument));
    }
    assert_eq!(NsKind::ALL.map(|kind| main.is_in(kind)), before);
    assert_eq!(world.tasks.get_net_ns_by_pid(1).as_ref(), Ok(world.namespaces.init_net()));
    assert_eq!(world.deaths(), NONE);
}

#[test]
fn other_namespaces_are_made() {
    let world = World::new();
    let u = world.unprivileged();
    u.unshare(USER | NsKind::Uts.flag()).unwrap();
    assert_ne!(u.is_in(NsKind::Uts), world.main.is_in(NsKind::Uts));
    let uts = u.open(&u, NsKind::Uts);
    assert_eq!(u.setns(uts, NsKind::Uts.flag()), Ok(()));
}
