//! Each failure, whole.

use crate::explain;
use crate::findings::Finding;
use crate::runner::{End, Run};
use netns_core::check::{Engine, Failure};
use netns_models::Memory;
use std::fmt::{Formatter, Result, Write};

pub(super) fn write(findings: &[Finding], f: &mut Formatter<'_>) -> Result {
    findings.iter().try_for_each(|finding| one(finding, f))
}

fn one(Finding { run, .. }: &Finding, f: &mut Formatter<'_>) -> Result {
    let report = match &run.end {
        End::Reported(report) => report,
        End::Divided(split) => &split.begun,
        End::Failed(failure) => return failed(run, failure, ", and its process died of it", f),
        End::Died { how, stderr } => {
            writeln!(f, "{}: died: {how}", name(run))?;
            for line in stderr {
                writeln!(f, "  stderr: {line}")?;
            }
            return f.write_char('\n');
        }
        End::Stopped | End::NotFor(_) | End::NotRun => return Ok(()),
    };
    match &report.failure {
        Some(failure) => failed(run, failure, "", f),
        None => Ok(()),
    }
}

/// The model, and the engine.
fn name(run: &Run) -> String {
    format!("{} under {}", run.model.name, run.plan.engine)
}

fn failed(run: &Run, failure: &Failure, how: &str, f: &mut Formatter<'_>) -> Result {
    write!(f, "{}: FAILED{how}\n{failure}", name(run))?;
    if let Some(command) = picture(run) {
        writeln!(f, "  a picture: {command}")?;
    }
    f.write_char('\n')
}

/// The command that shows the simplest counterexample.
fn picture(Run { model, plan, .. }: &Run) -> Option<String> {
    let is_exhaustive = match plan.engine {
        Engine::Loom => true,
        Engine::Rc11 => plan.memory == Memory::Rc11,
        Engine::Shuttle | Engine::Std => false,
    };
    is_exhaustive.then(|| explain::command(&plan.command(model.name)))
}

#[cfg(test)]
mod tests {
    use crate::counts::Count;
    use crate::findings::{Finding, Findings};
    use crate::page::Page;
    use crate::runner::End;
    use crate::runner::toys::{failure, run, toy};
    use crate::verdict::Verdict;
    use netns_models::Model;
    use std::time::{Duration, SystemTime};

    static TOY: Model = toy("toy");

    fn page(end: End) -> String {
        let run = run(&TOY, end);
        let each = vec![Finding { verdict: Verdict::of(&run), count: Count::Uncounted, run }];
        Page(&Findings { each, started: SystemTime::UNIX_EPOCH, wall: Duration::ZERO, of_all: None })
            .to_string()
    }

    #[test]
    fn a_failure_is_printed_whole_even_if_the_process_died_of_it() {
        let page = page(End::Failed(Box::new(failure())));
        assert!(page.contains("and its process died of it"), "{page}");
        assert!(page.contains(&failure().to_string()), "{page}");
        assert!(page.contains("\n  a picture: cargo verify explain toy --engine loom\n"), "{page}");
    }

    #[test]
    fn who_died_silently_leaves_its_last_words() {
        let page =
            page(End::Died { how: "signal: 9".into(), stderr: vec!["memory allocation failed".into()] });
        assert!(
            page.contains("toy under loom: died: signal: 9\n  stderr: memory allocation failed\n"),
            "{page}"
        );
    }
}
