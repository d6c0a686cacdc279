//! A recording, done again.

use crate::compare;
use crate::recording::Recording;
use crate::world::World;

/// Replays a recording up to the first step of which something else comes than was recorded.
pub(crate) fn run(recording: &Recording) -> Result<(), String> {
    let mut world = World::new()?;
    for (n, step) in recording.steps.iter().enumerate() {
        let done = world.run(&step.op, Some(&step.result)).and_then(|outcome| {
            let events = std::mem::take(&mut world.wire);
            compare::step(step, &outcome, &events, &mut world)
        });
        done.map_err(|error| format!("step {n}: {:?}\n{error}", step.op))?;
    }
    Ok(())
}
