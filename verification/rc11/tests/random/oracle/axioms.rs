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
use super::relation::{Relation, Set};

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

/// SC: `psc = psc_base ∪ psc_F` is acyclic. What of it does not depend on mo is kept.
pub(crate) struct Sc<'a> {
    events: &'a Events,
    hb: &'a Relation,
    /// `F^sc` of the paper, the light fences among them.
    fences: Set,
    /// `[E^sc] ∪ [F^sc] ; hb?`.
    head: Relation,
    /// `[E^sc] ∪ hb? ; [F^sc]`.
    tail: Relation,
    /// `po ∪ po|≠loc ; hb ; po|≠loc ∪ hb|loc`.
    within_hb: Relation,
}

impl<'a> Sc<'a> {
    pub(crate) fn of(events: &'a Events, hb: &'a Relation) -> Sc<'a> {
        let fences = events.sc & events.fences;
        let all_sc = Relation::identity(events.sc);
        let same = events.same_place();
        let elsewhere = events.po - same;
        Sc {
            events,
            hb,
            fences,
            head: all_sc | hb.optional().between(fences, Set::MAX),
            tail: all_sc | hb.optional().between(Set::MAX, fences),
            within_hb: events.po | elsewhere.then(hb).then(&elsewhere) | *hb & same,
        }
    }

    pub(crate) fn holds(&self, rf: &Relation, mo: &Relation) -> bool {
        let psc = self.base(rf, mo) | self.between_fences(rf, mo);
        (psc - Relation::product(self.events.light, self.events.light)).is_acyclic()
    }

    /// `psc_base = ([E^sc] ∪ [F^sc] ; hb?) ; scb ; ([E^sc] ∪ hb? ; [F^sc])`, where
    /// `scb = po ∪ po|≠loc ; hb ; po|≠loc ∪ hb|loc ∪ mo ∪ rb`.
    fn base(&self, rf: &Relation, mo: &Relation) -> Relation {
        let scb = self.within_hb | *mo | reads_before(rf, mo);
        self.head.then(&scb).then(&self.tail)
    }

    /// `psc_F = [F^sc] ; (hb ∪ hb ; eco ; hb) ; [F^sc]`.
    fn between_fences(&self, rf: &Relation, mo: &Relation) -> Relation {
        let through = self.hb.then(&extended_coherence(rf, mo)).then(self.hb);
        (*self.hb | through).between(self.fences, self.fences)
    }
}

/// Sequential consistency of everything: `po ∪ rf ∪ mo ∪ rb` is acyclic.
pub(crate) fn interleaving(events: &Events, rf: &Relation, mo: &Relation) -> bool {
    (events.po | *rf | *mo | reads_before(rf, mo)).is_acyclic()
}

/// Every plain read reads from a write that no other one hides from it. (That the write is not after it, the axiom
/// NO-THIN-AIR says.)
pub(crate) fn plain_reads_hold(events: &Events, hb: &Relation, rf: &Relation) -> bool {
    let overwrites = hb.between(events.sets, events.sets) & events.same_place();
    (overwrites.then(hb) & rf.between(events.sets, events.gets)).is_empty()
}

/// Whether two conflicting plain accesses are unordered.
pub(crate) fn races(events: &Events, hb: &Relation) -> bool {
    events.conflicts().any(|(one, other)| one != other && !hb.has(one, other) && !hb.has(other, one))
}
