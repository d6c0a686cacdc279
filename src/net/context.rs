//! What the running thread holds: how a call that would wait for its own caller is found out.

use crate::sync;
use std::cell::RefCell;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lock {
    Registry,
    Rtnl,
    Announcements,
}

sync::thread_local! {
    /// The locks that this thread holds while it runs callbacks of ours, by world.
    static HELD: RefCell<Vec<(u64, Lock)>> = const { RefCell::new(Vec::new()) }
}

/// Whether this thread holds a lock of the world: it is in a callback, or in a walk under rtnl.
pub(super) fn holds_any(world: u64) -> bool {
    HELD.with(|held| held.borrow().iter().any(|h| h.0 == world)).unwrap_or(false)
}

/// Whether this thread is in a walk under rtnl.
pub(super) fn holds_rtnl(world: u64) -> bool {
    HELD.with(|held| held.borrow().contains(&(world, Lock::Rtnl))).unwrap_or(false)
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
