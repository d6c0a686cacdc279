//! net_generic: readers of a slot while the array grows, while operations come and while they go.

use crate::world::{Announcement, Script, World, saw};
use crate::{Engines, Model};
use netns_core::Error;
use netns_core::check::{choose, fail_allocations, reached};
use netns_core::sync::{self, Arc, thread};

/// The models of this protocol.
pub const MODELS: &[Model] = &[
    Model {
        name: "generic-reader-against-grow",
        protocol: "generic",
        about: "A reader looks for one operation's data while another's registration makes the array grow: it finds \
                it in the old array or in the new one, whole.",
        threads: 2,
        claims: &[4, 16, 17, 18],
        reaches: &["found"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: || readers_against_grow(1, 1),
    },
    Model {
        name: "generic-two-readers-against-grow",
        protocol: "generic",
        about: "The same with two readers.",
        threads: 3,
        claims: &[4, 16, 17, 18],
        reaches: &["found"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: || readers_against_grow(2, 1),
    },
    Model {
        name: "generic-reader-against-register",
        protocol: "generic",
        about: "A reader looks for data that is being published, in an array that grows for it: nothing, or all of \
                it, never an empty shell.",
        threads: 2,
        claims: &[16, 17, 18],
        reaches: &["found", "not found"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: || reader_against_register(0),
    },
    Model {
        name: "generic-reader-against-register-in-place",
        protocol: "generic",
        about: "The same where the array is long enough: the slot is filled in place.",
        threads: 2,
        claims: &[16, 17],
        reaches: &["found", "not found"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: || reader_against_register(1),
    },
    Model {
        name: "generic-reader-against-unregister",
        protocol: "generic",
        about: "A reader inside its section while the operation goes: what it found stays until its section ends, \
                and the exit runs once.",
        threads: 2,
        claims: &[9, 12, 14, 16],
        reaches: &["found", "not found"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: reader_against_unregister,
    },
    Model {
        name: "generic-stale-id-against-next-owner",
        protocol: "generic",
        about: "An operation goes and another gets its slot, while a reader still asks by the old id: it never \
                finds the other's data.",
        threads: 2,
        claims: &[14, 16],
        reaches: &["found", "not found"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: stale_id,
    },
    Model {
        name: "generic-reader-against-failing-register",
        protocol: "generic",
        about: "An allocation of the registration fails, any one of them, or its init does, while a reader looks: \
                nothing is registered, nothing is found, nothing leaks.",
        threads: 2,
        claims: &[9, 13, 16],
        reaches: &["out of memory", "init failed", "init panicked", "registered"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: reader_against_failing_register,
    },
    Model {
        name: "generic-reader-against-undone-register",
        protocol: "generic",
        about: "A registration succeeds in one namespace and fails in the next, so the first is taken down again, while \
                a reader looks there: it finds what was there until its section ends, or nothing.",
        threads: 2,
        claims: &[9, 13, 16],
        reaches: &["found", "not found"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: reader_against_undone_register,
    },
    Model {
        name: "generic-growth-in-setup",
        protocol: "generic",
        about: "A namespace is created while a registration raises the length of arrays: what the new namespace was \
                sized with is read once, and its slots are all within.",
        threads: 2,
        claims: &[14, 18],
        reaches: &["initialised in both when it is created", "initialised later"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: growth_in_setup,
    },
];

/// A thread that is a reader already, and does this.
fn reader(world: &Arc<World>, read: impl FnOnce(&World) + Send + 'static) -> thread::JoinHandle<()> {
    let (world, prepared) = (world.clone(), world.namespaces.rcu().prepare_reader());
    thread::spawn_named("reader", move || {
        prepared.register();
        read(&world);
    })
}

pub(crate) fn readers_against_grow(readers: u32, sections: u32) {
    let world = World::with_slots(1);
    let first = world.subsys("first");
    let id = first.id();
    let readers: Vec<_> = (0..readers)
        .map(|_| {
            reader(&world, move |world| {
                for _ in 0..sections {
                    assert_eq!(world.name_of(id), Some("first"), "from the end of init to the start of exit");
                    reached("found");
                }
            })
        })
        .collect();
    let second = world.subsys("second");
    // The old array is freed now.
    world.namespaces.rcu().barrier();
    readers.into_iter().for_each(|t| t.join().unwrap());
    drop((first, second));
    world.end();
}

fn reader_against_register(slots: usize) {
    let world = World::with_slots(slots);
    let announcement = Announcement::default();
    sync::name(&*announcement, "announcement");
    let announced = announcement.clone();
    let reader = reader(&world, move |world| {
        let id = *announced.lock();
        let name = id.and_then(|id| world.name_of(id));
        assert!(matches!(name, None | Some("announced")), "all or nothing: {name:?}");
        saw(name.is_some());
    });
    let script = Script { name: "announced", announcement: Some(announcement), ..Script::default() };
    let registration = world.register(script).expect("nothing fails here");
    reader.join().unwrap();
    assert!(world.name_of(registration.id()).is_some(), "a registered operation is initialised");
    drop(registration);
    world.end();
}

fn reader_against_unregister() {
    let world = World::with_slots(1);
    let registration = world.logging("going");
    let id = registration.id();
    let reader = reader(&world, move |world| saw(world.name_of(id).is_some()));
    drop(registration);
    assert_eq!(world.log.take(), ["init going", "exit going", "batch going 1", "free going"]);
    assert_eq!(world.name_of(id), None, "when unregistration returns, nothing is found");
    reader.join().unwrap();
    world.end();
}

fn stale_id() {
    let world = World::with_slots(1);
    let old = world.subsys("old");
    let id = old.id();
    let reader = reader(&world, move |world| {
        let name = world.name_of(id);
        assert!(matches!(name, None | Some("old")), "never another's: {name:?}");
        saw(name.is_some());
    });
    drop(old);
    let new = world.subsys("new");
    reader.join().unwrap();
    assert_eq!(world.name_of(new.id()), Some("new"));
    assert_eq!(world.name_of(id), None);
    drop(new);
    world.end();
}

fn reader_against_failing_register() {
    let world = World::with_slots(1);
    let first = world.subsys("first");
    let (id, announcement) = (first.id(), Announcement::default());
    sync::name(&*announcement, "announcement");
    let announced = announcement.clone();
    let reader = reader(&world, move |world| {
        assert_eq!(world.name_of(id), Some("first"), "another's failure is not ours");
        let id = *announced.lock();
        let name = id.and_then(|id| world.name_of(id));
        assert!(matches!(name, None | Some("second")), "never what was freed: {name:?}");
    });
    fail_allocations(1);
    let (fails_at, panics) = [(None, false), (Some(0), false), (Some(0), true)][choose(3)];
    let script =
        Script { name: "second", announcement: Some(announcement), fails_at, panics, ..Script::default() };
    let result = world.register(script);
    fail_allocations(0);
    match &result {
        Ok(_) => reached("registered"),
        Err(Error::OutOfMemory) => reached("out of memory"),
        Err(Error::InitFailed { errno: World::PLANNED_ERRNO, .. }) => reached("init failed"),
        Err(Error::InitPanicked { .. }) => reached("init panicked"),
        Err(error) => panic!("unplanned: {error}"),
    }
    reader.join().unwrap();
    drop((first, result));
    // The next one finds no trace of it.
    let next = world.subsys("next");
    assert_eq!(world.name_of(next.id()), Some("next"));
    drop(next);
    world.end();
}

fn reader_against_undone_register() {
    let world = World::with_slots(1);
    let (net, announcement) = (world.new_net(), Announcement::default());
    sync::name(&*announcement, "announcement");
    let announced = announcement.clone();
    let reader = reader(&world, move |world| {
        let name = announced.lock().and_then(|id| world.name_of(id));
        assert!(matches!(name, None | Some("undone")), "never what was freed: {name:?}");
        saw(name.is_some());
    });
    let announced = announcement.clone();
    let script =
        Script { name: "undone", announcement: Some(announcement), fails_at: Some(1), ..Script::default() };
    world.register(script).expect_err("the second init fails");
    reader.join().unwrap();
    let id = announced.lock().expect("it was told");
    assert_eq!(world.name_of(id), None, "on error the slots are empty");
    drop(net);
    world.end();
}

fn growth_in_setup() {
    let world = World::with_slots(0);
    let there = world.clone();
    let register = thread::spawn_named("register", move || there.logging("op"));
    let net = world.create().expect("nothing fails here");
    let before = world.log.take().len();
    let registration = register.join().unwrap();
    let guard = world.namespaces.read_lock();
    for net in world.namespaces.for_each_net_rcu(&guard) {
        assert!(net.generic(&guard, registration.id()).is_some(), "every listed namespace is initialised");
    }
    drop(guard);
    reached(if before == 2 { "initialised in both when it is created" } else { "initialised later" });
    drop((net, registration));
    world.end();
}
