//! Peer ids are given, looked up, dumped and told of, while peers and observers die.

use super::cast::{Part, play};
use super::ledger::Habits;
use super::stage::Stage;
use crate::notify::{GROUP, heard, replay};
use netns_core::check::{choose, reached};
use netns_core::net::Worker;
use netns_core::rtnetlink::Socket;
use netns_core::sync::{Arc, thread};
use netns_core::task::{Task, Tasks};
use netns_core::{Net, NetId, NetRef, Nsid};
use std::collections::{BTreeMap, BTreeSet};

struct Ids {
    stage: Stage,
    /// Who opens sockets.
    task: Task,
    /// Peers that live throughout, by their ids in the initial namespace.
    staying: BTreeMap<Nsid, NetRef>,
}

const CAST: &[Part<Ids>] = &[
    Part { name: "giver", threads: 3, turns: 8, act: give },
    Part { name: "lookup", threads: 2, turns: 8, act: look_up },
    Part { name: "dump", threads: 1, turns: 3, act: dump },
    Part { name: "keeper", threads: 2, turns: 12, act: |ids| ids.stage.keep() },
    Part { name: "listener", threads: 1, turns: 4, act: listen },
    Part { name: "cleaner", threads: 1, turns: 6, act: |ids| ids.stage.world.clean_up() },
];

pub(super) fn ids() {
    let stage = Stage::new(Worker::Manual, 2, Habits::NONE);
    let init_net = stage.world.namespaces.init_net().clone();
    let (tasks, task) = Tasks::new(init_net.clone(), stage.world.user.clone());
    // In the table every third stays, and those before it go.
    let staying = (0..9).filter_map(|n| {
        let net = if n % 3 == 2 { stage.world.new_net() } else { stage.create().expect("there is room") };
        let id = init_net.peernet2id_alloc(&net).expect("both live");
        (n % 3 == 2).then_some((id, net))
    });
    let staying = staying.collect();
    let (subscriber, before) = (subscriber(&task), table(&init_net));
    let Ids { stage, task, staying } = play(Ids { stage, task, staying }, CAST);
    let told = replay(before, &heard(&subscriber));
    assert_eq!(told, table(&init_net), "every change is told once, in order (26)");
    drop((subscriber, staying));
    task.exit_group();
    drop((task, tasks));
    stage.world.clean_up();
    let listed: BTreeSet<NetId> = stage.walk(0).into_iter().map(|(net, _)| net).collect();
    let known = init_net.peer_ids(Nsid::MIN, usize::MAX);
    assert!(known.iter().all(|(_, peer)| listed.contains(peer)), "who is gone has no id: {known:?} (25)");
    drop(init_net);
    stage.end();
}

fn subscriber(task: &Task) -> Arc<Socket> {
    let socket = Socket::open(task).expect("there is room");
    socket.join(GROUP).expect("there is that group");
    socket
}

fn table(observer: &NetRef) -> BTreeSet<i32> {
    observer.peer_ids(Nsid::MIN, usize::MAX).into_iter().map(|(id, _)| id.get()).collect()
}

/// Gives an id, to or in a namespace that may be dying, or where neither is.
fn give(Ids { stage, .. }: &Ids) {
    let init_net = stage.world.namespaces.init_net();
    if choose(2) == 0 {
        let guard = stage.world.namespaces.read_lock();
        let listed: Vec<&Net> = stage.world.namespaces.for_each_net_rcu(&guard).skip(1).collect();
        let net = listed[choose(listed.len())];
        let (observer, peer) = if choose(3) == 0 { (net, &**init_net) } else { (&**init_net, net) };
        return said(observer.peernet2id_alloc(peer));
    }
    let (Some(observer), Some(peer)) = (stage.borrow(), stage.borrow()) else { return };
    let observer = if choose(2) == 0 { init_net.clone() } else { observer };
    let id = match choose(2) {
        0 => observer.assign_id(&peer, Nsid::new(choose(16) as i32), None).ok(),
        _ => observer.peernet2id_alloc(&peer),
    };
    said(id);
    if let Some(id) = id {
        assert_eq!(observer.peernet2id(&peer), Some(id), "one id for a peer (24)");
        assert_eq!(observer.get_net_ns_by_id(id), Some(peer), "one peer for an id (24)");
    }
}

fn said(id: Option<Nsid>) {
    reached(if id.is_some() { "given" } else { "not given" });
}

/// Looks up an id that was in the table a moment ago: what is found is counted, and works.
fn look_up(Ids { stage, .. }: &Ids) {
    let known = stage.world.namespaces.init_net().peer_ids(Nsid::MIN, usize::MAX);
    let (id, _) = known[choose(known.len())];
    let Some(net) = stage.world.namespaces.init_net().get_net_ns_by_id(id) else { return reached("no peer") };
    assert!(net.count() > 0, "a counted reference (1, 24)");
    let guard = stage.world.namespaces.read_lock();
    assert!(stage.finds(&guard, &net, choose(2)), "it works (16, 24)");
    reached("a peer");
}

/// Goes through the table in parts: those that stay are told once, and nobody twice.
fn dump(Ids { stage, staying, .. }: &Ids) {
    let (mut told, mut from) = (Vec::new(), Nsid::MIN);
    loop {
        let part = stage.world.namespaces.init_net().peer_ids(from, 1 + choose(3));
        let Some(next) = part.last().and_then(|(id, _)| id.next()) else { break };
        told.extend(part);
        from = next;
    }
    assert!(told.is_sorted_by(|a, b| a.0 < b.0), "none twice: {told:?} (27)");
    let tells = |(id, net): (&Nsid, &NetRef)| told.contains(&(*id, net.id()));
    assert!(staying.iter().all(tells), "those who stay are told: {told:?} (27)");
}

/// Subscribes for a while: each id that it hears of comes and goes by turns.
fn listen(Ids { task, .. }: &Ids) {
    let socket = subscriber(task);
    for _ in 0..choose(40) {
        thread::yield_now();
    }
    let mut last = BTreeMap::new();
    for (kind, id) in heard(&socket) {
        assert_ne!(last.insert(id, kind), Some(kind), "told once, and in order (26)");
        reached("told of a change");
    }
}
