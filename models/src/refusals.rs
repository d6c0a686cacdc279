//! Calls that would wait for their own caller: they are refused, and what cannot be refused is left to the worker.

use crate::world::{Ops, Script, World};
use crate::{Engines, Model};
use netns_core::check::{choose, reached};
use netns_core::net::sysctl::{SysctlEntry, SysctlHandler, SysctlMode};
use netns_core::sync::{Arc, Mutex};
use netns_core::{Error, Net, PernetOperations, Registration};

/// The models of this protocol.
pub const MODELS: &[Model] = &[Model {
    name: "life-calls-where-nobody-may-wait",
    protocol: "life",
    about: "From inside a callback, a walk under rtnl, a read-side section or a handler, creating, registering and waiting \
            for the cleanup are refused, and change nothing; a registration that ends there is undone by the worker. Walks \
            under rtnl are allowed in callbacks of operations and in handlers. Outside, and in another owner's, all of \
            them work.",
    threads: 1,
    claims: &[14, 15],
    reaches: &PLACES,
    engines: Engines::Both,
    preemptions: None,
    fence_events: false,
    body: where_nobody_may_wait,
}];

const PLACES: [&str; 8] = [
    "in an init",
    "in an exit",
    "in an exit_batch",
    "in a walk",
    "in a section",
    "in an RCU callback",
    "in a handler",
    "in another owner's section",
];

/// The calls, made once, when the place is reached that was chosen.
struct Calls {
    place: &'static str,
    world: Arc<World>,
    /// What ends there.
    registration: Mutex<Option<Registration<Ops>>>,
}

impl Calls {
    /// Where a walk under rtnl is allowed besides.
    fn made_and_walks(&self, place: &'static str) {
        if self.made(place) {
            let mut walked = 0;
            self.world.namespaces.for_each_net(|_| walked += 1);
            assert!(walked > 0, "walking is allowed");
        }
    }

    /// Whether they were made now.
    fn made(&self, place: &'static str) -> bool {
        if place != self.place {
            return false;
        }
        let Some(registration) = self.registration.lock().take() else { return false };
        reached(place);
        let nets = self.world.user.net_namespaces();
        self.world.log.take();
        let refused = Some(Error::WouldDeadlock);
        assert_eq!(self.world.create().err(), refused);
        assert_eq!(self.world.register(Script::default()).err(), refused);
        assert_eq!(self.world.register_device(Script::default()).err(), refused);
        assert_eq!(self.world.namespaces.run_cleanup().err(), refused);
        assert_eq!(self.world.namespaces.flush_cleanup().err(), refused);
        assert_eq!(registration.unregister().err(), refused);
        assert_eq!(
            (self.world.user.net_namespaces(), self.world.log.take().len()),
            (nets, 0),
            "nothing has happened"
        );
        true
    }
}

/// Operations that make them.
struct Caller(Arc<Calls>);

impl PernetOperations for Caller {
    type Data = ();

    fn init(&self, _: &Net) -> Result<(), Error> {
        self.0.made_and_walks("in an init");
        Ok(())
    }

    fn exit(&self, _: &Net, (): &()) {
        self.0.made_and_walks("in an exit");
    }

    fn exit_batch(&self, _: &[&Net]) {
        self.0.made_and_walks("in an exit_batch");
    }
}

impl SysctlHandler for Calls {
    fn read(&self, _: &Net) -> Result<String, Error> {
        self.made_and_walks("in a handler");
        Ok(String::new())
    }
}

fn where_nobody_may_wait() {
    let (place, world) = (PLACES[choose(PLACES.len())], World::with_slots(2));
    if place == "in another owner's section" {
        let other = World::with_slots(0);
        elsewhere(&world, &other);
        other.end();
        return world.end();
    }
    let registration = Mutex::new(Some(world.logging("op")));
    let calls = Arc::new(Calls { place, world: world.clone(), registration });
    let caller = world.namespaces.register_pernet_subsys(Caller(calls.clone())).expect("nothing fails here");
    drop(world.new_net());
    world.clean_up();
    match place {
        "in a walk" => world.namespaces.for_each_net(|_| _ = calls.made(place)),
        "in a section" => {
            let guard = world.namespaces.read_lock();
            calls.made(place);
            drop(guard);
        }
        "in an RCU callback" => {
            let there = calls.clone();
            world.namespaces.rcu().call(move || _ = there.made(place));
            world.namespaces.rcu().barrier();
        }
        _ => {
            let entry = SysctlEntry::new("calls", SysctlMode::ReadOnly, calls.clone());
            let init_net = world.namespaces.init_net();
            let table = init_net.register_net_sysctl("net", [entry]).expect("nothing is there yet");
            init_net.sysctl_read("net/calls").expect("the handler returns");
            drop(table);
        }
    }
    world.clean_up();
    assert!(calls.registration.lock().is_none(), "the place was reached");
    assert_eq!(
        world.log.take().last().map(String::as_str),
        Some("free op"),
        "the worker has unregistered it"
    );
    drop(world.new_net());
    world.clean_up();
    assert!(world.log.take().is_empty(), "none of its callbacks runs");
    drop((caller, calls));
    world.end();
}

/// Another owner's callbacks, walks and sections keep nobody waiting.
fn elsewhere(world: &Arc<World>, other: &Arc<World>) {
    let works = |world: &World| {
        drop(world.subsys("op"));
        drop(world.new_net());
        assert_eq!(world.namespaces.run_cleanup(), Ok(1));
        assert_eq!(world.namespaces.flush_cleanup(), Ok(()));
    };
    let guard = other.namespaces.read_lock();
    works(world);
    drop(guard);
    other.namespaces.for_each_net(|_| works(world));
    let there = world.clone();
    other.namespaces.rcu().call(move || works(&there));
    other.namespaces.rcu().barrier();
    reached("in another owner's section");
}
