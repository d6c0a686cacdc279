//! The reference programs: small protocols whose executions an independent optimal checker has counted, and whose
//! mistakes it has found, written once more for this one.
//!
//! A program is a function of its parameters: how many threads and rounds, which ordering at which site, which mistake.
//! The parameters' default is the correct program. Of each program three things are tested:
//!
//! - *Counts.* The number of complete executions is a property of the program and of the memory model, so it must be
//!   exactly the other checker's. How many executions end blocked depends on how a checker schedules waits: these
//!   numbers are printed, and not compared.
//! - *The same under sequential consistency*, where that gives the same number.
//! - *Mistakes.* A table of changes, each with what is to become of it (`mutation`). All rows are run, and all that
//!   are not as expected are reported at once.

mod batch;
mod counting;
mod grow;
mod krcu;
mod litmus;
mod mutation;
mod rcu;
mod refcount;
mod relseq;
