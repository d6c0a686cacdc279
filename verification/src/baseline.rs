//! The numbers of executions that are known.

use crate::runner::Run;
use crate::tree;
use crate::verdict::Verdict;
use netns_core::check::Engine;
use netns_models::{Memory, Plan};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{fs, io};

const COMPILED_IN: &str = include_str!("../baseline.json");

/// `verification/baseline.json`: under each engine, how many executions each model has that it explores completely.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Baseline(BTreeMap<Engine, BTreeMap<String, u64>>);

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

    /// The baseline that `runs` are: those that are counted, and were complete.
    pub(crate) fn of<'a>(runs: impl IntoIterator<Item = &'a Run>) -> Baseline {
        let is_whole = |run: &&Run| Self::is_counted(&run.plan) && Verdict::of(run) == Verdict::Complete;
        let mut baseline = Baseline::default();
        for run in runs.into_iter().filter(is_whole) {
            let models = baseline.0.entry(run.plan.engine).or_default();
            models.insert(run.model.name.to_owned(), run.executions);
        }
        baseline
    }

    /// Whether the executions of such a run are counted.
    pub(crate) fn is_counted(plan: &Plan) -> bool {
        match plan.engine {
            Engine::Loom => true,
            Engine::Rc11 => plan.memory == Memory::Rc11,
            Engine::Shuttle | Engine::Std => false,
        }
    }

    /// How many executions `model` has if it is run so.
    pub(crate) fn executions(&self, model: &str, plan: &Plan) -> Option<u64> {
        self.0.get(&plan.engine)?.get(model).copied().filter(|_| Self::is_counted(plan))
    }

    /// The models that it names, each with the engine.
    pub(crate) fn models(&self) -> impl Iterator<Item = (Engine, &str)> {
        self.0.iter().flat_map(|(engine, models)| models.keys().map(|name| (*engine, name.as_str())))
    }

    /// As the file has it.
    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("a baseline is plain data") + "\n"
    }
}

/// Where the baseline of this tree is, or would be.
pub(crate) fn path() -> Option<PathBuf> {
    Some(tree::root()?.join("verification/baseline.json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::End;
    use crate::runner::toys::{complete, complete_under_rc11, run, toy};
    use netns_models::Model;

    #[test]
    fn what_is_compiled_in_is_a_baseline_in_its_written_form() {
        assert_eq!(Baseline::parse(COMPILED_IN).unwrap().to_text(), COMPILED_IN);
    }

    #[test]
    fn only_complete_runs_are_blessed_and_they_survive_the_file() {
        static TOYS: [Model; 3] = [toy("whole"), toy("stopped"), toy("another")];
        let under_rc11 = complete_under_rc11(&TOYS[1]);
        let under_sc = Run {
            plan: Plan { memory: Memory::Sc, ..under_rc11.plan.clone() },
            ..complete_under_rc11(&TOYS[0])
        };
        let runs =
            [complete(&TOYS[0]), run(&TOYS[1], End::Stopped), complete(&TOYS[2]), under_rc11, under_sc];
        let baseline = Baseline::of(&runs);
        assert_eq!(
            baseline.to_text(),
            "{\n  \"loom\": {\n    \"another\": 2870,\n    \"whole\": 2870\n  },\n  \"rc11\": {\n    \"stopped\": 36\n  }\n}\n"
        );
        assert_eq!(Baseline::parse(&baseline.to_text()).unwrap(), baseline);
    }

    #[test]
    fn a_file_of_another_kind_is_an_error() {
        assert!(Baseline::parse("{\"loom\": {}, \"moon\": {}}").is_err());
    }
}
