//! The search for the simplest failure.

use rc11::{Atomic, Explorer, Stopped, choose, thread};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

/// Fails after four, three, two or one loads, and once, sooner, for another reason.
fn always_fails() {
    let (loads, there) = (4 - choose(4), Atomic::new(0));
    if choose(2) == 1 {
        panic!("another reason");
    }
    (0..loads).for_each(|_| assert_eq!(there.load(Relaxed), 0));
    panic!("planted");
}

#[test]
fn the_failure_with_the_fewest_events_is_kept() {
    let first = Explorer::new().run(always_fails);
    assert_eq!((first.failing, first.stopped), (1, Some(Stopped::Failure)));
    assert_eq!(first.assert_failed().events.len(), 6);
    for workers in [1, 3] {
        let found = Explorer::new().workers(workers).simplest(100, HOUR).run(always_fails);
        assert_eq!((found.failing, found.stopped), (8, None));
        let simplest = found.assert_failed();
        let expected = if simplest.message == "planted" { 3 } else { 2 };
        assert_eq!(simplest.events.len(), expected, "{simplest}");
        assert!(workers > 1 || simplest.message == "planted", "as the first was");
    }
}

/// Fails if a thread sees a value change. The other thread changes it once or twice in between, or also before: in each
/// case the events are as many.
fn sees_a_change() {
    let value = Arc::new(Atomic::new(0));
    let there = value.clone();
    let other = thread::spawn(move || {
        there.store(1, Relaxed);
        there.store(2, Relaxed);
    });
    let seen = [value.load(Relaxed), value.load(Relaxed)];
    other.join();
    assert!(seen[0] == seen[1], "changed");
}

#[test]
fn of_those_it_is_that_with_the_fewest_switches() {
    let first = Explorer::new().run(sees_a_change).assert_failed();
    let simplest = Explorer::new().simplest(100, HOUR).run(sees_a_change).assert_failed();
    assert_eq!((first.events.len(), first.switches()), (7, 4), "{first}");
    assert_eq!((simplest.events.len(), simplest.switches()), (7, 2), "{simplest}");
}

#[test]
fn the_listener_hears_of_each_that_is_simpler() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let told = heard.clone();
    let explorer = Explorer::new().simplest(100, HOUR);
    let simplest = explorer.on_failure(move |failure| told.lock().unwrap().push(failure.clone()));
    let simplest = simplest.run(always_fails).assert_failed();
    let heard = heard.lock().unwrap();
    assert_eq!(heard.iter().map(|failure| failure.events.len()).collect::<Vec<_>>(), [6, 3]);
    assert_eq!(heard.last(), Some(&simplest));
}

#[test]
fn a_search_ends_when_enough_were_met() {
    let found = Explorer::new().simplest(3, HOUR).run(always_fails);
    assert_eq!((found.failing, found.stopped), (3, Some(Stopped::Failure)));
}

#[test]
fn a_search_ends_when_its_time_is_over() {
    let found = Explorer::new().simplest(100, Duration::ZERO).run(always_fails);
    assert_eq!((found.failing, found.stopped), (1, Some(Stopped::Failure)));
    // Its time begins with the first failure.
    let found = Explorer::new().simplest(100, Duration::ZERO).run(|| assert!(choose(1000) < 1000));
    assert_eq!(found.assert_complete().complete, 1000);
}
