//! A binary relation over the events of one execution, and the algebra in which the axioms are written.

use std::ops::{BitAnd, BitOr, Sub};

/// The greatest number of events.
pub(crate) const EVENTS: usize = 32;

/// A set of events: bit `i` is event `i`.
pub(crate) type Set = u32;

/// The members of a set.
pub(crate) fn members(set: Set) -> impl Iterator<Item = usize> {
    let mut left = set;
    std::iter::from_fn(move || {
        let first = (left != 0).then(|| left.trailing_zeros() as usize)?;
        left &= left - 1;
        Some(first)
    })
}

/// A binary relation: row `a` is the set of all `b` with `(a, b)` in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Relation {
    rows: [Set; EVENTS],
}

impl Relation {
    /// The relation that holds for nothing.
    pub(crate) const EMPTY: Relation = Relation { rows: [0; EVENTS] };

    /// `[set]`: the identity on the set.
    pub(crate) fn identity(set: Set) -> Relation {
        let mut relation = Relation::EMPTY;
        for event in members(set) {
            relation.add(event, event);
        }
        relation
    }

    /// `from × to`.
    pub(crate) fn product(from: Set, to: Set) -> Relation {
        let mut relation = Relation::EMPTY;
        for event in members(from) {
            relation.rows[event] = to;
        }
        relation
    }

    pub(crate) fn add(&mut self, from: usize, to: usize) {
        self.rows[from] |= 1 << to;
    }

    pub(crate) fn has(&self, from: usize, to: usize) -> bool {
        self.rows[from] >> to & 1 == 1
    }

    /// Everything that the event is related to.
    pub(crate) fn image(&self, from: usize) -> Set {
        self.rows[from]
    }

    /// `self ; next`.
    pub(crate) fn then(&self, next: &Relation) -> Relation {
        let mut relation = Relation::EMPTY;
        for (row, &middle) in relation.rows.iter_mut().zip(&self.rows) {
            for event in members(middle) {
                *row |= next.rows[event];
            }
        }
        relation
    }

    /// `[from] ; self ; [to]`.
    pub(crate) fn between(&self, from: Set, to: Set) -> Relation {
        *self & Relation::product(from, to)
    }

    /// `self⁻¹`.
    pub(crate) fn inverse(&self) -> Relation {
        let mut relation = Relation::EMPTY;
        for from in 0..EVENTS {
            for to in members(self.rows[from]) {
                relation.add(to, from);
            }
        }
        relation
    }

    /// `self?`.
    pub(crate) fn optional(&self) -> Relation {
        *self | Relation::identity(Set::MAX)
    }

    /// `self⁺`.
    pub(crate) fn closure(&self) -> Relation {
        let mut relation = *self;
        for middle in 0..EVENTS {
            let through = relation.rows[middle];
            if through != 0 {
                for row in &mut relation.rows {
                    if *row >> middle & 1 == 1 {
                        *row |= through;
                    }
                }
            }
        }
        relation
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows == [0; EVENTS]
    }

    pub(crate) fn is_irreflexive(&self) -> bool {
        (0..EVENTS).all(|event| !self.has(event, event))
    }

    pub(crate) fn is_acyclic(&self) -> bool {
        self.closure().is_irreflexive()
    }

    fn zip(&self, other: &Relation, join: impl Fn(Set, Set) -> Set) -> Relation {
        Relation { rows: std::array::from_fn(|event| join(self.rows[event], other.rows[event])) }
    }
}

impl BitOr for Relation {
    type Output = Relation;

    fn bitor(self, other: Relation) -> Relation {
        self.zip(&other, |a, b| a | b)
    }
}

impl BitAnd for Relation {
    type Output = Relation;

    fn bitand(self, other: Relation) -> Relation {
        self.zip(&other, |a, b| a & b)
    }
}

impl Sub for Relation {
    type Output = Relation;

    fn sub(self, other: Relation) -> Relation {
        self.zip(&other, |a, b| a & !b)
    }
}
