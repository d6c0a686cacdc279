//! The litmus tests under shuttle: sequential consistency, whatever the orderings say.

use crate::check::{self, Report};
use crate::sync::Ordering::Relaxed;
use crate::sync::{Arc, AtomicU32, thread};

/// Two threads on two atomics; the outcomes are what they return.
fn two(
    left: impl Fn(&AtomicU32, &AtomicU32) -> u32 + Send + Sync + Copy + 'static,
    right: impl Fn(&AtomicU32, &AtomicU32) -> u32 + Send + Sync + Copy + 'static,
) -> Report {
    let report = check::dfs("litmus").threads(2).run(move || {
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
    report.assert_complete()
}

fn outcomes(report: &Report) -> Vec<&str> {
    report.outcomes.keys().map(String::as_str).collect()
}

#[test]
fn store_buffering_never_reads_both_old() {
    let side = |mine: &AtomicU32, theirs: &AtomicU32| {
        mine.store(1, Relaxed);
        theirs.load(Relaxed)
    };
    assert_eq!(outcomes(&two(side, move |x, y| side(y, x))), ["0 1", "1 0", "1 1"]);
}

#[test]
fn message_passing_works_without_orderings() {
    let report = two(
        |data, ready| {
            data.store(1, Relaxed);
            ready.store(1, Relaxed);
            0
        },
        |data, ready| u32::from(ready.load(Relaxed) == 1 && data.load(Relaxed) == 0),
    );
    assert_eq!(outcomes(&report), ["0 0"]);
}
