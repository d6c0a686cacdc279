//! Readers, in nested sections, of what is replaced, freed and grown; callbacks, and barriers.

use super::cast::{Part, play};
use super::ledger::{Habits, Kept};
use super::stage::Stage;
use netns_core::Registration;
use netns_core::check::{choose, reached};
use netns_core::net::Worker;
use netns_core::rcu::RcuCell;
use netns_core::sync::Ordering::{Acquire, Relaxed, Release};
use netns_core::sync::alloc::Owned;
use netns_core::sync::{Arc, AtomicU32, AtomicUsize, Mutex, thread};

struct Shared {
    stage: Stage,
    /// A number that only grows: the writer's lock goes with it.
    cell: RcuCell<u32>,
    next: Mutex<u32>,
    /// Readers that begin now see this or more.
    seen_by_all: AtomicU32,
    /// What was registered meanwhile.
    registered: Mutex<Vec<(usize, Registration<Kept>)>>,
}

const CAST: &[Part<Shared>] = &[
    Part { name: "reader", threads: 4, turns: 5, act: read },
    Part { name: "updater", threads: 2, turns: 4, act: update },
    Part { name: "caller", threads: 1, turns: 3, act: call },
    Part { name: "registrar", threads: 2, turns: 3, act: register },
    Part { name: "keeper", threads: 1, turns: 6, act: |shared| shared.stage.keep() },
    Part { name: "cleaner", threads: 1, turns: 3, act: |shared| shared.stage.world.clean_up() },
];

pub(super) fn readers() {
    // Every registration makes the arrays of all namespaces grow.
    let stage = Stage::new(Worker::Manual, 0, Habits::NONE).with_namespaces(4);
    let first = Owned::try_new(0).expect("there is memory");
    let cell = RcuCell::new(stage.world.namespaces.rcu(), Some(first));
    let (next, registered) = (Mutex::new(0), Mutex::new(Vec::new()));
    let shared = Shared { stage, cell, next, seen_by_all: AtomicU32::new(0), registered };
    let Shared { stage, cell, registered, .. } = play(shared, CAST);
    drop(cell);
    for (number, registration) in registered.into_inner() {
        stage.unregister(number, registration);
    }
    stage.end();
}

/// Reads in a section, and in one inside of it.
fn read(shared: &Shared) {
    // Acquire: pairs with the release in `update`.
    let (stage, floor) = (&shared.stage, shared.seen_by_all.load(Acquire));
    let guard = stage.world.namespaces.read_lock();
    let outer = shared.cell.load(&guard).expect("it is never empty");
    assert!(*outer >= floor, "who begins later sees what was there before (21)");
    let net = stage.borrow();
    let net = net.as_ref().unwrap_or(stage.world.namespaces.init_net());
    let number = choose(stage.ledger.operations());
    let found = stage.finds(&guard, net, number);
    let nested = stage.world.namespaces.read_lock();
    thread::yield_now();
    let inner = shared.cell.load(&nested).expect("it is never empty");
    assert!(inner >= outer, "no way back (21)");
    reached(if inner > outer { "replaced in the section" } else { "the same" });
    drop(nested);
    assert!(*outer >= floor, "it stays until the outermost section ends (21)");
    // Nothing is unregistered here, so what was found is there to stay, in whatever array.
    assert!(!found || stage.finds(&guard, net, number), "once found, always found (16, 17)");
}

/// Replaces what is read, and frees it, now or later.
fn update(shared: &Shared) {
    let rcu = shared.stage.world.namespaces.rcu();
    let mut next = shared.next.lock();
    *next += 1;
    let number = *next;
    let old = shared.cell.replace(Some(Owned::try_new(number).expect("there is memory")));
    drop(next);
    let old = old.expect("it is never empty");
    if choose(2) == 0 {
        rcu.free(old);
    } else {
        rcu.synchronize_and_free(old);
        // Release: who reads the number in `read` begins after the grace period.
        shared.seen_by_all.fetch_max(number, Release);
    }
}

/// Queues callbacks, which queue others, and waits for the former.
fn call(shared: &Shared) {
    let rcu = shared.stage.world.namespaces.rcu();
    let (ran, queued) = (Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]), 1 + choose(3));
    for _ in 0..queued {
        let (ran, again) = (ran.clone(), rcu.clone());
        rcu.call(move || {
            ran[0].fetch_add(1, Relaxed);
            again.call(move || _ = ran[1].fetch_add(1, Relaxed));
        });
    }
    rcu.barrier();
    let [first, second] = [0, 1].map(|n| ran[n].load(Relaxed));
    assert_eq!(first, queued, "a barrier waits for all that were queued before (22)");
    reached(if second == 0 { "those only" } else { "some of theirs as well" });
}

/// Registers something that stays.
fn register(shared: &Shared) {
    let (number, registration) = shared.stage.register(choose(2) == 0, Habits::NONE);
    shared.registered.lock().push((number, registration.expect("nothing fails here")));
}
