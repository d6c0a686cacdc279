//! Notifications: what those hear who listen for ids that come and go.

use crate::world::World;
use crate::{Engines, Model};
use netns_core::check::reached;
use netns_core::rtnetlink::Socket;
use netns_core::sync::{Arc, thread};
use netns_core::task::{Task, Tasks};
use netns_core::{Error, NetRef, Nsid};
use std::collections::BTreeSet;

/// The models of this protocol.
pub const MODELS: &[Model] = &[
    Model {
        name: "notify-order-when-an-id-is-given-again",
        protocol: "notify",
        about: "A peer dies and is cleaned up while another gets an id, which may be the one that the first had: \
                whoever repeats what a subscriber heard, in that order, has the table.",
        threads: 2,
        claims: &[26],
        reaches: &["the id was given again", "another id was given"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: order_when_given_again,
    },
    Model {
        name: "notify-two-givers",
        protocol: "notify",
        about: "Two threads give ids in one namespace: each is told once, in the order in which they came.",
        threads: 2,
        claims: &[26],
        reaches: &["main first", "other first"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: two_givers,
    },
    Model {
        name: "notify-subscriber-comes",
        protocol: "notify",
        about: "A subscriber joins, and then looks at the table, while an id is given: it hears of it or finds it in \
                the table; and one that was there before hears of it in any case.",
        threads: 2,
        claims: &[26],
        reaches: &["heard", "found", "heard and found"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: subscriber_comes,
    },
    Model {
        name: "notify-subscriber-goes",
        protocol: "notify",
        about: "A subscriber leaves and closes its socket while an id is given: the one that stays hears of it, and \
                nobody goes through what is closed.",
        threads: 2,
        claims: &[26],
        reaches: &["done"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: subscriber_goes,
    },
];

/// `RTNLGRP_NSID`.
const GROUP: u32 = 28;

struct Stage {
    world: Arc<World>,
    tasks: Tasks,
    main: Task,
    observer: NetRef,
}

impl Stage {
    fn new() -> Stage {
        let world = World::with_slots(0);
        let observer = world.namespaces.init_net().clone();
        let (tasks, main) = Tasks::new(observer.clone(), world.user.clone());
        Stage { world, tasks, main, observer }
    }

    fn socket(&self) -> Arc<Socket> {
        Socket::open(&self.main).expect("there is room")
    }

    fn subscriber(&self) -> Arc<Socket> {
        let socket = self.socket();
        socket.join(GROUP).expect("there is that group");
        socket
    }

    fn table(&self) -> BTreeSet<i32> {
        self.observer.peer_ids(Nsid::MIN, 9).into_iter().map(|(id, _)| id.get()).collect()
    }

    fn end(self) {
        let Stage { world, tasks, main, observer } = self;
        main.exit_group();
        drop((main, tasks, observer));
        world.clean_up();
        world.end();
    }
}

/// What a socket has heard: the type of each message, and the id.
fn heard(socket: &Socket) -> Vec<(u16, i32)> {
    let mut all = Vec::new();
    loop {
        match socket.recv(64) {
            Ok(datagram) => {
                let bytes = &datagram.bytes;
                assert_eq!(bytes.len(), 28, "a notification");
                let kind = u16::from_ne_bytes([bytes[4], bytes[5]]);
                all.push((kind, i32::from_ne_bytes(bytes[24..].try_into().expect("four bytes"))));
            }
            Err(error) => {
                assert_eq!(error, Error::WouldBlock, "nothing is lost");
                return all;
            }
        }
    }
}

const NEW: u16 = 88;
const DEL: u16 = 89;

/// The table of one who believes what it heard, each thing of which must make sense there.
fn replay(mut table: BTreeSet<i32>, heard: &[(u16, i32)]) -> BTreeSet<i32> {
    for (kind, id) in heard {
        let changed = match *kind {
            NEW => table.insert(*id),
            DEL => table.remove(id),
            other => panic!("nobody sends {other}"),
        };
        assert!(changed, "told once, and in order: {heard:?}");
    }
    table
}

fn order_when_given_again() {
    let stage = Stage::new();
    let (dies, peer) = (stage.world.new_net(), stage.world.new_net());
    stage.observer.assign_id(&dies, None, None).expect("both live");
    let subscriber = stage.subscriber();
    let nets = Arc::new([stage.observer.clone(), peer]);
    let theirs = nets.clone();
    let giver = thread::spawn_named("giver", move || theirs[0].assign_id(&theirs[1], None, None));
    drop(dies);
    stage.world.clean_up();
    let given = giver.join().unwrap().expect("both live");
    reached(if given == Nsid::MIN { "the id was given again" } else { "another id was given" });
    let heard = heard(&subscriber);
    assert_eq!(heard.len(), 2);
    assert_eq!(replay([0].into(), &heard), stage.table());
    drop((nets, subscriber));
    stage.end();
}

fn two_givers() {
    let stage = Stage::new();
    let subscriber = stage.subscriber();
    let nets = Arc::new([stage.observer.clone(), stage.world.new_net(), stage.world.new_net()]);
    let theirs = nets.clone();
    let giver = thread::spawn_named("giver", move || theirs[0].assign_id(&theirs[1], Nsid::new(5), None));
    nets[0].assign_id(&nets[2], Nsid::new(6), None).expect("it is free");
    giver.join().unwrap().expect("it is free");
    let heard = heard(&subscriber);
    assert_eq!(heard.len(), 2, "each once");
    assert_eq!(replay(BTreeSet::new(), &heard), stage.table());
    reached(if heard[0] == (NEW, 6) { "main first" } else { "other first" });
    drop((nets, subscriber));
    stage.end();
}

fn subscriber_comes() {
    let stage = Stage::new();
    let (early, late) = (stage.subscriber(), stage.socket());
    let nets = Arc::new([stage.observer.clone(), stage.world.new_net()]);
    let theirs = nets.clone();
    let giver = thread::spawn_named("giver", move || theirs[0].assign_id(&theirs[1], None, None));
    late.join(GROUP).expect("there is that group");
    let found = stage.table().contains(&0);
    giver.join().unwrap().expect("both live");
    assert_eq!(heard(&early), [(NEW, 0)], "it was there throughout");
    let told = heard(&late);
    reached(match (&told[..], found) {
        ([(NEW, 0)], true) => "heard and found",
        ([(NEW, 0)], false) => "heard",
        ([], true) => "found",
        _ => panic!("missed: {told:?}"),
    });
    drop((nets, early, late));
    stage.end();
}

fn subscriber_goes() {
    let stage = Stage::new();
    let (stays, goes) = (stage.subscriber(), stage.subscriber());
    let nets = Arc::new([stage.observer.clone(), stage.world.new_net()]);
    let theirs = nets.clone();
    let giver = thread::spawn_named("giver", move || theirs[0].assign_id(&theirs[1], None, None));
    drop(goes);
    giver.join().unwrap().expect("both live");
    assert_eq!(heard(&stays), [(NEW, 0)]);
    reached("done");
    drop((nets, stays));
    stage.end();
}
