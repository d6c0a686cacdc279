//! Numbers of executions, compared with those that are known.

use crate::baseline::Baseline;
use crate::runner::Run;
use crate::verdict::Verdict;
use netns_core::check::Engine;
use netns_models::Model;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How the number of executions of a run stands to the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub(crate) enum Count {
    /// It is the same.
    Same,
    /// It is another.
    Changed {
        /// The baseline's.
        was: u64,
    },
    /// The baseline does not know the model.
    New,
    /// There is nothing to compare: only complete runs under loom and RC11 are counted.
    Uncounted,
}

impl Count {
    /// Compares `run` with the baseline.
    pub(crate) fn of(run: &Run, baseline: &Baseline) -> Count {
        if !Baseline::is_counted(&run.plan) || Verdict::of(run) != Verdict::Complete {
            return Count::Uncounted;
        }
        match baseline.executions(run.model.name, &run.plan) {
            Some(was) if was == run.executions => Count::Same,
            Some(was) => Count::Changed { was },
            None => Count::New,
        }
    }

    /// Whether the baseline says something else.
    pub(crate) fn differs(self) -> bool {
        matches!(self, Count::Changed { .. } | Count::New)
    }
}

/// The mark in the table; empty if there is nothing to mark.
impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Count::Same | Count::Uncounted => Ok(()),
            Count::Changed { was } => write!(f, "count changed: was {}", indicatif::HumanCount(*was)),
            Count::New => f.write_str("not in the baseline"),
        }
    }
}

/// A name in the baseline that is no counted model's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Gone {
    model: String,
    engine: Engine,
}

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.model, self.engine)
    }
}

/// The names in the baseline that belong to no model, or to one that the engine does not complete.
pub(crate) fn gone(models: &[&'static Model], baseline: &Baseline) -> Vec<Gone> {
    let is_counted = |engine: Engine, name: &str| {
        models.iter().any(|model| model.name == name && is_completed(model, engine))
    };
    let gone = baseline.models().filter(|&(engine, name)| !is_counted(engine, name));
    gone.map(|(engine, name)| Gone { model: name.into(), engine }).collect()
}

fn is_completed(model: &Model, engine: Engine) -> bool {
    model.why_not(engine).is_none() && (engine != Engine::Loom || model.preemptions.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::End;
    use crate::runner::toys::{complete, complete_under_rc11, run, toy};
    use netns_models::{Engines, Memory};

    static TOY: Model = toy("toy");
    static OTHER: Model = toy("other");

    fn baseline(text: &str) -> Baseline {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_count_is_the_same_or_marked_with_what_it_was() {
        let of = |text| Count::of(&complete(&TOY), &baseline(text));
        assert_eq!(of(r#"{"loom": {"toy": 2870}}"#), Count::Same);
        assert_eq!(of(r#"{"loom": {"toy": 2871}}"#).to_string(), "count changed: was 2,871");
        assert_eq!(of(r#"{"loom": {}}"#).to_string(), "not in the baseline");
    }

    #[test]
    fn each_engine_has_counts_of_its_own() {
        let known = baseline(r#"{"loom": {"toy": 2870}, "rc11": {"toy": 36}}"#);
        assert_eq!(Count::of(&complete_under_rc11(&TOY), &known), Count::Same);
        let known = baseline(r#"{"loom": {"toy": 36}}"#);
        assert_eq!(Count::of(&complete_under_rc11(&TOY), &known), Count::New);
        let mut under_sc = complete_under_rc11(&TOY);
        under_sc.plan.memory = Memory::Sc;
        assert_eq!(Count::of(&under_sc, &known), Count::Uncounted);
    }

    #[test]
    fn a_run_that_is_not_complete_is_not_counted() {
        let count = Count::of(&run(&TOY, End::Stopped), &baseline(r#"{"loom": {"toy": 1}}"#));
        assert_eq!((count, count.differs()), (Count::Uncounted, false));
    }

    #[test]
    fn a_model_that_is_gone_or_that_the_engine_does_not_complete_is_named() {
        static BOUNDED: Model = Model { preemptions: Some(2), ..toy("bounded") };
        static LARGE: Model = Model { engines: Engines::Rc11Only { why: "it is" }, ..toy("large") };
        let known = baseline(
            r#"{"loom": {"bounded": 1, "gone": 2, "large": 3, "other": 4},
                "rc11": {"bounded": 1, "gone": 2, "large": 3, "other": 4}}"#,
        );
        let gone: Vec<_> = gone(&[&OTHER, &BOUNDED, &LARGE], &known).iter().map(Gone::to_string).collect();
        assert_eq!(gone, ["bounded (loom)", "gone (loom)", "large (loom)", "gone (rc11)"]);
    }
}
