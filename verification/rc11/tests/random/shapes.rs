//! The litmus tests that the random programs start from. Their orderings are drawn anew.

/// Store buffering, message passing and their kin, with fences, read-modify-writes, awaits and plain cells in them.
pub(crate) const SHAPES: &[&str] = &[
    // SB
    "x.store(1, rlx); r0 = y.load(rlx) || y.store(1, rlx); r0 = x.load(rlx)",
    "x.store(1, rlx); fence(sc); r0 = y.load(rlx) || y.store(1, rlx); fence(sc); r0 = x.load(rlx)",
    "x.store(1, rlx); fence(light); r0 = y.load(rlx) || y.store(1, rlx); fence(sc); r0 = x.load(rlx)",
    "r0 = x.swap(1, rlx); r1 = y.load(rlx) || r0 = y.swap(1, rlx); r1 = x.load(rlx)",
    "x.store(1, rlx); r0 = y.load(rlx) || y.store(1, rlx); r0 = z.load(rlx) \
     || z.store(1, rlx); r0 = x.load(rlx)",
    // MP
    "x.store(1, rlx); y.store(1, rlx) || r0 = y.load(rlx); r1 = x.load(rlx)",
    "x.store(1, rlx); fence(rel); y.store(1, rlx) || r0 = y.load(rlx); fence(acq); r1 = x.load(rlx)",
    "a.set(1); x.store(1, rlx) || r0 = x.load(rlx); if r0 == 1 { r1 = a.get() }",
    "a.set(1); x.store(1, rlx) || x.await(== 1, rlx); r0 = a.get()",
    "a.set(1); fence(rel); x.store(1, rlx) || x.await(!= 0, rlx); fence(acq); r0 = a.get()",
    "a.set(1); x.store(1, rlx) || r0 = x.cas(0, 2, rlx, rlx); if r0 == 1 { a.set(2) }",
    "a.set(1); x.store(1, rlx) || r0 = x.weak_cas(1, 2, rlx, rlx); if r0 == 1 { a.set(2) }",
    "a.set(1); x.store(1, rlx) || r0 = x.add(1, rlx) || r0 = x.load(rlx); if r0 == 2 { r1 = a.get() }",
    "a.set(1); x.store(1, rel) || r0 = x.add(1, rlx) || r0 = x.swap(3, rlx) || x.await(== 3, acq); r0 = a.get()",
    "a.set(1); x.store(1, rlx) || r0 = x.load(rlx); if r0 == 1 { y.store(1, rlx) } \
     || y.await(== 1, rlx); a.set(2)",
    "x.store(1, rlx); y.store(1, rlx); y.store(2, rlx) || r0 = y.load(rlx); r1 = x.load(rlx)",
    // LB, 2+2W, S, R
    "r0 = x.load(rlx); y.store(1, rlx) || r0 = y.load(rlx); x.store(1, rlx)",
    "r0 = x.load(rlx); y.store(r0, rlx) || r0 = y.load(rlx); x.store(r0, rlx)",
    "r0 = a.get(); if r0 == 1 { b.set(1) } || r0 = b.get(); if r0 == 1 { a.set(1) }",
    "x.store(1, rlx); y.store(2, rlx) || y.store(1, rlx); x.store(2, rlx)",
    "x.store(1, rlx); fence(sc); y.store(2, rlx) || y.store(1, rlx); fence(sc); x.store(2, rlx)",
    "x.store(2, rlx); y.store(1, rlx) || r0 = y.load(rlx); x.store(1, rlx)",
    "x.store(1, rlx); y.store(1, rlx) || y.store(2, rlx); r0 = x.load(rlx)",
    // IRIW, WRC, RWC, W+RWC, Z6, ISA2
    "x.store(1, rlx) || y.store(1, rlx) || r0 = x.load(rlx); r1 = y.load(rlx) \
     || r0 = y.load(rlx); r1 = x.load(rlx)",
    "x.store(1, rlx) || r0 = x.load(rlx); y.store(1, rlx) || r0 = y.load(rlx); r1 = x.load(rlx)",
    "x.store(1, rlx) || r0 = x.load(rlx); r1 = y.load(rlx) || y.store(1, rlx); r0 = x.load(rlx)",
    "x.store(1, rlx); z.store(1, rlx) || r0 = z.load(rlx); r1 = y.load(rlx) \
     || y.store(1, rlx); r0 = x.load(rlx)",
    "x.store(1, rlx); y.store(1, rlx) || r0 = y.add(1, rlx); r1 = z.load(rlx) \
     || z.store(1, rlx); r0 = x.load(rlx)",
    "x.store(1, rlx); y.store(1, rlx) || y.store(2, rlx); z.store(1, rlx) \
     || r0 = z.load(rlx); r1 = x.load(rlx)",
    "x.store(1, rlx); y.store(1, rlx) || r0 = y.load(rlx); z.store(1, rlx) \
     || r0 = z.load(rlx); r1 = x.load(rlx)",
    // With fences between
    "x.store(1, rlx) || r0 = x.load(rlx); fence(sc); r1 = y.load(rlx) \
     || y.store(1, rlx); fence(sc); r0 = x.load(rlx)",
    "x.store(1, rlx) || y.store(1, rlx) || r0 = x.load(rlx); fence(sc); r1 = y.load(rlx) \
     || r0 = y.load(rlx); fence(sc); r1 = x.load(rlx)",
    "x.store(1, rlx); fence(sc); y.store(1, rlx) || y.store(2, rlx); fence(sc); r0 = x.load(rlx)",
    "x.store(1, rlx); fence(sc); y.store(1, rlx) || y.store(2, rlx); z.store(1, rlx) \
     || r0 = z.load(rlx); fence(sc); r1 = x.load(rlx)",
    // Sequentially consistent accesses of two locations, and hb at one location or between two
    "x.store(1, sc); y.store(1, rel) || r0 = y.add(1, sc); r1 = z.load(sc) \
     || z.store(1, sc); r0 = x.load(sc)",
    "x.store(1, sc); x.store(2, rel) || r0 = x.load(acq); r1 = y.load(sc) || y.store(1, sc); r0 = x.load(sc)",
    "x.store(1, sc); fence(rel); x.store(2, rlx) || r0 = x.load(rlx); fence(acq); r1 = y.load(sc) \
     || y.store(1, sc); r0 = x.load(sc)",
    "x.store(1, sc); a.set(1); x.store(2, rel) || r0 = x.load(acq); r1 = y.load(sc) \
     || y.store(1, sc); r0 = x.load(sc)",
    "x.store(1, sc); y.store(1, rel) || r0 = y.add(1, sc); r1 = y.load(rlx) \
     || y.store(3, sc); r0 = x.load(sc)",
    // Coherence, a sequence of writes, counters
    "x.store(1, rlx); x.store(2, rlx) || r0 = x.load(rlx); r1 = x.load(rlx)",
    "x.store(1, rlx) || x.store(2, rlx) || r0 = x.load(rlx); r1 = x.load(rlx)",
    "r0 = x.add(1, rlx) || r0 = x.add(1, rlx) || r0 = x.add(1, rlx)",
    "r0 = x.cas(0, 1, rlx, rlx) || r0 = x.cas(0, 2, rlx, rlx) || r0 = x.load(rlx)",
    "a.set(1); r0 = x.add(1, rlx) || r0 = x.add(1, rlx); if r0 == 1 { a.set(2) }",
    // Locks, handshakes
    "x.await_cas(0, 1, rlx); a.set(1); x.store(0, rlx) || x.await_cas(0, 1, rlx); a.set(2); x.store(0, rlx)",
    "x.await_cas(0, 1, rlx); r0 = a.get(); r1 = x.add(1, rlx) \
     || x.await_cas(0, 1, rlx); a.set(2); x.store(0, rlx)",
    "x.store(1, rlx); y.await(== 1, rlx); a.set(1) || y.store(1, rlx); x.await(== 1, rlx); r0 = a.get()",
    "a.set(1); x.store(1, rlx); y.await(== 1, rlx); r0 = a.get() \
     || x.await(== 1, rlx); a.set(2); y.store(1, rlx)",
    "x.store(1, rlx); r0 = y.load(rlx); if r0 == 0 { a.set(1) } \
     || y.store(1, rlx); r0 = x.load(rlx); if r0 == 0 { a.set(2) }",
    "x.store(1, rlx); fence(light); r0 = y.load(rlx); if r0 == 0 { a.set(1) } \
     || y.store(1, rlx); fence(sc); r0 = x.load(rlx); if r0 == 0 { a.set(2) }",
    "x.await(== 2, rlx); y.store(1, rlx) || y.await(== 1, rlx); x.store(2, rlx)",
];
