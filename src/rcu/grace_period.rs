//! The update side: grace periods, shared by those who wait for one at the same time.

use super::reader::Slot;
use crate::sync::{self, Arc, AtomicU64, Condvar, Mutex, Ordering, heavy_fence, wait_until};

/// The grace periods of a domain, and the readers that they wait for.
pub(super) struct GracePeriods {
    /// The grace-period number. It never repeats, and 0 is none.
    number: AtomicU64,
    state: Mutex<State>,
    ended: Condvar,
}

struct State {
    /// The slots of all readers, of those that are gone too.
    slots: Vec<Arc<Slot>>,
    /// Look for slots of readers that are gone when there are so many.
    reuse_at: usize,
    /// Grace periods that have begun, counted from 1.
    started: u64,
    /// Equal to `started`, or one less while a thread leads one.
    completed: u64,
}

impl GracePeriods {
    /// As many slots are not worth looking for a free one.
    pub(super) const FEW: usize = 8;

    pub(super) fn new(reuse_at: usize) -> Self {
        let number = AtomicU64::new(1);
        sync::name(&number, "gp");
        let state = Mutex::new(State { slots: Vec::new(), reuse_at, started: 0, completed: 0 });
        sync::name(&state, "grace");
        let ended = Condvar::new();
        sync::name(&ended, "grace ended");
        GracePeriods { number, state, ended }
    }

    /// A slot for a new reader: one that a thread left behind, or a new one.
    #[cold]
    pub(super) fn register(&self) -> Arc<Slot> {
        let mut state = self.state.lock();
        if state.slots.len() >= state.reuse_at {
            if let Some(slot) = state.slots.iter().find(|slot| slot.take_over()) {
                return slot.clone();
            }
            state.reuse_at = state.reuse_at.max(1) * 2;
        }
        let slot = Slot::new();
        state.slots.push(slot.clone());
        slot
    }

    /// The number for a reader that enters.
    #[inline(always)]
    pub(super) fn current(&self) -> u64 {
        // Acquire: pairs with the release in `wait_for`. A reader with the new number is not waited for, so it
        // must see what was unpublished before. (Where the light fence is a full one, that does it too.)
        self.number.load(Ordering::Acquire)
    }

    /// Returns after a grace period that began after the call. One thread leads it; those who came in time wait
    /// for the leader.
    ///
    /// The leader waits for the readers that had registered when it took the lock. One that registers later takes
    /// the lock after it, so it sees all that was unpublished by those whom this grace period is for.
    pub(super) fn synchronize(&self) {
        let mut state = self.state.lock();
        // One that is under way may have looked at some slots already: it does not count.
        let mine = state.started + 1;
        while state.completed < mine {
            if state.started > state.completed {
                state = self.ended.wait(state);
                continue;
            }
            state.started += 1;
            let (leading, slots) = (state.started, state.slots.clone());
            drop(state);
            self.wait_for(&slots);
            tracing::trace!(grace_period = leading, "ended");
            state = self.state.lock();
            state.completed = leading;
            self.ended.notify_all();
        }
    }

    /// One grace period.
    fn wait_for(&self, slots: &[Arc<Slot>]) {
        // Release: pairs with the acquire in `current`.
        let number = self.number.fetch_add(1, Ordering::Release) + 1;
        // Pairs with the light fence of a reader that enters: either we see its slot taken, or it sees what was
        // published before this.
        heavy_fence();
        for slot in slots {
            // Acquire: pairs with the release that ends a section, or that begins the next one.
            wait_until(&slot.section, Ordering::Acquire, |section| section == 0 || section >= number);
        }
    }

    /// How many slots there are, of readers that are gone too.
    #[cfg(test)]
    pub(super) fn slots(&self) -> usize {
        self.state.lock().slots.len()
    }
}

#[cfg(test)]
mod tests {
    use crate::rcu::Rcu;
    use crate::sync::{Arc, AtomicBool, Ordering, thread};

    #[test]
    fn a_grace_period_waits_for_a_section_and_not_for_a_later_one() {
        let rcu = Rcu::new();
        let ended = Arc::new(AtomicBool::new(false));
        let guard = rcu.read_lock();
        let waiter = thread::spawn({
            let (rcu, ended) = (rcu.clone(), ended.clone());
            move || {
                rcu.synchronize();
                assert!(ended.load(Ordering::Relaxed));
            }
        });
        // The number is raised: a section that begins now is not waited for.
        while rcu.core.grace.current() == 1 {
            thread::yield_now();
        }
        let later = thread::spawn({
            let rcu = rcu.clone();
            move || {
                let guard = rcu.read_lock();
                waiter.join().unwrap();
                drop(guard);
            }
        });
        ended.store(true, Ordering::Relaxed);
        drop(guard);
        later.join().unwrap();
    }

    #[test]
    fn each_of_several_callers_has_its_grace_period() {
        let rcu = Rcu::new();
        let guard = rcu.read_lock();
        let threads: Vec<_> = (0..6)
            .map(|_| {
                let rcu = rcu.clone();
                thread::spawn(move || rcu.synchronize())
            })
            .collect();
        while rcu.core.grace.state.lock().started == 0 {
            thread::yield_now();
        }
        drop(guard);
        threads.into_iter().for_each(|t| t.join().unwrap());
        let state = rcu.core.grace.state.lock();
        assert_eq!(state.started, state.completed);
        assert!((1..=6).contains(&state.completed), "each waited, and none for nothing");
    }

    #[test]
    #[should_panic(expected = "would wait for itself")]
    fn waiting_for_oneself_panics() {
        let rcu = Rcu::new();
        let _guard = rcu.read_lock();
        rcu.synchronize();
    }

    #[test]
    fn another_domain_does_not_matter() {
        let (a, b) = (Rcu::new(), Rcu::new());
        let _guard = a.read_lock();
        b.synchronize();
        b.barrier();
    }
}
