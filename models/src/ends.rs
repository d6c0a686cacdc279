//! The ends of owners: what of theirs is still there, and who cleans it up.

use crate::world::World;
use crate::{Engines, Model};
use netns_core::check::{choose, reached};
use netns_core::net::Worker;
use netns_core::sync::Ordering::Relaxed;
use netns_core::sync::{Arc, AtomicUsize, Mutex, thread};
use netns_core::{CLONE_NEWNET, Error, Namespaces, Net, NetRef, PernetOperations, UserNamespace};

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
        name: "life-namespace-outlives-its-owner",
        protocol: "life",
        about: "An owner without a thread goes while another thread drops the last reference to a namespace, and a \
                registration stays: the namespace is cleaned up with `init_net`, or by whoever drops that reference.",
        threads: 2,
        claims: &[2, 3, 9],
        reaches: &["with its owner", "by itself"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: namespace_outlives_its_owner,
    },
    Model {
        name: "life-reference-of-a-failed-creation",
        protocol: "life",
        about: "An init hands out a reference and fails: the namespace is nowhere to be found, has nothing in it, and goes \
                with that reference, which another thread puts.",
        threads: 2,
        claims: &[2, 3, 7, 19],
        reaches: &["alone", "with another"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: reference_of_a_failed_creation,
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

fn namespace_outlives_its_owner() {
    let world = World::with_slots(1);
    let (registration, net) = (world.logging("op"), world.new_net());
    let (passive, log, user) = (net.passive(), world.log.clone(), world.user.clone());
    let put = thread::spawn_named("put", move || drop(net));
    drop(world);
    put.join().unwrap();
    let log = log.take();
    for (said, times) in
        [("exit op", 2), ("free op", 2), ("batch op 2", usize::from(log.contains(&"batch op 2".into())))]
    {
        assert_eq!(log.iter().filter(|line| *line == said).count(), times, "{log:?}");
    }
    reached(if log.contains(&"batch op 2".into()) { "with its owner" } else { "by itself" });
    assert_eq!(user.net_namespaces(), 0);
    assert!(passive.maybe_get().is_none());
    drop((registration, passive));
}

/// A world that a registration keeps, so that it does not matter which thread lets go of it last.
fn world_that_stays() -> Arc<World> {
    let world = World::with_slots(1);
    std::mem::forget(world.subsys("op"));
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

/// An init that keeps a reference to what it fails in, which is what comes behind so many others.
struct Keeper(AtomicUsize, Arc<Mutex<Option<NetRef>>>);

impl PernetOperations for Keeper {
    type Data = ();

    fn init(&self, net: &Net) -> Result<(), Error> {
        if self.0.fetch_sub(1, Relaxed) > 0 {
            return Ok(());
        }
        *self.1.lock() = net.maybe_get();
        Err(Error::Errno(World::PLANNED_ERRNO))
    }
}

fn reference_of_a_failed_creation() {
    let (world, kept) = (World::with_slots(2), Arc::new(Mutex::new(None)));
    let first = world.logging("first");
    let other = (choose(2) == 1).then(|| world.new_net());
    let keeper = Keeper(AtomicUsize::new(1 + usize::from(other.is_some())), kept.clone());
    let keeper = world.namespaces.register_pernet_subsys(keeper).expect("nothing fails here");
    world.log.take();
    world.create().expect_err("its init fails");
    assert_eq!(world.log.take(), ["init first", "exit first", "batch first 1", "free first"]);
    let net = kept.lock().take().expect("it was kept");
    let guard = world.namespaces.read_lock();
    assert!(net.generic(&guard, first.id()).is_none(), "it has nothing in it");
    assert!(world.namespaces.for_each_net_rcu(&guard).all(|listed| *listed != *net), "it is nowhere");
    drop(guard);
    reached(if other.is_some() { "with another" } else { "alone" });
    let exits = usize::from(other.is_some());
    let put = thread::spawn_named("put", move || drop(net));
    drop(other);
    world.clean_up();
    put.join().unwrap();
    world.clean_up();
    assert_eq!(world.log.take().iter().filter(|line| *line == "exit first").count(), exits);
    assert_eq!(world.user.net_namespaces(), 0);
    drop((first, keeper));
    world.end();
}
