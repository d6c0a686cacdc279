//! Numbers of executions, compared with those that are known.

use crate::baseline::Baseline;
use crate::runner::Run;
use crate::verdict::Verdict;
use netns_core::check::Engine;
use netns_models::Model;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
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
    /// There is nothing to compare: only complete runs under loom are counted.
    Uncounted,
}

impl Count {
    /// Compares `run` with the baseline.
    pub(crate) fn of(run: &Run, baseline: &Baseline) -> Count {
        if run.plan.engine != Engine::Loom || Verdict::of(run) != Verdict::Complete {
            return Count::Uncounted;
        }
        match baseline.executions(run.model.name) {
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

/// The names in the baseline that belong to no model, or to a bounded one.
pub(crate) fn gone(models: &[&'static Model], baseline: &Baseline) -> Vec<String> {
    let counted: BTreeSet<&str> =
        models.iter().filter(|model| model.preemptions.is_none()).map(|model| model.name).collect();
    baseline.models().filter(|name| !counted.contains(name)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::End;
    use crate::runner::toys::{complete, run, toy};

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
    fn a_run_that_is_not_complete_is_not_counted() {
        let count = Count::of(&run(&TOY, End::Stopped), &baseline(r#"{"loom": {"toy": 1}}"#));
        assert_eq!((count, count.differs()), (Count::Uncounted, false));
    }

    #[test]
    fn a_model_that_is_gone_or_bounded_by_now_is_named() {
        static BOUNDED: Model = Model { preemptions: Some(2), ..toy("bounded") };
        let known = baseline(r#"{"loom": {"bounded": 1, "gone": 2, "other": 3}}"#);
        assert_eq!(gone(&[&OTHER, &BOUNDED], &known), ["bounded", "gone"]);
    }
}
