//! Calls that would wait for their own caller.

use super::*;

/// What is refused everywhere that the registry lock must not be taken.
fn all_refused(namespaces: &Namespaces) {
    let refused = Some(Error::WouldDeadlock);
    assert_eq!(namespaces.register_pernet_subsys(Probe::new("x", &Log::default())).err(), refused);
    assert_eq!(namespaces.register_pernet_device(Probe::new("x", &Log::default())).err(), refused);
    let user = user();
    assert_eq!(namespaces.copy_net_ns(CLONE_NEWNET, &user, namespaces.init_net()).err(), refused);
    assert_eq!(user.net_namespaces(), 0);
    assert_eq!(namespaces.run_cleanup().err(), refused);
    assert_eq!(namespaces.flush_cleanup().err(), refused);
}

#[test]
fn in_an_init_and_an_exit() {
    let (namespaces, log) = (Arc::new(by_hand()), Log::default());
    let (inner, other) = (namespaces.clone(), namespaces.clone());
    let probe = Probe::new("a", &log)
        .in_init(move |_| {
            all_refused(&inner);
            // These need no registry lock.
            let mut listed = 0;
            inner.for_each_net(|_| listed += 1);
            assert_eq!(inner.for_each_net_rcu(&inner.read_lock()).count(), listed);
            drop(inner.copy_net_ns(0, &user(), inner.init_net())?);
            // Another owner is another world.
            drop(by_hand().create());
            Ok(())
        })
        .in_exit(move |_| all_refused(&other));
    let a = namespaces.register_pernet_subsys(probe).unwrap();
    drop(namespaces.create());
    namespaces.run_cleanup().unwrap();
    drop(a); // The operations have handles to the owner: it ends after them.
    assert_eq!(log.take().len(), 2 * 4);
}

#[test]
fn in_a_walk_under_rtnl() {
    let namespaces = by_hand();
    let mut visited = 0;
    namespaces.for_each_net(|_| {
        all_refused(&namespaces);
        visited += 1;
    });
    assert_eq!(visited, 1);
    assert!(namespaces.try_create().is_ok());
}

#[test]
#[should_panic(expected = "inside itself")]
fn a_walk_under_rtnl_inside_itself_panics() {
    let namespaces = by_hand();
    namespaces.for_each_net(|_| namespaces.for_each_net(|_| ()));
}

#[test]
fn in_a_read_side_section() {
    let namespaces = by_hand();
    let guard = namespaces.read_lock();
    all_refused(&namespaces);
    drop(guard);
    assert!(namespaces.try_create().is_ok());
}

#[test]
fn in_an_rcu_callback() {
    let namespaces = Arc::new(by_hand());
    let (inner, log) = (namespaces.clone(), Log::default());
    let done = log.clone();
    namespaces.rcu().call(move || {
        all_refused(&inner);
        done.note("done".into());
    });
    namespaces.rcu().barrier();
    assert_eq!(log.take(), ["done"]);
}
