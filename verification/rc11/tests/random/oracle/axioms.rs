//! The axioms: RC11 (Lahav, Vafeiadis, Kang, Hur, Dreyer: Repairing Sequential Consistency in C/C++11, PLDI 2017) with
//! the release sequences of C++20 and light fences.
//!
//! The names are the paper's, but for `po` (its sb). Two things differ from it:
//!
//! - a release sequence is a write and the read-modify-writes on it; a later store of the same thread is not part of it;
//! - a light fence is a member of `F^sc` that neither acquires nor releases, and psc has no edge between two light
//!   fences.
//!
//! Plain accesses are events as in the paper, so one of them can be what `sb|≠loc` leads to. They have no modification
//! order: `plain_reads_hold` says what they read, which leaves no choice where nothing races.

use super::events::Events;
use super::relation::{Relation, members};

/// NO-THIN-AIR: `po ∪ rf` is acyclic.
pub(crate) fn no_thin_air(events: &Events, rf: &Relation) -> bool {
    (events.po | *rf).is_acyclic()
}

/// Happens-before: `hb = (po ∪ sw)⁺`.
pub(crate) fn happens_before(events: &Events, rf: &Relation) -> Relation {
    (events.po | synchronises_with(events, rf)).closure()
}

/// `sw = [E^rel] ; ([F] ; po)? ; rs ; rf ; [R] ; (po ; [F])? ; [E^acq]` with `rs = [W] ; (rf ; rmw)*`.
fn synchronises_with(events: &Events, rf: &Relation) -> Relation {
    let all = events.all();
    let release_sequence = rf.then(&events.rmw).closure().optional().between(events.writes, events.writes);
    let from_fence = events.po.between(events.fences & events.releasing, all);
    let to_fence = events.po.between(all, events.fences & events.acquiring);
    let head = from_fence | Relation::identity(events.releasing);
    let tail = to_fence | Relation::identity(events.acquiring);
    head.then(&release_sequence).then(&rf.between(all, events.reads)).then(&tail)
}

/// Reads-before: `rb = rf⁻¹ ; mo`.
pub(crate) fn reads_before(rf: &Relation, mo: &Relation) -> Relation {
    rf.inverse().then(mo)
}

/// Extended coherence order: `eco = (rf ∪ mo ∪ rb)⁺`.
fn extended_coherence(rf: &Relation, mo: &Relation) -> Relation {
    (*rf | *mo | reads_before(rf, mo)).closure()
}

/// COHERENCE: `hb ; eco?` is irreflexive.
pub(crate) fn coherence(hb: &Relation, rf: &Relation, mo: &Relation) -> bool {
    hb.then(&extended_coherence(rf, mo).optional()).is_irreflexive()
}

/// ATOMICITY: `rmw ∩ (rb ; mo)` is empty.
pub(crate) fn atomicity(events: &Events, rf: &Relation, mo: &Relation) -> bool {
    (events.rmw & reads_before(rf, mo).then(mo)).is_empty()
}

/// SC: `psc = psc_base ∪ psc_F` is acyclic.
pub(crate) fn sc(events: &Events, hb: &Relation, rf: &Relation, mo: &Relation) -> bool {
    let psc = psc_base(events, hb, rf, mo) | psc_fences(events, hb, rf, mo);
    (psc - Relation::product(events.light, events.light)).is_acyclic()
}

/// `psc_base = ([E^sc] ∪ [F^sc] ; hb?) ; scb ; ([E^sc] ∪ hb? ; [F^sc])`.
fn psc_base(events: &Events, hb: &Relation, rf: &Relation, mo: &Relation) -> Relation {
    let sc = Relation::identity(events.sc);
    let fences = Relation::identity(events.sc & events.fences);
    let head = sc | fences.then(&hb.optional());
    let tail = sc | hb.optional().then(&fences);
    head.then(&scb(events, hb, rf, mo)).then(&tail)
}

/// `scb = po ∪ po|≠loc ; hb ; po|≠loc ∪ hb|loc ∪ mo ∪ rb`.
fn scb(events: &Events, hb: &Relation, rf: &Relation, mo: &Relation) -> Relation {
    let same = events.same_place();
    let elsewhere = events.po - same;
    events.po | elsewhere.then(hb).then(&elsewhere) | *hb & same | *mo | reads_before(rf, mo)
}

/// `psc_F = [F^sc] ; (hb ∪ hb ; eco ; hb) ; [F^sc]`.
fn psc_fences(events: &Events, hb: &Relation, rf: &Relation, mo: &Relation) -> Relation {
    let fences = events.sc & events.fences;
    let through = hb.then(&extended_coherence(rf, mo)).then(hb);
    (*hb | through).between(fences, fences)
}

/// Sequential consistency of everything: `po ∪ rf ∪ mo ∪ rb` is acyclic.
pub(crate) fn interleaving(events: &Events, rf: &Relation, mo: &Relation) -> bool {
    (events.po | *rf | *mo | reads_before(rf, mo)).is_acyclic()
}

/// Every plain read reads from a write that it may: one that is not after it, and that no other write hides from it.
pub(crate) fn plain_reads_hold(events: &Events, hb: &Relation, rf: &Relation) -> bool {
    let visible = |write: usize, read: usize| {
        !hb.has(read, write)
            && members(hb.image(write) & events.sets)
                .all(|other| !hb.has(other, read) || !events.same_place().has(write, other))
    };
    members(events.sets).all(|write| members(rf.image(write)).all(|read| visible(write, read)))
}

/// Whether two conflicting plain accesses are unordered.
pub(crate) fn races(events: &Events, hb: &Relation) -> bool {
    events.conflicts().any(|(one, other)| one != other && !hb.has(one, other) && !hb.has(other, one))
}
