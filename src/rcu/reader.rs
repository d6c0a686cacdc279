//! The read side: slots, their registration, and the guard.

use super::Rcu;
use super::grace_period::GracePeriods;
use crate::sync::{self, Arc, AtomicBool, AtomicU64, Mutex, Ordering, light_fence};
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

/// The slots of a domain.
pub(super) struct Readers {
    registered: Mutex<Registered>,
}

struct Registered {
    slots: Vec<Arc<Slot>>,
    /// Look for released slots when there are so many.
    sweep_at: usize,
}

impl Readers {
    /// As many slots are not worth looking for a free one.
    const FEW: usize = 8;

    pub(super) fn new() -> Self {
        let registered = Mutex::new(Registered { slots: Vec::new(), sweep_at: Self::FEW });
        sync::name(&registered, "readers");
        Readers { registered }
    }

    /// The slots that a grace period has to wait for.
    ///
    /// A copy, as readers may register while the updater waits. It need not wait for those: their locking
    /// comes after its own, so they see all that it did before, the unpublishing included.
    pub(super) fn snapshot(&self) -> Vec<Arc<Slot>> {
        self.registered.lock().slots.clone()
    }

    /// A slot for this thread: one that a thread left behind, or a new one.
    #[cold]
    fn register(&self) -> Arc<Slot> {
        let mut registered = self.registered.lock();
        if registered.slots.len() >= registered.sweep_at {
            // Acquire: pairs with the release of `released` at the end of the thread that had the slot.
            if let Some(slot) = registered.slots.iter().find(|s| s.released.load(Ordering::Acquire)) {
                let slot = slot.clone();
                slot.released.store(false, Ordering::Relaxed);
                return slot;
            }
            registered.sweep_at *= 2;
        }
        let slot = Arc::new(Slot { section: AtomicU64::new(0), released: AtomicBool::new(false) });
        sync::name(&slot.section, "slot");
        sync::name(&slot.released, "released");
        registered.slots.push(slot.clone());
        slot
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
        // Release: pairs with the acquire in `register`. Whoever has the slot next writes it after us.
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

#[cold]
#[track_caller]
fn register(domain: u64, readers: &Readers) -> Rc<Reader> {
    let reader = Rc::new(Reader { domain, slot: readers.register(), nesting: Cell::new(0) });
    let kept = READERS.with(|all| {
        let mut all = all.borrow_mut();
        // Domains that are gone have let go of their slots.
        all.retain(|r| Arc::strong_count(&r.slot) > 1 || r.nesting.get() > 0);
        all.push(reader.clone());
    });
    assert!(
        kept.is_some(),
        "read_lock() in the destructor of a thread-local, after the end of RCU on its thread"
    );
    reader
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
    #[track_caller]
    pub(super) fn enter(_: &'r Rcu, domain: u64, readers: &Readers, grace: &GracePeriods) -> Self {
        let reader = find(domain).unwrap_or_else(|| register(domain, readers));
        let nesting = reader.nesting.get();
        if nesting == 0 {
            let number = grace.current();
            // Release: pairs with the acquire in `synchronize`, which may see this store instead of the one that
            // ended the section before: that one comes first all the same.
            reader.slot.section.store(number, Ordering::Release);
            // Pairs with the heavy fence in `synchronize`: either it sees the slot taken, or we see what it
            // published.
            light_fence();
        }
        reader.nesting.set(nesting + 1);
        Guard { reader, _domain: PhantomData }
    }

    /// The domain's key.
    #[inline(always)]
    pub(super) fn domain(&self) -> u64 {
        self.reader.domain
    }
}

impl Drop for Guard<'_> {
    #[inline]
    #[track_caller]
    fn drop(&mut self) {
        let nesting = self.reader.nesting.get() - 1;
        self.reader.nesting.set(nesting);
        if nesting == 0 {
            // Release: pairs with the acquire in `synchronize`. All that the section read, it read before.
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
        let slots = rcu.core.readers.snapshot().len();
        assert_eq!(slots, Readers::FEW, "100 threads, one after the other");
        rcu.synchronize();
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
