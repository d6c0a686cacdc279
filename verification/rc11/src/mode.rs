//! Memory models: which execution graphs there are.
//!
//! RC11 (Lahav, Vafeiadis, Kang, Hur, Dreyer: "Repairing Sequential Consistency in C/C++11", PLDI 2017) with the release
//! sequences of C++20 asks for four things. Where each is taken care of:
//!
//! | axiom | where |
//! |---|---|
//! | coherence: `hb; eco?` is irreflexive | [`lower_bound`](crate::coherence::lower_bound), for each read and write |
//! | atomicity: nothing comes between what a read-modify-write reads and what it writes | the places that a write may take ([`Graph::is_taken`]) |
//! | order of sequentially consistent events: `psc` is acyclic | [`psc`](crate::psc) |
//! | no thin air: `sb ∪ rf` is acyclic | by construction: an event is added after all that it depends on |

use crate::graph::Graph;
use crate::{psc, sequential};
use serde::{Deserialize, Serialize};

/// A memory model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// RC11: C++20 without load buffering.
    #[default]
    Rc11,
    /// Sequential consistency: threads take turns. Orderings say nothing about which values are read; races of plain
    /// accesses are still judged by them.
    Sc,
}

impl Mode {
    /// Whether a graph that is coherent and atomic is consistent.
    pub(crate) fn orders_all(self, graph: &Graph) -> bool {
        match self {
            Mode::Rc11 => psc::is_acyclic(graph),
            Mode::Sc => sequential::is_acyclic(graph),
        }
    }
}
