//! Counts: get_net, put_net and maybe_get_net, on a count by itself.

use crate::linear::{History, Specification};
use crate::{Engines, Model};
use netns_core::check::reached;
use netns_core::refcount::Refcount;
use netns_core::sync::Ordering::Relaxed;
use netns_core::sync::alloc::{Owned, Shared};
use netns_core::sync::{self, Arc, AtomicU32, UnsafeCell, thread};

/// The models of this protocol.
pub const MODELS: &[Model] = &[
    Model {
        name: "count-three-holders",
        protocol: "refcount",
        about: "Three holders write to the object and put it. One of them, and only one, finds that it was the \
                last, sees what the others wrote, and frees the object.",
        threads: 3,
        claims: &[1, 3],
        reaches: &["main was last", "another was last"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: || holders(2),
    },
    Model {
        name: "count-four-holders",
        protocol: "refcount",
        about: "The same with four.",
        threads: 4,
        claims: &[1, 3],
        reaches: &["main was last", "another was last"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: || holders(3),
    },
    Model {
        name: "count-maybe-get-against-last-put",
        protocol: "refcount",
        about: "A thread that knows where the object is, but holds nothing, tries to get it while the last holder \
                puts it. If it gets it, the object is alive until it puts it; if not, it never will be.",
        threads: 2,
        claims: &[1],
        reaches: &["got", "too late"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: || maybe_gets(1),
    },
    Model {
        name: "count-two-maybe-gets-against-last-put",
        protocol: "refcount",
        about: "Two threads try, while the last holder puts: the count leaves 0 for nobody, and reaches it once.",
        threads: 3,
        claims: &[1],
        reaches: &["got", "too late"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: || maybe_gets(2),
    },
    Model {
        name: "count-overflow-against-puts",
        protocol: "refcount",
        about: "Two threads take references beyond the greatest count while the others are put: the object leaks, \
                and nobody is told that it was the last.",
        threads: 3,
        claims: &[8],
        reaches: &["saturated", "did not overflow"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: overflow,
    },
    Model {
        name: "count-linearisable",
        protocol: "refcount",
        about: "Two holders put, while a third thread tries to get, and gets again if it could: all answers are those of \
                one number that is counted up and down, and never up from 0.",
        threads: 3,
        claims: &[1],
        reaches: &["got", "too late"],
        engines: Engines::Both,
        preemptions: None,
        fence_events: false,
        body: linearisable,
    },
];

/// What a count protects: plain memory, written by every holder in turn.
struct Object {
    count: Refcount,
    written: UnsafeCell<u32>,
}

// SAFETY: `written` is written by holders one at a time only if the count orders them; the checker watches it.
unsafe impl Sync for Object {}

fn object(count: u32) -> Shared<Object> {
    let object = Object { count: Refcount::new(count), written: UnsafeCell::new(0) };
    sync::name(&object.count, "count");
    sync::name(&object.written, "written");
    Owned::try_new(object).expect("memory is not failing here").into_shared()
}

/// Puts one reference. The last one frees the object, and returns true.
fn put(object: Shared<Object>) -> bool {
    // SAFETY: the caller holds a reference.
    if !unsafe { object.as_ref() }.count.dec_and_test() {
        return false;
    }
    // SAFETY: ours was the last reference.
    let object = unsafe { object.into_owned() };
    // SAFETY: as above: nobody else can reach it.
    object.written.with_mut(|written| unsafe { *written += 1 });
    drop(object);
    true
}

pub(crate) fn holders(others: u32) {
    let object = object(others + 1);
    let ours = Arc::new(AtomicU32::new(0));
    sync::name(&*ours, "ours");
    let threads: Vec<_> = (0..others)
        .map(|i| {
            let ours = ours.clone();
            thread::spawn_named("holder", move || {
                // A holder may read the object, and the last may write it: their puts order the two.
                // SAFETY: this thread holds a reference.
                unsafe { object.as_ref() }.written.with(|written| {
                    // SAFETY: nobody writes while there are holders.
                    assert_eq!(unsafe { *written }, 0, "read by holder {i}");
                });
                if put(object) {
                    ours.fetch_add(1, Relaxed);
                    reached("another was last");
                }
            })
        })
        .collect();
    let last = put(object);
    threads.into_iter().for_each(|t| t.join().unwrap());
    if last {
        reached("main was last");
    }
    assert_eq!(ours.load(Relaxed) + u32::from(last), 1, "one holder is the last");
}

/// The memory outlives the count here: what keeps it is not the question.
pub(crate) fn maybe_gets(others: u32) {
    let (count, ended) = (Arc::new(Refcount::new(1)), Arc::new(AtomicU32::new(0)));
    sync::name(&*count, "count");
    sync::name(&*ended, "ended");
    let put = |count: &Refcount, ended: &AtomicU32| {
        if count.dec_and_test() {
            assert_eq!(ended.fetch_add(1, Relaxed), 0, "the count reaches 0 once");
        }
    };
    let threads: Vec<_> = (0..others)
        .map(|_| {
            let (count, ended) = (count.clone(), ended.clone());
            thread::spawn_named("maybe_get", move || {
                if count.inc_not_zero() {
                    reached("got");
                    assert_eq!(ended.load(Relaxed), 0, "what was got is alive");
                    put(&count, &ended);
                } else {
                    reached("too late");
                    assert!(!count.inc_not_zero(), "the count never leaves 0");
                }
            })
        })
        .collect();
    put(&count, &ended);
    threads.into_iter().for_each(|t| t.join().unwrap());
    assert_eq!(ended.load(Relaxed), 1, "the count reached 0");
    assert_eq!(count.read(), 0);
}

fn overflow() {
    let count = Arc::new(Refcount::new(Refcount::MAX - 1));
    sync::name(&*count, "count");
    let getters = [Refcount::inc, |count: &Refcount| assert!(count.inc_not_zero())].map(|get| {
        let count = count.clone();
        thread::spawn_named("get", move || get(&count))
    });
    let overflown = count.is_saturated();
    assert!(!count.dec_and_test(), "there are billions of holders");
    getters.into_iter().for_each(|t| t.join().unwrap());
    if count.is_saturated() {
        reached("saturated");
        assert!(!count.dec_and_test() && !count.dec_and_test(), "what leaked is not freed");
        assert!(count.is_saturated(), "and stays leaked");
    } else {
        reached("did not overflow");
        assert!(!overflown, "what overflows leaks for good");
        assert_eq!(count.read(), Refcount::MAX);
    }
}

/// A count as it should be.
#[derive(Debug, Clone)]
struct Counter(u32);

#[derive(Debug, Clone, Copy)]
enum Step {
    Get,
    MaybeGet,
    Put,
}

impl Specification for Counter {
    type Operation = Step;
    /// Whether a reference was got, or the last one put.
    type Answer = bool;

    fn explains(&mut self, step: Step, answer: &bool) -> bool {
        let Counter(count) = self;
        let expected = match step {
            Step::Get => true,
            Step::MaybeGet => *count > 0,
            Step::Put => *count == 1,
        };
        match step {
            Step::Put => *count -= 1,
            Step::Get | Step::MaybeGet => *count += u32::from(expected),
        }
        *answer == expected
    }
}

impl History<Counter> {
    fn step(&mut self, step: Step, count: &Refcount) -> bool {
        let act = || match step {
            Step::Get => {
                count.inc();
                true
            }
            Step::MaybeGet => count.inc_not_zero(),
            Step::Put => count.dec_and_test(),
        };
        self.record(step, act, |answer| *answer)
    }
}

fn linearisable() {
    let count = Arc::new(Refcount::new(2));
    sync::name(&*count, "count");
    let thread = |name, act: fn(&mut History<Counter>, &Refcount)| {
        let count = count.clone();
        thread::spawn_named(name, move || {
            let mut history = History::default();
            act(&mut history, &count);
            history
        })
    };
    let holder = thread("holder", |history, count| {
        history.step(Step::Put, count);
    });
    let tryer = thread("maybe_get", |history, count| {
        if history.step(Step::MaybeGet, count) {
            reached("got");
            history.step(Step::Get, count);
            history.step(Step::Put, count);
            history.step(Step::Put, count);
        } else {
            reached("too late");
            history.step(Step::MaybeGet, count);
        }
    });
    let mut history = History::default();
    history.step(Step::Put, &count);
    history.join(holder.join().unwrap());
    history.join(tryer.join().unwrap());
    history.check(Counter(2));
    assert_eq!(count.read(), 0);
}
