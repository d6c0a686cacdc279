//! The Linux network-namespace core, its protocols model-checked to the last interleaving.
//!
//! ```text
//!              Socket ── RTM_NEWNSID, RTM_GETNSID, RTM_DELNSID, in bytes
//!                  │
//!   rtnetlink      │   sockets, their queues and groups, requests and answers
//!                  │
//!              Tasks ── fork, unshare, setns, exit, get_net_ns_by_pid, get_net_ns_by_fd
//!                  │
//!   task           │   tasks, what namespaces they are in, credentials, descriptors, bind mounts
//!                  │
//!              Namespaces ── copy_net_ns, register_pernet_*, for_each_net
//!                  │
//!   net            │   struct Net, its handles, net_generic, pernet operations, cleanup_net
//!                  │
//!   refcount  rcu  workqueue  ida  error   the kernel primitives that the core stands on
//!                  │
//!   sync           the facade: atomics, fences, cells, locks, threads, allocation
//!                  │
//!   std  │  rc11  │  loom  │  shuttle      chosen at run time in a checking build
//! ```
//!
//! Start at [`net`], whose front page is a guide to the core, at [`task`] for its processes, at [`rtnetlink`] for
//! messages about peer ids, or at [`rcu`] or [`workqueue`] for a primitive by itself. [`seed`] says what each function
//! of the kernel's source has become.
//!
//! Arrows point down only. [`check`] runs a closure under one of the engines and reports which
//! interleavings were explored; it is compiled with the features `check`, `engine`, `rc11`, `loom` and `shuttle`.
//!
//! Without those features nothing of the checking machinery is compiled: [`sync`] is the atomics of
//! `std`, and `NetRef::clone` is one locked add.
#![deny(unsafe_op_in_unsafe_fn, missing_docs)]

#[cfg(feature = "check")]
pub mod check;
pub mod error;
pub mod ida;
pub mod net;
pub mod rcu;
pub mod refcount;
pub mod rtnetlink;
#[doc = include_str!("seed.md")]
pub mod seed {}
pub mod sync;
pub mod task;
pub mod workqueue;

pub use error::Error;
pub use net::{
    AssignError, CLONE_NEWNET, Namespaces, Net, NetId, NetRef, Nsid, PassiveNet, PernetId, PernetOperations,
    PossibleNet, Registration, SysctlEntry, SysctlHandler, SysctlInt, SysctlMode, SysctlString, SysctlTable,
    UserNamespace,
};

/// The examples of the README are compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
