//! Message passing, to its last execution: what holds if the flag is released and acquired, and the execution that shows
//! itself if it is not.
//!
//! `cargo run -p rc11 --example message_passing`

#![allow(clippy::print_stdout, reason = "an example says what it finds")]

use rc11::{Atomic, Explorer, Report, thread};
use std::sync::Arc;
use std::sync::atomic::Ordering::{self, Acquire, Relaxed, Release};

/// One thread writes a message and raises a flag; another looks at the flag, and reads the message if it is up.
fn message_passing(raise: Ordering, look: Ordering) -> Report {
    Explorer::new().run(move || {
        let shared = Arc::new((Atomic::new(0), Atomic::new(false)));
        let sent = shared.clone();
        let sender = thread::spawn(move || {
            sent.0.store(42, Relaxed);
            sent.1.store(true, raise);
        });
        if shared.1.load(look) {
            assert_eq!(shared.0.load(Relaxed), 42, "the message is there when the flag is up");
        }
        sender.join();
    })
}

fn main() {
    println!("released and acquired: {}\n", message_passing(Release, Acquire));
    println!("relaxed: {}", message_passing(Relaxed, Relaxed));
}

#[test]
fn the_message_is_there_in_both_executions() {
    assert_eq!(message_passing(Release, Acquire).assert_complete().complete, 2);
}

#[test]
fn without_synchronisation_an_execution_shows_the_old_message() {
    for (raise, look) in [(Relaxed, Relaxed), (Relaxed, Acquire), (Release, Relaxed)] {
        let failure = message_passing(raise, look).assert_failed();
        let graph = failure.to_string();
        assert!(graph.contains("= 1  from 1.1"), "the flag is seen: {graph}");
        assert!(graph.contains("= 0  the initial value"), "and the message is not: {graph}");
    }
}
