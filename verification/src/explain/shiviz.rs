//! The counterexample as a log with vector clocks, for ShiViz (<https://bestchai.bitbucket.io/shiviz/>).
//!
//! Two lines an operation: the thread with its clock, and what it does. ShiViz reads it with the expression that stands
//! in the first line. Clocks are those of happens-before: a read that orders nothing is no message.

use super::Counterexample;
use std::fmt::Write;

/// What ShiViz is to be given as the parser's expression.
pub(super) const EXPRESSION: &str = r"(?<host>\S*) (?<clock>{.*})\n(?<event>.*)";

/// The counterexample as a log. The first line is the expression, the second is empty.
pub(crate) fn shiviz(of: &Counterexample) -> String {
    let mut out = format!("{EXPRESSION}\n\n");
    let hosts = hosts(&of.lanes);
    for (step, clock) in of.steps.iter().zip(&of.past) {
        let others = clock.iter().enumerate().filter(|(_, ticks)| **ticks > 0);
        let clock: Vec<String> = others.map(|(lane, ticks)| format!("\"{}\":{ticks}", hosts[lane])).collect();
        let place = step.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        let event = format!("{}{place}", step.phrase).replace(char::is_control, " ");
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{} {{{}}}\n{event}", hosts[step.lane], clock.join(", "));
    }
    out
}

/// The names of the lanes, all different.
fn hosts(lanes: &[String]) -> Vec<String> {
    let mut hosts: Vec<String> = Vec::new();
    for (number, lane) in lanes.iter().enumerate() {
        let mut host = host(lane);
        while hosts.contains(&host) {
            host = format!("{host}.{number}");
        }
        hosts.push(host);
    }
    hosts
}

/// A name without what ends one.
fn host(lane: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    lane.chars().map(|c| if is_plain(c) { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::toys;
    use std::collections::HashMap;

    /// The log as ShiViz reads it: host, clock, event.
    fn parsed(log: &str) -> Vec<(String, HashMap<String, usize>, String)> {
        let mut lines = log.lines();
        assert_eq!(lines.next(), Some(EXPRESSION));
        assert_eq!(lines.next(), Some(""));
        let lines: Vec<&str> = lines.collect();
        let event = |pair: &[&str]| {
            let [head, event] = pair else { panic!("half an event: {pair:?}") };
            let (host, clock) = head.split_once(' ').unwrap();
            (host.to_owned(), serde_json::from_str(clock).unwrap(), (*event).to_owned())
        };
        lines.chunks(2).map(event).collect()
    }

    #[test]
    fn every_thread_counts_its_own_operations() {
        for of in [toys::freed_too_early(), toys::race(), toys::with_private_steps(3), toys::hostile()] {
            let log = parsed(&shiviz(&of));
            assert_eq!(log.len(), of.steps.len());
            let mut counts: HashMap<&str, usize> = HashMap::new();
            for (host, clock, _) in &log {
                let count = counts.entry(host).or_default();
                *count += 1;
                assert_eq!(clock[host], *count);
            }
        }
    }

    #[test]
    fn no_two_lanes_are_one_host() {
        let lanes = ["a b", "a+b", "a-b.1", "a-b"].map(str::to_owned);
        assert_eq!(hosts(&lanes), ["a-b", "a-b.1", "a-b.1.2", "a-b.3"]);
    }

    #[test]
    fn who_synchronises_brings_its_clock() {
        let log = parsed(&shiviz(&toys::freed_too_early()));
        let (host, clock, event) = &log[5];
        assert_eq!((host.as_str(), event.as_str()), ("lookup", "load gp = 0 relaxed (src/toys.rs:17)"));
        assert_eq!(clock["main"], 4, "it was started in step 4: {clock:?}");
    }
}
