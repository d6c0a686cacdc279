//! Peer ids: who gives one, who looks one up, and who dies meanwhile.

use crate::world::{Script, World, saw};
use crate::{Engines, Model};
use netns_core::check::reached;
use netns_core::sync::{Arc, thread};
use netns_core::{Net, NetRef, Nsid};

/// The models of this protocol.
pub const MODELS: &[Model] = &[
    Model {
        name: "nsid-alloc-against-last-put",
        protocol: "nsid",
        about: "A walker gives a namespace an id in init_net while its last reference is put and the worker cleans \
                up: it gets one while it lives or none at all, and when it is gone no table holds it.",
        threads: 2,
        claims: &[24, 25],
        reaches: &["given", "dying", "not found"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: alloc_against_last_put,
    },
    Model {
        name: "nsid-alloc-in-dying-observer",
        protocol: "nsid",
        about: "A walker lets a namespace give init_net an id while that observer's last reference is put and the \
                worker cleans up: nothing is inserted once it is dying, and init_net forgets who observed it.",
        threads: 2,
        claims: &[24, 25],
        reaches: &["given", "dying", "not found"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: alloc_in_dying_observer,
    },
    Model {
        name: "nsid-none-in-an-exit",
        protocol: "nsid",
        about: "An exit tries to get its namespace an id in another and to give the other one in it, while a third \
                namespace gets an id there: an end takes all ids with it before the exits, and no new ones come.",
        threads: 2,
        claims: &[25],
        reaches: &["done"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: none_in_an_exit,
    },
    Model {
        name: "nsid-lookup-against-last-put",
        protocol: "nsid",
        about: "A namespace is looked up by its id while its last reference is put and the worker cleans up: the \
                lookup gives a counted reference, with which everything works, or nothing.",
        threads: 2,
        claims: &[1, 24, 25],
        reaches: &["found", "not found"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: lookup_against_last_put,
    },
    Model {
        name: "nsid-allocators-in-each-other",
        protocol: "nsid",
        about: "Two namespaces give each other ids at the same time: neither waits for the other for ever.",
        threads: 2,
        claims: &[15, 24],
        reaches: &["done"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: allocators_in_each_other,
    },
    Model {
        name: "nsid-mutual-ids-die-together",
        protocol: "nsid",
        about: "Two namespaces that have ids for each other die, in one batch or in two: the one that dies later \
                forgets the other, and nobody touches a table that is gone.",
        threads: 3,
        claims: &[2, 3, 25],
        reaches: &["one batch", "two batches"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: mutual_ids_die_together,
    },
    Model {
        name: "nsid-failed-creation",
        protocol: "nsid",
        about: "A namespace gets an id in one of its inits, the next of which fails, while another thread looks it up \
                by that id: whoever has the last reference, nobody has an id for it in the end, and all is given back.",
        threads: 2,
        claims: &[7, 24, 25],
        reaches: &["found", "not found"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: failed_creation,
    },
    Model {
        name: "nsid-dump-against-insert-and-remove",
        protocol: "nsid",
        about: "A dump goes through a table one id at a time while the first one goes, its id is given again, and one \
                comes behind: it tells each id that stays once, and no id twice.",
        threads: 2,
        claims: &[25, 27],
        reaches: &[
            "saw the one that goes",
            "saw the one that has its id",
            "saw the new one behind",
            "missed the new one behind",
        ],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: dump_against_insert_and_remove,
    },
];

/// The first namespace behind `init_net`, inside a section, if it is still listed.
fn with_listed<R>(world: &World, act: impl FnOnce(&Net) -> R) -> Option<R> {
    let guard = world.namespaces.read_lock();
    let listed = world.namespaces.for_each_net_rcu(&guard).nth(1);
    listed.map(act)
}

/// A walker that lets the namespace behind `init_net`, if it finds it, give or get an id.
fn walker(
    world: &Arc<World>,
    act: impl FnOnce(&World, &Net) -> Option<Nsid> + Send + 'static,
) -> thread::JoinHandle<()> {
    let (world, prepared) = (world.clone(), world.namespaces.rcu().prepare_reader());
    thread::spawn_named("walker", move || {
        prepared.register();
        match with_listed(&world, |net| act(&world, net)) {
            Some(Some(id)) => {
                assert_eq!(id, Nsid::MIN, "the lowest free one");
                reached("given");
            }
            Some(None) => reached("dying"),
            None => reached("not found"),
        }
    })
}

fn alloc_against_last_put() {
    let world = World::with_slots(0);
    let net = world.new_net();
    let walker = walker(&world, |world, net| world.namespaces.init_net().peernet2id_alloc(net));
    drop(net);
    world.clean_up();
    walker.join().unwrap();
    world.clean_up();
    assert_eq!(world.namespaces.init_net().peer_ids(Nsid::MIN, 2), [], "who is gone has no id");
    world.end();
}

fn alloc_in_dying_observer() {
    let world = World::with_slots(0);
    let net = world.new_net();
    let walker = walker(&world, |world, net| net.peernet2id_alloc(world.namespaces.init_net()));
    drop(net);
    world.clean_up();
    walker.join().unwrap();
    world.clean_up();
    // If init_net remembered an observer that is gone, its own end would go through freed memory.
    world.end();
}

fn none_in_an_exit() {
    let world = World::with_slots(1);
    let observer = world.new_net();
    let script = Script { name: "op", observer: Some(observer.clone()), ..Script::default() };
    let registration = world.register(script).expect("nothing fails here");
    let (net, other) = (world.new_net(), world.new_net());
    observer.peernet2id_alloc(&net).expect("both live");
    net.peernet2id_alloc(&observer).expect("both live");
    let nets = Arc::new([observer, other]);
    let theirs = nets.clone();
    let giver = thread::spawn_named("giver", move || theirs[0].assign_id(&theirs[1], None, None));
    drop(net);
    world.clean_up();
    giver.join().unwrap().expect("both live");
    assert_eq!(nets[0].peer_ids(Nsid::MIN, 3).len(), 1, "who is gone has no id");
    reached("done");
    // First: what dies unclean has its ids when it exits because of this.
    drop(registration);
    drop(nets);
    world.end();
}

fn lookup_against_last_put() {
    let world = World::with_slots(1);
    let registration = world.subsys("op");
    let (net, init_net) = (world.new_net(), world.namespaces.init_net().clone());
    let (peer, op) = (net.id(), registration.id());
    init_net.peernet2id_alloc(&net).expect("both live");
    let rcu = world.namespaces.rcu().clone();
    let lookup = thread::spawn_named("lookup", move || match init_net.get_net_ns_by_id(Nsid::MIN) {
        Some(net) => {
            reached("found");
            assert_eq!(net.id(), peer);
            let guard = rcu.read_lock();
            assert_eq!(net.generic(&guard, op).map(|data| data.name()), Some("op"), "it works");
        }
        None => reached("not found"),
    });
    drop(net);
    world.clean_up();
    lookup.join().unwrap();
    world.clean_up();
    assert_eq!(world.namespaces.init_net().id_of(peer), None, "who is gone has no id");
    drop(registration);
    world.end();
}

fn allocators_in_each_other() {
    let world = World::with_slots(0);
    let nets = Arc::new([world.new_net(), world.new_net()]);
    let theirs = nets.clone();
    let other = thread::spawn_named("allocator", move || theirs[0].assign_id(&theirs[1], None, None));
    assert_eq!(nets[1].assign_id(&nets[0], None, None), Ok(Nsid::MIN));
    assert_eq!(other.join().unwrap(), Ok(Nsid::MIN));
    reached("done");
    drop(nets);
    world.end();
}

fn mutual_ids_die_together() {
    let world = World::with_slots(1);
    let registration = world.logging("op");
    let nets = [world.new_net(), world.new_net()];
    let init_net = world.namespaces.init_net();
    for (net, peer) in
        [(&nets[0], &nets[1]), (&nets[1], &nets[0]), (init_net, &nets[0]), (init_net, &nets[1])]
    {
        net.peernet2id_alloc(peer).expect("all live");
    }
    let droppers = nets.map(|net| thread::spawn_named("put", move || drop(net)));
    world.clean_up();
    droppers.into_iter().for_each(|dropper| dropper.join().unwrap());
    world.clean_up();
    assert_eq!(init_net.peer_ids(Nsid::MIN, 2), [], "who is gone has no id");
    world.assert_cleaned(2);
    drop(registration);
    world.end();
}

fn failed_creation() {
    let world = World::with_slots(2);
    let init_net = world.namespaces.init_net().clone();
    let script = Script { name: "known", known_to: Some(init_net.clone()), ..Script::default() };
    let known = world.register(script).expect("nothing fails here");
    // From the second init on: that of init_net succeeds.
    let script = Script { name: "fails", fails_at: Some(1), ..Script::default() };
    let fails = world.register(script).expect("init_net is set up");
    let lookup = thread::spawn_named("lookup", {
        let init_net = init_net.clone();
        move || saw(init_net.get_net_ns_by_id(Nsid::MIN).is_some())
    });
    world.create().expect_err("an init fails");
    lookup.join().unwrap();
    // If the lookup had the last reference, this is its end.
    world.clean_up();
    assert_eq!(init_net.peer_ids(Nsid::MIN, 2), [], "who was never there has no id");
    drop((known, fails, init_net));
    world.end();
}

fn dump_against_insert_and_remove() {
    let world = World::with_slots(0);
    let init_net = world.namespaces.init_net().clone();
    let [goes, first, second, again, behind] = std::array::from_fn(|_| world.new_net());
    let give = |net: &NetRef, id| init_net.assign_id(net, Nsid::new(id), None).expect("it is free");
    [&goes, &first, &second].into_iter().zip(0..).for_each(|(net, id)| _ = give(net, id));
    let (dumped, gone) = (init_net.clone(), goes.id());
    let dump = thread::spawn_named("dump", move || {
        let (mut told, mut from) = (Vec::new(), Nsid::MIN);
        while let Some(&(id, peer)) = dumped.peer_ids(from, 1).first() {
            told.push((id.get(), peer));
            from = id.next().expect("it is small");
        }
        told
    });
    drop(goes);
    world.clean_up();
    give(&again, 0);
    give(&behind, 3);
    let told = dump.join().unwrap();
    assert!(told.is_sorted_by(|a, b| a.0 < b.0), "none twice: {told:?}");
    let tells = |id, net: &NetRef| told.contains(&(id, net.id()));
    assert!(tells(1, &first) && tells(2, &second), "they were there throughout: {told:?}");
    reached(match told[0] {
        (0, peer) if peer == gone => "saw the one that goes",
        (0, _) => "saw the one that has its id",
        _ => "saw neither",
    });
    reached(if tells(3, &behind) { "saw the new one behind" } else { "missed the new one behind" });
    drop((first, second, again, behind, init_net));
    world.end();
}
