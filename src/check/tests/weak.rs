//! What only an engine of weak memory sees, and the limits that are loom's alone.

use super::weak_checks;
use crate::check::FailureKind;
use crate::sync::Ordering::Relaxed;
use crate::sync::alloc::Owned;
use crate::sync::{Arc, AtomicU32, UnsafeCell, thread, wait_until};

struct Plain(UnsafeCell<u32>);
// SAFETY: it is not: that is the mistake that the test plants. No engine lets two accesses happen at once.
unsafe impl Sync for Plain {}

#[test]
fn a_data_race() {
    for check in weak_checks("race") {
        let failure = check.threads(2).run(|| {
            let cell = Arc::new(Plain(UnsafeCell::new(0)));
            let other = cell.clone();
            // SAFETY: see `Plain`.
            let t = thread::spawn(move || other.0.with_mut(|p| unsafe { *p = 1 }));
            // SAFETY: see `Plain`.
            cell.0.with(|p| unsafe { *p });
            t.join().unwrap();
        });
        let failure = failure.assert_failed();
        assert_eq!(failure.kind, FailureKind::DataRace, "{failure}");
        assert!(
            failure.events.iter().any(|e| e.operation == "write" && e.location.contains("weak.rs")),
            "{failure}"
        );
    }
}

/// The access comes first in every interleaving, but nothing orders it before the free.
#[test]
fn use_after_free_without_luck() {
    for check in weak_checks("unordered free") {
        let failure = check.threads(2).run(|| {
            let done = Arc::new(AtomicU32::new(0));
            let shared = Owned::try_new(AtomicU32::new(7)).unwrap().into_shared();
            let told = done.clone();
            let t = thread::spawn(move || {
                // SAFETY: the other thread frees it only when told.
                unsafe { shared.as_ref() }.load(Relaxed);
                told.store(1, Relaxed);
            });
            wait_until(&*done, Relaxed, |done| done == 1);
            // SAFETY: nobody uses it any more, but no ordering says so.
            drop(unsafe { shared.into_owned() });
            t.join().unwrap();
        });
        let failure = failure.assert_failed();
        assert_eq!(failure.kind, FailureKind::UseAfterFree, "{failure}");
        assert!(failure.message.contains("not ordered"), "{failure}");
    }
}

#[cfg(feature = "loom")]
mod loom {
    use crate::check::{self, Incomplete};
    use crate::sync::Ordering::Relaxed;
    use crate::sync::{self, Arc, AtomicU32, thread};

    #[test]
    fn a_preemption_bound_is_seen() {
        let report = check::exhaustive("bound").preemptions(Some(1)).run(|| stores(2)).assert_held();
        assert_eq!(report.incomplete, [Incomplete::PreemptionBound { preemptions: 1 }]);
    }

    /// `stores` relaxed stores in one thread, a load in another.
    fn stores(stores: u32) {
        let x = Arc::new(AtomicU32::new(0));
        sync::name(&*x, "x");
        let other = x.clone();
        let t = thread::spawn(move || {
            for n in 1..=stores {
                other.store(n, Relaxed);
            }
        });
        x.load(Relaxed);
        t.join().unwrap();
    }

    #[test]
    fn more_racing_stores_than_loom_remembers_are_seen() {
        check::exhaustive("six stores and the initial one").run(|| stores(6)).assert_complete();
        let report = check::exhaustive("seven").run(|| stores(7)).assert_held();
        assert_eq!(report.incomplete, [Incomplete::StoreHistory { object: "x".into(), stores: 8 }]);
    }
}
