//! The exit code.

use crate::verdict::Verdict;
use serde::{Deserialize, Serialize};
use std::process::ExitCode;

/// What the exit code says; a number in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub(crate) enum Exit {
    /// All that was asked for was explored, and held.
    Held = 0,
    /// A check failed, or a process died; or a count changed where none may.
    Failed = 1,
    /// The command makes no sense.
    Refused = 2,
    /// Something was left unexplored.
    Incomplete = 3,
}

impl Exit {
    /// The exit code of these verdicts. A failure outweighs what is incomplete; a run of nothing explored nothing.
    pub(crate) fn of<'a>(verdicts: impl IntoIterator<Item = &'a Verdict>) -> Exit {
        let each = verdicts.into_iter().map(|verdict| match verdict {
            Verdict::Complete
            | Verdict::Bounded { .. }
            | Verdict::Sampled
            | Verdict::Part { .. }
            | Verdict::Divided { .. } => Exit::Held,
            Verdict::Failed { .. } | Verdict::Died { .. } => Exit::Failed,
            Verdict::Incomplete { .. } | Verdict::Stopped | Verdict::NotFor { .. } | Verdict::NotRun => {
                Exit::Incomplete
            }
        });
        Exit::sum(each)
    }

    /// The exit code of all together.
    pub(crate) fn sum(each: impl IntoIterator<Item = Exit>) -> Exit {
        each.into_iter().reduce(Exit::and).unwrap_or(Exit::Incomplete)
    }

    /// The exit code of both together.
    pub(crate) fn and(self, other: Exit) -> Exit {
        let worst_first = [Exit::Refused, Exit::Failed, Exit::Incomplete];
        worst_first.into_iter().find(|&exit| exit == self || exit == other).unwrap_or(Exit::Held)
    }

    /// The number.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for u8 {
    fn from(exit: Exit) -> u8 {
        exit.code()
    }
}

impl TryFrom<u8> for Exit {
    type Error = String;

    fn try_from(code: u8) -> Result<Exit, String> {
        let all = [Exit::Held, Exit::Failed, Exit::Refused, Exit::Incomplete];
        all.into_iter()
            .find(|exit| exit.code() == code)
            .ok_or_else(|| format!("{code} is no exit code of ours"))
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        exit.code().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netns_core::check::FailureKind;

    const FAILED: Verdict = Verdict::Failed { kind: FailureKind::Leak };

    #[test]
    fn a_bound_that_is_declared_and_a_sample_that_was_asked_for_hold() {
        assert_eq!(Exit::of(&[Verdict::Complete, Verdict::Bounded { preemptions: 2 }]), Exit::Held);
        assert_eq!(Exit::of(&[Verdict::Sampled, Verdict::Part { part: 1, of: 2 }]), Exit::Held);
    }

    #[test]
    fn what_is_left_unexplored_is_3() {
        let why = || "out of time".to_owned();
        let incomplete = [Verdict::Incomplete { why: why() }, Verdict::NotFor { why: why() }];
        for left in incomplete.into_iter().chain([Verdict::Stopped, Verdict::NotRun]) {
            assert_eq!(Exit::of(&[Verdict::Complete, left]).code(), 3);
        }
    }

    #[test]
    fn a_failure_outweighs_what_is_incomplete() {
        assert_eq!(Exit::of(&[Verdict::Stopped, FAILED, Verdict::Complete]).code(), 1);
        assert_eq!(Exit::of(&[Verdict::Died { how: String::new() }, Verdict::NotRun]).code(), 1);
    }

    #[test]
    fn nothing_explored_is_incomplete() {
        assert_eq!(Exit::of(&[]), Exit::Incomplete);
    }
}
