//! By what steps an ordering is weakened.

use super::scan::Site;
use netns_core::check::Weaken;
use std::fmt;
use std::sync::atomic::Ordering;

/// One step down from an ordering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step(pub(crate) Option<Ordering>);

impl Site {
    /// The steps down from it. A light fence has no weaker one: it synchronises nothing, so an acquire and release fence
    /// would be more in one respect.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let is_fence = self.operation.ends_with("fence");
        let steps = match (self.ordering.as_str(), is_fence) {
            ("AcqRel", _) => vec![Some(Ordering::Acquire), Some(Ordering::Release)],
            ("SeqCst", true) if self.operation == "light_fence" => vec![None],
            ("SeqCst", true) => vec![Some(Ordering::AcqRel), None],
            ("SeqCst", false) => vec![Some(Ordering::AcqRel)],
            (_, true) => vec![None],
            (_, false) => vec![Some(Ordering::Relaxed)],
        };
        steps.into_iter().map(Step).collect()
    }

    /// The site, weakened by this step.
    pub(crate) fn weaken(&self, Step(to): Step) -> Weaken {
        Weaken { file: self.file.clone(), line: self.line, to }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(ordering) => write!(f, "{ordering:?}"),
            None => f.write_str("none"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(operation: &str, ordering: &str) -> String {
        let site = Site {
            file: "src/a.rs".into(),
            line: 1,
            function: "f".into(),
            operation: operation.into(),
            ordering: ordering.into(),
        };
        site.steps().iter().map(Step::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_goes_down_by_one_step_at_a_time() {
        assert_eq!(steps("load", "Acquire"), "Relaxed");
        assert_eq!(steps("swap", "AcqRel"), "Acquire Release");
        assert_eq!(steps("swap", "SeqCst"), "AcqRel");
        assert_eq!(steps("fence", "Acquire"), "none");
        assert_eq!(steps("heavy_fence", "SeqCst"), "AcqRel none");
        assert_eq!(steps("light_fence", "SeqCst"), "none");
    }
}
