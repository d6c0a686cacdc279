//! The numbers of executions that are known.

use crate::runner::Run;
use crate::verdict::Verdict;
use netns_core::check::Engine;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const COMPILED_IN: &str = include_str!("../baseline.json");

/// `verification/baseline.json`: how many executions each model has that loom explores completely.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Baseline {
    loom: BTreeMap<String, u64>,
}

impl Baseline {
    /// The baseline of the tree that the current directory is in; outside of one, that of the build.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or is no baseline.
    pub(crate) fn load() -> Result<Baseline, String> {
        let Some(path) = path() else { return Self::parse(COMPILED_IN) };
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text).map_err(|error| format!("{}: {error}", path.display())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::parse(COMPILED_IN),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    }

    fn parse(text: &str) -> Result<Baseline, String> {
        serde_json::from_str(text).map_err(|error| format!("this is no baseline: {error}"))
    }

    /// The baseline that `runs` are: those under loom that were complete.
    pub(crate) fn of<'a>(runs: impl IntoIterator<Item = &'a Run>) -> Baseline {
        let is_counted =
            |run: &&Run| run.plan.engine == Engine::Loom && Verdict::of(run) == Verdict::Complete;
        let complete = runs.into_iter().filter(is_counted);
        Baseline { loom: complete.map(|run| (run.model.name.to_owned(), run.executions)).collect() }
    }

    /// How many executions `model` has under loom.
    pub(crate) fn executions(&self, model: &str) -> Option<u64> {
        self.loom.get(model).copied()
    }

    /// The models that it names.
    pub(crate) fn models(&self) -> impl Iterator<Item = &str> {
        self.loom.keys().map(String::as_str)
    }

    /// As the file has it.
    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("a baseline is plain data") + "\n"
    }
}

/// Where the baseline of this tree is, or would be.
pub(crate) fn path() -> Option<PathBuf> {
    path_above(&env::current_dir().ok()?)
}

fn path_above(directory: &Path) -> Option<PathBuf> {
    let is_root = |directory: &&Path| {
        directory.join("verification/Cargo.toml").is_file()
            && fs::read_to_string(directory.join("Cargo.toml")).is_ok_and(|text| text.contains("[workspace]"))
    };
    Some(directory.ancestors().find(is_root)?.join("verification/baseline.json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::End;
    use crate::runner::toys::{complete, run, toy};
    use netns_models::Model;

    #[test]
    fn what_is_compiled_in_is_a_baseline_in_its_written_form() {
        assert_eq!(Baseline::parse(COMPILED_IN).unwrap().to_text(), COMPILED_IN);
    }

    #[test]
    fn only_complete_runs_are_blessed_and_they_survive_the_file() {
        static TOYS: [Model; 3] = [toy("whole"), toy("stopped"), toy("another")];
        let runs = [complete(&TOYS[0]), run(&TOYS[1], End::Stopped), complete(&TOYS[2])];
        let baseline = Baseline::of(&runs);
        assert_eq!(
            baseline.to_text(),
            "{\n  \"loom\": {\n    \"another\": 2870,\n    \"whole\": 2870\n  }\n}\n"
        );
        assert_eq!(Baseline::parse(&baseline.to_text()).unwrap(), baseline);
    }

    #[test]
    fn the_file_is_found_from_anywhere_in_the_tree() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(path_above(&here.join("src")).unwrap(), here.join("baseline.json"));
        assert_eq!(path_above(Path::new("/")), None);
    }

    #[test]
    fn a_file_of_another_kind_is_an_error() {
        assert!(Baseline::parse("{\"loom\": {}, \"rc11\": {}}").is_err());
    }
}
