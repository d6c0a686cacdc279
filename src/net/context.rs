//! What the running thread holds: how a call that would wait for its own caller is found out.

use super::NetId;
use crate::sync;
use std::cell::RefCell;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lock {
    Registry,
    Rtnl,
    Announcements,
    /// No lock, but what stands in for one: who unregisters a setting waits for its handlers.
    Handler,
    /// No lock at all: the hook that flushes the IPv6 routes of this namespace runs.
    Fib6Flush(NetId),
}

sync::thread_local! {
    /// The locks that this thread holds while it runs callbacks of ours, by world.
    static HELD: RefCell<Vec<(u64, Lock)>> = const { RefCell::new(Vec::new()) }
}

/// Whether this thread holds a lock of the world, or runs the handler of a setting of any world: it is in a callback,
/// or in a walk under rtnl.
pub(super) fn holds_any(world: u64) -> bool {
    any(|holder, lock| match lock {
        Lock::Registry | Lock::Rtnl | Lock::Announcements => holder == world,
        Lock::Handler => true,
        Lock::Fib6Flush(_) => false,
    })
}

/// Whether this thread is where the handler of a setting might have to wait for it. Not under the registry lock: no
/// handler waits for that.
pub(super) fn may_be_waited_for_by_handlers() -> bool {
    any(|_, lock| matches!(lock, Lock::Rtnl | Lock::Announcements | Lock::Handler))
}

/// Whether this thread is in a walk under rtnl.
pub(super) fn holds_rtnl(world: u64) -> bool {
    any(|holder, lock| (holder, lock) == (world, Lock::Rtnl))
}

/// Whether the hook runs in this thread for the namespace.
pub(super) fn is_flushing(net: NetId) -> bool {
    any(|_, lock| lock == Lock::Fib6Flush(net))
}

fn any(is_so: impl Fn(u64, Lock) -> bool) -> bool {
    HELD.with(|held| held.borrow().iter().any(|&(world, lock)| is_so(world, lock))).unwrap_or(false)
}

/// Says that this thread holds a lock, until it is dropped.
pub(super) struct Held {
    entry: (u64, Lock),
}

impl Held {
    pub(super) fn registry(world: u64) -> Self {
        Held::new((world, Lock::Registry))
    }

    pub(super) fn rtnl(world: u64) -> Self {
        Held::new((world, Lock::Rtnl))
    }

    pub(super) fn announcing(world: u64) -> Self {
        Held::new((world, Lock::Announcements))
    }

    pub(super) fn handler(world: u64) -> Self {
        Held::new((world, Lock::Handler))
    }

    pub(super) fn flushing(world: u64, net: NetId) -> Self {
        Held::new((world, Lock::Fib6Flush(net)))
    }

    fn new(entry: (u64, Lock)) -> Self {
        // A thread that is ending keeps no record: there, a call that waits for itself is not found out.
        let _ = HELD.with(|held| held.borrow_mut().push(entry));
        Held { entry }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = HELD.with(|held| {
            let mut held = held.borrow_mut();
            if let Some(i) = held.iter().rposition(|h| *h == self.entry) {
                held.remove(i);
            }
        });
    }
}
