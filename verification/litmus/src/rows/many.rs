//! Three threads and four: what one has seen, and what those see who have heard of it.

use crate::program::Claim::{Ends, Reads};
use crate::program::Place::{X, Y, Z};
use crate::program::Step::{self, Fence, Load, Store};
use crate::row::{Row, row, steps};
use netns_core::sync::Ordering::{self, Acquire, Relaxed, Release, SeqCst};

const RELAXED: [Ordering; 2] = [Relaxed, Relaxed];
const REL_ACQ: [Ordering; 2] = [Release, Acquire];
const SC: Step = Fence(SeqCst);

pub(super) fn rows() -> Vec<Row> {
    vec![
        wrc("WRC", RELAXED),
        wrc("WRC+rel", [Release, Relaxed]),
        wrc("WRC+rel+acq", REL_ACQ).forbidden(),
        rwc("RWC", RELAXED, [&[], &[]]),
        rwc("RWC+rel+acq+fence-sc", REL_ACQ, [&[], &[SC]]),
        rwc("RWC+fence-sc", RELAXED, [&[SC], &[SC]]).forbidden(),
        iriw("IRIW", RELAXED, &[]),
        iriw("IRIW+rel+acq", REL_ACQ, &[]),
        iriw("IRIW+fence-sc", RELAXED, &[SC]).forbidden(),
        isa2("ISA2", RELAXED),
        isa2("ISA2+rel+acq", REL_ACQ).forbidden(),
        answer("answer+rel+acq", &[]),
        answer("answer+rel+acq+load", &[Load(Z, Relaxed)]),
        w_rwc("W+RWC", RELAXED, &[]),
        w_rwc("W+RWC+rel+acq", REL_ACQ, &[]),
        w_rwc("W+RWC+rel+acq+fence-sc", REL_ACQ, &[SC]).forbidden(),
        z6("Z6.0", RELAXED, [&[], &[], &[]]),
        z6("Z6.0+rel+acq+fence-sc", REL_ACQ, [&[], &[], &[SC]]),
        z6("Z6.0+fence-sc", RELAXED, [&[SC], &[SC], &[SC]]).forbidden(),
    ]
}

/// Who reads what somebody has read, hears of it by a flag, and does not see it.
fn wrc(name: &'static str, [write, read]: [Ordering; 2]) -> Row {
    let middle = [Load(X, Relaxed), Store(Y, 1, write)];
    let reader = [Load(Y, read), Load(X, Relaxed)];
    let outcome = [Reads(1, 0, 1), Reads(2, 0, 1), Reads(2, 1, 0)];
    row(name, [&[Store(X, 1, Relaxed)], &middle, &reader], &outcome)
}

/// Store buffering, where one side has only read what is written.
fn rwc(name: &'static str, [write, read]: [Ordering; 2], [first, second]: [&[Step]; 2]) -> Row {
    let middle = steps(&[&[Load(X, read)], first, &[Load(Y, Relaxed)]]);
    let reader = steps(&[&[Store(Y, 1, Relaxed)], second, &[Load(X, Relaxed)]]);
    let outcome = [Reads(1, 0, 1), Reads(1, 1, 0), Reads(2, 0, 0)];
    row(name, [&[Store(X, 1, write)], &middle, &reader], &outcome)
}

/// Two readers see two writes in opposite orders.
fn iriw(name: &'static str, [write, read]: [Ordering; 2], between: &[Step]) -> Row {
    let reader = |first, second| steps(&[&[Load(first, read)], between, &[Load(second, read)]]);
    let writers: [&[Step]; 2] = [&[Store(X, 1, write)], &[Store(Y, 1, write)]];
    let outcome = [Reads(2, 0, 1), Reads(2, 1, 0), Reads(3, 0, 1), Reads(3, 1, 0)];
    row(name, [writers[0], writers[1], &reader(X, Y), &reader(Y, X)], &outcome)
}

/// Who says something reads the answer, which comes by way of two others; the first of them may look whether it is there.
fn answer(name: &'static str, looks: &[Step]) -> Row {
    let asks = [Store(X, 1, Release), Load(Z, Relaxed)];
    let answers = [Load(Y, Acquire), Step::Only(1), Store(Z, 1, Relaxed)];
    let passes_on = steps(&[&[Load(X, Acquire), Step::Only(1)], looks, &[Store(Y, 1, Release)]]);
    row(name, [&asks, &answers, &passes_on], &[Reads(0, 0, 1)]).by_interleaving()
}

/// Message passing by way of another thread.
fn isa2(name: &'static str, [write, read]: [Ordering; 2]) -> Row {
    let first = [Store(X, 1, Relaxed), Store(Y, 1, write)];
    let (second, third) = ([Load(Y, read), Store(Z, 1, write)], [Load(Z, read), Load(X, Relaxed)]);
    row(name, [&first, &second, &third], &[Reads(1, 0, 1), Reads(2, 0, 1), Reads(2, 1, 0)])
}

/// Store buffering, where one side has heard of what is written by a flag.
fn w_rwc(name: &'static str, [write, read]: [Ordering; 2], between: &[Step]) -> Row {
    let first = [Store(X, 1, Relaxed), Store(Y, 1, write)];
    let second = steps(&[&[Load(Y, read)], between, &[Load(Z, Relaxed)]]);
    let third = steps(&[&[Store(Z, 1, Relaxed)], between, &[Load(X, Relaxed)]]);
    row(name, [&first, &second, &third], &[Reads(1, 0, 1), Reads(1, 1, 0), Reads(2, 0, 0)])
}

/// The same, where the other side writes after, instead of reading before.
fn z6(name: &'static str, [write, read]: [Ordering; 2], between: [&[Step]; 3]) -> Row {
    let first = steps(&[&[Store(X, 1, Relaxed)], between[0], &[Store(Y, 1, write)]]);
    let second = steps(&[&[Load(Y, read)], between[1], &[Store(Z, 1, write)]]);
    let third = steps(&[&[Store(Z, 2, Relaxed)], between[2], &[Load(X, Relaxed)]]);
    row(name, [&first, &second, &third], &[Reads(1, 0, 1), Reads(2, 0, 0), Ends(Z, 2)])
}
