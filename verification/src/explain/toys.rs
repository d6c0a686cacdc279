//! Small counterexamples for the tests of this room.

use super::{Counterexample, Sources};
use netns_core::check::{Engine, EventRecord, Failure, FailureKind, Source};

/// An operation of a thread on an object.
pub(super) fn event(thread: &str, operation: &str, object: &str, value: &str, ordering: &str) -> EventRecord {
    EventRecord {
        thread: thread.into(),
        thread_number: thread.split(':').next().and_then(|number| number.parse().ok()).unwrap(),
        operation: operation.into(),
        object: object.into(),
        ordering: ordering.into(),
        value: value.into(),
        location: "src/toys.rs:17:5".into(),
        ..EventRecord::default()
    }
}

fn of(engine: Engine, failure: Failure) -> Counterexample {
    let failure = Failure { reproduce: format!("cargo verify run toy --engine {engine}"), ..failure };
    Counterexample::new("toy", engine, failure, &Sources::tree(None))
}

fn reading(event: EventRecord, reads: usize) -> EventRecord {
    EventRecord { reads: Some(Source::Event { event: reads }), ..event }
}

fn freed() -> Failure {
    let stale = event("1:lookup", "load", "gp", "0", "Relaxed");
    Failure {
        thread: Some(0),
        object: "Net#2".into(),
        event: Some(8),
        conflict: Some(6),
        execution: 3,
        location: "src/toys.rs:17:5".into(),
        events: vec![
            event("0:main", "allocate", "Net#2", "", ""),
            event("0:main", "load", "Net#2.count", "1", "Relaxed"),
            event("0:main", "store", "list", "Net#2", "Release"),
            event("0:main", "spawn", "1:lookup", "", ""),
            EventRecord { place: Some(1), ..event("0:main", "store", "gp", "1", "Release") },
            EventRecord { reads: Some(Source::Initial), missed: Some(4), synchronises: vec![3], ..stale },
            reading(event("1:lookup", "fetch_add", "Net#2.count", "1 -> 2", "Relaxed"), 1),
            event("0:main", "heavy_fence", "", "", "SeqCst"),
            EventRecord {
                location: "src/sync/alloc.rs:1:1".into(),
                ..event("0:main", "free", "Net#2", "", "")
            },
        ],
        ..Failure::new(
            FailureKind::UseAfterFree,
            "Net#2, allocated at src/toys.rs:17:5: an access and the free are not ordered".into(),
        )
    }
}

/// A reader that sees an old number, and an updater that frees what it reads.
pub(super) fn freed_too_early() -> Counterexample {
    of(Engine::Rc11, freed())
}

/// The same, as loom would have it.
pub(super) fn under_loom() -> Counterexample {
    of(Engine::Loom, freed())
}

/// Two holders put without release: the last one's fence acquires nothing.
pub(super) fn race() -> Counterexample {
    let failure = Failure {
        thread: Some(0),
        object: "data".into(),
        event: Some(5),
        conflict: Some(1),
        events: vec![
            event("0:main", "spawn", "1:holder", "", ""),
            EventRecord { synchronises: vec![0], ..event("1:holder", "read", "data", "", "") },
            event("1:holder", "fetch_sub", "count", "2 -> 1", "Relaxed"),
            reading(event("0:main", "fetch_sub", "count", "1 -> 0", "Relaxed"), 2),
            event("0:main", "fence", "", "", "Acquire"),
            event("0:main", "write", "data", "", ""),
        ],
        ..Failure::new(FailureKind::DataRace, "a write and a read are not ordered".into())
    };
    of(Engine::Rc11, failure)
}

/// Two threads that wait for each other.
pub(super) fn deadlock() -> Counterexample {
    let failure = Failure {
        events: vec![
            event("0:main", "spawn", "1:other", "", ""),
            event("0:main", "lock", "first", "", ""),
            event("1:other", "lock", "second", "", ""),
            event("0:main", "lock", "second", "waits", ""),
            event("1:other", "lock", "first", "waits", ""),
        ],
        ..Failure::new(FailureKind::Deadlock, "nobody can go on".into())
    };
    of(Engine::Rc11, failure)
}

/// Main is not content with what it has read, which was always there.
pub(super) fn asserted(message: &str) -> Counterexample {
    let failure = Failure {
        thread: Some(0),
        location: "src/toys.rs:17:5".into(),
        events: vec![event("0:main", "load", "n", "1", "Relaxed")],
        ..Failure::new(FailureKind::Assertion, message.into())
    };
    of(Engine::Rc11, failure)
}

/// Main asks, does so many things for itself, and gets an answer that it does not like.
pub(super) fn with_private_steps(steps: usize) -> Counterexample {
    with_steps(vec![event("0:main", "load", "mine", "1", "Relaxed"); steps])
}

/// The same with fences.
pub(super) fn with_private_fences(steps: usize) -> Counterexample {
    with_steps(vec![event("0:main", "fence", "", "", "Acquire"); steps])
}

fn with_steps(steps: Vec<EventRecord>) -> Counterexample {
    let mut events = vec![
        event("0:main", "spawn", "1:other", "", ""),
        event("0:main", "store", "question", "1", "Release"),
    ];
    events.extend(steps);
    let heard = reading(event("1:other", "load", "question", "1", "Acquire"), 1);
    events.push(EventRecord { synchronises: vec![1], ..heard });
    events.push(event("1:other", "store", "answer", "2", "Relaxed"));
    events.push(reading(event("0:main", "load", "answer", "2", "Relaxed"), events.len() - 1));
    let failure =
        Failure { thread: Some(0), events, ..Failure::new(FailureKind::Assertion, "it is not 3".into()) };
    of(Engine::Rc11, failure)
}

/// Main does not like an answer, and the other thread has gone on meanwhile.
pub(super) fn with_steps_beside() -> Counterexample {
    let mut events = vec![
        event("0:main", "spawn", "1:other", "", ""),
        EventRecord { synchronises: vec![0], ..event("1:other", "store", "answer", "2", "Release") },
    ];
    events.extend((0..3).map(|_| event("1:other", "load", "answer", "2", "Relaxed")));
    let heard = reading(event("0:main", "load", "answer", "2", "Acquire"), 1);
    events.push(EventRecord { synchronises: vec![1], ..heard });
    let failure =
        Failure { thread: Some(0), events, ..Failure::new(FailureKind::Assertion, "it is not 3".into()) };
    of(Engine::Rc11, failure)
}

/// Main has not seen what the other thread stored, after it had done three things for itself.
pub(super) fn stale() -> Counterexample {
    let stale = EventRecord {
        reads: Some(Source::Initial),
        missed: Some(4),
        ..event("0:main", "load", "x", "0", "Relaxed")
    };
    let private = event("1:other", "load", "y", "0", "Relaxed");
    let failure = Failure {
        thread: Some(0),
        events: vec![
            event("0:main", "spawn", "1:other", "", ""),
            EventRecord { synchronises: vec![0], ..private.clone() },
            private.clone(),
            private,
            event("1:other", "store", "x", "1", "Relaxed"),
            stale,
        ],
        ..Failure::new(FailureKind::Assertion, "x is 0".into())
    };
    of(Engine::Rc11, failure)
}

/// Two threads of one name; what one releases, the other acquires twice.
pub(super) fn namesakes() -> Counterexample {
    let acquired = EventRecord { synchronises: vec![0], ..event("2:twin", "load", "x", "1", "Acquire") };
    let failure = Failure {
        thread: Some(2),
        events: vec![event("1:twin", "store", "x", "1", "Release"), acquired.clone(), acquired],
        ..Failure::new(FailureKind::Assertion, "planted".into())
    };
    of(Engine::Rc11, failure)
}

/// A thread holds what is never freed, and main looks at a lock meanwhile.
pub(super) fn leak() -> Counterexample {
    let mut events = vec![
        event("0:main", "allocate", "Net#1", "", ""),
        event("0:main", "load", "Net#1.count", "1", "Relaxed"),
        event("0:main", "fetch_add", "Net#1.count", "1 -> 2", "Relaxed"),
        event("0:main", "spawn", "1:holder", "", ""),
    ];
    events.extend(["lock", "unlock", "lock", "unlock"].map(|done| event("0:main", done, "rtnl", "", "")));
    let held = event("1:holder", "fetch_sub", "Net#1.count", "2 -> 1", "Release");
    events.push(EventRecord { synchronises: vec![3], ..held });
    let failure = Failure {
        thread: Some(0),
        location: "src/sync/checked/execution/failure.rs:1:1".into(),
        events,
        ..Failure::new(FailureKind::Leak, "never freed: Net#1, allocated at src/toys.rs:17:5".into())
    };
    of(Engine::Rc11, failure)
}

/// Another thread uses a lock; main waits for it, uses the lock as well, does so many things alone, and is not content.
pub(super) fn with_steps_afterwards(steps: usize) -> Counterexample {
    let locked = |thread: &str| ["lock", "unlock"].map(|done| event(thread, done, "rtnl", "", ""));
    let mut events = vec![event("0:main", "spawn", "1:other", "", "")];
    events.extend(locked("1:other"));
    events[1].synchronises = vec![0];
    events.push(EventRecord { synchronises: vec![2], ..event("0:main", "join", "1:other", "", "") });
    events.extend((0..steps).map(|_| event("0:main", "load", "mine", "1", "Relaxed")));
    let failure =
        Failure { thread: Some(0), events, ..Failure::new(FailureKind::Assertion, "it is not 3".into()) };
    of(Engine::Rc11, failure)
}

/// One thread hands something to the next, and that one to main, which acquires from both.
pub(super) fn handed_on() -> Counterexample {
    let store = |thread, object| event(thread, "store", object, "1", "Release");
    let load = |thread, object| event(thread, "load", object, "1", "Acquire");
    let failure = Failure {
        thread: Some(0),
        events: vec![
            store("1:first", "x"),
            EventRecord { synchronises: vec![0], ..load("2:second", "x") },
            store("2:second", "y"),
            EventRecord { synchronises: vec![0, 2], ..load("0:main", "y") },
        ],
        ..Failure::new(FailureKind::Assertion, "planted".into())
    };
    of(Engine::Rc11, failure)
}

/// Everything that could break a format: markup, quotes, a name longer than any column, another script.
pub(super) fn hostile() -> Counterexample {
    let name = "\"</text><script>alert(\"1\")</script>&'\\\n\u{1}\u{fffe}";
    let failure = Failure {
        thread: Some(1),
        events: vec![
            event("0:main", "spawn", &format!("1:{name}"), "", ""),
            event(&format!("1:{name}"), "store", &name.repeat(9), &"字".repeat(200), "Relaxed"),
        ],
        ..Failure::new(FailureKind::Assertion, name.repeat(30))
    };
    of(Engine::Rc11, failure)
}

/// What a file might have: events that are not there, and more threads than the page is wide.
pub(super) fn of_nobody() -> Counterexample {
    let mut events: Vec<EventRecord> =
        (0..60).map(|thread| event(&format!("{thread}:t"), "load", "cell", "0", "Relaxed")).collect();
    let nowhere = events.len();
    events[1].reads = Some(Source::Event { event: nowhere });
    events[1].missed = Some(nowhere);
    events[1].synchronises = vec![nowhere, 0];
    let failure = Failure {
        event: Some(nowhere),
        conflict: Some(nowhere),
        events,
        ..Failure::new(FailureKind::DataRace, "nobody knows".into())
    };
    of(Engine::Rc11, failure)
}
