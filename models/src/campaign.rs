//! Campaigns: worlds that are too large to be explored, of ten threads and more, sampled.
//!
//! What a thread does is a matter of choice, so each execution is another mix. No scenario is a model of the gate:
//! `cargo verify campaign` runs them under shuttle and on real threads.

mod cast;
mod failures;
mod ids;
mod ledger;
mod lives;
mod planted;
mod readers;
mod settings;
mod stage;
mod tasks;

use crate::{Engines, Model};

/// The scenarios. Their outcomes are those that a campaign of some length sees.
pub const SCENARIOS: &[Model] = &[
    Model {
        name: "campaign-lives",
        about: "Three threads create namespaces, borrow them and let them go, two register and unregister operations, \
                two walk and take what they find, and one asks whether what it once had still lives, while the worker \
                cleans up.",
        threads: 10,
        claims: &[1, 2, 3, 5, 6, 9, 10, 11, 12, 14, 16, 19, 20, 21, 22, 23],
        reaches: &["found", "not found", "the last reference went", "found dying", "lives", "died meanwhile"],
        body: lives::lives,
        ..SCENARIO
    },
    Model {
        name: "campaign-failures",
        about: "Namespaces are created and operations registered while allocations fail, inits fail and panic, and so \
                do exits and callbacks: whatever fails leaves nothing behind.",
        threads: 10,
        claims: &[2, 3, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 19, 20, 22, 24, 25],
        reaches: &["created", "out of memory", "init failed", "init panicked", "not registered"],
        body: failures::failures,
        ..SCENARIO
    },
    Model {
        name: "campaign-ids",
        about: "Three threads give ids, two look them up, one dumps them and one subscribes for a while, as peers and \
                observers are created and die. One socket listens from the beginning to the end.",
        threads: 11,
        claims: &[1, 2, 3, 9, 16, 24, 25, 26, 27],
        reaches: &["given", "not given", "a peer", "no peer", "told of a change"],
        body: ids::ids,
        ..SCENARIO
    },
    Model {
        name: "campaign-tasks",
        about: "Processes fork, unshare within a limit, enter each other's namespaces and exit, while others look up \
                where they are: what is found works, and who is gone holds nothing.",
        threads: 10,
        claims: &[1, 2, 3, 7, 16, 19, 20],
        reaches: &[
            "unshared",
            "at the limit",
            "found",
            "no such process",
            "opened",
            "entered",
            "not permitted",
        ],
        body: tasks::tasks,
        ..SCENARIO
    },
    Model {
        name: "campaign-settings",
        about: "Settings of a module, and some that threads register by themselves, are written and read while they, \
                the module and their namespaces come and go: no handler runs when its end has returned.",
        threads: 11,
        claims: &[2, 3, 5, 9, 14, 15],
        reaches: &["written", "no such setting", "there already"],
        body: settings::settings,
        ..SCENARIO
    },
    Model {
        name: "campaign-readers",
        about: "Four readers, in nested sections, follow what two updaters replace and free, and look in arrays that \
                grow with every registration, while callbacks queue callbacks and somebody waits for them.",
        threads: 12,
        claims: &[2, 3, 4, 14, 16, 17, 18, 19, 20, 21, 22],
        reaches: &["replaced in the section", "the same", "those only", "some of theirs as well"],
        body: readers::readers,
        ..SCENARIO
    },
];

/// A scenario with a mistake in it, which is found once in some hundred executions: to see what a failure looks like. It
/// is none of the others.
pub const PLANTED: &Model = &Model {
    name: "campaign-planted-mistake",
    about: "Seven threads count, and hardly ever one of them does so by a load and a store.",
    threads: 8,
    reaches: &["a slip"],
    body: planted::mistake,
    ..SCENARIO
};

/// What all scenarios have in common.
const SCENARIO: Model = Model {
    name: "",
    protocol: "campaign",
    about: "",
    threads: 0,
    claims: &[],
    reaches: &[],
    engines: Engines::Samples,
    preemptions: None,
    fence_events: false,
    body: || (),
};
