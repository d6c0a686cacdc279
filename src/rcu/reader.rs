//! The read side: slots, their registration, and the guard.

use super::Rcu;
use super::cell::foreign;
use super::grace_period::GracePeriods;
use crate::sync::{self, Arc, AtomicBool, AtomicU64, Ordering, light_fence};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

/// What a thread tells the updaters of a domain.
pub(super) struct Slot {
    /// The grace-period number that was current when the thread entered its section; 0 outside. Written by its
    /// thread alone.
    pub(super) section: AtomicU64,
    /// Whether the thread is gone, and the slot is free for another. Written by its thread, at its end, and by
    /// the one that takes it over.
    released: AtomicBool,
}

impl Slot {
    pub(super) fn new() -> Arc<Slot> {
        let slot = Slot { section: AtomicU64::new(0), released: AtomicBool::new(false) };
        sync::name(&slot.section, "reader");
        sync::name(&slot.released, "released");
        Arc::new(slot)
    }

    /// Makes the slot the caller's, if its thread is gone. The caller holds the lock of registration.
    pub(super) fn take_over(&self) -> bool {
        // Acquire: pairs with the release at the end of the thread that had the slot.
        if !self.released.load(Ordering::Acquire) {
            return false;
        }
        self.released.store(false, Ordering::Relaxed);
        true
    }
}

/// A thread as a reader of one domain.
struct Reader {
    domain: u64,
    slot: Arc<Slot>,
    /// How many guards there are.
    nesting: Cell<usize>,
}

impl Drop for Reader {
    /// The thread is ending, or the domain is gone.
    fn drop(&mut self) {
        // Release: pairs with the acquire in `take_over`. Whoever has the slot next writes it after us.
        self.slot.released.store(true, Ordering::Release);
    }
}

sync::thread_local! {
    /// This thread as a reader, for each domain.
    static READERS: RefCell<Vec<Rc<Reader>>> = const { RefCell::new(Vec::new()) }
}

fn find(domain: u64) -> Option<Rc<Reader>> {
    READERS.with(|readers| readers.borrow().iter().find(|r| r.domain == domain).cloned()).flatten()
}

/// Makes this thread a reader of the domain.
#[cold]
fn register(domain: u64, slot: Arc<Slot>) -> Rc<Reader> {
    let reader = Rc::new(Reader { domain, slot, nesting: Cell::new(0) });
    let kept = READERS.with(|all| {
        let mut all = all.borrow_mut();
        // Domains that are gone have let go of their slots.
        all.retain(|r| Arc::strong_count(&r.slot) > 1);
        all.push(reader.clone());
    });
    assert!(
        kept.is_some(),
        "read_lock() in the destructor of a thread-local, after the end of RCU on its thread"
    );
    reader
}

/// A reader that is registered with its domain but is no thread's yet: see [`Rcu::prepare_reader`].
pub struct PreparedReader {
    domain: u64,
    /// `None` when a thread has it.
    slot: Option<Arc<Slot>>,
}

impl PreparedReader {
    pub(super) fn new(domain: u64, slot: Arc<Slot>) -> Self {
        PreparedReader { domain, slot: Some(slot) }
    }

    /// Makes the calling thread this reader, without a lock. If the thread is a reader of the domain already, the
    /// domain has this one back.
    #[doc(alias = "rcu_register_thread")]
    pub fn register(mut self) {
        if find(self.domain).is_none()
            && let Some(slot) = self.slot.take()
        {
            register(self.domain, slot);
        }
    }
}

impl Drop for PreparedReader {
    fn drop(&mut self) {
        if let Some(slot) = &self.slot {
            // Relaxed: it was never in a section, and whoever has the slot next registers after its preparation, by
            // the lock of registration.
            slot.released.store(true, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for PreparedReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PreparedReader(domain {})", self.domain)
    }
}

/// Whether this thread is inside a section of the domain.
pub(super) fn in_section(domain: u64) -> bool {
    find(domain).is_some_and(|reader| reader.nesting.get() > 0)
}

/// A read-side critical section of one thread; dropping it ends the section.
///
/// Guards nest, and end in any order: the section is over when the last one is. Forgetting one (`mem::forget`) is
/// a section that never ends, and so are the grace periods after it.
#[must_use = "the section ends when the guard is dropped"]
#[doc(alias = "rcu_read_unlock")]
pub struct Guard<'r> {
    reader: Rc<Reader>,
    _domain: PhantomData<&'r Rcu>,
}

impl<'r> Guard<'r> {
    #[inline]
    pub(super) fn enter(_: &'r Rcu, domain: u64, grace: &GracePeriods) -> Self {
        let reader = find(domain).unwrap_or_else(|| register(domain, grace.register()));
        let nesting = reader.nesting.get();
        if nesting == 0 {
            let number = grace.current();
            // Release: pairs with the acquire in `GracePeriods::wait_for`, which may see this store instead of the one that
            // ended the section before: that one comes first all the same.
            reader.slot.section.store(number, Ordering::Release);
            // Pairs with the heavy fence in `GracePeriods::wait_for`: either it sees the slot taken, or we see what it
            // published.
            light_fence();
        }
        reader.nesting.set(nesting + 1);
        Guard { reader, _domain: PhantomData }
    }

    /// Panics if the guard is of another domain.
    #[inline(always)]
    pub(super) fn assert_of(&self, domain: u64) {
        if self.reader.domain != domain {
            foreign();
        }
    }
}

impl Drop for Guard<'_> {
    #[inline]
    fn drop(&mut self) {
        let nesting = self.reader.nesting.get() - 1;
        self.reader.nesting.set(nesting);
        if nesting == 0 {
            // Release: pairs with the acquire in `GracePeriods::wait_for`. All that the section read, it read before.
            self.reader.slot.section.store(0, Ordering::Release);
        }
    }
}

impl fmt::Debug for Guard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Guard(domain {}, nesting {})", self.reader.domain, self.reader.nesting.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::thread;

    #[test]
    fn a_slot_is_used_again_when_its_thread_has_ended() {
        let rcu = Rcu::new();
        for _ in 0..100 {
            let rcu = rcu.clone();
            thread::spawn(move || drop(rcu.read_lock())).join().unwrap();
        }
        assert_eq!(rcu.core.grace.slots(), GracePeriods::FEW, "100 threads, one after the other");
        rcu.synchronize();
    }

    #[test]
    fn a_prepared_reader_is_a_threads_or_the_domains_again() {
        let rcu = Rcu::with_slots_before_reuse(1);
        let (first, second) = (rcu.prepare_reader(), rcu.prepare_reader());
        assert_eq!(rcu.core.grace.slots(), 2);
        let here = rcu.clone();
        let section = thread::spawn(move || {
            first.register();
            second.register(); // One is enough: this one goes back.
            drop(here.read_lock());
            drop(here.prepare_reader());
            here.core.grace.slots()
        });
        assert_eq!(section.join().unwrap(), 2);
    }

    #[test]
    fn a_thread_with_a_prepared_reader_needs_no_other_slot() {
        let rcu = Rcu::new();
        let (prepared, here) = (rcu.prepare_reader(), rcu.clone());
        let reader = thread::spawn(move || {
            prepared.register();
            drop(here.read_lock());
        });
        reader.join().unwrap();
        assert_eq!(rcu.core.grace.slots(), 1);
    }

    #[test]
    fn a_thread_keeps_its_slot_while_it_reads_elsewhere() {
        let rcu = Rcu::new();
        thread::spawn(move || {
            for _ in 0..3 {
                drop(rcu.read_lock());
                drop(Rcu::new().read_lock());
            }
            assert_eq!(rcu.core.grace.slots(), 1);
        })
        .join()
        .unwrap();
    }

    #[test]
    fn a_free_slot_is_looked_for_when_there_are_twice_as_many() {
        let rcu = Rcu::with_slots_before_reuse(1);
        let prepared = [(); 3].map(|()| rcu.prepare_reader());
        drop(prepared);
        let fourth = rcu.prepare_reader();
        assert_eq!(rcu.core.grace.slots(), 4, "one was looked for at 1 and at 2 slots, and will be at 4");
        let fifth = rcu.prepare_reader();
        assert_eq!(rcu.core.grace.slots(), 4);
        drop((fourth, fifth));
    }

    #[test]
    fn a_thread_forgets_domains_that_are_gone() {
        thread::spawn(|| {
            for _ in 0..100 {
                drop(Rcu::new().read_lock());
            }
            assert!(READERS.with(|all| all.borrow().len()).unwrap() <= 2);
        })
        .join()
        .unwrap();
    }

    #[test]
    fn nested_guards_are_one_section_and_end_in_any_order() {
        let rcu = Rcu::new();
        let outer = rcu.read_lock();
        let slot = find(rcu.core.key).unwrap().slot.clone();
        let entered = slot.section.load(Ordering::Relaxed);
        assert_ne!(entered, 0);
        let inner = rcu.read_lock();
        assert_eq!(slot.section.load(Ordering::Relaxed), entered);
        drop(outer);
        assert!(rcu.in_section());
        assert_eq!(slot.section.load(Ordering::Relaxed), entered);
        drop(inner);
        assert!(!rcu.in_section());
        assert_eq!(slot.section.load(Ordering::Relaxed), 0);
    }
}
