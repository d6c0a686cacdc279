//! Where an engine sees something else than the model that it stands for, and why.

use crate::measure::Explorer::{self, Dfs, Loom, Rc11};

/// Why an engine sees something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// loom explores no load buffering.
    LoadBuffering,
    /// loom has full fences for light ones.
    LightFences,
    /// The RC11 engine orders light fences against every `SeqCst` fence.
    LightAgainstAll,
    /// A compare-exchange of loom's that fails has read the newest value.
    NewestValue,
    /// It fails for a reason only.
    NoSpuriousFailure,
    /// loom's `SeqCst` fences synchronise.
    FencesSynchronise,
    /// loom does not see all that the thread sees which starts the others.
    ByTheStarter,
    /// loom remembers one access of each atomic.
    LastAccess,
    /// shuttle does not look for races.
    NoRaces,
}

impl Why {
    /// All of them, in the order of the page.
    pub const ALL: [Why; 9] = [
        Why::LoadBuffering,
        Why::LightFences,
        Why::LightAgainstAll,
        Why::NewestValue,
        Why::NoSpuriousFailure,
        Why::FencesSynchronise,
        Why::ByTheStarter,
        Why::LastAccess,
        Why::NoRaces,
    ];

    /// In a sentence.
    pub fn text(self) -> &'static str {
        match self {
            Why::LoadBuffering => {
                "loom explores no load buffering: a load never reads a store that comes later."
            }
            Why::LightFences => "Under loom a light fence is a `SeqCst` fence, which is more.",
            Why::LightAgainstAll => {
                "The facade's axiom orders light fences against heavy ones only; rc11 orders them against every `SeqCst` \
                 fence."
            }
            Why::NewestValue => "Under loom a compare-exchange that fails has read the newest value.",
            Why::NoSpuriousFailure => {
                "Under loom and shuttle a weak compare-exchange fails only if it finds another value."
            }
            Why::FencesSynchronise => {
                "loom's `SeqCst` fences synchronise with each other; in C++20 they are only ordered."
            }
            Why::ByTheStarter => {
                "loom does not see it if the last thread is the one that starts the others. If it is started itself, as in \
                 the row before, loom does."
            }
            Why::LastAccess => {
                "loom remembers the last access of an atomic, not that of each thread: it does not try a store before the load \
                 of one thread if another thread has loaded since, though both are open. Without the other load, as in the row \
                 before, it does. The outcome is that of an interleaving."
            }
            Why::NoRaces => "shuttle does not look for races.",
        }
    }
}

/// Where an engine sees something else than the model that it stands for: its name, that of the row, and why.
pub const ALL: &[(Explorer, &str, Why)] = &[
    (Loom, "LB", Why::LoadBuffering),
    (Loom, "LB+rel", Why::LoadBuffering),
    (Loom, "LB+acq", Why::LoadBuffering),
    (Loom, "LB+data+none", Why::LoadBuffering),
    (Loom, "LB+ctrl", Why::LoadBuffering),
    (Loom, "LB+data", Why::LoadBuffering),
    (Loom, "SB+light+light", Why::LightFences),
    (Loom, "SB+light+fence-sc", Why::LightFences),
    (Loom, "MP+light+light", Why::LightFences),
    (Rc11, "SB+light+fence-sc", Why::LightAgainstAll),
    (Loom, "MP+failing-CAS", Why::NewestValue),
    (Loom, "MP+rel+other-store+acq+main", Why::ByTheStarter),
    (Loom, "answer+rel+acq+load", Why::LastAccess),
    (Loom, "weak-CAS", Why::NoSpuriousFailure),
    (Dfs, "weak-CAS", Why::NoSpuriousFailure),
    (Loom, "race-SB+fence-sc", Why::FencesSynchronise),
    (Dfs, "race-MP", Why::NoRaces),
    (Dfs, "race-SB+fence-sc", Why::NoRaces),
];

/// Why the engine sees something else in the row of that name; `None` if it does not.
pub fn why(explorer: Explorer, name: &str) -> Option<Why> {
    ALL.iter().find(|(by, row, _)| *by == explorer && *row == name).map(|(_, _, why)| *why)
}
