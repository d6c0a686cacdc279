//! The workqueue: whatever is put on a list before the work is queued is found.

use crate::{Engines, Model};
use netns_core::check::{choose, reached};
use netns_core::sync::Ordering::{Acquire, Relaxed, Release};
use netns_core::sync::{self, Arc, AtomicU32, Mutex, planned_panic, thread, wait_until};
use netns_core::workqueue::{Work, Workqueue};

/// The models of this protocol.
pub const MODELS: &[Model] = &[
    Model {
        name: "work-one-queuer-against-worker",
        protocol: "workqueue",
        about: "A thread puts two things on a list, queueing the work after each, while the worker runs: both are \
                found, in one run or in two.",
        threads: 2,
        claims: &[2],
        reaches: &["found together", "found one by one"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: one_queuer,
    },
    Model {
        name: "work-two-queuers-against-worker",
        protocol: "workqueue",
        about: "Two threads do so at the same time: each sets PENDING or finds it set, and nothing is lost.",
        threads: 3,
        claims: &[2],
        reaches: &["found together", "found one by one"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: two_queuers,
    },
    Model {
        name: "work-sees-what-came-before-it",
        protocol: "workqueue",
        about: "A thread writes and then queues the work, which is pending already or not: a run of the work that \
                begins after that sees what was written, though no lock was shared.",
        threads: 2,
        claims: &[2],
        reaches: &["queued anew", "was pending"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: what_came_before,
    },
    Model {
        name: "work-flush-finds-what-was-pending",
        protocol: "workqueue",
        about: "A thread queues work that another one is queueing at the same time, finds it pending or not, and \
                flushes: the work has run after what it did before.",
        threads: 2,
        claims: &[2],
        reaches: &["queued anew", "was pending"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: flush_what_was_pending,
    },
    Model {
        name: "work-item-goes-with-its-run",
        protocol: "workqueue",
        about: "The worker has the last handle to an item, and so to something whose end queues other work on the same \
                queue, as another thread does: the queue can be used while an item goes.",
        threads: 2,
        claims: &[2],
        reaches: &["queued anew", "was pending"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: item_goes,
    },
    Model {
        name: "work-shutdown-with-work-pending",
        protocol: "workqueue",
        about: "The queue is shut down while a thread queues work: the work runs, wherever.",
        threads: 2,
        claims: &[2],
        reaches: &["ran here", "ran there"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: shutdown,
    },
    Model {
        name: "work-on-a-thread-of-its-own",
        protocol: "workqueue",
        about: "A queue with a thread: a flush waits for what was queued before it, and the end of the last handle for all \
                that is queued; but an item that has this handle does not wait for itself.",
        threads: 2,
        claims: &[2],
        reaches: &["already begun", "still pending", "an item has the last handle"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: on_a_thread_of_its_own,
    },
    Model {
        name: "work-from-inside",
        protocol: "workqueue",
        about: "An item queues itself while it runs, and so runs again, drives another queue but not its own, and panics: \
                no item is lost, then or when the queue has been shut down.",
        threads: 1,
        claims: &[2],
        reaches: &["by hand", "after the shutdown"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: from_inside,
    },
];

/// A list, and the work that empties it and notes how much it found.
struct Found {
    list: Mutex<Vec<u32>>,
    runs: Mutex<Vec<Vec<u32>>>,
}

fn found() -> (Arc<Found>, Work) {
    let found = Arc::new(Found { list: Mutex::new(Vec::new()), runs: Mutex::new(Vec::new()) });
    sync::name(&found.list, "list");
    sync::name(&found.runs, "runs");
    let worker = found.clone();
    let work = Work::new(move || {
        let list = std::mem::take(&mut *worker.list.lock());
        worker.runs.lock().push(list);
    });
    (found, work)
}

impl Found {
    fn assert_all(&self, expected: &[u32]) {
        let runs = self.runs.lock();
        let mut all: Vec<_> = runs.iter().flatten().copied().collect();
        all.sort_unstable();
        assert_eq!(all, expected, "everything was found, once");
        let full = runs.iter().filter(|run| !run.is_empty()).count();
        reached(if full == 1 { "found together" } else { "found one by one" });
    }
}

fn one_queuer() {
    let (found, work) = found();
    let queue = Workqueue::manual();
    let (list, there) = (found.clone(), queue.clone());
    let queuer = thread::spawn_named("queuer", move || {
        for n in [1, 2] {
            list.list.lock().push(n);
            there.queue(&work);
        }
        there.shutdown();
    });
    queue.run();
    queuer.join().unwrap();
    found.assert_all(&[1, 2]);
}

fn two_queuers() {
    let (found, work) = found();
    let queue = Workqueue::manual();
    let queuers = [1, 2].map(|n| {
        let (list, queue, work) = (found.clone(), queue.clone(), work.clone());
        thread::spawn_named("queuer", move || {
            list.list.lock().push(n);
            queue.queue(&work);
        })
    });
    queue.run_pending();
    queuers.into_iter().for_each(|t| t.join().unwrap());
    queue.run_pending();
    found.assert_all(&[1, 2]);
}

fn what_came_before() {
    let (written, seen) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    sync::name(&*written, "written");
    sync::name(&*seen, "seen");
    let (reader, seer) = (written.clone(), seen.clone());
    let work = Work::new(move || _ = seer.fetch_max(reader.load(Relaxed), Relaxed));
    let queue = Workqueue::manual();
    queue.queue(&work);
    let there = queue.clone();
    let queuer = thread::spawn_named("queuer", move || {
        written.store(1, Relaxed);
        reached(if there.queue(&work) { "queued anew" } else { "was pending" });
    });
    queue.run_pending();
    queuer.join().unwrap();
    queue.run_pending();
    assert_eq!(seen.load(Relaxed), 1, "some run of the work came after the write");
}

fn flush_what_was_pending() {
    let (found, work) = found();
    let queue = Workqueue::manual();
    let (there, other_work) = (queue.clone(), work.clone());
    let other = thread::spawn_named("queuer", move || _ = there.queue(&other_work));
    found.list.lock().push(1);
    reached(if queue.queue(&work) { "queued anew" } else { "was pending" });
    queue.flush();
    assert_eq!(*found.runs.lock().concat(), [1], "what was queued before the flush has run");
    other.join().unwrap();
    queue.run_pending();
}

/// Its end queues work.
struct Last {
    queue: Workqueue,
    work: Work,
}

impl Drop for Last {
    fn drop(&mut self) {
        self.queue.queue(&self.work);
    }
}

fn item_goes() {
    let (found, work) = found();
    let queue = Workqueue::manual();
    let last = Last { queue: queue.clone(), work: work.clone() };
    queue.queue(&Work::new(move || _ = &last));
    found.list.lock().push(1);
    let there = queue.clone();
    let worker = thread::spawn_named("worker", move || _ = there.run_pending());
    reached(if queue.queue(&work) { "queued anew" } else { "was pending" });
    worker.join().unwrap();
    queue.run_pending();
    assert_eq!(*found.runs.lock().concat(), [1], "what was queued at the end has run");
}

fn shutdown() {
    let (found, work) = found();
    let queue = Workqueue::manual();
    let (list, there) = (found.clone(), queue.clone());
    let queuer = thread::spawn_named("queuer", move || {
        list.list.lock().push(1);
        there.queue(&work);
        !list.runs.lock().is_empty()
    });
    queue.shutdown();
    let here = !found.runs.lock().is_empty();
    if queuer.join().unwrap() && !here {
        reached("ran there");
    }
    if here {
        reached("ran here");
    }
    queue.run_pending();
    assert_eq!(*found.runs.lock().concat(), [1], "what was queued runs");
}

fn on_a_thread_of_its_own() {
    let queue = Workqueue::spawn("worker");
    if choose(2) == 0 {
        let (last, dropped) = (Mutex::new(Some(queue.clone())), Arc::new(AtomicU32::new(0)));
        let there = dropped.clone();
        queue.queue(&Work::new(move || {
            wait_until(&*there, Acquire, |handles| handles == 1);
            drop(last.lock().take());
            there.fetch_add(1, Release);
        }));
        drop(queue);
        dropped.fetch_add(1, Release);
        wait_until(&*dropped, Acquire, |handles| handles == 2);
        reached("an item has the last handle");
        return;
    }
    let (found, work) = found();
    found.list.lock().push(1);
    assert!(queue.queue(&work));
    reached(if work.is_pending() { "still pending" } else { "already begun" });
    queue.flush();
    assert_eq!((found.runs.lock().len(), work.is_pending()), (1, false), "a flush waits");
    found.list.lock().push(2);
    assert!(queue.queue(&work), "it was run");
    drop(queue);
    assert_eq!(*found.runs.lock(), [[1], [2]], "the last handle waits");
}

fn from_inside() {
    let (queue, other) = (Workqueue::manual(), Workqueue::manual());
    let (runs, this) = (Arc::new(AtomicU32::new(0)), Arc::new(Mutex::new(None::<Work>)));
    let (there, elsewhere, again, ran) = (queue.clone(), other.clone(), this.clone(), runs.clone());
    let work = Work::new(move || {
        assert!(there.is_worker() && !elsewhere.is_worker());
        if ran.fetch_add(1, Relaxed).is_multiple_of(2) {
            let this = again.lock().clone().expect("it is there");
            assert!(there.queue(&this) && this.is_pending(), "its run has begun, so it is not pending");
            assert_eq!(there.run_pending(), 0, "whoever runs this goes on");
            assert_eq!(elsewhere.run_pending(), 0, "nothing is there");
            planned_panic();
        }
    });
    *this.lock() = Some(work.clone());
    assert!(queue.queue(&work) && !queue.queue(&work), "once, however often it is queued");
    if choose(2) == 0 {
        reached("by hand");
        assert_eq!(queue.run_pending(), 2);
        queue.shutdown();
    } else {
        reached("after the shutdown");
        queue.shutdown();
        assert_eq!(runs.load(Relaxed), 2);
        assert!(queue.queue(&work), "it runs here, at once");
    }
    queue.run();
    assert_eq!((runs.load(Relaxed) % 2, queue.is_worker(), work.is_pending()), (0, false, false));
    assert_eq!(queue.run_pending(), 0);
    // The item has handles of its queue, and itself.
    *this.lock() = None;
}
