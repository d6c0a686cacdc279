//! Runs models, several at once, each in a process of its own.

mod stop;

use crate::figures;
use netns_core::check::{Engine, Failure, Progress, Report, Split};
use netns_models::process::{Outcome, Running, Task, Work};
use netns_models::{Model, Plan};
use std::cmp::Reverse;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

pub(crate) use stop::Stop;

/// A model that is to be run.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) model: &'static Model,
    pub(crate) plan: Plan,
    /// What of it.
    pub(crate) work: Work,
    /// How many executions it had before, or will have.
    pub(crate) expected: Option<u64>,
    /// The executable that it is in, if it is not this one.
    pub(crate) executable: Option<PathBuf>,
    /// The time after which it is ended, and has failed.
    pub(crate) limit: Option<Duration>,
}

impl Job {
    /// All of a model.
    pub(crate) fn of(model: &'static Model, plan: Plan) -> Job {
        Job { model, plan, work: Work::Whole, expected: None, executable: None, limit: None }
    }
}

/// A model that was run, or was to be.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) model: &'static Model,
    pub(crate) plan: Plan,
    pub(crate) executions: u64,
    /// Executions of the RC11 engine in which a thread waits for what comes in another execution.
    pub(crate) blocked: u64,
    pub(crate) elapsed: Duration,
    pub(crate) end: End,
}

/// How a run ended.
#[derive(Debug, Clone)]
pub(crate) enum End {
    /// With a report.
    Reported(Box<Report>),
    /// It is divided, as it should be.
    Divided(Box<Split>),
    /// A check failed, and the process died of it.
    Failed(Box<Failure>),
    /// The process ended without a word, or never began.
    Died {
        how: String,
        stderr: Vec<String>,
    },
    Stopped,
    /// The model is not for the engine; with the reason.
    NotFor(&'static str),
    NotRun,
}

impl Run {
    /// The run that `report` is of.
    pub(crate) fn reported(model: &'static Model, plan: Plan, report: Report) -> Run {
        let Report { executions, blocked, elapsed, .. } = report;
        Run { model, plan, executions, blocked, elapsed, end: End::Reported(Box::new(report)) }
    }
}

/// What happens meanwhile; each with the job's index.
#[derive(Debug)]
pub(crate) enum Event {
    Started(usize),
    Progress(usize, Progress),
    Ended(usize, Box<Run>),
}

/// Runs all `jobs`, `parallel` at once: those under RC11 first, and of each engine the longest. The runs are in the order of the jobs.
pub(crate) fn run_all(
    jobs: &[Job],
    parallel: NonZeroUsize,
    stop: &Stop,
    mut on: impl FnMut(&Event),
) -> Vec<Run> {
    let mut runs: Vec<Run> = jobs.iter().map(not_run).collect();
    let in_order = in_order(jobs).into_iter().map(|index| (index, jobs[index].clone()));
    let parallel = NonZeroUsize::new(jobs.len()).map_or(parallel, |jobs| parallel.min(jobs));
    run_each(in_order, parallel, stop, |event| {
        on(&event);
        if let Event::Ended(index, run) = event {
            runs[index] = *run;
        }
    });
    runs
}

/// Runs the jobs as they come, `parallel` at once. Each has an index of its own, by which `on` is told of it.
pub(crate) fn run_each(
    jobs: impl Iterator<Item = (usize, Job)> + Send,
    parallel: NonZeroUsize,
    stop: &Stop,
    on: impl FnMut(Event),
) {
    let waiting = Mutex::new(jobs);
    let next = || {
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if stop.is_stopped() { None } else { waiting.next() }
    };
    thread::scope(|scope| {
        let (tell, told) = mpsc::channel();
        for _ in 0..parallel.get() {
            let (tell, next) = (tell.clone(), &next);
            // Nobody listens any more only if the listener panics, which the scope passes on.
            scope.spawn(move || {
                while let Some((index, job)) = next() {
                    let _ = tell.send(Event::Started(index));
                    let progress = |so_far| drop(tell.send(Event::Progress(index, so_far)));
                    let run = run_one(&job, stop, progress);
                    let _ = tell.send(Event::Ended(index, Box::new(run)));
                }
            });
        }
        drop(tell);
        told.into_iter().for_each(on);
    });
}

fn not_run(job: &Job) -> Run {
    Run {
        model: job.model,
        plan: job.plan.clone(),
        executions: 0,
        blocked: 0,
        elapsed: Duration::ZERO,
        end: End::NotRun,
    }
}

/// The jobs in the order in which they begin: the faster engine first, then the longest, and those of unknown length
/// before them, for they may be the longest.
fn in_order(jobs: &[Job]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    order.sort_by_key(|&index| {
        let Job { model, plan, expected, .. } = &jobs[index];
        (plan.engine != Engine::Rc11, Reverse(expected.unwrap_or(u64::MAX)), Reverse(model.threads))
    });
    order
}

/// Runs one job, here and now.
pub(crate) fn run_one(job: &Job, stop: &Stop, progress: impl Fn(Progress)) -> Run {
    let begun = Instant::now();
    let mut run = not_run(job);
    if let Some(why) = job.model.why_not(job.plan.engine) {
        return Run { end: End::NotFor(why), ..run };
    }
    let task = Task { model: job.model.name.into(), plan: job.plan.clone(), work: job.work.clone() };
    let started = match &job.executable {
        None => Running::start(&task),
        Some(executable) => Running::start_from(executable, &task),
    };
    run.end = match started {
        Err(error) => End::Died { how: format!("it did not start: {error}"), stderr: Vec::new() },
        Ok(running) => {
            let stopper = running.stopper();
            let _watched = stop.watch(move || stopper.stop());
            let stopper = running.stopper();
            let (outcome, in_time) = within(
                job.limit,
                move || stopper.stop(),
                || {
                    running.finish(|so_far| {
                        run.executions = so_far.executions;
                        progress(so_far);
                    })
                },
            );
            match (end(outcome, stop), job.limit) {
                (End::Died { stderr, .. }, Some(limit)) if !in_time => {
                    End::Died { how: format!("it had not ended after {}", figures::time(limit)), stderr }
                }
                (end, _) => end,
            }
        }
    };
    run.elapsed = begun.elapsed();
    let report = match &run.end {
        End::Reported(report) => report,
        End::Divided(split) => &split.begun,
        End::Failed(failure) => {
            run.executions = run.executions.max(failure.execution);
            return run;
        }
        End::Died { .. } | End::Stopped | End::NotFor(_) | End::NotRun => return run,
    };
    (run.executions, run.blocked, run.elapsed) = (report.executions, report.blocked, report.elapsed);
    run
}

/// Does the work, which `end` ends if it takes longer than the limit; and whether it did not.
fn within<T>(limit: Option<Duration>, end: impl FnOnce() + Send, work: impl FnOnce() -> T) -> (T, bool) {
    let Some(limit) = limit else { return (work(), true) };
    thread::scope(|scope| {
        let (done, is_done) = mpsc::channel::<()>();
        let watchdog = scope.spawn(move || {
            let in_time = is_done.recv_timeout(limit) != Err(mpsc::RecvTimeoutError::Timeout);
            if !in_time {
                end();
            }
            in_time
        });
        let result = work();
        drop(done);
        (result, watchdog.join().expect("it does not panic"))
    })
}

fn end(outcome: Outcome, stop: &Stop) -> End {
    match outcome {
        Outcome::Reported(report) => End::Reported(report),
        Outcome::Divided(split) => End::Divided(split),
        Outcome::Estimated(_) => {
            End::Died { how: "it was not run, but estimated".into(), stderr: Vec::new() }
        }
        Outcome::Died(failure) => End::Failed(failure),
        Outcome::Silent { status, stderr, .. } => {
            // A terminal tells the children as well, maybe before us.
            if status.is_some_and(was_interrupted) {
                stop.stop();
            }
            if stop.is_stopped() {
                return End::Stopped;
            }
            End::Died { how: status.map_or("nobody knows how".into(), |status| status.to_string()), stderr }
        }
    }
}

/// Whether a process ended by Ctrl-C.
#[cfg(unix)]
pub(crate) fn was_interrupted(status: ExitStatus) -> bool {
    const SIGINT: i32 = 2;
    std::os::unix::process::ExitStatusExt::signal(&status) == Some(SIGINT)
}

#[cfg(not(unix))]
pub(crate) fn was_interrupted(_: ExitStatus) -> bool {
    false
}

#[cfg(test)]
pub(crate) mod toys;

#[cfg(test)]
mod tests {
    use super::toys::{job, toy};
    use super::*;
    use netns_models::Engines;

    #[test]
    fn the_longest_begins_and_the_unknown_before_it() {
        static TOYS: [Model; 4] = [toy("short"), toy("long"), toy("unknown"), toy("longer")];
        let expected = [Some(10), Some(1_000), None, Some(2_000)];
        let jobs: Vec<Job> =
            TOYS.iter().zip(expected).map(|(model, expected)| job(model, expected)).collect();
        assert_eq!(in_order(&jobs), [2, 3, 1, 0]);
    }

    #[test]
    fn the_faster_engine_comes_first() {
        static TOYS: [Model; 2] = [toy("long"), toy("short")];
        let under_rc11 = Job { plan: Plan::of(Engine::Rc11), ..job(&TOYS[1], Some(1)) };
        assert_eq!(in_order(&[job(&TOYS[0], None), under_rc11]), [1, 0]);
    }

    #[test]
    fn a_model_is_not_run_under_an_engine_that_it_is_not_for() {
        static TOY: Model = Model { engines: Engines::Rc11Only { why: "six threads" }, ..toy("large") };
        let runs = run_all(&[job(&TOY, None)], NonZeroUsize::MIN, &Stop::default(), |_| ());
        assert!(matches!(runs[..], [Run { end: End::NotFor("six threads"), executions: 0, .. }]));
    }

    /// `yes` has nothing to say that is a message, and no end.
    #[cfg(unix)]
    #[test]
    fn what_hangs_is_ended_and_has_failed() {
        static TOY: Model = toy("hangs");
        let limit = Duration::from_millis(100);
        let job = Job { limit: Some(limit), executable: Some("yes".into()), ..job(&TOY, None) };
        let run = run_one(&job, &Stop::default(), |_| ());
        assert!(
            matches!(&run.end, End::Died { how, .. } if how == "it had not ended after 0.1 s"),
            "{run:?}"
        );
    }

    #[test]
    fn nothing_runs_after_a_stop() {
        static TOY: Model = toy("never");
        let stop = Stop::default();
        stop.stop();
        let runs = run_all(&[job(&TOY, None)], NonZeroUsize::MIN, &stop, |event| panic!("{event:?}"));
        assert!(matches!(runs[..], [Run { end: End::NotRun, .. }]));
    }
}
