//! Runs that held and prove nothing.

use super::{Check, Failure, FailureKind, Incomplete, Report};

/// Looks whether a report that is not that of a part proves anything.
pub(super) fn finish(check: &Check, mut report: Report) -> Report {
    if report.failure.is_none()
        && let Some(message) = vacuous(check, &report)
    {
        let failure =
            Failure { reproduce: check.reproduce.clone(), ..Failure::new(FailureKind::Vacuous, message) };
        super::tell_listener(&failure);
        report.failure = Some(failure);
        report.incomplete.push(Incomplete::Failed);
    }
    report
}

/// Why a run that held proves nothing, if it does not.
fn vacuous(check: &Check, report: &Report) -> Option<String> {
    if report.executions == 0 {
        return Some("no execution was run".to_owned());
    }
    if report.deepest == 0 {
        return Some("no operation of the facade was seen: there is nothing to interleave".to_owned());
    }
    if let Some(promised) = check.threads
        && report.threads != promised
    {
        return Some(format!("{promised} threads were promised, {} were seen", report.threads));
    }
    let missing: Vec<_> =
        check.reaches.iter().filter(|o| !report.outcomes.contains_key(*o)).cloned().collect();
    (!missing.is_empty()).then(|| format!("never reached: {}", missing.join(", ")))
}
