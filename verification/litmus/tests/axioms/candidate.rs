//! The candidate executions of a test that have its outcome: what each read reads from, and in which order the writes to a
//! place come. Which of them there are is the models' business.

use crate::relation::Relation;
use netns_core::sync::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};
use netns_litmus::program::{Claim, Exchange, Step};
use netns_litmus::row::Row;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Read,
    Write(Value),
    Fence,
    LightFence,
    HeavyFence,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    Is(u32),
    /// What that event has read.
    Read(usize),
    /// One more.
    OneMore(usize),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Event {
    /// `None`: it is the beginning.
    pub(crate) thread: Option<usize>,
    pub(crate) kind: Kind,
    pub(crate) place: Option<usize>,
    ordering: Ordering,
    /// The value that a read must have read, and one that it must not.
    must: Option<u32>,
    must_not: Option<u32>,
}

/// An execution that may be one.
pub(crate) struct Candidate<'a> {
    pub(crate) events: &'a [Event],
    /// Program order; the beginning is before everything.
    pub(crate) po: Relation,
    pub(crate) rmw: Relation,
    /// From a read to the write of the same thread that writes what it has read.
    pub(crate) data: Relation,
    /// From a read to whatever is done only if it has read a certain value.
    pub(crate) control: Relation,
    pub(crate) rf: Relation,
    pub(crate) co: Relation,
    pub(crate) fr: Relation,
}

impl Event {
    pub(crate) fn is_read(&self) -> bool {
        self.kind == Kind::Read
    }

    pub(crate) fn is_write(&self) -> bool {
        matches!(self.kind, Kind::Write(_))
    }

    pub(crate) fn is_fence(&self) -> bool {
        self.place.is_none()
    }

    pub(crate) fn is_fence_of(&self, ordering: Ordering) -> bool {
        self.kind == Kind::Fence && self.ordering == ordering
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.place == Some(PLAIN)
    }

    /// Of a read-modify-write it is the write that releases, and the read that acquires.
    pub(crate) fn releases(&self) -> bool {
        !self.is_read() && matches!(self.ordering, Release | AcqRel | SeqCst)
    }

    pub(crate) fn acquires(&self) -> bool {
        !self.is_write() && matches!(self.ordering, Acquire | AcqRel | SeqCst)
    }
}

/// X, Y, Z, and memory that is not atomic.
const PLACES: [usize; 4] = [0, 1, 2, PLAIN];
const PLAIN: usize = 3;

/// The events of a row's outcome, and which of them are the halves of read-modify-writes.
struct Events {
    all: Vec<Event>,
    rmw: Vec<(usize, usize)>,
    /// Reads, and the first event that their value decides on: all after it in the thread depend on it as well.
    branches: Vec<(usize, usize)>,
    ends: Vec<(usize, u32)>,
}

impl Events {
    fn of(row: &Row) -> Events {
        let ends = row.outcome.iter().filter_map(|claim| match *claim {
            Claim::Ends(place, value) => Some((place as usize, value)),
            _ => None,
        });
        let (all, rmw, branches) = (Vec::new(), Vec::new(), Vec::new());
        let mut events = Events { all, rmw, branches, ends: ends.collect() };
        for place in PLACES {
            events.add(None, Kind::Write(Value::Is(0)), Some(place), Relaxed);
        }
        for (thread, steps) in row.threads.iter().enumerate() {
            let mut reads = 0;
            for step in steps {
                let claimed = row.claims(thread, reads);
                reads += usize::from(events.step(thread, *step, claimed));
            }
        }
        events
    }

    fn add(&mut self, thread: Option<usize>, kind: Kind, place: Option<usize>, ordering: Ordering) -> usize {
        self.all.push(Event { thread, kind, place, ordering, must: None, must_not: None });
        self.all.len() - 1
    }

    /// A read-modify-write. Its read is returned.
    fn update(&mut self, thread: usize, place: usize, write: impl Fn(usize) -> Value, by: Ordering) -> usize {
        let read = self.add(Some(thread), Kind::Read, Some(place), by);
        let write = self.add(Some(thread), Kind::Write(write(read)), Some(place), by);
        self.rmw.push((read, write));
        read
    }

    /// Whether it reads an atomic. `claimed`: what it has read then, if the outcome says so, and whether it has failed.
    fn step(&mut self, thread: usize, step: Step, claimed: Option<(u32, bool)>) -> bool {
        let by = Some(thread);
        let last =
            self.all.iter().rposition(|event| event.thread == by && event.is_read() && !event.is_plain());
        let last = || last.expect("something was read before");
        let read = match step {
            Step::Load(place, ordering) => Some(self.add(by, Kind::Read, Some(place as usize), ordering)),
            Step::Increment(place, ordering) => {
                Some(self.update(thread, place as usize, Value::OneMore, ordering))
            }
            Step::Swap(place, value, ordering) => {
                Some(self.update(thread, place as usize, |_| Value::Is(value), ordering))
            }
            Step::Exchange(Exchange { place, from, to, success, failure, weak }) => {
                let (_, fails) = claimed.expect("the outcome says what becomes of every exchange");
                if fails {
                    let read = self.add(by, Kind::Read, Some(place as usize), failure);
                    self.all[read].must_not = (!weak).then_some(from);
                    Some(read)
                } else {
                    Some(self.update(thread, place as usize, |_| Value::Is(to), success))
                }
            }
            Step::Only(value) => {
                let read = last();
                assert!(self.all[read].must.is_none_or(|must| must == value), "the outcome is behind it");
                self.all[read].must = Some(value);
                self.branches.push((read, self.all.len()));
                None
            }
            other => {
                let (kind, place, ordering) = simple(other, last);
                self.add(by, kind, place, ordering);
                None
            }
        };
        if let (Some(read), Some((value, _))) = (read, claimed) {
            self.all[read].must = Some(value);
        }
        read.is_some()
    }

    /// The value of a write, if every read reads from its `sources`; `None` if it is its own cause.
    fn value(&self, write: usize, sources: &[usize], depth: usize) -> Option<u32> {
        let read = |read: usize| match self.all[read].must {
            Some(value) => Some(value),
            None if depth > self.all.len() => None,
            None => self.value(sources[read], sources, depth + 1),
        };
        match self.all[write].kind {
            Kind::Write(Value::Is(value)) => Some(value),
            Kind::Write(Value::Read(by)) => read(by),
            Kind::Write(Value::OneMore(by)) => Some(read(by)? + 1),
            _ => unreachable!("a write"),
        }
    }

    /// Whether every read reads what it should.
    fn makes_sense(&self, sources: &[usize]) -> bool {
        self.all.iter().zip(sources).filter(|(event, _)| event.is_read()).all(|(event, source)| {
            let value = self.value(*source, sources, 0);
            value.is_some() && event.must.is_none_or(|must| value == Some(must)) && value != event.must_not
        })
    }
}

/// The event of a step that reads no atomic. `last`: what the thread has read before.
fn simple(step: Step, last: impl Fn() -> usize) -> (Kind, Option<usize>, Ordering) {
    match step {
        Step::Store(place, value, ordering) => {
            (Kind::Write(Value::Is(value)), Some(place as usize), ordering)
        }
        Step::Copy(place) => (Kind::Write(Value::Read(last())), Some(place as usize), Relaxed),
        Step::Fence(ordering) => (Kind::Fence, None, ordering),
        Step::LightFence => (Kind::LightFence, None, Relaxed),
        Step::HeavyFence => (Kind::HeavyFence, None, Relaxed),
        Step::ReadPlain => (Kind::Read, Some(PLAIN), Relaxed),
        Step::WritePlain => (Kind::Write(Value::Is(1)), Some(PLAIN), Relaxed),
        Step::Load(..) | Step::Increment(..) | Step::Swap(..) | Step::Exchange(_) | Step::Only(_) => {
            unreachable!("{step:?} reads")
        }
    }
}

/// Calls `found` with each candidate that has the outcome.
pub(crate) fn each(row: &Row, mut found: impl FnMut(&Candidate<'_>)) {
    let events = Events::of(row);
    let n = events.all.len();
    let writes = |place: usize| {
        let is_there = |e: &usize| events.all[*e].is_write() && events.all[*e].place == Some(place);
        (0..n).filter(is_there).collect::<Vec<_>>()
    };
    let sources = (0..n).map(|e| match events.all[e] {
        Event { kind: Kind::Read, place: Some(place), .. } => {
            writes(place).into_iter().filter(|w| !events.rmw.contains(&(e, *w))).collect()
        }
        _ => vec![0],
    });
    let sources: Vec<Vec<usize>> = sources.collect();
    let orders = PLACES.map(|place| permutations(&writes(place)[1..]));
    for sources in product(&sources).into_iter().filter(|sources| events.makes_sense(sources)) {
        for order in product(&orders) {
            let order: Vec<Vec<usize>> =
                PLACES.iter().zip(order).map(|(p, o)| [&writes(*p)[..1], &o].concat()).collect();
            let ends = |(place, value): &(usize, u32)| {
                let last = order[*place].last().expect("there is the beginning");
                events.value(*last, &sources, 0) == Some(*value)
            };
            if events.ends.iter().all(ends) {
                found(&candidate(&events, &sources, &order));
            }
        }
    }
}

fn candidate<'a>(events: &'a Events, sources: &[usize], order: &[Vec<usize>]) -> Candidate<'a> {
    let (all, n) = (&events.all[..], events.all.len());
    let position = |w: usize| order.iter().find_map(|o| Some((o[0], o.iter().position(|x| *x == w)?)));
    let po = |a: usize, b: usize| match (all[a].thread, all[b].thread) {
        (None, Some(_)) => true,
        (one, other) => one == other && one.is_some() && a < b,
    };
    let rf = Relation::of(n, |w, r| all[r].is_read() && sources[r] == w);
    let co = Relation::of(n, |a, b| match (position(a), position(b)) {
        (Some((p, a)), Some((q, b))) => p == q && a < b,
        _ => false,
    });
    let data =
        |r, w: usize| matches!(all[w].kind, Kind::Write(Value::Read(by) | Value::OneMore(by)) if by == r);
    let control = |r: usize, e: usize| {
        all[r].thread == all[e].thread && events.branches.iter().any(|(read, from)| r == *read && e >= *from)
    };
    let fr = rf.inverse().then(&co);
    Candidate {
        events: all,
        po: Relation::of(n, po),
        rmw: Relation::of(n, |a, b| events.rmw.contains(&(a, b))),
        data: Relation::of(n, data),
        control: Relation::of(n, control),
        rf,
        co,
        fr,
    }
}

/// Each way to take one of each.
fn product<T: Clone>(choices: &[Vec<T>]) -> Vec<Vec<T>> {
    choices.iter().fold(vec![Vec::new()], |all, choice| {
        let longer = |some: &Vec<T>| {
            choice.iter().map(|next| [&some[..], std::slice::from_ref(next)].concat()).collect::<Vec<_>>()
        };
        all.iter().flat_map(longer).collect()
    })
}

fn permutations(of: &[usize]) -> Vec<Vec<usize>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let with_first = |first: &usize| {
        let rest: Vec<usize> = of.iter().copied().filter(|other| other != first).collect();
        permutations(&rest).into_iter().map(|rest| [&[*first][..], &rest].concat()).collect::<Vec<_>>()
    };
    of.iter().flat_map(with_first).collect()
}
