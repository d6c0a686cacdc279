//! Where findings come from, as JSON has it.

use crate::exit::Exit;
use crate::tree;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

/// The end of a commit's name if files differed from it.
const DIRTY: &str = "-dirty";

/// What found something, when, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// The version of netns-verify.
    pub(crate) version: String,
    /// The commit of the source tree, with `-dirty` if files differed from it; absent if it is not in git.
    pub(crate) commit: Option<String>,
    /// The compiler.
    pub(crate) rustc: String,
    /// The machine.
    pub(crate) machine: Machine,
    /// When it began, in seconds since 1970.
    pub(crate) started: u64,
    /// How long it took.
    pub(crate) wall: Duration,
    /// The exit code.
    pub(crate) exit: Exit,
}

/// A machine, as it knows itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Machine {
    /// The name of its processor.
    pub(crate) cpu: String,
    /// How many threads it runs at once.
    pub(crate) cores: usize,
    /// Its memory, in bytes.
    pub(crate) memory: u64,
    /// Its system and kernel.
    pub(crate) system: String,
}

/// When something began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    started: SystemTime,
    begun: Instant,
}

impl Clock {
    /// It begins now.
    pub(crate) fn starts() -> Clock {
        Clock { started: SystemTime::now(), begun: Instant::now() }
    }

    /// The origin of what has just ended so.
    pub(crate) fn origin(self, exit: Exit) -> Origin {
        Origin::here(self.started, self.begun.elapsed(), exit)
    }
}

impl Origin {
    /// This program, in this tree, on this machine.
    pub(crate) fn here(started: SystemTime, wall: Duration, exit: Exit) -> Origin {
        Origin {
            version: env!("CARGO_PKG_VERSION").into(),
            commit: tree::root().and_then(|root| commit(&root)),
            rustc: env!("NETNS_RUSTC").into(),
            machine: Machine::this(),
            started: started.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs(),
            wall,
            exit,
        }
    }

    /// Whether files differed from the commit.
    pub(crate) fn is_dirty(&self) -> bool {
        self.commit.as_ref().is_some_and(|commit| commit.ends_with(DIRTY))
    }
}

impl Machine {
    fn this() -> Machine {
        let what = RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing())
            .with_memory(MemoryRefreshKind::nothing().with_ram());
        let known = System::new_with_specifics(what).ok();
        let cpus = known.as_ref().map_or(&[][..], System::cpus);
        let cpu = cpus.first().map(|cpu| cpu.brand().trim()).filter(|brand| !brand.is_empty());
        let names = [System::long_os_version(), System::kernel_version()];
        let names: Vec<String> = names.into_iter().flatten().collect();
        Machine {
            cpu: cpu.unwrap_or("an unknown processor").into(),
            cores: cpus.len(),
            memory: known.as_ref().map_or(0, System::total_memory),
            system: if names.is_empty() { std::env::consts::OS.into() } else { names.join(", ") },
        }
    }
}

/// The commit of a tree, with [`DIRTY`] if files differ from it; `None` if it is not in git.
pub(crate) fn commit(root: &Path) -> Option<String> {
    let mut git = tree::git(root);
    git.args(["--no-optional-locks", "describe", "--always", "--dirty", "--exclude=*", "--abbrev=12"]);
    let output = git.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_knows_where_it_is() {
        let origin = Origin::here(SystemTime::UNIX_EPOCH, Duration::from_secs(7), Exit::Incomplete);
        assert_eq!((origin.started, origin.exit), (0, Exit::Incomplete));
        assert!(origin.rustc.starts_with("rustc 1."), "{}", origin.rustc);
        let Machine { cpu, cores, memory, system } = &origin.machine;
        assert!(*cores > 0 && *memory > 1 << 20, "{cores}, {memory}");
        assert!(!cpu.is_empty() && !system.is_empty(), "{cpu}, {system}");
    }

    #[test]
    fn a_directory_outside_of_git_has_no_commit() {
        assert_eq!(commit(Path::new("/")), None);
    }
}
