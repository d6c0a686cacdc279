//! Every model, and every scenario of a campaign, under every engine that is compiled in, each in a process of its own.
//!
//! `model::rc11::NAME` explores every execution, `model::loom::NAME` all that loom knows of; `model::shuttle::NAME` and
//! `model::std::NAME` are small samples; `cargo verify` runs the same models with larger ones. `registry::..` are about the
//! list of models itself.
//!
//! With `NETNS_UNTIL_ONE_FAILS` set, no model is begun after one has failed: for `ci/mutants`, which asks no more than
//! whether one does.

mod registry;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use netns_core::check::{Engine, Incomplete, Report};
use netns_core::sync::{Arc, AtomicBool, Ordering::Relaxed};
use netns_models::campaign::SCENARIOS;
use netns_models::process::{self, Outcome, Task, Work};
use netns_models::{Model, Plan, all};
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = process::serve() {
        return code;
    }
    let arguments = Arguments::from_args();
    let until_one_fails = std::env::var_os("NETNS_UNTIL_ONE_FAILS").is_some();
    let has_failed = Arc::new(AtomicBool::new(false));
    let mut trials = registry::trials();
    trials.push(Trial::test("process::a_silent_end_is_told_with_its_last_words", silent_end));
    for &engine in Engine::compiled() {
        trials.extend(all().into_iter().chain(SCENARIOS).map(|model| {
            let has_failed = has_failed.clone();
            let trial = move || {
                if until_one_fails && has_failed.load(Relaxed) {
                    return Ok(Completion::ignored_with("another has failed"));
                }
                let result = passes(model, engine);
                has_failed.fetch_or(result.is_err(), Relaxed);
                result.map(|()| Completion::Completed)
            };
            Trial::ignorable_test(format!("model::{engine}::{}", model.name), trial)
                .with_kind("model")
                .with_ignored_flag(model.why_not(engine).is_some())
        }));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The plan of the gate, with samples small enough for `cargo test`.
fn plan(engine: Engine) -> Plan {
    let executions = match engine {
        Engine::Std => Some(200),
        Engine::Shuttle => Some(300),
        Engine::Loom | Engine::Rc11 => None,
    };
    Plan { executions, ..Plan::of(engine) }
}

fn passes(model: &Model, engine: Engine) -> Result<(), Failed> {
    let task = Task { model: model.name.into(), plan: plan(engine), work: Work::Whole };
    match process::run_isolated(&task, |_| ())? {
        Outcome::Reported(report) => verdict(model, &report),
        Outcome::Divided(_) | Outcome::Estimated(_) => Err("nobody asked for that".into()),
        Outcome::Died(failure) => Err(failure.to_string().into()),
        Outcome::Silent { executions, status, stderr } => {
            let status = status.map_or("nobody knows how".into(), |status| status.to_string());
            Err(format!("ended after {executions} executions: {status}\n{}", stderr.join("\n")).into())
        }
    }
}

fn verdict(model: &Model, report: &Report) -> Result<(), Failed> {
    if let Some(failure) = &report.failure {
        return Err(failure.to_string().into());
    }
    let bound = match report.engine {
        Engine::Loom => model.preemptions.map(|preemptions| Incomplete::PreemptionBound { preemptions }),
        Engine::Rc11 => None,
        Engine::Shuttle | Engine::Std => return Ok(()),
    };
    if report.incomplete != Vec::from_iter(bound) {
        return Err(format!("not what it declares to explore: {report}").into());
    }
    Ok(())
}

fn silent_end() -> Result<(), Failed> {
    let task = Task { model: "no such model".into(), plan: plan(Engine::Std), work: Work::Whole };
    match process::run_isolated(&task, |_| ())? {
        Outcome::Silent { executions: 0, status: Some(status), stderr }
            if status.code() == Some(2) && stderr == ["no model is named no such model"] =>
        {
            Ok(())
        }
        other => Err(format!("{other:?}").into()),
    }
}
