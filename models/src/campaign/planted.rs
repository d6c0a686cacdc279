//! A mistake that is there to be found.

use netns_core::check::{choose, reached};
use netns_core::sync::Ordering::Relaxed;
use netns_core::sync::{Arc, AtomicU32, thread};

/// One turn in so many is wrong.
const CARE: usize = 5_000;

/// Seven threads count to 21 together. Once in a long while one counts by a load and a store, between which others
/// count.
pub(super) fn mistake() {
    let count = Arc::new(AtomicU32::new(0));
    let threads = [(); 7].map(|()| {
        let count = count.clone();
        thread::spawn_named("counter", move || {
            for _ in 0..3 {
                match choose(CARE) {
                    0 => {
                        reached("a slip");
                        let before = count.load(Relaxed);
                        count.store(before + 1, Relaxed);
                    }
                    _ => _ = count.fetch_add(1, Relaxed),
                }
            }
        })
    });
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(count.load(Relaxed), 21, "nobody's count is lost");
}
