//! Two threads, two places.

use crate::program::Claim::{Ends, Reads};
use crate::program::Place::{X, Y};
use crate::program::Step::{self, Copy, Fence, HeavyFence, LightFence, Load, Only, Store, Swap};
use crate::row::{Row, row, steps};
use netns_core::sync::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};

const RELAXED: [Ordering; 2] = [Relaxed, Relaxed];
const SC: Step = Fence(SeqCst);

pub(super) fn rows() -> Vec<Row> {
    [store_buffering(), message_passing(), load_buffering(), writes()].concat()
}

fn store_buffering() -> Vec<Row> {
    let swap = |mine, theirs| [Swap(mine, 1, AcqRel), Load(theirs, Acquire)];
    vec![
        sb("SB", RELAXED, [&[], &[]]),
        sb("SB+rel+acq", [Release, Acquire], [&[], &[]]),
        sb("SB+fence-acq-rel", RELAXED, [&[Fence(AcqRel)], &[Fence(AcqRel)]]).not_in_the_kernel(),
        row("SB+swap-acq-rel", [&swap(X, Y), &swap(Y, X)], &[Reads(0, 1, 0), Reads(1, 1, 0)])
            .not_in_the_kernel(),
        sb("SB+fence-sc+none", RELAXED, [&[SC], &[]]),
        sb("SB+fence-sc", RELAXED, [&[SC], &[SC]]).forbidden(),
        sb("SB+light+light", RELAXED, [&[LightFence], &[LightFence]]).not_in_the_kernel(),
        sb("SB+light+heavy", RELAXED, [&[LightFence], &[HeavyFence]]).not_in_the_kernel().forbidden(),
        sb("SB+heavy+heavy", RELAXED, [&[HeavyFence], &[HeavyFence]]).not_in_the_kernel().forbidden(),
        sb("SB+light+fence-sc", RELAXED, [&[LightFence], &[SC]]).not_in_the_kernel(),
    ]
}

/// Each writes, and looks what the other wrote: neither sees anything.
fn sb(name: &'static str, [write, read]: [Ordering; 2], [left, right]: [&[Step]; 2]) -> Row {
    let side = |mine, theirs, fence| steps(&[&[Store(mine, 1, write)], fence, &[Load(theirs, read)]]);
    row(name, [&side(X, Y, left), &side(Y, X, right)], &[Reads(0, 0, 0), Reads(1, 0, 0)])
}

fn message_passing() -> Vec<Row> {
    vec![
        mp("MP", RELAXED, [&[], &[]]),
        mp("MP+rel", [Release, Relaxed], [&[], &[]]),
        mp("MP+acq", [Relaxed, Acquire], [&[], &[]]),
        mp("MP+rel+acq", [Release, Acquire], [&[], &[]]).forbidden(),
        mp("MP+fence-rel", RELAXED, [&[Fence(Release)], &[]]),
        mp("MP+fence-acq", RELAXED, [&[], &[Fence(Acquire)]]),
        mp("MP+fence-rel+fence-acq", RELAXED, [&[Fence(Release)], &[Fence(Acquire)]]).forbidden(),
        mp("MP+rel+fence-acq", [Release, Relaxed], [&[], &[Fence(Acquire)]]).forbidden(),
        mp("MP+fence-rel+acq", [Relaxed, Acquire], [&[Fence(Release)], &[]]).forbidden(),
        mp("MP+fence-sc", RELAXED, [&[SC], &[SC]]).forbidden(),
        mp("MP+light+light", RELAXED, [&[LightFence], &[LightFence]]).not_in_the_kernel(),
        mp("MP+light+heavy", RELAXED, [&[LightFence], &[HeavyFence]]).not_in_the_kernel().forbidden(),
    ]
}

/// One writes data and a flag; the other sees the flag, and not the data.
fn mp(name: &'static str, [flag, look]: [Ordering; 2], [before, between]: [&[Step]; 2]) -> Row {
    let writer = steps(&[&[Store(X, 1, Relaxed)], before, &[Store(Y, 1, flag)]]);
    let reader = steps(&[&[Load(Y, look)], between, &[Load(X, Relaxed)]]);
    row(name, [&writer, &reader], &[Reads(1, 0, 1), Reads(1, 1, 0)])
}

fn load_buffering() -> Vec<Row> {
    let copy = |theirs, mine| [Load(theirs, Relaxed), Copy(mine)];
    let if_one = |theirs, mine| [Load(theirs, Relaxed), Only(1), Store(mine, 1, Relaxed)];
    let both = [Reads(0, 0, 1), Reads(1, 0, 1)];
    vec![
        lb("LB", RELAXED, &[]).by_load_buffering(),
        lb("LB+rel", [Relaxed, Release], &[]).by_load_buffering().forbidden_in_the_kernel(),
        lb("LB+acq", [Acquire, Relaxed], &[]).by_load_buffering().forbidden_in_the_kernel(),
        lb("LB+acq+rel", [Acquire, Release], &[]).forbidden(),
        lb("LB+fence-sc", RELAXED, &[SC]).forbidden(),
        row("LB+data+none", [&copy(X, Y), &[Load(Y, Relaxed), Store(X, 1, Relaxed)]], &both)
            .by_load_buffering(),
        row("LB+ctrl", [&if_one(X, Y), &if_one(Y, X)], &both).by_load_buffering().forbidden_in_the_kernel(),
        row("LB+data", [&copy(X, Y), &copy(Y, X)], &both).by_load_buffering().forbidden_in_the_kernel(),
    ]
}

/// Each reads, and then writes what the other reads.
fn lb(name: &'static str, [read, write]: [Ordering; 2], between: &[Step]) -> Row {
    let side = |theirs, mine| steps(&[&[Load(theirs, read)], between, &[Store(mine, 1, write)]]);
    row(name, [&side(X, Y), &side(Y, X)], &[Reads(0, 0, 1), Reads(1, 0, 1)])
}

fn writes() -> Vec<Row> {
    vec![
        two_and_two("2+2W", Relaxed, &[]),
        two_and_two("2+2W+rel", Release, &[]),
        two_and_two("2+2W+fence-sc", Relaxed, &[SC]).forbidden(),
        r("R", RELAXED, &[]),
        r("R+rel+acq", [Release, Acquire], &[]),
        r("R+fence-sc", RELAXED, &[SC]).forbidden(),
        s("S", RELAXED, &[]),
        s("S+rel+acq", [Release, Acquire], &[]).forbidden(),
        s("S+fence-rel+acq", [Relaxed, Acquire], &[Fence(Release)]).forbidden(),
    ]
}

/// Each writes to both places, and the first write of either is the last one there.
fn two_and_two(name: &'static str, second: Ordering, between: &[Step]) -> Row {
    let side = |one, other| steps(&[&[Store(one, 1, Relaxed)], between, &[Store(other, 2, second)]]);
    row(name, [&side(X, Y), &side(Y, X)], &[Ends(X, 1), Ends(Y, 1)])
}

/// One writes data and a flag; the other writes the flag after it, and does not see the data.
fn r(name: &'static str, [write, read]: [Ordering; 2], between: &[Step]) -> Row {
    let writer = steps(&[&[Store(X, 1, Relaxed)], between, &[Store(Y, 1, write)]]);
    let reader = steps(&[&[Store(Y, 2, Relaxed)], between, &[Load(X, read)]]);
    row(name, [&writer, &reader], &[Reads(1, 0, 0), Ends(Y, 2)])
}

/// One writes data and a flag; the other sees the flag, and what it writes comes before the data.
fn s(name: &'static str, [write, read]: [Ordering; 2], between: &[Step]) -> Row {
    let writer = steps(&[&[Store(X, 2, Relaxed)], between, &[Store(Y, 1, write)]]);
    row(name, [&writer, &[Load(Y, read), Store(X, 1, Relaxed)]], &[Reads(1, 0, 1), Ends(X, 2)])
}
