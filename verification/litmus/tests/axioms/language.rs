//! C++20, for relaxed, acquire and release accesses and fences of all kinds, in the form that RC11 has given it; with one
//! axiom more it is RC11. Release sequences are C++20's. Asymmetric fences are as the facade's axiom has them.

use crate::candidate::{Candidate, Kind};
use crate::relation::Relation;
use netns_core::sync::Ordering::SeqCst;

/// Whether C++20 allows it.
pub(crate) fn allows(candidate: &Candidate<'_>) -> bool {
    let Candidate { rmw, rf, co, fr, .. } = candidate;
    let hb = happens_before(candidate);
    let eco = rf.or(co).or(fr).plus();
    let by_fences = hb.or(&hb.then(&eco).then(&hb)).only(|a, b| are_ordered(candidate, a, b));
    let is_atomic = rmw.only(|r, w| fr.then(co).has(r, w)).is_empty();
    hb.then(&eco.maybe()).is_irreflexive() && eco.is_irreflexive() && is_atomic && by_fences.is_acyclic()
}

/// What happens before what.
fn happens_before(candidate: &Candidate<'_>) -> Relation {
    let Candidate { events, po, rmw, rf, .. } = candidate;
    let n = events.len();
    let before_fence = po.only(|a, b| events[a].is_fence() && events[a].releases() && events[b].is_write());
    let after_fence = po.only(|a, b| events[a].is_read() && events[b].is_fence() && events[b].acquires());
    let release = Relation::on(n, |e| events[e].is_write() && events[e].releases()).or(&before_fence);
    let acquire = Relation::on(n, |e| events[e].is_read() && events[e].acquires()).or(&after_fence);
    let release_sequence = rf.then(rmw).plus().maybe();
    let synchronises = release.then(&release_sequence).then(rf).then(&acquire);
    po.or(&synchronises).plus()
}

/// Whether these are two fences that have an order.
fn are_ordered(Candidate { events, .. }: &Candidate<'_>, a: usize, b: usize) -> bool {
    let is_light = |e: usize| events[e].kind == Kind::LightFence;
    let is_heavy = |e: usize| events[e].kind == Kind::HeavyFence;
    let is_full = |e: usize| events[e].is_fence_of(SeqCst) || is_heavy(e);
    is_full(a) && is_full(b) || is_light(a) && is_heavy(b) || is_heavy(a) && is_light(b)
}

/// Whether there is no load buffering in it.
pub(crate) fn is_in_order(candidate: &Candidate<'_>) -> bool {
    candidate.po.or(&candidate.rf).is_acyclic()
}

/// Whether sequential consistency allows it.
pub(crate) fn is_interleaved(candidate: &Candidate<'_>) -> bool {
    let Candidate { po, rmw, rf, co, fr, .. } = candidate;
    let is_atomic = rmw.only(|r, w| fr.then(co).has(r, w)).is_empty();
    po.or(rf).or(co).or(fr).is_acyclic() && is_atomic
}

/// Whether two accesses to memory that is not atomic, one of them a write, are unordered.
pub(crate) fn races(candidate: &Candidate<'_>) -> bool {
    let (events, hb) = (candidate.events, happens_before(candidate));
    let conflict = |a: usize, b: usize| {
        events[a].is_plain() && events[b].is_plain() && (events[a].is_write() || events[b].is_write())
    };
    let n = events.len();
    !Relation::of(n, |a, b| a != b && conflict(a, b) && !hb.has(a, b) && !hb.has(b, a)).is_empty()
}
