//! Peer ids: the numbers by which a namespace, the observer, knows others, its peers (`netns_ids`).
//!
//! | | cost | the kernel's |
//! |---|---|---|
//! | [`Net::peernet2id`]: id of a peer | O(log n) | `peernet2id` (linear in the table) |
//! | [`Net::get_net_ns_by_id`]: peer of an id | O(log n) | `get_net_ns_by_id` |
//! | [`Net::peernet2id_alloc`], [`NetRef::assign_id`]: a new id | O(log n) | `alloc_netid` |
//! | the end of a peer, or of an observer | O(log n) for each id that goes | `cleanup_net` (dying × alive × ids) |
//!
//! # Who holds what
//!
//! A table holds its peers without a count, and each namespace knows who has an id for it. An id is given only while
//! a counted reference to the observer, and another to the peer, is in hand: so neither is dying, and neither's
//! cleanup has begun. The cleanup, of which there is one at a time, removes the dying from the tables of all who
//! have ids for them, tells of each removal, and only then takes the dying off the namespace list; the tables of the
//! dying go without a word.
//!
//! # Locks
//!
//! Of each namespace: its announcements, held from a change of the table until everybody has been told; under
//! that, for a moment, the table, and the peer's list of observers. Nobody is told, and nothing waits, under the
//! last two, which are never held together.

mod announce;
mod table;

pub(in crate::net) use announce::Announcements;
pub(crate) use announce::{NsidEvent, NsidEventKind, NsidListener, Subscription};

use super::registry::Locked;
use super::world::World;
use super::{Net, NetId, NetRef};
use crate::error::Error;
use crate::sync::alloc::Shared;
use crate::sync::{self, Arc, Mutex};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use table::IdTable;

/// The id by which a namespace knows a peer: 0 to 2,147,483,647.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[doc(alias = "NETNSA_NSID")]
pub struct Nsid(u32);

impl Nsid {
    /// The least id.
    pub const MIN: Nsid = Nsid(0);
    /// The greatest id.
    pub const MAX: Nsid = Nsid(i32::MAX as u32);
    /// What messages say instead of an id where there is none.
    #[doc(alias = "NETNSA_NSID_NOT_ASSIGNED")]
    pub const NOT_ASSIGNED: i32 = -1;

    /// The id of this number, unless it is negative.
    pub fn new(id: i32) -> Option<Nsid> {
        u32::try_from(id).ok().map(Nsid)
    }

    /// Its number.
    pub fn get(self) -> i32 {
        self.0 as i32
    }

    /// The next greater id.
    pub fn next(self) -> Option<Nsid> {
        (self < Nsid::MAX).then(|| Nsid(self.0 + 1))
    }
}

impl fmt::Display for Nsid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Who asked for an id: what the notification says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The address of the asking socket.
    pub portid: u32,
    /// The number of its request.
    pub seq: u32,
}

/// Why a peer got no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AssignError {
    /// The peer has one, this (`EEXIST`).
    PeerHasId(Nsid),
    /// Another peer has that id (`EEXIST`).
    IdTaken,
    /// Every id is taken (`ENOSPC`).
    NoSpace,
    /// The two namespaces have different owners: they cannot see each other (`EINVAL`).
    Foreign,
}

impl From<AssignError> for Error {
    fn from(error: AssignError) -> Self {
        match error {
            AssignError::PeerHasId(_) | AssignError::IdTaken => Error::Exists,
            AssignError::NoSpace => Error::NoSpace,
            AssignError::Foreign => Error::InvalidArgument,
        }
    }
}

impl fmt::Display for AssignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AssignError::PeerHasId(id) => write!(f, "the peer has the id {id} already (EEXIST)"),
            AssignError::IdTaken => f.write_str("another peer has that id (EEXIST)"),
            AssignError::NoSpace => f.write_str("every id is taken (ENOSPC)"),
            AssignError::Foreign => f.write_str("the namespaces have different owners (EINVAL)"),
        }
    }
}

impl std::error::Error for AssignError {}

/// What a namespace has to do with peer ids.
pub(in crate::net) struct PeerIds {
    announcements: Announcements,
    table: Mutex<IdTable>,
    /// Who has an id for this namespace, by the order of their creation. An observer is in memory while it is here:
    /// its cleanup removes it.
    pub(in crate::net) observers: Mutex<BTreeMap<u64, Shared<Net>>>,
}

impl PeerIds {
    pub(in crate::net) fn new() -> Self {
        let ids = PeerIds {
            announcements: Announcements::new("announcements"),
            table: Mutex::new(IdTable::default()),
            observers: Mutex::new(BTreeMap::new()),
        };
        sync::name(&ids.table, "netns_ids");
        sync::name(&ids.observers, "observers");
        ids
    }
}

impl Net {
    /// The id by which this namespace knows `peer`, if it has one.
    pub fn peernet2id(&self, peer: &Net) -> Option<Nsid> {
        self.id_of(peer.id())
    }

    /// As [`peernet2id`](Net::peernet2id), for a peer of which there is but the identity.
    pub fn id_of(&self, peer: NetId) -> Option<Nsid> {
        self.ids.table.lock().id_of(peer)
    }

    /// The id by which this namespace knows `peer`. If it has none it gets the lowest free one, and the subscribers
    /// of this namespace are told.
    ///
    /// `None` if there is none and none can be given: one of the two is dying, all ids are taken, or they have
    /// different owners.
    pub fn peernet2id_alloc(&self, peer: &Net) -> Option<Nsid> {
        if let Some(id) = self.peernet2id(peer) {
            return Some(id);
        }
        let (this, peer) = (self.maybe_get()?, peer.maybe_get()?);
        match this.assign_id(&peer, None, None) {
            Ok(id) | Err(AssignError::PeerHasId(id)) => Some(id),
            Err(_) => None,
        }
    }

    /// A reference to the peer that this namespace knows by `id`, unless there is none or it is dying.
    pub fn get_net_ns_by_id(&self, id: Nsid) -> Option<NetRef> {
        let table = self.ids.table.lock();
        // SAFETY: who is in a table is in memory, and its cleanup takes this table's lock before it is freed.
        let peer = unsafe { table.peer(id)?.as_ref() };
        peer.maybe_get()
    }

    /// The ids that are given, ascending from `from` on, at most `max` of them, and the identities of the peers.
    /// Peers that are dying have their ids until they are cleaned up.
    ///
    /// A list that is asked for in parts, each from behind the last id of the part before, misses no id that was
    /// there throughout and repeats none.
    #[doc(alias = "rtnl_net_dumpid")]
    pub fn peer_ids(&self, from: Nsid, max: usize) -> Vec<(Nsid, NetId)> {
        self.ids.table.lock().ids(from).take(max).collect()
    }

    /// Tells `listener` of every change of this namespace's table from now on, until the subscription is dropped.
    pub(crate) fn subscribe(&self, listener: Arc<dyn NsidListener>) -> Subscription {
        Subscription::one(self, listener)
    }

    /// Tells `listener` of every change of the table of every namespace of this one's owner.
    pub(crate) fn subscribe_all(&self, listener: Arc<dyn NsidListener>) -> Subscription {
        Subscription::everywhere(&self.world, listener)
    }
}

impl NetRef {
    /// Gives `peer` an id in this namespace, `id` or the lowest free one, and tells the subscribers of this
    /// namespace, naming `origin`.
    ///
    /// # Errors
    ///
    /// [`AssignError`]: the peer has an id, the id is taken (both `EEXIST`), none is left (`ENOSPC`), the owners
    /// differ (`EINVAL`).
    #[doc(alias = "rtnl_net_newid")]
    #[doc(alias = "alloc_netid")]
    pub fn assign_id(
        &self,
        peer: &NetRef,
        id: Option<Nsid>,
        origin: Option<Origin>,
    ) -> Result<Nsid, AssignError> {
        if self.world.key != peer.world.key {
            return Err(AssignError::Foreign);
        }
        let announcing = self.ids.announcements.lock(self);
        // The caller's references keep both from dying, so nobody is removing either from anywhere.
        let id = self.ids.table.lock().insert(peer, id)?;
        peer.ids.observers.lock().insert(self.serial, self.address());
        announcing.tell(NsidEventKind::New, id, origin);
        Ok(id)
    }
}

impl World {
    /// Takes namespaces that die together, last one first, out of all tables, and empties theirs.
    ///
    /// The lock orders this with all other cleanups, so that nobody whom this finds in a table is freed meanwhile.
    #[doc(alias = "unhash_nsid")]
    pub(super) fn forget_ids(&self, _: &Locked<'_>, nets: &[&Net]) {
        let batch: BTreeSet<u64> = nets.iter().map(|net| net.serial).collect();
        for net in nets {
            let observers = std::mem::take(&mut *net.ids.observers.lock());
            for (_, observer) in observers.into_iter().filter(|(serial, _)| !batch.contains(serial)) {
                // SAFETY: an observer is in memory while it is in a list of observers.
                let observer = unsafe { observer.as_ref() };
                let announcing = observer.ids.announcements.lock(observer);
                let removed = observer.ids.table.lock().remove(net.id());
                let id = removed.expect("an observer has an id for the namespace");
                announcing.tell(NsidEventKind::Del, id, None);
            }
        }
        for net in nets {
            let table = std::mem::take(&mut *net.ids.table.lock());
            for peer in table.peers() {
                // SAFETY: who is in a table is in memory, and the lock is held.
                let peer = unsafe { peer.as_ref() };
                peer.ids.observers.lock().remove(&net.serial);
            }
        }
    }
}
