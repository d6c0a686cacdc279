//! Notifications: what those hear who listen for ids that come and go.

use crate::world::World;
use crate::{Engines, Model};
use netns_core::check::reached;
use netns_core::rtnetlink::{Socket, SocketOption};
use netns_core::sync::{Arc, thread};
use netns_core::task::{Task, Tasks};
use netns_core::{AssignError, CLONE_NEWNET, Error, NetRef, Nsid};
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
        about: "Two threads give the lowest free ids in one namespace, each to a peer of its own and then both to a \
                third: each id is told once, in the order in which they came, which is theirs.",
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
        name: "notify-subscriber-comes-while-a-peer-dies",
        protocol: "notify",
        about: "A subscriber joins, and then looks at the table, while a peer dies and is cleaned up: it finds the id \
                and hears that it goes, or finds none.",
        threads: 2,
        claims: &[25, 26],
        reaches: &["found, and heard that it goes", "found none"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: subscriber_comes_while_a_peer_dies,
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
    Model {
        name: "notify-those-who-die-together",
        protocol: "notify",
        about: "Two namespaces that have ids for each other die, in one batch or in two, and a subscriber listens \
                everywhere: each end is told once where somebody lives, and one batch tells nothing to itself.",
        threads: 2,
        claims: &[25, 26],
        reaches: &["one batch", "two batches"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: those_who_die_together,
    },
    Model {
        name: "notify-reader-waits",
        protocol: "notify",
        about: "A reader waits on a subscriber's socket while an id is given: it is told, whether it came before or \
                after.",
        threads: 2,
        claims: &[26],
        reaches: &["told"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: reader_waits,
    },
    Model {
        name: "notify-echo-beside-another-request",
        protocol: "notify",
        about: "Two threads ask for ids on one socket that subscribes, one of them with NLM_F_ECHO: the socket is told \
                of each id once.",
        threads: 2,
        claims: &[26],
        reaches: &["main first", "other first"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: echo_beside_another_request,
    },
];

/// `RTNLGRP_NSID`.
pub(crate) const GROUP: u32 = 28;

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
        Stage::of(world, observer)
    }

    /// One whose namespace the task may change, as `init_net` it may not.
    fn with_rights() -> Stage {
        let world = World::with_slots(0);
        let observer = world.new_net();
        Stage::of(world, observer)
    }

    fn of(world: Arc<World>, observer: NetRef) -> Stage {
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
pub(crate) fn heard(socket: &Socket) -> Vec<(u16, i32)> {
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
pub(crate) fn replay(mut table: BTreeSet<i32>, heard: &[(u16, i32)]) -> BTreeSet<i32> {
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
    let [a, b, third] = std::array::from_fn(|_| stage.world.new_net());
    let nets = Arc::new([stage.observer.clone(), a, b, third]);
    let give = |nets: &[NetRef; 4], peer: usize| {
        nets[0].assign_id(&nets[peer], None, None).expect("it has none");
        match nets[0].assign_id(&nets[3], None, None) {
            Ok(id) | Err(AssignError::PeerHasId(id)) => id,
            Err(error) => panic!("{error}"),
        }
    };
    let theirs = nets.clone();
    let giver = thread::spawn_named("giver", move || give(&theirs, 1));
    let same = give(&nets, 2);
    assert_eq!(giver.join().unwrap(), same, "the third has one id");
    let heard = heard(&subscriber);
    assert_eq!(heard, [(NEW, 0), (NEW, 1), (NEW, 2)], "each once, in order");
    assert_eq!(replay(BTreeSet::new(), &heard), stage.table());
    reached(if nets[0].peernet2id(&nets[2]) == Some(Nsid::MIN) { "main first" } else { "other first" });
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

fn subscriber_comes_while_a_peer_dies() {
    let stage = Stage::new();
    let dies = stage.world.new_net();
    stage.observer.assign_id(&dies, None, None).expect("both live");
    let (early, late) = (stage.subscriber(), stage.socket());
    let world = stage.world.clone();
    let death = thread::spawn_named("death", move || {
        drop(dies);
        world.clean_up();
    });
    late.join(GROUP).expect("there is that group");
    let found = stage.table().contains(&0);
    death.join().unwrap();
    assert_eq!(heard(&early), [(DEL, 0)], "it was there throughout");
    let told = heard(&late);
    assert!(told.is_empty() || told == [(DEL, 0)], "told once: {told:?}");
    if found {
        assert_eq!(told, [(DEL, 0)], "whoever found it hears that it goes");
    }
    reached(if found { "found, and heard that it goes" } else { "found none" });
    assert_eq!(stage.table(), BTreeSet::new(), "who is gone has no id");
    drop((early, late));
    stage.end();
}

fn those_who_die_together() {
    let stage = Stage::with_rights();
    let registration = stage.world.logging("op");
    let subscriber = stage.subscriber();
    subscriber.set(&stage.main, SocketOption::ListenAllNsid, true).expect("it has the right");
    let [a, b] = std::array::from_fn(|_| stage.world.new_net());
    for (net, peer, id) in [(&stage.observer, &a, 5), (&stage.observer, &b, 6), (&a, &b, 7), (&b, &a, 8)] {
        net.assign_id(peer, Nsid::new(id), None).expect("it is free");
    }
    heard(&subscriber);
    stage.world.log.take();
    let dropper = thread::spawn_named("put", move || drop(a));
    drop(b);
    stage.world.clean_up();
    dropper.join().unwrap();
    stage.world.clean_up();
    let (here, there): (Vec<_>, Vec<_>) = heard(&subscriber).into_iter().partition(|(_, id)| *id < 7);
    assert_eq!(replay([5, 6].into(), &here), BTreeSet::new(), "each end is told once");
    let batches = stage.world.log.take().iter().filter(|line| line.starts_with("batch")).count();
    assert_eq!(there.len(), batches - 1, "one who lives on is told of the other: {there:?}");
    reached(if batches == 1 { "one batch" } else { "two batches" });
    drop((registration, subscriber));
    stage.end();
}

fn reader_waits() {
    let stage = Stage::new();
    let (first, subscriber) = (stage.socket(), stage.subscriber());
    assert_eq!([first.portid(), subscriber.portid()], [1, 2], "the lowest free ones");
    drop(first);
    assert_eq!(stage.socket().portid(), 1, "it is free again");
    let read = subscriber.clone();
    let reader =
        thread::spawn_named("reader", move || read.recv_wait(64).map(|datagram| datagram.bytes.len()));
    let peer = stage.world.new_net();
    stage.observer.assign_id(&peer, None, None).expect("both live");
    assert_eq!(reader.join().unwrap(), Ok(28), "a notification");
    reached("told");
    drop((peer, subscriber));
    stage.end();
}

/// `RTM_NEWNSID` as a request, about a process.
fn request(flags: u16, id: i32, pid: u32) -> Vec<u8> {
    let mut bytes = Vec::from(36_u32.to_ne_bytes());
    [NEW, flags].iter().for_each(|half| bytes.extend(half.to_ne_bytes()));
    bytes.resize(20, 0);
    for (kind, value) in [(1_u16, id.cast_unsigned()), (2, pid)] {
        bytes.extend(8_u16.to_ne_bytes());
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(value.to_ne_bytes());
    }
    bytes
}

fn echo_beside_another_request() {
    const REQUEST: u16 = 1;
    const ECHO: u16 = 8;
    let stage = Stage::with_rights();
    let subscriber = stage.subscriber();
    let children = [5, 6].map(|_| {
        let child = stage.main.fork().expect("there is room");
        child.unshare(CLONE_NEWNET).expect("it has the right");
        child
    });
    let requests = [request(REQUEST, 5, children[0].pid()), request(REQUEST | ECHO, 6, children[1].pid())];
    let [theirs, ours] = requests;
    let (socket, main) = (subscriber.clone(), stage.main.clone());
    let other = thread::spawn_named("other", move || socket.send(&main, &theirs));
    assert_eq!(subscriber.send(&stage.main, &ours), Ok(36));
    assert_eq!(other.join().unwrap(), Ok(36));
    let heard = heard(&subscriber);
    assert_eq!(heard.len(), 2, "each once: {heard:?}");
    assert_eq!(replay(BTreeSet::new(), &heard), stage.table());
    reached(if heard[0] == (NEW, 6) { "main first" } else { "other first" });
    children.iter().for_each(Task::exit_group);
    drop((children, subscriber));
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
    assert_eq!(heard(&stays), [(NEW, 0)], "the one that stays hears of it");
    reached("done");
    drop((nets, stays));
    stage.end();
}
