//! The fast paths, each as a function of its own.

use netns_core::rcu::{Guard, Rcu};
use netns_core::{Net, NetRef, PassiveNet, PernetId};
use std::hint::black_box;

#[inline(never)]
fn get_net(net: &NetRef) -> NetRef {
    net.clone()
}

#[inline(never)]
fn put_net(net: NetRef) {
    drop(net);
}

#[inline(never)]
fn maybe_get_net(net: &PassiveNet) -> Option<NetRef> {
    net.maybe_get()
}

#[inline(never)]
fn net_generic<'a>(net: &'a Net, guard: &'a Guard<'_>, id: PernetId<u64>) -> Option<&'a u64> {
    net.generic(guard, id)
}

#[inline(never)]
fn rcu_read_lock(rcu: &Rcu) -> Guard<'_> {
    rcu.read_lock()
}

#[inline(never)]
fn rcu_read_unlock(guard: Guard<'_>) {
    drop(guard);
}

/// Keeps every probe in the program.
pub(crate) fn keep() {
    black_box(get_net as fn(&NetRef) -> NetRef);
    black_box(put_net as fn(NetRef));
    black_box(maybe_get_net as fn(&PassiveNet) -> Option<NetRef>);
    black_box(net_generic as for<'a> fn(&'a Net, &'a Guard<'_>, PernetId<u64>) -> Option<&'a u64>);
    black_box(rcu_read_lock as fn(&Rcu) -> Guard<'_>);
    black_box(rcu_read_unlock as fn(Guard<'_>));
}
