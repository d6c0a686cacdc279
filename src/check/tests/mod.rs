//! The facade and the runner, tried on small programs whose outcomes are known.

#[cfg(feature = "loom")]
mod litmus;
mod planted;
#[cfg(feature = "rc11")]
mod rc11;
mod runner;
#[cfg(feature = "shuttle")]
mod sc;
mod swap;
mod tick;
#[cfg(feature = "loom")]
mod weak;

use super::{Check, Engine, Strategy};

/// Both exhaustive ways to check, as far as they are compiled in.
fn exhaustive_checks(name: &str) -> Vec<Check> {
    let strategies = [Strategy::Exhaustive { preemptions: None }, Strategy::Dfs];
    let compiled = strategies.into_iter().filter(|s| s.engine().is_compiled());
    compiled.map(|s| Check::new(&format!("{name} under {}", s.engine()), s)).collect()
}

fn is_loom(check: &Check) -> bool {
    check.strategy().engine() == Engine::Loom
}
