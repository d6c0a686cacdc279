//! Who is told of ids that come and go.

use super::{Nsid, Origin};
use crate::net::context::Held;
use crate::net::world::World;
use crate::net::{Net, PassiveNet};
use crate::sync::{self, Arc, Mutex, MutexGuard};

/// A change of a namespace's table.
pub(crate) struct NsidEvent<'a> {
    /// Whose table it is.
    pub(crate) net: &'a Net,
    /// What happened.
    pub(crate) kind: NsidEventKind,
    /// To which id.
    pub(crate) id: Nsid,
    /// At whose request.
    pub(crate) origin: Option<Origin>,
}

/// What happened to an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NsidEventKind {
    /// A peer has it now (`RTM_NEWNSID`).
    New,
    /// Its peer is gone (`RTM_DELNSID`).
    Del,
}

/// Who wants to know of changes.
pub(crate) trait NsidListener: Send + Sync {
    /// Tells of a change. Runs under the lock of `event.net`'s announcements: it must not subscribe, end a
    /// subscription, give ids or block.
    fn told(&self, event: &NsidEvent<'_>);
}

/// A list of listeners under a lock.
///
/// The lock of a namespace's list is taken before its table is changed, and held until everybody has been told. So
/// all are told in the order of the changes, and who comes or goes does so between two of them.
pub(in crate::net) struct Announcements {
    listeners: Mutex<Vec<Listener>>,
}

/// A listener, and by what its subscription finds it again.
type Listener = (u64, Arc<dyn NsidListener>);

impl Announcements {
    pub(in crate::net) fn new(name: &'static str) -> Self {
        let listeners = Mutex::new(Vec::new());
        sync::name(&listeners, name);
        Announcements { listeners }
    }

    /// Takes the lock of these, the announcements of `net`, to change its table.
    pub(super) fn lock<'a>(&'a self, net: &'a Net) -> Announcing<'a> {
        // Held: nobody who is told may wait for what might be waiting for this lock.
        Announcing { net, listeners: self.listeners.lock(), _held: Held::announcing(net.world.key) }
    }

    fn add(&self, listener: Arc<dyn NsidListener>) -> u64 {
        let key = sync::unique();
        self.listeners.lock().push((key, listener));
        key
    }

    fn remove(&self, key: u64) {
        let mut listeners = self.listeners.lock();
        let listener = listeners.iter().position(|l| l.0 == key).map(|i| listeners.remove(i));
        drop(listeners);
        // What the listener keeps may need locks of its own to go.
        drop(listener);
    }
}

/// The lock of a namespace's announcements, held.
pub(super) struct Announcing<'a> {
    net: &'a Net,
    listeners: MutexGuard<'a, Vec<Listener>>,
    _held: Held,
}

impl Announcing<'_> {
    /// Tells everybody of a change that was made under this lock.
    #[doc(alias = "rtnl_net_notifyid")]
    pub(super) fn tell(self, kind: NsidEventKind, id: Nsid, origin: Option<Origin>) {
        let event = NsidEvent { net: self.net, kind, id, origin };
        self.listeners.iter().for_each(|(_, listener)| listener.told(&event));
        let everywhere = self.net.world.everywhere.listeners.lock();
        everywhere.iter().for_each(|(_, listener)| listener.told(&event));
    }
}

/// Where a listener listens, until it is dropped.
#[must_use = "dropping it ends the subscription"]
pub(crate) struct Subscription {
    place: Place,
    key: u64,
}

enum Place {
    One(PassiveNet),
    Everywhere(Arc<World>),
}

impl Subscription {
    pub(super) fn one(net: &Net, listener: Arc<dyn NsidListener>) -> Self {
        let key = net.ids.announcements.add(listener);
        Subscription { place: Place::One(net.passive()), key }
    }

    pub(super) fn everywhere(world: &Arc<World>, listener: Arc<dyn NsidListener>) -> Self {
        let key = world.everywhere.add(listener);
        Subscription { place: Place::Everywhere(world.clone()), key }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        match &self.place {
            Place::One(net) => net.net().ids.announcements.remove(self.key),
            Place::Everywhere(world) => world.everywhere.remove(self.key),
        }
    }
}
