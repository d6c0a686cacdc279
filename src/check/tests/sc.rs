//! The litmus tests under the engines without weak memory: sequential consistency, whatever the orderings say.

use super::sc_checks;
use crate::check;
use crate::sync::Ordering::Relaxed;
use crate::sync::{Arc, AtomicU32, thread};

/// Expects these outcomes of two threads on two atomics: what they return.
fn expect(
    outcomes: &[&str],
    left: impl Fn(&AtomicU32, &AtomicU32) -> u32 + Send + Sync + Copy + 'static,
    right: impl Fn(&AtomicU32, &AtomicU32) -> u32 + Send + Sync + Copy + 'static,
) {
    for check in sc_checks("litmus") {
        let report = check.threads(2).run(move || {
            let (x, y) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
            let (x1, y1) = (x.clone(), y.clone());
            let t = thread::spawn(move || left(&x1, &y1));
            check::reached(match (right(&x, &y), t.join().unwrap()) {
                (0, 0) => "0 0",
                (0, 1) => "1 0",
                (1, 0) => "0 1",
                _ => "1 1",
            });
        });
        let report = report.assert_complete();
        assert!(report.outcomes.keys().eq(outcomes), "{report}");
    }
}

#[test]
fn store_buffering_never_reads_both_old() {
    let side = |mine: &AtomicU32, theirs: &AtomicU32| {
        mine.store(1, Relaxed);
        theirs.load(Relaxed)
    };
    expect(&["0 1", "1 0", "1 1"], side, move |x, y| side(y, x));
}

#[test]
fn message_passing_works_without_orderings() {
    expect(
        &["0 0"],
        |data, ready| {
            data.store(1, Relaxed);
            ready.store(1, Relaxed);
            0
        },
        |data, ready| u32::from(ready.load(Relaxed) == 1 && data.load(Relaxed) == 0),
    );
}
