//! Read-modify-writes: no execution is begun for them that leads nowhere.

use crate::holds;
use rc11::{Atomic, thread};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

#[test]
fn what_another_has_updated_is_not_begun_with() {
    let report = holds(|| {
        let count = Arc::new(Atomic::new(0));
        for _ in 0..4 {
            let count = count.clone();
            thread::spawn(move || count.fetch_add(1, Relaxed));
        }
    });
    assert_eq!((report.complete, report.executions()), (24, 24));
}

/// A loop of exchanges that never waits.
#[test]
fn nothing_is_blocked_where_nobody_waits() {
    let report = holds(|| {
        let count = Arc::new(Atomic::new(0));
        for _ in 0..3 {
            let count = count.clone();
            thread::spawn(move || {
                let mut seen = count.load(Relaxed);
                while let Err(now) = count.compare_exchange(seen, seen + 1, Relaxed, Relaxed) {
                    seen = now;
                }
            });
        }
    });
    assert_eq!(report.blocked, 0);
}
