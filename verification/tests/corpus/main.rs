//! The recorded exchanges with a running kernel (`verification/kernel-corpus`), replayed: a trial for each recording.
//!
//! `NAME` does what the recording `NAME` did, with the tasks and the rtnetlink sockets of the crate, and compares
//! every result and every byte. `recording::NAME` has the recording's own messages written and read.
//!
//! The recordings of the folder that the environment variable `NETNS_CORPUS` names are replayed as well, as
//! `other::NAME` and `other::recording::NAME`.

mod compare;
mod decode;
mod dump;
mod files;
mod language;
mod links;
mod message;
mod names;
mod reading;
mod recording;
mod replay;
mod script;
mod sockets;
mod world;

use libtest_mimic::{Arguments, Failed, Trial};
use recording::Recording;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The recordings that cannot be replayed, each with the reason.
const EXCLUDED: &[(&str, &str)] = &[];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("kernel-corpus");
    let mut trials = of_folder("", &own);
    trials.extend(language::trials(&own));
    trials.push(Trial::test("folder::what_is_excluded_is_a_recording", move || exclusions(&own)));
    if let Some(other) = std::env::var_os("NETNS_CORPUS") {
        trials.extend(of_folder("other::", &PathBuf::from(other)));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The trials of a folder's recordings; if it has none, one that fails.
fn of_folder(prefix: &str, folder: &Path) -> Vec<Trial> {
    let recordings = match recording::folder(folder) {
        Ok(recordings) => recordings,
        Err(error) => return vec![Trial::test(format!("{prefix}folder"), move || Err(error.into()))],
    };
    let trials = recordings.into_iter().flat_map(|(name, path)| {
        let is_excluded = EXCLUDED.iter().any(|(excluded, _)| *excluded == name);
        let read = path.clone();
        [
            Trial::test(format!("{prefix}recording::{name}"), move || {
                Ok(reading::check(&Recording::load(&read)?)?)
            }),
            Trial::test(format!("{prefix}{name}"), move || Ok(replay::run(&Recording::load(&path)?)?))
                .with_ignored_flag(is_excluded),
        ]
    });
    trials.collect()
}

/// What is excluded is in the folder, and there is a reason. The folder has all that it had.
fn exclusions(folder: &Path) -> Result<(), Failed> {
    let recordings = recording::folder(folder)?;
    if recordings.len() < 65 {
        return Err(format!("there are {} recordings", recordings.len()).into());
    }
    for (excluded, reason) in EXCLUDED {
        if reason.is_empty() || !recordings.iter().any(|(name, _)| name == excluded) {
            return Err(format!("{excluded} is no recording, or there is no reason ({reason})").into());
        }
    }
    Ok(())
}
