//! Runs shuttle.

use super::Strategy;
use super::explore::{End, Run};
use shuttle::scheduler::{DfsScheduler, PctScheduler, RandomScheduler, Scheduler, UrwRandomScheduler};
use shuttle::{Config, FailurePersistence, MaxSteps, Runner};

pub(super) fn explore(run: Run) -> End {
    let limit = run.executions.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX));
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::None;
    config.max_steps = MaxSteps::FailAfter(run.branches);
    config.max_time = run.time;
    config.silence_warnings = true;
    config.ungraceful_shutdown_config.immediately_return_on_panic = true;
    let ran = match run.strategy {
        Strategy::Dfs => with(DfsScheduler::new(run.executions.map(|_| limit), false), config, &run),
        Strategy::Pct { depth, seed } => with(PctScheduler::new_from_seed(seed, depth, limit), config, &run),
        Strategy::Random { seed } => with(RandomScheduler::new_from_seed(seed, limit), config, &run),
        Strategy::Urw { seed } => with(UrwRandomScheduler::new_from_seed(seed, limit), config, &run),
        Strategy::Exhaustive { .. } | Strategy::Rc11 | Strategy::Sc | Strategy::Threads { .. } => {
            unreachable!("not strategies of shuttle")
        }
    };
    // Depth first search ends by itself when nothing is left, and only then before its limit.
    let out_of_time = run.time.is_some_and(|time| ran.elapsed >= time);
    if run.strategy == Strategy::Dfs && ran.executions < limit && !out_of_time {
        End::Completed
    } else {
        End::Stopped
    }
}

struct Ran {
    executions: usize,
    elapsed: std::time::Duration,
}

fn with(scheduler: impl Scheduler + 'static, config: Config, run: &Run) -> Ran {
    let begun = std::time::Instant::now();
    let body = std::sync::Arc::clone(&run.body);
    let executions = Runner::new(scheduler, config).run(move || body());
    Ran { executions, elapsed: begun.elapsed() }
}
