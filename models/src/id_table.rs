//! The id table's histories: whatever threads do to it, it is as if they had done it one after the other.

use crate::linear::{History, Specification};
use crate::world::World;
use crate::{Engines, Model};
use netns_core::check::reached;
use netns_core::sync::{Arc, thread};
use netns_core::{AssignError, NetId, NetRef, Nsid};
use std::collections::BTreeMap;

/// The models of this protocol.
pub const MODELS: &[Model] = &[
    Model {
        name: "nsid-two-allocators",
        protocol: "id_table",
        about: "Two threads give ids in one namespace, to two peers in opposite orders: each peer gets one, and they \
                are the two lowest. What they did is linearisable.",
        threads: 3,
        claims: &[24, 28],
        reaches: &["a got 0", "b got 0"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: two_allocators,
    },
    Model {
        name: "nsid-linearisable",
        protocol: "id_table",
        about: "One thread looks up by id and by peer, another gives an id, while a third lets a peer die and cleans \
                up: all answers are those of a sequential map with lowest-free allocation.",
        threads: 3,
        claims: &[24, 25, 28],
        reaches: &["the freed id is given again", "the freed id is not given"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: linearisable,
    },
];

/// An id table as it should be, and the references to its peers.
#[derive(Debug, Clone, Default)]
struct Table {
    ids: BTreeMap<i32, NetId>,
    references: BTreeMap<NetId, u32>,
}

#[derive(Debug, Clone, Copy)]
enum Operation {
    /// `assign_id`, of the lowest free one; a peer that has one keeps it.
    Assign(NetId),
    /// `peernet2id`.
    IdOf(NetId),
    /// `get_net_ns_by_id`.
    Lookup(i32),
    /// A reference is put.
    Put(NetId),
    /// The cleanup.
    CleanUp,
}

#[derive(Debug)]
enum Answer {
    /// This id, or none.
    Id(Option<i32>),
    /// A reference to this namespace, or nothing.
    Reference(Option<NetId>),
    /// It is done.
    Done,
    /// It is done, and this one is gone.
    Gone(NetId),
}

impl Table {
    /// A table of these, each with so many references.
    fn of(ids: &[(i32, &NetRef)], references: &[(&NetRef, u32)]) -> Table {
        let ids = ids.iter().map(|(id, net)| (*id, net.id())).collect();
        Table { ids, references: references.iter().map(|(net, n)| (net.id(), *n)).collect() }
    }

    fn id_of(&self, peer: NetId) -> Option<i32> {
        self.ids.iter().find(|(_, p)| **p == peer).map(|(id, _)| *id)
    }

    fn lives(&self, peer: NetId) -> bool {
        self.references[&peer] > 0
    }

    fn assign(&mut self, peer: NetId) -> Option<i32> {
        if let Some(id) = self.id_of(peer) {
            return Some(id);
        }
        let lowest = (0..).find(|id| !self.ids.contains_key(id)).filter(|_| self.lives(peer))?;
        self.ids.insert(lowest, peer);
        Some(lowest)
    }
}

impl Specification for Table {
    type Operation = Operation;
    type Answer = Answer;

    fn explains(&mut self, operation: Operation, answer: &Answer) -> bool {
        match (operation, answer) {
            (Operation::IdOf(peer), Answer::Id(id)) => self.id_of(peer) == *id,
            (Operation::Assign(peer), Answer::Id(id)) => self.assign(peer) == *id,
            (Operation::Lookup(id), Answer::Reference(found)) => {
                let peer = self.ids.get(&id).copied().filter(|peer| self.lives(*peer));
                peer.inspect(|peer| *self.references.get_mut(peer).expect("it is known") += 1);
                peer == *found
            }
            (Operation::Put(peer), Answer::Done) => {
                *self.references.get_mut(&peer).expect("it is known") -= 1;
                true
            }
            (Operation::CleanUp, Answer::Done) => true,
            (Operation::CleanUp, Answer::Gone(peer)) => {
                self.ids.retain(|_, p| *p != *peer);
                !self.lives(*peer)
            }
            _ => false,
        }
    }
}

impl History<Table> {
    fn assign(&mut self, observer: &NetRef, peer: &NetRef) {
        let assign = || match observer.assign_id(peer, None, None) {
            Ok(id) | Err(AssignError::PeerHasId(id)) => id,
            Err(error) => panic!("{error}"),
        };
        self.record(Operation::Assign(peer.id()), assign, |id| Answer::Id(Some(id.get())));
    }

    fn id_of(&mut self, observer: &NetRef, peer: NetId) {
        self.record(Operation::IdOf(peer), || observer.id_of(peer), |id| Answer::Id(id.map(Nsid::get)));
    }

    /// A lookup, and the end of what it found.
    fn lookup(&mut self, observer: &NetRef, id: Nsid) {
        let answer = |net: &Option<NetRef>| Answer::Reference(net.as_ref().map(|net| net.id()));
        if let Some(net) = self.record(Operation::Lookup(id.get()), || observer.get_net_ns_by_id(id), answer)
        {
            self.put(net);
        }
    }

    fn put(&mut self, net: NetRef) {
        self.record(Operation::Put(net.id()), || drop(net), |()| Answer::Done);
    }

    /// A cleanup, which may be that of `dying`. Only the thread that does this can know: it is the one that cleans.
    fn clean_up(&mut self, world: &World, observer: &NetRef, dying: NetId) {
        let clean_up = || {
            world.clean_up();
            observer.id_of(dying)
        };
        self.record(Operation::CleanUp, clean_up, |id| match id {
            Some(_) => Answer::Done,
            None => Answer::Gone(dying),
        });
    }
}

fn two_allocators() {
    let world = World::with_slots(0);
    let (a, b, init_net) = (world.new_net(), world.new_net(), world.namespaces.init_net().clone());
    let start = Table::of(&[], &[(&a, 1), (&b, 1)]);
    let nets = Arc::new([init_net, a, b]);
    let allocator = |first: usize, second: usize| {
        let nets = nets.clone();
        thread::spawn_named("allocator", move || {
            let mut history = History::default();
            history.assign(&nets[0], &nets[first]);
            history.assign(&nets[0], &nets[second]);
            history
        })
    };
    let threads = [allocator(1, 2), allocator(2, 1)];
    let mut history = History::default();
    threads.into_iter().for_each(|thread| history.join(thread.join().unwrap()));
    history.check(start);
    let ids = nets[0].peer_ids(Nsid::MIN, 3);
    assert_eq!(ids.iter().map(|(id, _)| id.get()).collect::<Vec<_>>(), [0, 1], "one each");
    reached(if ids[0].1 == nets[1].id() { "a got 0" } else { "b got 0" });
    drop(nets);
    world.end();
}

fn linearisable() {
    let world = World::with_slots(0);
    let init_net = world.namespaces.init_net().clone();
    let [dies, stays, b] = std::array::from_fn(|_| world.new_net());
    let dying = dies.id();
    // The one that goes leaves a gap.
    [&dies, &stays].into_iter().for_each(|net| _ = init_net.peernet2id_alloc(net).expect("both live"));
    let start = Table::of(&[(0, &dies), (1, &stays)], &[(&dies, 1), (&stays, 1), (&b, 1)]);
    let nets = Arc::new([init_net, b]);
    let thread = |name, act: fn(&mut History<Table>, &[NetRef; 2], NetId)| {
        let nets = nets.clone();
        thread::spawn_named(name, move || {
            let mut history = History::default();
            act(&mut history, &nets, dying);
            history
        })
    };
    let looker = thread("looker", |history, [observer, _], dying| {
        history.lookup(observer, Nsid::MIN);
        history.id_of(observer, dying);
    });
    let giver = thread("giver", |history, [observer, peer], _| history.assign(observer, peer));
    let mut history = History::default();
    history.put(dies);
    history.clean_up(&world, &nets[0], dying);
    history.join(looker.join().unwrap());
    history.join(giver.join().unwrap());
    // If the lookup found it, it died of that reference's end.
    history.clean_up(&world, &nets[0], dying);
    let again = nets[0].peernet2id(&nets[1]) == Some(Nsid::MIN);
    reached(if again { "the freed id is given again" } else { "the freed id is not given" });
    history.check(start);
    drop((nets, stays));
    world.end();
}
