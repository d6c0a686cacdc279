//! The end of a namespace: last puts against the worker, against walkers, and against those who come too late.

use crate::world::World;
use crate::{Engines, Model};
use netns_core::PossibleNet;
use netns_core::check::reached;
use netns_core::sync::{Arc, thread};

/// The models of this protocol.
pub const MODELS: &[Model] = &[
    Model {
        name: "cleanup-maybe-get-against-last-put",
        protocol: "cleanup",
        about: "A passive holder tries to get the namespace while the last reference is put and the worker cleans \
                up. If it gets it, everything in it works until it puts it; either way it is cleaned once.",
        threads: 2,
        claims: &[1, 2, 3, 5],
        reaches: &["got", "too late"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: maybe_get_against_last_put,
    },
    Model {
        name: "cleanup-passive-holder",
        protocol: "cleanup",
        about: "A passive holder looks at the identity while the namespace is cleaned up, and is the last to let go \
                of the memory, or not.",
        threads: 2,
        claims: &[3, 4, 5],
        reaches: &["still alive", "dead"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: passive_holder,
    },
    Model {
        name: "cleanup-two-last-puts-against-worker",
        protocol: "cleanup",
        about: "Two namespaces die while the worker runs: both are cleaned up, in one batch or in two.",
        threads: 3,
        claims: &[2, 3, 6, 11, 23],
        reaches: &["one batch", "two batches"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: || last_puts(2),
    },
    Model {
        name: "cleanup-put-during-running-batch",
        protocol: "cleanup",
        about: "A namespace dies while the worker is cleaning up another one: the work is queued again, and nothing \
                is lost.",
        threads: 2,
        claims: &[2, 23],
        reaches: &["one batch", "two batches"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: put_during_running_batch,
    },
    Model {
        name: "cleanup-shutdown-with-work-pending",
        protocol: "cleanup",
        about: "The owner goes while another thread drops the last reference to a namespace: it is cleaned up all \
                the same, by one or by the other.",
        threads: 2,
        claims: &[2, 3],
        reaches: &["put before the owner went", "put after"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: shutdown,
    },
    Model {
        name: "cleanup-walker-resurrects-nothing",
        protocol: "cleanup",
        about: "A walker finds a namespace on the list and tries to get it while the last reference is put and the \
                worker cleans up: a dead namespace stays dead, and what the walker got is not cleaned under it.",
        threads: 2,
        claims: &[1, 2, 19],
        reaches: &["found and got", "found dying", "not found"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: walker_gets,
    },
    Model {
        name: "cleanup-walker-against-exits",
        protocol: "cleanup",
        about: "A walker reads what an operation keeps in a namespace that it found: no exit starts before its \
                section ends.",
        threads: 2,
        claims: &[19, 20, 21],
        reaches: &["found", "not found"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: walker_reads,
    },
    Model {
        name: "cleanup-walker-past-an-unlinked-one",
        protocol: "cleanup",
        about: "A namespace is created behind one that is then unlinked: a walker that learns of the new one only \
                from the unlinking finds it whole.",
        threads: 2,
        claims: &[19, 20],
        reaches: &["saw one more", "saw both"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: walker_past_an_unlinked_one,
    },
    Model {
        name: "cleanup-walker-past-one-that-goes",
        protocol: "cleanup",
        about: "A namespace is unlinked while a walker goes along, and may stand on it: the one behind, which stays, \
                is found.",
        threads: 2,
        claims: &[19, 20],
        reaches: &["saw the one that goes", "saw it no more"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: walker_past_one_that_goes,
    },
    Model {
        name: "cleanup-exits-and-callbacks-before-frees",
        protocol: "cleanup",
        about: "Two namespaces with two subsystems and a device die: exits in reverse order, each over the batch and \
                followed by its exit_batch; then the callbacks that exits queued; then the data is freed. A \
                callback that a callback queued still finds the namespace's memory.",
        threads: 2,
        claims: &[6, 10, 11, 12, 22, 23],
        reaches: &["one batch", "two batches"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: exits_and_callbacks,
    },
];

fn maybe_get_against_last_put() {
    let world = World::with_slots(1);
    let registration = world.logging("op");
    let (net, id) = (world.new_net(), registration.id());
    let (passive, rcu) = (net.passive(), world.namespaces.rcu().clone());
    let other = thread::spawn_named("maybe_get", move || match passive.maybe_get() {
        Some(net) => {
            reached("got");
            let guard = rcu.read_lock();
            assert_eq!(net.generic(&guard, id).map(|data| data.name()), Some("op"), "it works");
        }
        None => {
            reached("too late");
            assert!(passive.maybe_get().is_none(), "a count never leaves 0");
        }
    });
    drop(net);
    world.clean_up();
    other.join().unwrap();
    world.clean_up();
    let log = world.log.take();
    assert_eq!(
        log,
        ["init op", "init op", "exit op", "batch op 1", "free op"],
        "cleaned once, and not init_net"
    );
    drop(registration);
    world.end();
}

fn passive_holder() {
    let world = World::with_slots(0);
    let net = world.new_net();
    let (passive, id) = (net.passive(), net.id());
    let mut object = PossibleNet::new(world.namespaces.init_net());
    assert!(object.is(world.namespaces.init_net()) && !object.is(&net) && object != PossibleNet::new(&net));
    object.write(&net);
    assert!(object.is(&net) && !object.is(world.namespaces.init_net()) && object == PossibleNet::new(&net));
    assert_eq!(object.read(world.namespaces.init_net()).as_ref(), Some(&net));
    let other = thread::spawn_named("passive", move || {
        assert_eq!(passive.id(), id, "the identity stays");
        let copy = passive.clone();
        drop(passive);
        reached(if copy.maybe_get().is_some() { "still alive" } else { "dead" });
    });
    drop(net);
    world.clean_up();
    other.join().unwrap();
    assert_eq!(object.read(world.namespaces.init_net()), None, "an object keeps no namespace alive");
    drop(object);
    world.end();
}

pub(crate) fn last_puts(nets: usize) {
    let world = World::with_slots(1);
    let registration = world.logging("op");
    let droppers: Vec<_> = (0..nets)
        .map(|_| {
            let net = world.new_net();
            thread::spawn_named("put", move || drop(net))
        })
        .collect();
    world.clean_up();
    droppers.into_iter().for_each(|t| t.join().unwrap());
    world.clean_up();
    world.assert_cleaned(nets);
    drop(registration);
    world.end();
}

fn put_during_running_batch() {
    let world = World::with_slots(1);
    let registration = world.logging("op");
    let (first, second) = (world.new_net(), world.new_net());
    drop(first);
    let other = thread::spawn_named("put", move || drop(second));
    world.clean_up();
    other.join().unwrap();
    world.clean_up();
    world.assert_cleaned(2);
    drop(registration);
    world.end();
}

fn shutdown() {
    let world = World::with_slots(0);
    let net = world.new_net();
    let user = world.user.clone();
    let (passive, other_passive) = (net.passive(), net.passive());
    let other = thread::spawn_named("put", move || {
        drop(net);
        drop(other_passive);
    });
    let world = Arc::into_inner(world).expect("the last handle");
    reached(if passive.maybe_get().is_none() { "put before the owner went" } else { "put after" });
    drop(world);
    other.join().unwrap();
    assert_eq!(user.net_namespaces(), 0, "it was cleaned up");
}

/// A thread that walks the namespaces, `init_net` left out.
fn walker(world: &Arc<World>, visit: impl Fn(&netns_core::Net) + Send + 'static) -> thread::JoinHandle<bool> {
    let (world, prepared) = (world.clone(), world.namespaces.rcu().prepare_reader());
    thread::spawn_named("walker", move || {
        prepared.register();
        let guard = world.namespaces.read_lock();
        let mut found = false;
        for net in world.namespaces.for_each_net_rcu(&guard).skip(1) {
            visit(net);
            found = true;
        }
        found
    })
}

fn walker_gets() {
    let world = World::with_slots(1);
    let registration = world.logging("op");
    let net = world.new_net();
    let walker = walker(&world, |net| match net.maybe_get() {
        // Putting it may be what kills it.
        Some(_) => reached("found and got"),
        None => reached("found dying"),
    });
    drop(net);
    world.clean_up();
    if !walker.join().unwrap() {
        reached("not found");
    }
    world.clean_up();
    let log = world.log.take();
    assert_eq!(
        log,
        ["init op", "init op", "exit op", "batch op 1", "free op"],
        "cleaned once, and not init_net"
    );
    drop(registration);
    world.end();
}

fn walker_reads() {
    let world = World::with_slots(1);
    let registration = world.subsys("op");
    let (net, id, rcu) = (world.new_net(), registration.id(), world.namespaces.rcu());
    let rcu = rcu.clone();
    let walker = walker(&world, move |net| {
        // Nested: the outer section is the one that counts.
        let guard = rcu.read_lock();
        assert_eq!(
            net.generic(&guard, id).map(|data| data.name()),
            Some("op"),
            "what is listed is initialised"
        );
    });
    drop(net);
    world.clean_up();
    reached(if walker.join().unwrap() { "found" } else { "not found" });
    drop(registration);
    world.end();
}

fn walker_past_an_unlinked_one() {
    let world = World::with_slots(0);
    let old = world.new_net();
    let (there, prepared) = (world.clone(), world.namespaces.rcu().prepare_reader());
    let walker = thread::spawn_named("walker", move || {
        prepared.register();
        let guard = there.namespaces.read_lock();
        reached(match there.namespaces.for_each_net_rcu(&guard).count() {
            2 => "saw one more",
            3 => "saw both",
            n => panic!("there are always two, one of them old or new, or three: {n}"),
        });
    });
    drop(old);
    let new = world.new_net();
    world.clean_up();
    walker.join().unwrap();
    drop(new);
    world.end();
}

fn walker_past_one_that_goes() {
    let world = World::with_slots(0);
    let (goes, stays) = (world.new_net(), world.new_net());
    let (there, prepared, last) = (world.clone(), world.namespaces.rcu().prepare_reader(), stays.id());
    let walker = thread::spawn_named("walker", move || {
        prepared.register();
        let guard = there.namespaces.read_lock();
        let found: Vec<_> = there.namespaces.for_each_net_rcu(&guard).map(|net| net.id()).collect();
        assert_eq!(found.last(), Some(&last), "who stays is found");
        reached(if found.len() == 3 { "saw the one that goes" } else { "saw it no more" });
    });
    drop(goes);
    world.clean_up();
    walker.join().unwrap();
    drop(stays);
    world.end();
}

fn exits_and_callbacks() {
    let world = World::with_slots(3);
    let first = world.logging("op");
    let device = world.register_device(crate::world::Script { calls: true, ..world.script("device") });
    let last = world.logging("last");
    let (net, other) = (world.new_net(), world.new_net());
    assert_eq!(world.log.take()[3..6], ["init op", "init last", "init device"], "devices after subsystems");
    let other = thread::spawn_named("put", move || drop(other));
    drop(net);
    world.clean_up();
    other.join().unwrap();
    world.clean_up();
    world.namespaces.rcu().barrier();
    let log = world.log.take();
    let batch = |n: usize| {
        let mut expected = Vec::new();
        for op in ["device", "last", "op"] {
            expected.extend(vec![format!("exit {op}"); n]);
            expected.push(format!("batch {op} {n}"));
        }
        expected.extend(vec!["callback device".to_owned(); n]);
        for op in ["device", "last", "op"] {
            expected.extend(vec![format!("free {op}"); n]);
        }
        expected
    };
    // When the second callback runs is nobody's concern, but that it does.
    let (again, log): (Vec<_>, Vec<_>) = log.into_iter().partition(|line| line == "callback again device");
    assert_eq!(again.len(), 2);
    if log == batch(2) {
        reached("one batch");
    } else {
        assert_eq!(log, [batch(1), batch(1)].concat(), "exits in reverse, then callbacks, then frees");
        reached("two batches");
    }
    assert!(world.namespaces.init_net().count() >= 1, "init_net is never cleaned");
    drop((first, device, last));
    world.end();
}
