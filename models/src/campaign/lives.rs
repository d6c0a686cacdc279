//! Namespaces come and go while operations do.

use super::cast::{Part, play};
use super::ledger::Habits;
use super::stage::Stage;
use netns_core::check::{choose, reached};
use netns_core::net::Worker;
use netns_core::sync::thread;

const CAST: &[Part<Stage>] = &[
    Part { name: "keeper", threads: 3, turns: 9, act: keep },
    Part { name: "registrar", threads: 2, turns: 2, act: register },
    Part { name: "walker", threads: 2, turns: 4, act: walk },
    Part { name: "holder", threads: 1, turns: 3, act: hold },
];

pub(super) fn lives() {
    play(Stage::new(Worker::Thread, 3, HABITS).with_namespaces(9), CAST).end();
}

const HABITS: Habits = Habits { calls: true, ..Habits::NONE };

/// Creates, borrows or lets go.
fn keep(stage: &Stage) {
    match choose(4) {
        0 | 1 => drop(stage.create().expect("there is room")),
        2 => drop(stage.take().inspect(|net| {
            if net.count() == 1 {
                reached("the last reference went");
            }
        })),
        _ => {
            let Some(net) = stage.borrow() else { return };
            let guard = stage.world.namespaces.read_lock();
            assert!(stage.finds(&guard, &net, choose(2)), "who lives is set up (16)");
            let number = choose(stage.ledger.operations());
            reached(if stage.finds(&guard, &net, number) { "found" } else { "not found" });
        }
    }
}

/// Registers a subsystem or a device, and unregisters it a little later.
fn register(stage: &Stage) {
    let (number, registration) = stage.register(choose(2) == 0, HABITS);
    let registration = registration.expect("nothing fails here");
    for _ in 0..choose(3) {
        thread::yield_now();
    }
    stage.unregister(number, registration);
}

/// Goes through all that is listed, and takes references to it.
fn walk(stage: &Stage) {
    stage.walk(choose(stage.ledger.operations()));
    let guard = stage.world.namespaces.read_lock();
    for net in stage.world.namespaces.for_each_net_rcu(&guard).skip(1) {
        match net.maybe_get() {
            Some(got) => assert_eq!(got.id(), net.id()),
            None => {
                assert_eq!(net.count(), 0, "a count never leaves 0 (1)");
                reached("found dying");
            }
        }
    }
}

/// Keeps the memory of a namespace, and asks whether it lives.
fn hold(stage: &Stage) {
    let Some((passive, id)) = stage.borrow().map(|net| (net.passive(), net.id())) else { return };
    let mut lived = true;
    for _ in 0..6 {
        let lives = passive.maybe_get().is_some();
        assert!(lived || !lives, "a count never leaves 0 (1)");
        lived = lives;
        assert_eq!(passive.id(), id, "the memory stays (3, 5)");
        thread::yield_now();
    }
    reached(if lived { "lives" } else { "died meanwhile" });
}
