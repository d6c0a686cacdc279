//! Relations between the events of a small execution.

/// A relation: for each event those that it leads to, a bit each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Relation(Vec<u32>);

impl Relation {
    /// The pairs of `n` events that are related.
    pub(crate) fn of(n: usize, related: impl Fn(usize, usize) -> bool) -> Relation {
        assert!(n <= 32, "{n} events are too many");
        let row = |a| (0..n).filter(|b| related(a, *b)).fold(0, |bits, b| bits | 1 << b);
        Relation((0..n).map(row).collect())
    }

    /// Each of these with itself.
    pub(crate) fn on(n: usize, is_in: impl Fn(usize) -> bool) -> Relation {
        Relation::of(n, |a, b| a == b && is_in(a))
    }

    pub(crate) fn has(&self, a: usize, b: usize) -> bool {
        self.0[a] & 1 << b != 0
    }

    pub(crate) fn or(&self, other: &Relation) -> Relation {
        Relation(self.0.iter().zip(&other.0).map(|(a, b)| a | b).collect())
    }

    /// Those pairs for which this holds as well.
    pub(crate) fn only(&self, holds: impl Fn(usize, usize) -> bool) -> Relation {
        Relation::of(self.0.len(), |a, b| self.has(a, b) && holds(a, b))
    }

    pub(crate) fn then(&self, next: &Relation) -> Relation {
        let step = |bits: &u32| {
            let middle = (0..self.0.len()).filter(|b| bits & 1 << b != 0);
            middle.fold(0, |all, b| all | next.0[b])
        };
        Relation(self.0.iter().map(step).collect())
    }

    pub(crate) fn inverse(&self) -> Relation {
        Relation::of(self.0.len(), |a, b| self.has(b, a))
    }

    /// The transitive closure.
    pub(crate) fn plus(&self) -> Relation {
        let more = self.or(&self.then(self));
        if more == *self { more } else { more.plus() }
    }

    /// The reflexive closure.
    pub(crate) fn maybe(&self) -> Relation {
        self.or(&Relation::on(self.0.len(), |_| true))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|bits| *bits == 0)
    }

    pub(crate) fn is_irreflexive(&self) -> bool {
        (0..self.0.len()).all(|a| !self.has(a, a))
    }

    pub(crate) fn is_acyclic(&self) -> bool {
        self.plus().is_irreflexive()
    }
}
