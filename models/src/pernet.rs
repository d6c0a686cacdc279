//! Pernet operations: registration and unregistration against creations and deaths, and everything that fails.

use crate::world::{HandedOut, Ops, Script, World, saw};
use crate::{Engines, Model};
use netns_core::Error;
use netns_core::check::{choose, fail_allocations, reached};
use netns_core::sync::{self, Arc, thread};

/// The models of this protocol.
pub const MODELS: &[Model] = &[
    Model {
        name: "pernet-walker-against-create",
        protocol: "pernet",
        about: "A walker looks while a namespace is created: it finds it only when every operation is initialised.",
        threads: 2,
        claims: &[14, 19],
        reaches: &["found", "not found"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: walker_against_create,
    },
    Model {
        name: "pernet-create-against-unregister",
        protocol: "pernet",
        about: "A namespace is created while an operation is unregistered: it is initialised and exited, or neither.",
        threads: 2,
        claims: &[9, 14],
        reaches: &["initialised in both", "only in init_net"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: create_against_unregister,
    },
    Model {
        name: "pernet-unregister-against-dying-net",
        protocol: "pernet",
        about: "An operation is unregistered while a namespace dies and is cleaned up: one of the two runs its exit.",
        threads: 2,
        claims: &[9, 14, 15],
        reaches: &["the cleanup exited it", "unregistering exited it"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: unregister_against_dying_net,
    },
    Model {
        name: "pernet-register-against-dying-net",
        protocol: "pernet",
        about: "An operation is registered while a namespace dies and is cleaned up: if it is initialised there, it \
                exits there.",
        threads: 2,
        claims: &[9, 14, 15],
        reaches: &["initialised in the dying one", "too late for it"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: register_against_dying_net,
    },
    Model {
        name: "pernet-failing-create-against-walker",
        protocol: "pernet",
        about: "An allocation of a creation fails, any one, or one of three inits does, by an error or a panic: the \
                inits before it are undone in reverse, nobody ever finds the namespace, and all is given back.",
        threads: 2,
        claims: &[7, 9, 10, 19],
        reaches: &["created", "out of memory", "init failed", "init panicked"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: failing_create,
    },
    Model {
        name: "pernet-failing-create-against-holder",
        protocol: "pernet",
        about: "An init hands out a reference to its namespace, and the next init fails, while another thread takes \
                the reference and reads what the first has set up: the exit does not run beside it, and whoever lets \
                go of the namespace last, all is given back.",
        threads: 2,
        claims: &[7, 9, 16],
        reaches: &["found", "not found"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: failing_create_against_holder,
    },
    Model {
        name: "pernet-panicking-exit",
        protocol: "pernet",
        about: "An exit panics while another namespace is dying: the other exits run, and so do the frees.",
        threads: 2,
        claims: &[9],
        reaches: &["cleaned up"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: panicking_exit,
    },
    Model {
        name: "life-create-put-against-register-unregister",
        protocol: "life",
        about: "One thread creates a namespace and puts it, while main registers an operation, unregisters it and \
                cleans up: each init has its exit, and nothing waits for ever.",
        threads: 2,
        claims: &[2, 3, 9, 14, 15],
        reaches: &["initialised in both", "only in init_net"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: life,
    },
];

/// Counts the log's lines that say this.
fn count(log: &[String], line: &str) -> usize {
    log.iter().filter(|said| *said == line).count()
}

fn walker_against_create() {
    let world = World::with_slots(2);
    let (first, second) = (world.subsys("first"), world.subsys("second"));
    let (ids, there) = ([first.id(), second.id()], world.clone());
    let prepared = world.namespaces.rcu().prepare_reader();
    let walker = thread::spawn_named("walker", move || {
        prepared.register();
        let guard = there.namespaces.read_lock();
        let mut found = 0;
        for net in there.namespaces.for_each_net_rcu(&guard) {
            for id in ids {
                assert!(net.generic(&guard, id).is_some(), "listed when every init has succeeded");
            }
            found += 1;
        }
        reached(if found == 2 { "found" } else { "not found" });
    });
    let net = world.create().expect("nothing fails here");
    walker.join().unwrap();
    drop((net, first, second));
    world.end();
}

fn create_against_unregister() {
    let world = World::with_slots(1);
    let registration = world.logging("op");
    let there = world.clone();
    let creator = thread::spawn_named("create", move || there.create().expect("nothing fails here"));
    drop(registration);
    let log = world.log.take();
    let net = creator.join().unwrap();
    assert!(world.log.take().is_empty(), "when unregistration returns, no callback runs or can start");
    let inits = count(&log, "init op");
    assert_eq!((count(&log, "exit op"), count(&log, "free op")), (inits, inits));
    reached(if inits == 2 { "initialised in both" } else { "only in init_net" });
    drop(net);
    world.end();
}

fn unregister_against_dying_net() {
    let world = World::with_slots(1);
    let registration = world.logging("op");
    let net = world.create().expect("nothing fails here");
    let unregister = thread::spawn_named("unregister", move || drop(registration));
    drop(net);
    world.clean_up();
    unregister.join().unwrap();
    let log = world.log.take();
    for said in ["init op", "exit op", "free op"] {
        assert_eq!(count(&log, said), 2, "one exit for each init: {log:?}");
    }
    let together = count(&log, "batch op 2") == 1;
    reached(if together { "unregistering exited it" } else { "the cleanup exited it" });
    world.end();
}

fn register_against_dying_net() {
    let world = World::with_slots(1);
    let (net, there) = (world.create().expect("nothing fails here"), world.clone());
    let register = thread::spawn_named("register", move || there.logging("op"));
    drop(net);
    world.clean_up();
    let registration = register.join().unwrap();
    let log = world.log.take();
    let inits = count(&log, "init op");
    assert_eq!(count(&log, "exit op"), inits - 1, "only init_net is left: {log:?}");
    reached(if inits == 2 { "initialised in the dying one" } else { "too late for it" });
    drop(registration);
    world.end();
}

fn failing_create() {
    let world = World::with_slots(2);
    let names = ["first", "second", "third"];
    let (position, panics) = [(3, false), (0, false), (1, false), (1, true), (2, false)][choose(5)];
    let registrations: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(i, name)| {
            // The first init of each is that of init_net.
            let script = Script { fails_at: (i == position).then_some(1), panics, ..world.script(name) };
            world.register(script).expect("init_net's init succeeds")
        })
        .collect();
    let (there, prepared) = (world.clone(), world.namespaces.rcu().prepare_reader());
    let walker = thread::spawn_named("walker", move || {
        prepared.register();
        let guard = there.namespaces.read_lock();
        there.namespaces.for_each_net_rcu(&guard).count()
    });
    world.log.take();
    fail_allocations(u32::from(position == 3));
    let result = world.create();
    fail_allocations(0);
    let found = walker.join().unwrap();
    let log = world.log.take();
    match &result {
        Ok(_) => {
            assert_eq!(log, ["init first", "init second", "init third"]);
            reached("created");
        }
        Err(error) => {
            assert_eq!(found, 1, "it is never listed");
            assert_eq!(world.user.net_namespaces(), 0, "the quota is returned");
            let done = log.iter().filter(|line| line.starts_with("init")).count();
            assert!(*error == Error::OutOfMemory || done == position, "{error}: {log:?}");
            let undone =
                |what: &str| names[..done].iter().rev().map(|n| format!("{what} {n}")).collect::<Vec<_>>();
            let exits: Vec<_> = log.iter().filter(|line| line.starts_with("exit")).cloned().collect();
            let frees: Vec<_> = log.iter().filter(|line| line.starts_with("free")).cloned().collect();
            assert_eq!(
                (exits, frees),
                (undone("exit"), undone("free")),
                "exactly those before it, in reverse"
            );
            reached(match error {
                Error::OutOfMemory => "out of memory",
                Error::InitPanicked { .. } => "init panicked",
                _ => "init failed",
            });
        }
    }
    drop((result, registrations));
    world.end();
}

fn failing_create_against_holder() {
    let world = World::with_slots(2);
    let handed_out = HandedOut::default();
    sync::name(&*handed_out, "handed out");
    let script = Script { name: "first", handed_out: Some(handed_out.clone()), ..Script::default() };
    let first = world.register(script).expect("init_net's init succeeds");
    let script = Script { name: "second", fails_at: Some(1), ..Script::default() };
    let second = world.register(script).expect("init_net's init succeeds");
    drop(handed_out.lock().take());
    let (place, id, prepared) = (handed_out.clone(), first.id(), world.namespaces.rcu().prepare_reader());
    let holder = thread::spawn_named("holder", move || {
        prepared.register();
        let net = place.lock().take();
        let guard = net.as_ref().map(|net| net.rcu().read_lock());
        let data = net.as_ref().zip(guard.as_ref()).and_then(|(net, guard)| net.generic(guard, id));
        saw(data.map(Ops::name) == Some("first"));
    });
    assert_eq!(world.create().err(), Some(World::planned_failure()), "it says whose init it was");
    assert!(first.id() == first.id(), "an id is equal to itself");
    assert!(first.id() != second.id(), "and to no other");
    holder.join().unwrap();
    drop(handed_out.lock().take());
    world.clean_up();
    drop((first, second));
    world.end();
}

fn panicking_exit() {
    let world = World::with_slots(2);
    let first = world.logging("first");
    let second = world.register(Script { exit_panics: true, ..world.script("second") });
    let (net, other) = (world.create().expect("nothing fails here"), world.create().expect("nor here"));
    let other = thread::spawn_named("put", move || drop(other));
    drop(net);
    world.clean_up();
    other.join().unwrap();
    world.clean_up();
    let log = world.log.take();
    for said in ["exit first", "exit second", "free first", "free second"] {
        assert_eq!(count(&log, said), 2, "a panicking exit stops no other: {log:?}");
    }
    reached("cleaned up");
    drop((first, second));
    world.end();
}

fn life() {
    let world = World::with_slots(0);
    let creator = world.clone();
    let create = thread::spawn_named("create", move || drop(creator.create().expect("nothing fails here")));
    drop(world.logging("op"));
    world.clean_up();
    create.join().unwrap();
    world.clean_up();
    exits_match_inits(&world);
    world.end();
}

pub(crate) fn life_of_five() {
    let world = World::with_slots(0);
    let (creator, registrar, reader) = (world.clone(), world.clone(), world.clone());
    let create = thread::spawn_named("create", move || {
        let net = creator.create().expect("nothing fails here");
        thread::spawn_named("put", move || drop(net))
    });
    let register = thread::spawn_named("register", move || drop(registrar.logging("op")));
    let read = thread::spawn_named("read", move || walk(&reader));
    world.clean_up();
    create.join().unwrap().join().unwrap();
    register.join().unwrap();
    read.join().unwrap();
    world.clean_up();
    exits_match_inits(&world);
    world.end();
}

fn exits_match_inits(world: &World) {
    let log = world.log.take();
    let inits = count(&log, "init op");
    for said in ["exit op", "free op"] {
        assert_eq!(count(&log, said), inits, "each init has its exit: {log:?}");
    }
    reached(if inits == 2 { "initialised in both" } else { "only in init_net" });
}

/// Looks at every namespace that there is: `init_net` comes first, and at most one more.
fn walk(world: &Arc<World>) {
    let guard = world.namespaces.read_lock();
    let first = world.namespaces.init_net().id();
    let found: Vec<_> = world.namespaces.for_each_net_rcu(&guard).map(|net| net.id()).collect();
    assert_eq!(found[0], first, "init_net is always there");
    assert!(found.len() <= 2, "each is found once");
}
