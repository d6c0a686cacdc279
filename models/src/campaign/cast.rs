//! The threads of a campaign: many that do the same, by chance.

use netns_core::sync::{Arc, thread};

/// Threads that do the same in a scene.
pub(super) struct Part<S> {
    /// Their name.
    pub(super) name: &'static str,
    /// How many they are.
    pub(super) threads: usize,
    /// How often each acts.
    pub(super) turns: usize,
    /// What they do.
    pub(super) act: fn(&S),
}

/// Lets the whole cast act, all at the same time, and returns when everyone is done.
pub(super) fn play<S: Send + Sync + 'static>(scene: S, cast: &'static [Part<S>]) -> S {
    let scene = Arc::new(scene);
    let everyone = cast.iter().flat_map(|part| std::iter::repeat_n(part, part.threads));
    let threads = everyone.map(|part| {
        let scene = scene.clone();
        thread::spawn_named(part.name, move || (0..part.turns).for_each(|_| (part.act)(&scene)))
    });
    // All begin before the first is waited for.
    let threads: Vec<_> = threads.collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    Arc::into_inner(scene).expect("the last handle")
}
