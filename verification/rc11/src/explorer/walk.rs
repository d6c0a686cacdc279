//! Random walks through the executions of a program.

use super::{Body, Explorer, execute};
use crate::estimate::{Dice, Estimate, Walks};
use crate::failure::Failure;
use crate::fiber;
use crate::names::Names;
use crate::run::{End, Item, Run};
use std::sync::Arc;
use std::time::Instant;

impl Explorer {
    /// Says how large the exploration would be, from so many random walks, without exploring it.
    ///
    /// # Panics
    ///
    /// If called inside an exploration.
    ///
    /// # Errors
    ///
    /// The failure, if a walk meets one.
    pub fn estimate(
        &self,
        walks: u64,
        seed: u64,
        body: impl Fn() + Send + Sync + 'static,
    ) -> Result<Estimate, Box<Failure>> {
        assert!(!fiber::is_running(), "an exploration cannot run inside an exploration");
        assert!(!std::thread::panicking(), "an exploration cannot run while a panic unwinds");
        let (begun, body) = (Instant::now(), Arc::new(body) as Arc<Body>);
        let mut result = Ok(Walks::default());
        let mut walk = || {
            let mut run = Box::new(Run::new(self.run, Names::new(Arc::default())));
            run.walk = Some(Dice(seed));
            let mut done = Walks::default();
            for _ in 0..walks {
                run = match one_walk(run, &body, &mut done) {
                    Ok(run) => run,
                    Err(failure) => {
                        if let Some(listener) = &self.on_failure {
                            listener(&failure);
                        }
                        return result = Err(failure);
                    }
                };
            }
            result = Ok(done);
        };
        match &self.around {
            Some(around) => around(&mut walk),
            None => walk(),
        }
        Ok(result?.estimate(begun.elapsed().as_secs_f64()))
    }
}

/// Walks from the root to an execution.
fn one_walk(mut run: Box<Run>, body: &Arc<Body>, walks: &mut Walks) -> Result<Box<Run>, Box<Failure>> {
    let mut item = Item::root();
    let mut executions = 0;
    loop {
        let end;
        (run, end) = execute(run, item, body);
        executions += 1;
        if end == End::Failed {
            return Err(Box::new(run.failure.take().expect("it failed")));
        }
        match run.aside.pop() {
            Some(next) => item = next,
            None => {
                walks.add(run.weight, end == End::Complete, executions);
                return Ok(run);
            }
        }
    }
}
