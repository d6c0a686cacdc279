//! The ends of owners: what of theirs is still there, and who cleans it up.

use crate::world::{Log, Script, World};
use crate::{Engines, Model};
use netns_core::check::{choose, reached};
use netns_core::net::Worker;
use netns_core::sync::{Arc, thread};
use netns_core::{CLONE_NEWNET, Namespaces, UserNamespace};

/// The models of this protocol.
pub const MODELS: &[Model] = &[
    Model {
        name: "life-worker-of-its-own",
        protocol: "life",
        about: "An owner with a thread that cleans up: a flush waits for what died before it, and so does the end of the \
                owner.",
        threads: 2,
        claims: &[2, 3],
        reaches: &["flushed", "with its owner"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: worker_of_its_own,
    },
    Model {
        name: "cleanup-owner-goes-in-a-section",
        protocol: "cleanup",
        about: "The owner goes inside a section, where nobody can wait, and so does the last reference to a namespace: \
                a thread is started that waits for the end of the section and cleans up, and nothing stays behind.",
        threads: 2,
        claims: &[2, 3],
        reaches: &["done"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: owner_goes_in_a_section,
    },
    Model {
        name: "cleanup-two-last-puts-in-a-section-after-the-end",
        protocol: "cleanup",
        about: "After the end of an owner without a thread, the last references to two namespaces go inside a section: \
                neither put waits for the end of the section, one thread that can is started for both, and nothing \
                stays behind.",
        threads: 2,
        claims: &[2, 3],
        reaches: &["done"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: two_last_puts_in_a_section_after_the_end,
    },
    Model {
        name: "cleanup-exit-with-a-callback-after-the-end",
        protocol: "cleanup",
        about: "After the end of an owner without a thread, the last reference to a namespace goes inside a section, and its \
                exit, on the thread that is started, queues a callback, which queues another: both run, and nothing stays \
                behind.",
        threads: 2,
        claims: &[2, 3, 22],
        reaches: &["done"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: exit_with_a_callback_after_the_end,
    },
    Model {
        name: "cleanup-last-put-in-a-section-beside-a-callback",
        protocol: "cleanup",
        about: "After the end of an owner without a thread, one thread drops the last reference to a namespace inside a \
                section, and another queues a callback, which it runs itself, and the cleanup with it if that is queued \
                by then: the one in the section does not wait for it.",
        threads: 3,
        claims: &[2, 3],
        reaches: &["done"],
        engines: Engines::Rc11Only { why: "it has too many interleavings" },
        preemptions: None,
        fence_events: false,
        body: last_put_in_a_section_beside_a_callback,
    },
];

fn worker_of_its_own() {
    let (user, owner) = (UserNamespace::new(1), UserNamespace::new(1));
    let builder = Namespaces::builder().worker(Worker::Thread).initial_slots(0).user_ns(owner.clone());
    let namespaces = builder.build().expect("nothing fails here");
    drop(namespaces.copy_net_ns(CLONE_NEWNET, &user, namespaces.init_net()).expect("nor here"));
    if choose(2) == 0 {
        namespaces.flush_cleanup().expect("it may wait here");
        assert_eq!(user.net_namespaces(), 0, "a flush waits");
        reached("flushed");
    } else {
        reached("with its owner");
    }
    drop(namespaces);
    assert_eq!((user.net_namespaces(), owner.net_namespaces()), (0, 0), "the end of the owner waits");
}

/// A world that a registration keeps, so that it does not matter which thread lets go of it last.
fn world_that_stays() -> Arc<World> {
    world_that_keeps(Script { name: "op", ..Script::default() })
}

fn world_that_keeps(script: Script) -> Arc<World> {
    let world = World::with_slots(1);
    std::mem::forget(world.register(script).expect("nothing fails here"));
    world
}

/// Nobody joins the thread that cleans up: that all is gone in the end is seen by what would leak if not.
fn owner_goes_in_a_section() {
    let world = world_that_stays();
    let (net, rcu) = (world.new_net(), world.namespaces.rcu().clone());
    let guard = rcu.read_lock();
    drop((net, world));
    drop(guard);
    reached("done");
}

fn two_last_puts_in_a_section_after_the_end() {
    let world = world_that_stays();
    let (first, second, rcu) = (world.new_net(), world.new_net(), world.namespaces.rcu().clone());
    drop(world);
    let guard = rcu.read_lock();
    drop(first);
    drop(second);
    drop(guard);
    reached("done");
}

fn exit_with_a_callback_after_the_end() {
    let log = Log::default();
    let world = world_that_keeps(Script { name: "op", log: Some(log), calls: true, ..Script::default() });
    let (net, rcu) = (world.new_net(), world.namespaces.rcu().clone());
    drop(world);
    let guard = rcu.read_lock();
    drop(net);
    drop(guard);
    reached("done");
}

fn last_put_in_a_section_beside_a_callback() {
    let world = world_that_stays();
    let (net, rcu) = (world.new_net(), world.namespaces.rcu().clone());
    drop(world);
    let caller = thread::spawn_named("caller", {
        let rcu = rcu.clone();
        move || rcu.call(|| ())
    });
    let guard = rcu.read_lock();
    drop(net);
    drop(guard);
    caller.join().unwrap();
    rcu.barrier();
    reached("done");
}
