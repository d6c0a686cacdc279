//! Callbacks of RCU: who runs them, what a barrier waits for, and what becomes of them when their domain goes.

use crate::rcu::{Content, world};
use crate::{Engines, Model};
use netns_core::check::reached;
use netns_core::rcu::{Rcu, RcuCell};
use netns_core::sync::Ordering::Relaxed;
use netns_core::sync::alloc::Owned;
use netns_core::sync::{self, Arc, AtomicU32, UnsafeCell, thread};
use netns_core::workqueue::Workqueue;
use std::cell::Cell;

/// The models of this protocol.
pub const MODELS: &[Model] = &[
    Model {
        name: "barrier-two-at-once",
        protocol: "rcu",
        about: "Two barriers after one callback: the one that finds the queue empty, because the other took the \
                callback, waits for it all the same.",
        threads: 2,
        claims: &[22],
        reaches: &["main ran it", "the other ran it"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: barriers,
    },
    Model {
        name: "callback-against-reader",
        protocol: "rcu",
        about: "An object is freed by a callback while a reader may still be using it.",
        threads: 2,
        claims: &[21, 22],
        reaches: &["saw old", "saw nothing"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: true,
        body: callback_against_reader,
    },
    Model {
        name: "callback-frees-by-the-reclaimer",
        protocol: "rcu",
        about: "One thread publishes an object, another takes it out and leaves it to a callback, which the \
                reclaimer's queue runs on a third: what the first wrote comes before the end of the object.",
        threads: 3,
        claims: &[4, 22],
        reaches: &["taken", "nothing there", "freed meanwhile", "freed at the end"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: frees_by_the_reclaimer,
    },
    Model {
        name: "barrier-against-call",
        protocol: "rcu",
        about: "A callback that another thread queued, and one that it queues in turn: each barrier waits for what \
                was queued before it.",
        threads: 2,
        claims: &[22],
        reaches: &["the barrier waited", "the callback came later"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: barrier_against_call,
    },
    Model {
        name: "callback-refused-once",
        protocol: "rcu",
        about: "The reclaimer is shut down, so callbacks run on whoever queues them; one thread queues one inside a \
                section, where it cannot run, another one outside: both run, with the next one at the latest.",
        threads: 2,
        claims: &[22],
        reaches: &["both had run", "one was left"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: refused_once,
    },
    Model {
        name: "domains-in-each-other",
        protocol: "rcu",
        about: "A thread is inside a section, or a callback, of one domain while it waits for grace periods and callbacks of \
                another, which has readers of its own: the domains know nothing of each other.",
        threads: 2,
        claims: &[21, 22],
        reaches: &["saw old", "saw new"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: domains_in_each_other,
    },
    Model {
        name: "domain-of-a-forgotten-guard",
        protocol: "rcu",
        about: "A guard is forgotten, and the domain goes: nobody waits for the end of that section, and what a reader in it \
                might be looking at stays, callbacks that were queued included.",
        threads: 1,
        claims: &[21],
        reaches: &["leaked"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: forgotten_guard,
    },
];

sync::thread_local! {
    /// What it means that this thread ran the callback.
    static RAN: Cell<&'static str> = const { Cell::new("main ran it") }
}

fn barriers() {
    let rcu = Rcu::new();
    let ran = Arc::new(Content(UnsafeCell::new(0)));
    sync::name(&ran.0, "ran");
    let callback = ran.clone();
    rcu.call(move || {
        // SAFETY: there is one callback, and who looks has waited for it: the checker watches that.
        callback.0.with_mut(|ran| unsafe { *ran += 1 });
        RAN.with(|ran| reached(ran.get()));
    });
    let (other, seen) = (rcu.clone(), ran.clone());
    let other = thread::spawn_named("other", move || {
        RAN.with(|ran| ran.set("the other ran it"));
        other.barrier();
        assert_eq!(seen.get(), 1, "the callback has run");
    });
    rcu.barrier();
    assert_eq!(ran.get(), 1, "the callback has run");
    other.join().unwrap();
}

fn callback_against_reader() {
    let world = world();
    let reader = world.clone();
    let reader = thread::spawn_named("reader", move || {
        let (rcu, cell) = &*reader;
        let guard = rcu.read_lock();
        match cell.load(&guard) {
            Some(content) => {
                assert_eq!(content.get(), 0);
                reached("saw old");
            }
            None => reached("saw nothing"),
        }
    });
    let (rcu, cell) = &*world;
    rcu.free(cell.replace(None).expect("it held 0"));
    rcu.barrier();
    reader.join().unwrap();
}

fn frees_by_the_reclaimer() {
    let queue = Workqueue::manual();
    let rcu = Rcu::with_reclaimer(queue.clone());
    let cell = RcuCell::new(&rcu, None);
    sync::name(&cell, "pointer");
    let world = Arc::new((rcu, cell));
    let there = world.clone();
    let publisher = thread::spawn_named("publisher", move || {
        let (rcu, cell) = &*there;
        if let Some(old) = cell.replace(Some(Content::new(0))) {
            rcu.free(old);
        }
    });
    let there = world.clone();
    let taker = thread::spawn_named("taker", move || {
        let (rcu, cell) = &*there;
        // This thread neither waits for a grace period nor follows the pointer: all that it has is the replacement.
        match cell.replace(None) {
            Some(old) => {
                reached("taken");
                rcu.free(old);
            }
            None => reached("nothing there"),
        }
    });
    reached(if queue.run_pending() > 0 { "freed meanwhile" } else { "freed at the end" });
    publisher.join().unwrap();
    taker.join().unwrap();
    queue.run_pending();
}

fn barrier_against_call() {
    let rcu = Rcu::new();
    let (queued, ran) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    sync::name(&*queued, "queued");
    sync::name(&*ran, "ran");
    let caller = {
        let (rcu, queued, ran) = (rcu.clone(), queued.clone(), ran.clone());
        thread::spawn_named("caller", move || {
            let (again, ran_again) = (rcu.clone(), ran.clone());
            rcu.call(move || {
                ran.fetch_add(1, Relaxed);
                again.call(move || _ = ran_again.fetch_add(1, Relaxed));
            });
            queued.fetch_add(1, Relaxed);
        })
    };
    let before = queued.load(Relaxed);
    rcu.barrier();
    if before == 1 {
        assert!(ran.load(Relaxed) >= 1, "what was queued before the barrier has run after it");
        reached("the barrier waited");
    } else {
        reached("the callback came later");
    }
    caller.join().unwrap();
    rcu.barrier();
    assert!(ran.load(Relaxed) >= 1);
    rcu.barrier();
    assert_eq!(ran.load(Relaxed), 2, "the second barrier waits for what the first one's callbacks queued");
}

fn refused_once() {
    let (queue, ran) = (Workqueue::manual(), Arc::new(AtomicU32::new(0)));
    sync::name(&*ran, "ran");
    let rcu = Rcu::with_reclaimer(queue.clone());
    queue.shutdown();
    let call = |rcu: &Rcu, ran: &Arc<AtomicU32>| {
        let ran = ran.clone();
        rcu.call(move || _ = ran.fetch_add(1, Relaxed));
    };
    let (there, theirs, prepared) = (rcu.clone(), ran.clone(), rcu.prepare_reader());
    let caller = thread::spawn_named("caller", move || {
        prepared.register();
        let guard = there.read_lock();
        call(&there, &theirs);
        drop(guard);
    });
    call(&rcu, &ran);
    caller.join().unwrap();
    reached(if ran.load(Relaxed) == 2 { "both had run" } else { "one was left" });
    call(&rcu, &ran);
    assert_eq!(ran.load(Relaxed), 3, "what was refused runs with the next one");
}

fn domains_in_each_other() {
    let (outer, inner) = (Rcu::new(), Rcu::new());
    let value = |value: u32| Some(Owned::try_new(value).expect("memory is not failing here"));
    let cell = Arc::new(RcuCell::new(&inner, value(0)));
    let (there, read, prepared) = (inner.clone(), cell.clone(), inner.prepare_reader());
    let reader = thread::spawn_named("reader", move || {
        prepared.register();
        let guard = there.read_lock();
        let value = read.load(&guard).expect("the cell is never empty");
        reached(["saw old", "saw new"][*value as usize]);
    });
    let (guard, again) = (outer.read_lock(), outer.read_lock());
    drop(guard);
    assert!(outer.in_section() && !inner.in_section(), "guards end in any order");
    inner.synchronize_and_free(cell.replace(value(1)).expect("it held 0"));
    let (calling, there, ran) = (outer.clone(), inner.clone(), Arc::new(AtomicU32::new(0)));
    let counter = ran.clone();
    outer.call(move || {
        assert!(calling.in_callback() && !there.in_callback());
        let count = counter.clone();
        there.call(move || _ = count.fetch_add(1, Relaxed));
        there.barrier();
        assert_eq!(counter.fetch_add(1, Relaxed), 1, "the inner one has run");
    });
    drop(again);
    assert!(!outer.in_section());
    outer.barrier();
    assert_eq!((ran.load(Relaxed), outer.in_callback()), (2, false));
    let counter = ran.clone();
    outer.call(move || _ = counter.fetch_add(1, Relaxed));
    drop(outer);
    assert_eq!(ran.load(Relaxed), 3, "the end of a domain waits for its callbacks");
    reader.join().unwrap();
}

fn forgotten_guard() {
    let (rcu, read) = (Rcu::new(), Arc::new(()));
    std::mem::forget(rcu.read_lock());
    let kept = read.clone();
    rcu.call(move || unreachable!("the section never ends, and {kept:?} may be read"));
    drop(rcu);
    assert_eq!(Arc::strong_count(&read), 2, "it is still there");
    reached("leaked");
}
