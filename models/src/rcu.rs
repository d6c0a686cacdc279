//! RCU: what a reader may rely on inside its section, and an updater after a grace period.

use crate::{Engines, Model};
use netns_core::check::reached;
use netns_core::rcu::{PreparedReader, Rcu, RcuCell};
use netns_core::sync::Ordering::{Acquire, Relaxed, Release};
use netns_core::sync::alloc::Owned;
use netns_core::sync::{self, Arc, AtomicU32, UnsafeCell, thread, wait_until};

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
        reaches: &["not over yet", "over before it"],
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
];

/// An object whose content is plain memory, written before it is published.
pub(super) struct Content(pub(super) UnsafeCell<u32>);

// SAFETY: written before it is published and read after; the checker watches whether that is so.
unsafe impl Sync for Content {}

impl Content {
    pub(super) fn new(value: u32) -> Owned<Content> {
        let content = Owned::try_new(Content(UnsafeCell::new(0))).expect("memory is not failing here");
        sync::name(&content.0, "value");
        // SAFETY: not published yet.
        content.0.with_mut(|content| unsafe { *content = value });
        content
    }

    pub(super) fn get(&self) -> u32 {
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

pub(super) type World = (Rcu, RcuCell<Content>);

/// A cell that holds 0.
pub(super) fn world() -> Arc<World> {
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

fn later_reader() {
    let (rcu, entered, done) = (Rcu::new(), Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let first = rcu.read_lock();
    let (there, has_entered, is_done, prepared) =
        (rcu.clone(), entered.clone(), done.clone(), rcu.prepare_reader());
    let later = thread::spawn_named("later", move || {
        prepared.register();
        let guard = there.read_lock();
        has_entered.fetch_add(1, Release);
        reached(if is_done.load(Relaxed) == 1 { "over before it" } else { "not over yet" });
        drop(guard);
    });
    let read = Arc::new(Content(UnsafeCell::new(0)));
    sync::name(&read.0, "read");
    let (there, written) = (rcu.clone(), read.clone());
    let updater = thread::spawn_named("updater", move || {
        there.synchronize();
        // SAFETY: who reads it is in a section that was there before: the checker watches that.
        written.0.with_mut(|content| unsafe { *content = 1 });
        done.fetch_add(1, Relaxed);
    });
    wait_until(&*entered, Acquire, |entered| entered == 1);
    assert_eq!(read.get(), 0, "the first reader is waited for");
    drop(first);
    later.join().unwrap();
    updater.join().unwrap();
}
