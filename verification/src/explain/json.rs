//! The counterexample for programs.

use super::Counterexample;
use super::story::{Line, story};
use netns_core::check::{Engine, Failure};
use serde::Serialize;

/// What is written. `failure.events` are the steps, in order.
#[derive(Debug, Serialize)]
struct Document<'a> {
    model: &'a str,
    engine: Engine,
    /// What went wrong, in sentences.
    claim: &'a [String],
    /// How it was found.
    found: &'a str,
    /// The names of the threads, in the order of their numbers.
    threads: &'a [String],
    /// The steps that tell of the failure, as places among the events, from 0; the others are folded in pictures.
    shown: Vec<usize>,
    failure: &'a Failure,
}

/// The counterexample as JSON.
pub(crate) fn json(of: &Counterexample) -> String {
    let lines = story(of);
    let document = Document {
        model: &of.model,
        engine: of.engine,
        claim: &of.claim,
        found: &of.found,
        threads: &of.lanes,
        shown: lines.iter().flat_map(Line::steps).collect(),
        failure: &of.failure,
    };
    serde_json::to_string_pretty(&document).expect("a counterexample is plain data") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::toys;

    #[test]
    fn the_failure_survives_and_the_steps_that_matter_are_named() {
        let of = toys::freed_too_early();
        let read: serde_json::Value = serde_json::from_str(&json(&of)).unwrap();
        assert_eq!(serde_json::from_value::<Failure>(read["failure"].clone()).unwrap(), of.failure);
        assert_eq!(read["shown"], serde_json::json!([3, 4, 5, 6, 7, 8]));
        assert_eq!(read["threads"], serde_json::json!(["main", "lookup"]));
        assert!(read["claim"][0].as_str().unwrap().starts_with("main frees Net#2"));
    }
}
