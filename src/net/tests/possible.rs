//! What an object knows of the namespace that it is in.

use super::*;

#[test]
fn an_object_reads_the_namespace_that_was_written_last() {
    let namespaces = by_hand();
    let (a, b, init_net) = (namespaces.create(), namespaces.create(), namespaces.init_net());
    let mut object = PossibleNet::new(&a);
    assert_eq!(object.read(init_net), Some(a.clone()));
    assert!(object.is(&a) && !object.is(&b));
    object.write(&b);
    assert_eq!(object.read(init_net), Some(b.clone()));
    assert!(object.is(&b) && !object.is(&a));
    assert_eq!(object, PossibleNet::new(&b));
    assert_ne!(object, PossibleNet::new(&a));
}

#[test]
fn an_object_keeps_no_namespace_alive_and_knows_it_when_it_is_gone() {
    let (namespaces, user) = (by_hand(), UserNamespace::new(1));
    let net = namespaces.copy_net_ns(CLONE_NEWNET, &user, namespaces.init_net()).unwrap();
    let object = PossibleNet::new(&net);
    assert_eq!(net.count(), 1);
    let id = net.id();
    drop(net);
    assert_eq!(object.read(namespaces.init_net()), None, "it is dying");
    let guard = namespaces.read_lock();
    let dying = namespaces.for_each_net_rcu(&guard).find(|net| net.id() == id).expect("it is listed");
    assert!(object.is(dying));
    drop(guard);
    namespaces.run_cleanup().unwrap();
    assert_eq!(user.net_namespaces(), 0);
    assert_eq!(object.read(namespaces.init_net()), None);
    assert!(!object.is(namespaces.init_net()));
}
