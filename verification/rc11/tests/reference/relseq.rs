//! A release sequence that is none since C++20: a thread releases, then stores to the same atomic once more, relaxed.
//! Who reads the second store with acquire has synchronised with nothing.

use crate::mutation::{Expected, Row, SEEN, check};
use rc11::{Atomic, Cell, thread};
use std::sync::Arc;
use std::sync::atomic::Ordering::{self, Acquire, Relaxed, Release};

/// The ordering of the second store.
#[derive(Clone, Copy)]
struct Program {
    second: Ordering,
}

impl Default for Program {
    fn default() -> Self {
        Program { second: Release }
    }
}

fn execution(p: Program) {
    let world = Arc::new((Cell::new(0), Atomic::new(0_u32)));
    let (written, read) = (world.clone(), world);
    let writer = thread::spawn(move || {
        let (data, flag) = &*written;
        data.set(1);
        flag.store(1, Release);
        flag.store(2, p.second);
    });
    let reader = thread::spawn(move || {
        let (data, flag) = &*read;
        // Pairs with the second store, if that is a release.
        if flag.load(Acquire) == 2 {
            assert_eq!(data.get(), 1, "what was written before the flag is seen");
        }
    });
    writer.join();
    reader.join();
}

#[test]
fn a_relaxed_store_does_not_continue_a_release_sequence() {
    let rows: [Row<Program>; 2] = [
        ("second store release", Program::default(), Expected::Holds),
        ("second store relaxed", Program { second: Relaxed }, SEEN),
    ];
    check("relseq", &rows, execution);
}
