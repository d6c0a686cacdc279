//! The RC11 engine behind the facade: every consistent execution, each once.

use super::{Condvar, Engine, Graph, GraphEvent, Join, Lock, Parker, Rmw, Track, Width, Word, words};
use rc11::{Atomic, EventKind, EventView};
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub(crate) static RC11: Rc11 = Rc11;

pub(crate) struct Rc11;

struct Rc11Word<A>(A);
words!(Rc11Word, Atomic<u32>, Atomic<u64>, |atomic| atomic.get(), |atomic, order, enough| {
    rc11::Word::to_word(atomic.wait_until(order, |value| enough(rc11::Word::to_word(value))))
});

struct Rc11Lock(rc11::RawMutex);

impl Lock for Rc11Lock {
    fn lock(&self) {
        self.0.lock();
    }
    fn unlock(&self) {
        self.0.unlock();
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

struct Rc11Condvar(rc11::Condvar);

impl Condvar for Rc11Condvar {
    fn wait(&self, lock: &dyn Lock) {
        let lock = lock.as_any().downcast_ref::<Rc11Lock>().expect("a lock of the same engine");
        self.0.wait_raw(&lock.0);
    }
    fn notify_one(&self) {
        self.0.notify_one();
    }
    fn notify_all(&self) {
        self.0.notify_all();
    }
}

struct Rc11Track(rc11::Track);

impl Track for Rc11Track {
    fn read(&self) {
        self.0.read();
    }
    fn write(&self) {
        self.0.write();
    }
}

impl Engine for Rc11 {
    fn word(&self, width: Width, value: u64) -> Arc<dyn Word> {
        match width {
            Width::W32 => Arc::new(Rc11Word(Atomic::new(value as u32))),
            Width::W64 => Arc::new(Rc11Word(Atomic::new(value))),
        }
    }
    fn lock(&self) -> Box<dyn Lock> {
        Box::new(Rc11Lock(rc11::RawMutex::new()))
    }
    fn condvar(&self) -> Box<dyn Condvar> {
        Box::new(Rc11Condvar(rc11::Condvar::new()))
    }
    fn track(&self) -> Box<dyn Track> {
        Box::new(Rc11Track(rc11::Track::new()))
    }
    fn fence(&self, order: Ordering) {
        rc11::fence(order);
    }
    fn light_fence(&self) {
        rc11::light_fence();
    }
    fn spawn(&self, body: Box<dyn FnOnce() + Send>) -> Box<dyn Join> {
        Box::new(Rc11Join(rc11::thread::spawn(body)))
    }
    /// What others may do in between is explored anyway.
    fn yield_now(&self) {}
    /// Waits are the engine's own: see `Word::wait`.
    fn parker(&self) -> Option<Arc<dyn Parker>> {
        None
    }
    fn max_threads(&self) -> usize {
        rc11::MAX_THREADS
    }
    fn announces_fences(&self) -> bool {
        false
    }
    fn remembered_stores(&self) -> Option<u32> {
        None
    }
    fn choose(&self, n: usize) -> Option<usize> {
        Some(rc11::choose(n))
    }
    fn running_thread(&self) -> Option<usize> {
        Some(rc11::thread::current())
    }
    /// A graph has numbers that are the same whenever it is replayed, and addresses are not.
    fn needs_names_for_addresses(&self) -> bool {
        true
    }
    fn events_behind(&self) -> usize {
        rc11::thread::events_behind()
    }
    fn graph(&self) -> Option<Graph> {
        Some(graph_of(rc11::thread::events()?, rc11::thread::current()))
    }
    fn is_counted(&self) -> bool {
        rc11::thread::is_explored()
    }
}

/// What the facade needs of a graph in which `running` was the thread that ran.
pub(crate) fn graph_of(events: Vec<EventView>, running: usize) -> Graph {
    let event = |event: EventView| GraphEvent {
        thread: event.thread,
        index: event.index,
        is_read: event.what == EventKind::Read,
        is_write: matches!(event.what, EventKind::Write { .. }),
        reads_from: event.reads_from,
        place: event.place,
        starts: if let EventKind::Create { child } = event.what { Some(child) } else { None },
        happens_before: event.happens_before,
    };
    Graph { running, events: events.into_iter().map(event).collect() }
}

struct Rc11Join(rc11::thread::JoinHandle<()>);

impl Join for Rc11Join {
    fn join(self: Box<Self>) {
        self.0.join();
    }
}
