//! Plays a litmus test through the facade: one execution.

use crate::program::{Claim, Exchange, Place, Step};
use netns_core::check;
use netns_core::sync::Ordering::Relaxed;
use netns_core::sync::{Arc, AtomicU32, UnsafeCell, fence, heavy_fence, light_fence, thread};

/// What an execution is counted as that has the outcome which is asked about.
pub(crate) const SEEN: &str = "seen";

struct Memory {
    atomics: [AtomicU32; 3],
    plain: Plain,
}

struct Plain(UnsafeCell<u32>);

// SAFETY: it is not: whether two threads may come here at the same time is what some of the tests ask. No engine lets
// them, and one that knows weak memory says when another would.
unsafe impl Sync for Plain {}

/// What a thread has read: each value, and whether by a compare-exchange that failed.
type Registers = Vec<(u32, bool)>;

/// Plays it, and tells if it comes to the outcome. (A race is told by the engine.) `starts`: the last thread is the one that
/// starts the others.
pub(crate) fn play(threads: &[Vec<Step>], outcome: &[Claim], starts: bool) {
    let memory = Arc::new(Memory { atomics: [0; 3].map(AtomicU32::new), plain: Plain(UnsafeCell::new(0)) });
    let (last, others) = threads.split_last().expect("there is one");
    let start = |steps: &Vec<Step>| {
        let (memory, steps) = (memory.clone(), steps.clone());
        thread::spawn(move || run(&memory, &steps))
    };
    let others: Vec<_> = others.iter().map(start).collect();
    let last = if starts { Ok(run(&memory, last)) } else { Err(start(last)) };
    let mut read: Vec<Registers> = others.into_iter().map(|thread| thread.join().unwrap()).collect();
    read.push(last.unwrap_or_else(|thread| thread.join().unwrap()));
    let holds = |claim: &Claim| match *claim {
        Claim::Reads(thread, nth, value) => read[thread].get(nth) == Some(&(value, false)),
        Claim::Fails(thread, nth, value) => read[thread].get(nth) == Some(&(value, true)),
        Claim::Ends(place, value) => memory.atomic(place).load(Relaxed) == value,
        Claim::Race => false,
    };
    if outcome.iter().all(holds) {
        check::reached(SEEN);
    }
}

impl Memory {
    fn atomic(&self, place: Place) -> &AtomicU32 {
        &self.atomics[place as usize]
    }
}

fn run(memory: &Memory, steps: &[Step]) -> Registers {
    let mut read = Registers::new();
    for step in steps {
        match *step {
            Step::Load(place, ordering) => read.push((memory.atomic(place).load(ordering), false)),
            Step::Store(place, value, ordering) => memory.atomic(place).store(value, ordering),
            Step::Copy(place) => memory.atomic(place).store(read.last().map_or(0, |r| r.0), Relaxed),
            Step::Increment(place, ordering) => {
                read.push((memory.atomic(place).fetch_add(1, ordering), false));
            }
            Step::Swap(place, value, ordering) => {
                read.push((memory.atomic(place).swap(value, ordering), false));
            }
            Step::Exchange(exchange) => read.push(compare(memory, exchange)),
            Step::Fence(ordering) => fence(ordering),
            Step::LightFence => light_fence(),
            Step::HeavyFence => heavy_fence(),
            Step::Only(value) if read.last().is_none_or(|r| r.0 != value) => break,
            Step::Only(_) => {}
            // SAFETY: see `Plain`.
            Step::ReadPlain => memory.plain.0.with(|d| _ = unsafe { *d }),
            // SAFETY: see `Plain`.
            Step::WritePlain => memory.plain.0.with_mut(|d| unsafe { *d = 1 }),
        }
    }
    read
}

fn compare(memory: &Memory, exchange: Exchange) -> (u32, bool) {
    let Exchange { place, from, to, success, failure, weak } = exchange;
    let atomic = memory.atomic(place);
    let result = match weak {
        true => atomic.compare_exchange_weak(from, to, success, failure),
        false => atomic.compare_exchange(from, to, success, failure),
    };
    match result {
        Ok(value) => (value, false),
        Err(value) => (value, true),
    }
}
