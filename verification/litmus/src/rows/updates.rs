//! Read-modify-writes: release sequences, exchanges that fail, and a sequence lock.

use crate::program::Claim::{Ends, Fails, Reads};
use crate::program::Place::{X, Y, Z};
use crate::program::Step::{self, Fence, Increment, Load, Store};
use crate::program::{Exchange, Place};
use crate::row::{Row, row, steps};
use netns_core::sync::Ordering::{self, AcqRel, Acquire, Relaxed, Release};

pub(super) fn rows() -> Vec<Row> {
    [release_sequences(), exchanges(), sequence_lock()].concat()
}

fn release_sequences() -> Vec<Row> {
    let released = [Store(X, 1, Relaxed), Store(Y, 1, Release)];
    let fenced = [Store(X, 1, Relaxed), Fence(Release), Store(Y, 1, Relaxed)];
    let other = [Load(Y, Relaxed), Store(Y, 2, Relaxed)];
    let own = [released[0], released[1], Store(Y, 2, Relaxed)];
    vec![
        passing("MP+rel+inc+acq", &released, &[Increment(Y, Relaxed)]).forbidden(),
        passing("MP+fence-rel+inc+acq", &fenced, &[Increment(Y, Relaxed)]).forbidden(),
        passing("MP+rel+other-store+acq", &released, &other),
        passing("MP+rel+other-store+acq+main", &released, &other).last_starts(),
        row("MP+rel+own-store+acq", [&own, &READER], &[Reads(1, 0, 2), Reads(1, 1, 0)]),
    ]
}

const READER: [Step; 2] = [Load(Y, Acquire), Load(X, Relaxed)];

/// Message passing, where the flag that is seen is another than that which was released.
fn passing(name: &'static str, writer: &[Step], middle: &[Step]) -> Row {
    row(name, [writer, middle, &READER], &[Reads(1, 0, 1), Reads(2, 0, 2), Reads(2, 1, 0)])
}

fn exchanges() -> Vec<Row> {
    let cas = |from, to| exchange(X, [from, to], [Relaxed, Relaxed]);
    let weak = Exchange { place: X, from: 0, to: 1, success: Relaxed, failure: Relaxed, weak: true };
    vec![
        row("CAS+CAS", [&[cas(0, 1)], &[cas(0, 2)]], &[Reads(0, 0, 0), Reads(1, 0, 0)]).forbidden(),
        row("inc+inc", [&[Increment(X, Relaxed)], &[Increment(X, Relaxed)]], &[Ends(X, 1)]).forbidden(),
        stale("MP+failing-CAS", [Relaxed, Relaxed]),
        stale("MP+rel+acq+failing-CAS", [Release, Acquire]).forbidden(),
        fails("MP+rel+CAS-fails", Relaxed),
        fails("MP+rel+CAS-fails-acq", Acquire).not_in_the_kernel().forbidden(),
        row("weak-CAS", [&[Step::Exchange(weak)], &[Load(X, Relaxed)]], &[Fails(0, 0, 0)])
            .not_in_the_kernel()
            .by_interleaving(),
    ]
}

fn exchange(place: Place, [from, to]: [u32; 2], [success, failure]: [Ordering; 2]) -> Step {
    Step::Exchange(Exchange { place, from, to, success, failure, weak: false })
}

/// Message passing, where the data is read by an exchange that fails.
fn stale(name: &'static str, [write, read]: [Ordering; 2]) -> Row {
    let writer = [Store(X, 1, Relaxed), Store(Y, 1, write)];
    let reader = [Load(Y, read), exchange(X, [7, 8], [Relaxed, Relaxed])];
    row(name, [&writer, &reader], &[Reads(1, 0, 1), Fails(1, 1, 0)])
}

/// Message passing, where the flag is read by an exchange that fails.
fn fails(name: &'static str, failure: Ordering) -> Row {
    let writer = [Store(X, 1, Relaxed), Store(Y, 1, Release)];
    let reader = [exchange(Y, [7, 8], [AcqRel, failure]), Load(X, Relaxed)];
    row(name, [&writer, &reader], &[Fails(1, 0, 1), Reads(1, 1, 0)])
}

fn sequence_lock() -> Vec<Row> {
    vec![
        lock("seqlock", [&[], &[]]),
        lock("seqlock+fence-rel", [&[Fence(Release)], &[]]),
        lock("seqlock+fence-acq", [&[], &[Fence(Acquire)]]),
        lock("seqlock+fence-rel+fence-acq", [&[Fence(Release)], &[Fence(Acquire)]]).forbidden(),
    ]
}

/// The reader of a sequence lock reads what a writer writes, and finds that nobody has written.
fn lock(name: &'static str, [begin, validate]: [&[Step]; 2]) -> Row {
    let writer = steps(&[&[Store(Z, 1, Relaxed)], begin, &[Store(X, 1, Relaxed), Store(Z, 2, Release)]]);
    let reader = steps(&[&[Load(Z, Acquire), Load(X, Relaxed)], validate, &[Load(Z, Relaxed)]]);
    row(name, [&writer, &reader], &[Reads(1, 0, 0), Reads(1, 1, 1), Reads(1, 2, 0)])
}
