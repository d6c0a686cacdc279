//! Everything fails now and then: allocations, inits, exits, callbacks.

use super::cast::{Part, play};
use super::ledger::Habits;
use super::stage::Stage;
use netns_core::Error;
use netns_core::check::{choose, fail_allocations, reached};
use netns_core::net::Worker;

const CAST: &[Part<Stage>] = &[
    Part { name: "creator", threads: 3, turns: 8, act: create },
    Part { name: "registrar", threads: 2, turns: 3, act: register },
    Part { name: "breaker", threads: 1, turns: 4, act: |_| fail_allocations(choose(3) as u32) },
    Part { name: "walker", threads: 2, turns: 4, act: walk },
    Part { name: "cleaner", threads: 1, turns: 5, act: |stage| stage.world.clean_up() },
];

const HABITS: Habits = Habits { inits_fail: true, exits_panic: true, calls: true, acquaints: true };

pub(super) fn failures() {
    // What is there from the beginning fails in exits only: it is to be set up in init_net.
    let stage = Stage::new(Worker::Manual, 1, Habits { inits_fail: false, ..HABITS });
    let stage = play(stage.with_namespaces(4), CAST);
    fail_allocations(0);
    stage.end();
}

/// Creates a namespace, or lets one go.
fn create(stage: &Stage) {
    if choose(3) == 0 {
        drop(stage.take());
        return;
    }
    reached(why(stage.create().map(|_| ())));
    assert!(stage.world.user.net_namespaces() <= Stage::LIMIT, "the quota holds (7)");
}

/// Registers an operation, and unregisters it if that succeeds.
fn register(stage: &Stage) {
    let (number, registration) = stage.register(choose(2) == 0, HABITS);
    match registration {
        Ok(registration) => {
            // From now on a creation may meet its inits.
            create(stage);
            stage.unregister(number, registration);
        }
        Err(error) => {
            why(Err(error));
            reached("not registered");
        }
    }
}

fn walk(stage: &Stage) {
    stage.walk(choose(stage.ledger.operations()));
}

/// What was planned to happen, in words.
fn why(result: Result<(), Error>) -> &'static str {
    match result {
        Ok(()) => "created",
        Err(Error::OutOfMemory) => "out of memory",
        Err(Error::InitFailed { .. }) => "init failed",
        Err(Error::InitPanicked { .. }) => "init panicked",
        Err(error) => panic!("unplanned: {error}"),
    }
}
