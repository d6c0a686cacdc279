//! `estimate`: how much there is to explore.

use super::{Refusal, is_compiled, tell_both};
use crate::cli;
use crate::exit::Exit;
use crate::figures;
use crate::{select, terminal};
use netns_core::check::{Engine, Estimate, Failure};
use netns_models::all;
use netns_models::process::{self, Outcome, Task, Work};
use serde::Serialize;
use std::fmt::Write;
use std::time::Duration;

/// What is said of a model, as `--json` has it.
#[derive(Debug, Serialize)]
struct Estimated {
    /// Its name.
    model: String,
    /// How much there is to explore; absent if the walks came to an end before they could tell.
    estimate: Option<Estimate>,
    /// The failure that a walk met.
    failure: Option<Failure>,
    /// How a process ended that said nothing.
    died: Option<String>,
}

/// Walks through each model, one after the other.
pub(super) fn estimate(command: &cli::Estimate) -> Result<Exit, Refusal> {
    is_compiled(Engine::Rc11)?;
    let (plan, work) = (command.plan(), Work::Estimate { walks: command.walks });
    let (mut page, mut each, mut exit) = (String::new(), Vec::new(), Exit::Held);
    for model in select::select(&all(), &command.names)? {
        terminal::complain(&format!("{}: {}", model.name, figures::counted(command.walks, "walk")));
        let task = Task { model: model.name.into(), plan: plan.clone(), work: work.clone() };
        let found = process::run_isolated(&task, |_| ()).map_err(|error| error.to_string())?;
        let found = estimated(model.name, found);
        if found.estimate.is_none() {
            exit = exit.and(Exit::Failed);
        }
        // Writing to a string cannot fail.
        let _ = writeln!(page, "{}", line(&found));
        each.push(found);
    }
    let json = serde_json::to_string_pretty(&each).expect("an estimate is plain data") + "\n";
    tell_both(&page, &json, &command.output)?;
    Ok(exit)
}

fn estimated(model: &str, found: Outcome) -> Estimated {
    let nothing = Estimated { model: model.into(), estimate: None, failure: None, died: None };
    match found {
        Outcome::Estimated(estimate) => Estimated { estimate: Some(estimate), ..nothing },
        Outcome::Died(failure) => Estimated { failure: Some(*failure), ..nothing },
        Outcome::Silent { status, stderr, .. } => {
            let how = status.map_or("nobody knows how".into(), |status| status.to_string());
            Estimated { died: Some(format!("{how}\n{}", stderr.join("\n"))), ..nothing }
        }
        Outcome::Reported(_) | Outcome::Divided(_) => {
            Estimated { died: Some("it was not estimated, but run".into()), ..nothing }
        }
    }
}

fn line(Estimated { model, estimate, failure, died }: &Estimated) -> String {
    let Some(estimate) = estimate else {
        let failure = failure.as_ref().map(|failure| format!("FAILED\n{failure}"));
        let died = died.as_ref().map(|how| format!("died: {how}"));
        return format!("{model}: {}", failure.or(died).unwrap_or_default());
    };
    let number = |of: f64| figures::count(of.round() as u64);
    let time = Duration::try_from_secs_f64(estimate.seconds).unwrap_or(Duration::MAX);
    format!(
        "{model}: about {} executions (standard error {}) and {} blocked, {} with one worker",
        number(estimate.executions),
        number(estimate.error),
        number(estimate.blocked),
        figures::time(time)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::toys::failure;

    #[test]
    fn an_estimate_is_a_line() {
        let estimate =
            Estimate { walks: 200, executions: 74_739.4, error: 812.0, blocked: 5.5, seconds: 61.0 };
        let said = line(&estimated("toy", Outcome::Estimated(estimate)));
        let expected =
            "toy: about 74,739 executions (standard error 812) and 6 blocked, 1 min 01 s with one worker";
        assert_eq!(said, expected);
    }

    #[test]
    fn a_failure_is_told_whole() {
        let said = line(&estimated("toy", Outcome::Died(Box::new(failure()))));
        assert_eq!(said, format!("toy: FAILED\n{}", failure()));
    }
}
