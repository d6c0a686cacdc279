//! `list`: the models, and what each is about.

use crate::figures::counted;
use crate::invariants;
use netns_core::check::Engine;
use netns_models::Model;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// A model, as `list --json` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Listed {
    /// Its name.
    name: String,
    /// The protocol that it is a scenario of.
    protocol: String,
    /// The actors and the claim.
    about: String,
    /// Its threads, main included.
    threads: usize,
    /// The invariants that it claims.
    claims: Vec<u8>,
    /// The outcomes that it must reach.
    reaches: Vec<String>,
    /// The bound that it declares under loom.
    preemptions: Option<u8>,
    /// Why it is not for loom; absent if it is.
    not_for_loom: Option<String>,
}

impl From<&Model> for Listed {
    fn from(model: &Model) -> Listed {
        Listed {
            name: model.name.into(),
            protocol: model.protocol.into(),
            about: model.about.into(),
            threads: model.threads,
            claims: model.claims.into(),
            reaches: model.reaches.iter().map(|&outcome| outcome.into()).collect(),
            preemptions: model.preemptions,
            not_for_loom: model.why_not(Engine::Loom).map(str::to_owned),
        }
    }
}

/// The list as JSON.
pub(crate) fn json(models: &[&'static Model]) -> String {
    let listed: Vec<Listed> = models.iter().map(|&model| model.into()).collect();
    serde_json::to_string_pretty(&listed).expect("a list is plain data") + "\n"
}

/// The list as people read it: a heading for each protocol, a paragraph for each model,
/// and how many there are.
pub(crate) fn text(models: &[&'static Model], one: &str) -> String {
    let mut text = String::new();
    for protocol in models.chunk_by(|a, b| a.protocol == b.protocol) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", protocol[0].protocol);
        for model in protocol {
            let _ = writeln!(text, "  {} ({})\n      {}", model.name, facts(model), model.about);
        }
    }
    let _ = writeln!(text, "{}", counted(models.len() as u64, one));
    text
}

fn facts(model: &Model) -> String {
    let bound = match (model.why_not(Engine::Loom), model.preemptions) {
        (Some(why), _) => format!(", not for loom: {why}"),
        (None, Some(n)) => format!(", at most {} under loom", counted(n.into(), "preemption")),
        (None, None) => String::new(),
    };
    let claims = if model.claims.is_empty() { "none".into() } else { invariants::ranges(model.claims) };
    format!("{}{bound}; claims {claims}", counted(model.threads as u64, "thread"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::toys::toy;
    use netns_models::Engines;

    static TOYS: [Model; 2] = [toy("one"), Model { preemptions: Some(2), claims: &[], ..toy("two") }];
    static LARGE: Model = Model { engines: Engines::Rc11Only { why: "six threads" }, ..toy("large") };

    #[test]
    fn a_protocol_is_a_heading_and_a_model_a_paragraph() {
        let expected = "toys\n  one (2 threads; claims 1-3,9)\n      Nothing happens.\n  two (2 threads, at most 2 \
                        preemptions under loom; claims none)\n      Nothing happens.\n2 models\n";
        assert_eq!(text(&[&TOYS[0], &TOYS[1]], "model"), expected);
    }

    #[test]
    fn what_is_not_for_loom_says_why() {
        assert_eq!(facts(&LARGE), "2 threads, not for loom: six threads; claims 1-3,9");
        assert_eq!(Listed::from(&LARGE).not_for_loom.as_deref(), Some("six threads"));
    }

    #[test]
    fn the_json_is_the_models() {
        let read: Vec<Listed> = serde_json::from_str(&json(&[&TOYS[1]])).unwrap();
        assert_eq!(read, [Listed::from(&TOYS[1])]);
        assert_eq!((read[0].name.as_str(), read[0].preemptions), ("two", Some(2)));
    }
}
