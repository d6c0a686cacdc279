//! Read-modify-writes: which executions are begun for them, and which of those are dropped.

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
    assert_eq!((report.complete, report.dropped), (24, 0));
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
    assert_eq!((report.blocked, report.dropped), (0, 0));
}
