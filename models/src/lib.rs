//! The models: what netns-core does, one scenario at a time, and what must hold in each.
//!
//! A model is a plain function over the public API and the [`sync`](netns_core::sync) facade. It builds a fresh
//! world, starts a few threads, and asserts. The same function runs under the RC11 engine (every execution)
//! and loom (those that it knows of), under shuttle (schedules of larger worlds) and on real threads.
//!
//! [`all`] lists them; [`process`] runs one in a process of its own, as `cargo verify` and the tests do. [`campaign`] has
//! larger worlds, which are sampled only.

pub mod callbacks;
pub mod campaign;
pub mod cleanup;
pub mod ends;
pub mod generic;
pub mod id_table;
pub mod items;
pub mod large;
pub mod linear;
pub mod model;
pub mod notify;
pub mod nsid;
pub mod pernet;
pub mod process;
pub mod rcu;
pub mod refcount;
pub mod refusals;
pub mod sequences;
pub mod sysctl;
pub mod tables;
pub mod task;
pub mod workqueue;
pub mod world;

pub use items::Items;
pub use model::{Engines, Memory, Model, Plan, Scheduler};

/// All models, by protocol.
pub fn all() -> Vec<&'static Model> {
    let protocols = [
        refcount::MODELS,
        workqueue::MODELS,
        rcu::MODELS,
        callbacks::MODELS,
        generic::MODELS,
        cleanup::MODELS,
        pernet::MODELS,
        ends::MODELS,
        nsid::MODELS,
        id_table::MODELS,
        notify::MODELS,
        task::MODELS,
        sysctl::MODELS,
        tables::MODELS,
        sequences::MODELS,
        refusals::MODELS,
        large::MODELS,
    ];
    protocols.into_iter().flatten().collect()
}

/// All models, and all that campaigns have.
pub fn known() -> impl Iterator<Item = &'static Model> {
    all().into_iter().chain(campaign::SCENARIOS).chain([campaign::PLANTED])
}

/// The model or the campaign of that name.
pub fn find(name: &str) -> Option<&'static Model> {
    known().find(|m| m.name == name)
}
