//! The facade and the runner, tried on small programs whose outcomes are known.

mod counted;
#[cfg(any(feature = "loom", feature = "rc11"))]
mod litmus;
#[cfg(feature = "rc11")]
mod parts;
mod planted;
#[cfg(feature = "rc11")]
mod rc11;
mod relations;
mod runner;
#[cfg(any(feature = "rc11", feature = "shuttle"))]
mod sc;
mod swap;
mod tick;
#[cfg(any(feature = "loom", feature = "rc11"))]
mod weak;

use super::{Check, Engine, Strategy};

/// The exhaustive ways to check, as far as they are compiled in.
fn exhaustive_checks(name: &str) -> Vec<Check> {
    let strategies =
        [Strategy::Exhaustive { preemptions: None }, Strategy::Dfs, Strategy::Rc11, Strategy::Sc];
    let compiled = strategies.into_iter().filter(|s| s.engine().is_compiled());
    compiled.map(|s| Check::new(&format!("{name}, {s}"), s)).collect()
}

/// Those that know weak memory.
#[cfg(any(feature = "loom", feature = "rc11"))]
fn weak_checks(name: &str) -> Vec<Check> {
    exhaustive_checks(name).into_iter().filter(is_weak).collect()
}

/// Those for which memory is sequentially consistent.
#[cfg(any(feature = "rc11", feature = "shuttle"))]
fn sc_checks(name: &str) -> Vec<Check> {
    exhaustive_checks(name).into_iter().filter(|check| !is_weak(check)).collect()
}

fn is_weak(check: &Check) -> bool {
    matches!(check.strategy(), Strategy::Exhaustive { .. } | Strategy::Rc11)
}

fn is_loom(check: &Check) -> bool {
    check.strategy().engine() == Engine::Loom
}

fn is_rc11(check: &Check) -> bool {
    check.strategy() == Strategy::Rc11
}
