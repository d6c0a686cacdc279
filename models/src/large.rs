//! Scenarios that are too large for an engine that goes through interleavings: more threads, more sections, whole lives.
//!
//! Their executions, each once, are still few enough.

use crate::{Engines, Model, cleanup, generic, pernet, refcount};

const INTERLEAVINGS: Engines = Engines::Rc11Only { why: "it has too many interleavings" };
const THREADS: Engines = Engines::Rc11Only { why: "it has more than five threads" };

/// The models of this room.
pub const MODELS: &[Model] = &[
    Model {
        name: "count-five-holders",
        protocol: "refcount",
        about: "Five holders write to the object and put it: one of them, and only one, is the last, and frees it.",
        threads: 5,
        claims: &[1, 3],
        reaches: &["main was last", "another was last"],
        engines: INTERLEAVINGS,
        preemptions: None,
        fence_events: false,
        body: || refcount::holders(4),
    },
    Model {
        name: "count-six-holders",
        protocol: "refcount",
        about: "The same with six.",
        threads: 6,
        claims: &[1, 3],
        reaches: &["main was last", "another was last"],
        engines: THREADS,
        preemptions: None,
        fence_events: false,
        body: || refcount::holders(5),
    },
    Model {
        name: "count-three-maybe-gets-against-last-put",
        protocol: "refcount",
        about: "Three threads that hold nothing try to get the object while the last holder puts it: the count leaves \
                0 for nobody, and reaches it once.",
        threads: 4,
        claims: &[1],
        reaches: &["got", "too late"],
        engines: INTERLEAVINGS,
        preemptions: None,
        fence_events: false,
        body: || refcount::maybe_gets(3),
    },
    Model {
        name: "generic-three-readers-of-two-sections-against-grow",
        protocol: "generic",
        about: "Three readers look twice, in a section each, while a registration makes the array grow and the old one \
                is freed: they always find what was there, whichever array they look in.",
        threads: 4,
        claims: &[4, 16, 17, 18],
        reaches: &["found"],
        engines: INTERLEAVINGS,
        preemptions: None,
        fence_events: false,
        body: || generic::readers_against_grow(3, 2),
    },
    Model {
        name: "cleanup-three-last-puts-against-worker",
        protocol: "cleanup",
        about: "The last references to three namespaces are put while the worker cleans up: each is cleaned once, in one \
                batch or in several.",
        threads: 4,
        claims: &[2, 3, 6, 11, 23],
        reaches: &["one batch", "two batches"],
        engines: INTERLEAVINGS,
        preemptions: None,
        fence_events: false,
        body: || cleanup::last_puts(3),
    },
    Model {
        name: "life-all-five",
        protocol: "life",
        about: "A whole life with five threads: registering, creating, putting, reading, and main, which cleans up.",
        threads: 5,
        claims: &[2, 3, 9, 14, 15],
        reaches: &["initialised in both", "only in init_net"],
        engines: INTERLEAVINGS,
        preemptions: None,
        fence_events: false,
        body: pernet::life_of_five,
    },
];
