//! Names of threads and locations that are the same in every execution.
//!
//! A thread is named by the thread that starts it and its number among those that this one starts; a location by the
//! thread that makes it and its number among those that this one makes. An exploration gives each name a small number
//! when it first meets it, for all of its workers.

use crate::clock::MAX_THREADS;
use crate::event::LocId;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The names that an exploration has met.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Table {
    /// Of each thread but the first: who started it, and as its how-manieth.
    threads: Vec<(u16, u32)>,
    /// Of each location: who made it, and as its how-manieth.
    locations: Vec<(u16, u32)>,
}

/// A worker's view of the table.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    shared: Arc<Mutex<Table>>,
    threads: HashMap<(u16, u32), u16>,
    ranks: Vec<u64>,
    /// By maker and number.
    locations: Vec<Vec<Option<LocId>>>,
}

/// There are more threads than [`MAX_THREADS`], or one that is started by one that is started by one .. too deeply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooManyThreads;

impl Names {
    pub(crate) fn new(shared: Arc<Mutex<Table>>) -> Self {
        Names { shared, threads: HashMap::new(), ranks: vec![1 << 60], locations: Vec::new() }
    }

    /// The number of the `nth` thread that `parent` starts, counted from 1.
    pub(crate) fn thread(&mut self, parent: u16, nth: u32) -> Result<u16, TooManyThreads> {
        if let Some(thread) = self.threads.get(&(parent, nth)) {
            return Ok(*thread);
        }
        let shared = Arc::clone(&self.shared);
        let mut table = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let known = table.threads.iter().position(|name| *name == (parent, nth));
        let index = known.unwrap_or_else(|| {
            table.threads.push((parent, nth));
            table.threads.len() - 1
        });
        if index + 1 >= MAX_THREADS {
            return Err(TooManyThreads);
        }
        // Learn all of them: a rank is made from the parent's.
        for (i, (parent, nth)) in table.threads.iter().enumerate().skip(self.ranks.len() - 1) {
            self.threads.insert((*parent, *nth), i as u16 + 1);
            self.ranks.push(child_rank(self.ranks[usize::from(*parent)], *nth)?);
        }
        Ok(index as u16 + 1)
    }

    /// Orders threads so that one comes after the thread that started it, and before those which that one starts
    /// later.
    pub(crate) fn rank(&self, thread: usize) -> u64 {
        self.ranks[thread]
    }

    /// The `nth` location that `thread` makes, counted from 0.
    pub(crate) fn location(&mut self, thread: usize, nth: u32) -> LocId {
        while self.locations.len() <= thread {
            self.locations.push(Vec::new());
        }
        let mine = &mut self.locations[thread];
        if let Some(Some(loc)) = mine.get(nth as usize) {
            return *loc;
        }
        let mut table = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (thread as u16, nth);
        let known = table.locations.iter().position(|other| *other == name);
        let index = known.unwrap_or_else(|| {
            table.locations.push(name);
            table.locations.len() - 1
        });
        let loc = LocId(index as u32);
        while mine.len() <= nth as usize {
            mine.push(None);
        }
        mine[nth as usize] = Some(loc);
        loc
    }

    /// Who made a location, and as its how-manieth.
    pub(crate) fn maker(&self, loc: LocId) -> (usize, u32) {
        let table = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let (thread, nth) = table.locations[loc.0 as usize];
        (usize::from(thread), nth)
    }
}

/// Four bits a generation, from the top.
fn child_rank(parent: u64, nth: u32) -> Result<u64, TooManyThreads> {
    let shift = parent.trailing_zeros() / 4 * 4;
    match (shift.checked_sub(4), nth) {
        (Some(shift), 1..16) => Ok(parent | u64::from(nth) << shift),
        _ => Err(TooManyThreads),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_ranked_as_a_tree_is_walked() {
        let mut names = Names::new(Arc::default());
        let second = names.thread(0, 2).unwrap();
        let first = names.thread(0, 1).unwrap();
        let grandchild = names.thread(first, 1).unwrap();
        let in_order = [0, first, grandchild, second].map(|thread| names.rank(usize::from(thread)));
        assert!(in_order.is_sorted());
    }

    #[test]
    fn workers_agree_on_names() {
        let shared = Arc::default();
        let (mut one, mut other) = (Names::new(Arc::clone(&shared)), Names::new(shared));
        let a = one.thread(0, 3).unwrap();
        let b = one.thread(a, 1).unwrap();
        assert_eq!((other.thread(0, 3), other.thread(a, 1)), (Ok(a), Ok(b)));
        assert_eq!(one.location(0, 5), other.location(0, 5));
        assert_ne!(one.location(0, 5), one.location(0, 4));
    }

    #[test]
    fn a_seventeenth_thread_is_one_too_many() {
        let mut names = Names::new(Arc::default());
        for nth in 1..16 {
            assert!(names.thread(0, nth).is_ok());
        }
        assert_eq!(names.thread(0, 16), Err(TooManyThreads));
    }
}
