//! RCU: what a reader may rely on inside its section, and an updater after a grace period.

use crate::{Engines, Model};
use netns_core::check::reached;
use netns_core::rcu::{PreparedReader, Rcu, RcuCell};
use netns_core::sync::Ordering::{Acquire, Relaxed, Release};
use netns_core::sync::alloc::Owned;
use netns_core::sync::{self, Arc, AtomicU32, UnsafeCell, thread, wait_until};
use netns_core::workqueue::Workqueue;
use std::cell::Cell;

/// The models of this protocol.
pub const MODELS: &[Model] = &[
    Model {
        name: "grace-period-one-reader",
        protocol: "rcu",
        about: "A reader loads what a cell holds while an updater replaces it, waits for a grace period and frees \
                the old thing.",
        threads: 2,
        claims: &[17, 21],
        reaches: &["saw old", "saw new"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: true,
        body: || readers(1, once),
    },
    Model {
        name: "grace-period-reader-twice",
        protocol: "rcu",
        about: "The reader enters a second section: entering must not hide the end of the first from the updater.",
        threads: 2,
        claims: &[17, 21],
        reaches: &["saw old", "saw new"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: true,
        body: || readers(1, twice),
    },
    Model {
        name: "grace-period-nested",
        protocol: "rcu",
        about: "The reader's sections nest: the end of the inner one ends nothing.",
        threads: 2,
        claims: &[21],
        reaches: &["saw old", "saw new"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: true,
        body: || readers(1, nested),
    },
    Model {
        name: "grace-period-two-readers",
        protocol: "rcu",
        about: "Two readers, registered beforehand: the updater waits for both.",
        threads: 3,
        claims: &[17, 21],
        reaches: &["saw old", "saw new"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: || readers(2, once),
    },
    Model {
        name: "grace-period-thread-exit",
        protocol: "rcu",
        about: "A reader's thread ends and leaves its slot to another thread, whose section the updater waits for.",
        threads: 3,
        claims: &[21],
        reaches: &["saw old", "saw new"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: thread_exit,
    },
    Model {
        name: "grace-period-two-updaters",
        protocol: "rcu",
        about: "Two updaters wait at the same time, one of them leading for both or each for itself: either way \
                the one that replaced something may free it.",
        threads: 3,
        claims: &[21],
        reaches: &["saw old", "saw new"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: two_updaters,
    },
    Model {
        name: "grace-period-later-reader",
        protocol: "rcu",
        about: "A grace period waits for the reader that was there first, who leaves when another one has entered. If that \
                one entered after the beginning, the grace period ends without it.",
        threads: 3,
        claims: &[21],
        reaches: &["waited for", "not waited for"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: later_reader,
    },
    Model {
        name: "cell-two-replacements",
        protocol: "rcu",
        about: "Two threads replace what a cell holds, without a lock: each frees what it took out, the one what \
                the other had put in.",
        threads: 2,
        claims: &[4, 21],
        reaches: &["main was last", "the other was last"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: two_replacements,
    },
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
];

/// An object whose content is plain memory, written before it is published.
struct Content(UnsafeCell<u32>);

// SAFETY: written before it is published and read after; the checker watches whether that is so.
unsafe impl Sync for Content {}

impl Content {
    fn new(value: u32) -> Owned<Content> {
        let content = Owned::try_new(Content(UnsafeCell::new(0))).expect("memory is not failing here");
        sync::name(&content.0, "value");
        // SAFETY: not published yet.
        content.0.with_mut(|content| unsafe { *content = value });
        content
    }

    fn get(&self) -> u32 {
        // SAFETY: published contents are not written.
        self.0.with(|content| unsafe { *content })
    }
}

impl Drop for Content {
    fn drop(&mut self) {
        // SAFETY: nobody has a reference any more. If somebody does, the checker says so.
        self.0.with_mut(|content| unsafe { *content = u32::MAX });
    }
}

type World = (Rcu, RcuCell<Content>);

fn world() -> Arc<World> {
    let rcu = Rcu::new();
    let cell = RcuCell::new(&rcu, Some(Content::new(0)));
    sync::name(&cell, "pointer");
    Arc::new((rcu, cell))
}

fn saw(value: u32) {
    reached(if value == 0 { "saw old" } else { "saw new" });
}

fn once((rcu, cell): &World) {
    let guard = rcu.read_lock();
    let content = cell.load(&guard).expect("the cell is never empty");
    saw(content.get());
}

fn twice(world: &World) {
    once(world);
    once(world);
}

fn nested((rcu, cell): &World) {
    let outer = rcu.read_lock();
    let content = cell.load(&outer).expect("the cell is never empty");
    drop(rcu.read_lock());
    saw(content.get());
}

fn readers(readers: u32, read: fn(&World)) {
    let world = world();
    let readers: Vec<_> = (0..readers)
        .map(|_| {
            let there = world.clone();
            let prepared = (readers > 1).then(|| world.0.prepare_reader());
            thread::spawn_named("reader", move || {
                prepared.into_iter().for_each(PreparedReader::register);
                read(&there);
            })
        })
        .collect();
    let (rcu, cell) = &*world;
    let old = cell.replace(Some(Content::new(1))).expect("it held 0");
    rcu.synchronize_and_free(old);
    readers.into_iter().for_each(|t| t.join().unwrap());
}

fn thread_exit() {
    let rcu = Rcu::with_slots_before_reuse(1);
    let cell = RcuCell::new(&rcu, Some(Content::new(0)));
    sync::name(&cell, "pointer");
    let world = Arc::new((rcu, cell));
    let (first, second, prepared) = (world.clone(), world.clone(), world.0.prepare_reader());
    let first = thread::spawn_named("first", move || {
        prepared.register();
        drop(first.0.read_lock());
    });
    let second = thread::spawn_named("second", move || once(&second));
    let (rcu, cell) = &*world;
    let old = cell.replace(Some(Content::new(1))).expect("it held 0");
    rcu.synchronize_and_free(old);
    first.join().unwrap();
    second.join().unwrap();
}

fn two_replacements() {
    let world = world();
    let replace = |(rcu, cell): &World, value| {
        let old = cell.replace(Some(Content::new(value))).expect("the cell is never empty");
        rcu.synchronize_and_free(old);
    };
    let there = world.clone();
    let other = thread::spawn_named("updater", move || replace(&there, 1));
    replace(&world, 2);
    other.join().unwrap();
    let (rcu, cell) = &*world;
    let last = cell.load(&rcu.read_lock()).expect("the cell is never empty").get();
    reached(if last == 1 { "the other was last" } else { "main was last" });
}

fn two_updaters() {
    let world = world();
    let (there, prepared) = (world.clone(), world.0.prepare_reader());
    let reader = thread::spawn_named("reader", move || {
        prepared.register();
        once(&there);
    });
    let other = world.0.clone();
    let other = thread::spawn_named("updater", move || other.synchronize());
    let (rcu, cell) = &*world;
    let old = cell.replace(Some(Content::new(1))).expect("it held 0");
    rcu.synchronize_and_free(old);
    reader.join().unwrap();
    other.join().unwrap();
}

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

fn later_reader() {
    let (rcu, entered, done) = (Rcu::new(), Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let first = rcu.read_lock();
    let (there, has_entered, is_done, prepared) =
        (rcu.clone(), entered.clone(), done.clone(), rcu.prepare_reader());
    let later = thread::spawn_named("later", move || {
        prepared.register();
        let guard = there.read_lock();
        has_entered.fetch_add(1, Release);
        reached(if is_done.load(Relaxed) == 1 { "not waited for" } else { "waited for" });
        drop(guard);
    });
    let there = rcu.clone();
    let updater = thread::spawn_named("updater", move || {
        there.synchronize();
        done.fetch_add(1, Relaxed);
    });
    wait_until(&*entered, Acquire, |entered| entered == 1);
    drop(first);
    later.join().unwrap();
    updater.join().unwrap();
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
