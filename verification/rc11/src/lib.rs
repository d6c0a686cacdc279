//! Runs a concurrent closure once for each execution that the RC11 memory model allows.
//!
//! ```
//! use rc11::{Atomic, Explorer, thread};
//! use std::sync::{Arc, atomic::Ordering::*};
//!
//! let report = Explorer::new().run(|| {
//!     let sent = Arc::new((Atomic::new(0), Atomic::new(false)));
//!     let there = sent.clone();
//!     let sender = thread::spawn(move || { there.0.store(1, Relaxed); there.1.store(true, Release) });
//!     if sent.1.load(Acquire) { assert_eq!(sent.0.load(Relaxed), 1) }
//!     sender.join();
//! });
//! assert_eq!(report.assert_complete().complete, 2);
//! ```
//!
//! The closure is one execution: it makes its atomics, starts threads and asserts. It is run again and again, with reads
//! that return what the model lets them, until every execution was met, each once. It must do the same when it reads
//! the same: whatever else it depends on is noticed, if it matters.
//!
//! # What an execution is
//!
//! Two runs are the same execution if the same operations were done, every read read from the same write, and the
//! writes of each location have the same modification order. In which order things that do not depend on each other
//! happened makes no difference. So there are far fewer executions than interleavings, and weak behaviours, which are
//! no interleavings at all, are among them.
//!
//! # Map
//!
//! ```text
//!  explorer   workers, limits, progress, parts           report   failure   linear
//!     │
//!  run        one execution: replay, then extend         fiber    coroutines
//!     │
//!  extend ── revisit    TruSt: which graphs come next    replay   op
//!     │
//!  coherence   psc   sequential   race                   the axioms of the model (`mode`)
//!     │
//!  graph   event   clock   names                         what an execution is made of
//! ```
//!
//! Above it all is what programs use: [`Atomic`], [`fence`], [`thread`], [`Mutex`],
//! [`Cell`], [`Handle`](heap::Handle), [`choose`].
//!
//! # Why to believe it
//!
//! Nothing here is proved. These stand for it, as tests of this package:
//!
//! * **An oracle** (`tests/random`) that enumerates all candidate executions of a small program and keeps those which the
//!   axioms allow. It shares nothing with the engine. Random programs of loads, stores, read-modify-writes, exchanges with
//!   orderings of failure, fences of all kinds, waits and plain memory, in two to four threads, must have the same
//!   outcomes, the same number of executions, the same races and the same deadlocks. The programs of the seeds 0 to
//!   99,999 have, under RC11 and under sequential consistency
//!   (`RC11_SEEDS=0..100000 cargo test --release -p rc11 --test random subject`); each run of the tests compares a few
//!   thousand. A difference shrinks itself to a small program.
//! * **Counts** (`tests/reference`) that an independent checker, GenMC, has for five protocols and the classic litmus tests,
//!   met exactly; and the mistakes in those protocols that it finds, each found.
//! * **No execution comes twice**: every random program is looked at for that.
//! * **Every check of the engine broken**, one by one (`mutants`, `ci/rc11-mutants`): some test notices each.
//!
//! `cargo bench -p rc11` tells what an exploration costs, and what a second worker is worth.
//!
//! # What is left out
//!
//! Load buffering: no read reads from a write that depends on it, or that comes after it in its thread, as RC11 has it.
//! Condition variables wake in order, and never without reason. Loops are explored to their end: one that waits uses
//! [`Atomic::wait_until`], or says that a turn was in vain ([`thread::retry`]). Operations that destructors ask for while
//! a panic unwinds are not done; a program that catches the panic and goes on is told so. So no destructor is to join a
//! thread. A light fence is ordered against every sequentially consistent fence and access, not against heavy ones only.
//!
//! All that programs use panics outside of an exploration, and if it was made in another execution.

pub mod atomic;
mod cell;
mod clock;
mod coherence;
mod estimate;
mod event;
mod explorer;
mod extend;
mod failure;
mod fiber;
mod graph;
pub mod heap;
mod linear;
mod mode;
pub mod mutex;
mod names;
mod op;
mod parts;
mod pool;
mod psc;
mod race;
mod replay;
mod report;
mod revisit;
mod run;
mod sequential;
pub mod thread;
mod word;

pub use atomic::{Atomic, fence, heavy_fence, light_fence};
pub use cell::{Cell, Track};
pub use clock::MAX_THREADS;
pub use estimate::Estimate;
pub use explorer::{Explorer, Progress};
pub use failure::{EventKind, EventView, Failure, FailureKind};
pub use mode::Mode;
pub use mutex::{Condvar, Mutex, MutexGuard, RawMutex};
pub use parts::Split;
pub use report::{Report, Stopped};
pub use thread::choose;
pub use word::{Number, Word};
