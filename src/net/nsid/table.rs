//! One namespace's ids for others, both directions.

use super::{AssignError, Nsid};
use crate::ida::Ida;
use crate::net::{Net, NetId};
use crate::sync::alloc::Shared;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

/// A sequential map from ids to peers and back.
///
/// # Invariants
///
/// * `by_id` and `by_peer` are each other's inverse: a peer has one id at most, an id one peer.
/// * The ids in `taken` are the keys of `by_id`.
/// * The peers are in memory: the cleanup of a namespace removes it from every table before its memory is freed.
#[derive(Default)]
pub(super) struct IdTable {
    by_id: BTreeMap<Nsid, (NetId, Shared<Net>)>,
    by_peer: HashMap<NetId, Nsid, BuildHasherDefault<IdentityHasher>>,
    taken: Ida,
}

impl IdTable {
    /// Gives `peer` the id `wanted`, or the lowest free one.
    #[doc(alias = "alloc_netid")]
    pub(super) fn insert(&mut self, peer: &Net, wanted: Option<Nsid>) -> Result<Nsid, AssignError> {
        if let Some(&id) = self.by_peer.get(&peer.id()) {
            return Err(AssignError::PeerHasId(id));
        }
        let id = match wanted {
            Some(id) if self.taken.take(id.0) => id,
            Some(_) => return Err(AssignError::IdTaken),
            None => Nsid(self.taken.alloc(0).map_err(|_| AssignError::NoSpace)?),
        };
        self.by_id.insert(id, (peer.id(), peer.address()));
        self.by_peer.insert(peer.id(), id);
        Ok(id)
    }

    /// Takes the peer's id away, and returns it.
    pub(super) fn remove(&mut self, peer: NetId) -> Option<Nsid> {
        let id = self.by_peer.remove(&peer)?;
        self.by_id.remove(&id);
        self.taken.free(id.0);
        Some(id)
    }

    pub(super) fn id_of(&self, peer: NetId) -> Option<Nsid> {
        self.by_peer.get(&peer).copied()
    }

    pub(super) fn peer(&self, id: Nsid) -> Option<Shared<Net>> {
        self.by_id.get(&id).map(|&(_, peer)| peer)
    }

    /// Ids from `from` on, ascending.
    pub(super) fn ids(&self, from: Nsid) -> impl Iterator<Item = (Nsid, NetId)> {
        self.by_id.range(from..).map(|(&id, &(peer, _))| (id, peer))
    }

    /// All peers.
    pub(super) fn peers(&self) -> impl Iterator<Item = Shared<Net>> {
        self.by_id.values().map(|&(_, peer)| peer)
    }
}

/// Hashes the identities of namespaces: numbers that count up. It is the same in every run, as all must be that a
/// checker repeats; identities are not chosen by anybody who could choose them badly.
#[derive(Default)]
struct IdentityHasher(u64);

impl Hasher for IdentityHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(byte.into()));
    }

    #[inline]
    fn write_u64(&mut self, identity: u64) {
        // Fibonacci hashing: an odd number near 2^64 over the golden ratio spreads counting numbers evenly over the
        // high bits.
        self.0 = (self.0 ^ identity).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0.rotate_left(32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn identities_that_count_up_have_hashes_of_different_low_bits() {
        let place = |identity| {
            let mut hasher = IdentityHasher::default();
            hasher.write_u64(identity);
            hasher.finish() % 4096
        };
        let places: BTreeSet<u64> = (1..=4096).map(place).collect();
        assert!(places.len() > 2048, "{} places of 4096 for as many identities", places.len());
    }
}
