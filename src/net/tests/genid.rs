//! Generation numbers of several namespaces.

use super::*;

#[test]
fn each_namespace_has_its_own_numbers_and_all_have_one_hook() {
    let namespaces = by_hand();
    let (a, b) = (namespaces.create(), namespaces.create());
    let flushed = Arc::new(Mutex::new(Vec::new()));
    let flushes = flushed.clone();
    namespaces.set_fib6_flush(Some(Box::new(move |net| flushes.lock().push(net.id()))));
    a.rt_genid_bump_all();
    b.fnhe_genid_bump();
    b.rt_genid_bump_ipv6();
    assert_eq!((a.rt_genid_ipv4(), a.fnhe_genid()), (1, 0));
    assert_eq!((b.rt_genid_ipv4(), b.fnhe_genid()), (0, 1));
    assert_eq!(*flushed.lock(), [a.id(), b.id()]);
}

#[test]
fn a_flush_may_flush_other_namespaces() {
    let namespaces = by_hand();
    let (a, b) = (namespaces.create(), namespaces.create());
    let (flushed, both) = (Arc::new(Mutex::new(Vec::new())), [a.passive(), b.passive()]);
    let flushes = flushed.clone();
    namespaces.set_fib6_flush(Some(Box::new(move |net| {
        flushes.lock().push(net.id());
        both.iter().filter_map(PassiveNet::maybe_get).for_each(|net| net.rt_genid_bump_ipv6());
    })));
    b.rt_genid_bump_ipv6();
    assert_eq!(*flushed.lock(), [b.id(), a.id()]);
    namespaces.set_fib6_flush(None); // It has references.
}

#[test]
fn the_hook_outlives_its_owner() {
    let namespaces = by_hand();
    let net = namespaces.create();
    let flushed = Arc::new(Mutex::new(0));
    let flushes = flushed.clone();
    namespaces.set_fib6_flush(Some(Box::new(move |_| *flushes.lock() += 1)));
    drop(namespaces);
    net.rt_genid_bump_ipv6();
    drop(net);
    assert_eq!((*flushed.lock(), Arc::strong_count(&flushed)), (1, 1), "it goes with the last namespace");
}
