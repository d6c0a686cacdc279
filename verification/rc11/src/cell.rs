//! Plain memory.

use crate::fiber;
use crate::race::Accesses;
use crate::run::Run;
use std::cell::UnsafeCell;
use std::fmt;

/// Watches a piece of plain memory for races. It holds nothing itself.
#[derive(Debug)]
pub struct Track {
    execution: u64,
    index: usize,
}

impl Track {
    /// Memory that the running thread has just written.
    pub fn new() -> Self {
        fiber::with(|run| {
            run.plain.push(run.written_now());
            Track { execution: run.id, index: run.plain.len() - 1 }
        })
    }

    /// The running thread reads. The check fails if that is a race.
    ///
    /// # Panics
    ///
    /// If the memory belongs to another execution.
    pub fn read(&self) {
        self.access(Run::read_plain);
    }

    /// The running thread writes. The check fails if that is a race.
    ///
    /// # Panics
    ///
    /// If the memory belongs to another execution.
    pub fn write(&self) {
        self.access(Run::write_plain);
    }

    fn access(&self, access: impl FnOnce(&mut Run, &mut Accesses) -> bool) {
        let ordered = fiber::with(|run| {
            run.check_owns(self.execution);
            let mut accesses = run.plain[self.index];
            let ordered = fiber::is_giving_up(run) || access(run, &mut accesses);
            run.plain[self.index] = accesses;
            ordered
        });
        if !ordered {
            fiber::give_up()
        }
    }
}

impl Default for Track {
    fn default() -> Self {
        Track::new()
    }
}

/// Plain memory: accesses that are not ordered, one of them a write, are a failed check.
pub struct Cell<T> {
    track: Track,
    value: UnsafeCell<T>,
}

// SAFETY: only the execution that made the cell gets past `Track`. Its threads run one at a time, on one thread of the
// system, and accesses that race end it before they are made.
unsafe impl<T: Send> Sync for Cell<T> {}

impl<T> Cell<T> {
    /// Memory that holds `value`.
    pub fn new(value: T) -> Self {
        Cell { track: Track::new(), value: UnsafeCell::new(value) }
    }

    /// Reads it.
    pub fn get(&self) -> T
    where
        T: Copy,
    {
        self.track.read();
        // SAFETY: see `Sync`: no other thread runs, or has a reference into the cell.
        unsafe { *self.value.get() }
    }

    /// Writes it, and drops what was there.
    pub fn set(&self, value: T) {
        drop(self.replace(value));
    }

    /// Writes it, and returns what was there.
    pub fn replace(&self, value: T) -> T {
        self.track.write();
        // SAFETY: as in `get`.
        std::mem::replace(unsafe { &mut *self.value.get() }, value)
    }
}

impl<T> fmt::Debug for Cell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cell")
    }
}
