//! A mistake, and the picture of it: an ordering of the core is weakened, and the program shows what goes wrong.

use netns_core::check::Engine;
use roxmltree::Document;
use std::process::{Command, Output};

/// Under RC11 a reader may then see the new number of the grace period and, all the same, the old pointer.
const MODEL: &str = "grace-period-one-reader";

/// The line where the reader loads the number, weakened.
fn weakened() -> String {
    let source = include_str!("../../src/rcu/grace_period.rs");
    let is_it = |line: &str| line.contains("self.number.load(Ordering::Acquire)");
    let line = source.lines().position(is_it).expect("it is loaded there") + 1;
    format!("src/rcu/grace_period.rs:{line}=Relaxed")
}

fn netns_verify(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_netns-verify")).args(arguments).output().expect("it starts")
}

/// What `explain` prints of the mistake.
fn explained(arguments: &[&str]) -> String {
    let weakened = weakened();
    let output = netns_verify(&[&["explain", MODEL, "--weaken", &weakened][..], arguments].concat());
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it is text")
}

#[test]
fn the_text_marks_the_stale_read_and_names_the_free() {
    let text = explained(&[]);
    let lines: Vec<&str> = text.lines().collect();
    let line = |words: &str| {
        lines.iter().position(|line| line.contains(words)).unwrap_or_else(|| panic!("{words}: {text}"))
    };
    let stale = line("stale: it reads the initial value, and not step ");
    assert!(lines[stale - 1].contains("load pointer = Content#1"), "{text}");
    assert!(lines[line("here it fails") - 1].contains("free Content#1"), "{text}");
    assert!(text.contains("This is no interleaving: one read does not read the newest value"), "{text}");
    assert!(
        text.contains("let content = self.content.load(Acquire)?;"),
        "the source stands beside it: {text}"
    );
    assert!(text.contains("again: cargo verify explain grace-period-one-reader"), "{text}");
    assert!(lines.iter().all(|line| line.chars().count() <= 100), "{text}");
    assert!(!text.contains('\u{1b}'), "this is no terminal");
}

#[test]
fn every_format_has_the_same_steps() {
    let json: serde_json::Value =
        serde_json::from_str(&explained(&["--format", "json"])).expect("it is JSON");
    let events = json["failure"]["events"].as_array().expect("there are some");
    assert!(events.iter().any(|event| event["missed"].is_u64()), "{json}");
    let shown = json["shown"].as_array().expect("some are shown").len();
    let svg = explained(&["--format", "svg"]);
    let picture = Document::parse(&svg).expect("it is XML");
    let is_step = |class: &str| class == "step" || class.starts_with("step ");
    let boxes = picture.descendants().filter(|node| node.attribute("class").is_some_and(is_step));
    let titles = boxes.filter_map(|node| node.first_element_child()?.text());
    let steps = titles.map(|title| if title.starts_with("steps ") { 2 } else { 1 });
    assert_eq!(steps.sum::<usize>(), shown);
    let dot = explained(&["--format", "dot"]);
    assert_eq!(dot.matches("style=dotted, label=\"missed\"").count(), 1, "{dot}");
    let log = explained(&["--format", "shiviz"]);
    assert_eq!(log.lines().count(), 2 + 2 * events.len(), "{log}");
}

#[test]
fn the_picture_goes_where_it_is_wanted() {
    let file = std::env::temp_dir().join(format!("netns-explain-{}.svg", std::process::id()));
    let printed = explained(&["--format", "svg", "--out", file.to_str().expect("it is text")]);
    let written = std::fs::read_to_string(&file).expect("it was written");
    std::fs::remove_file(&file).expect("it was there");
    assert!(printed.is_empty() && written.starts_with("<svg"));
}

/// The acquire that is weakened here, loom does not need: its fences do more. So it is one that it needs.
#[test]
fn loom_has_one_with_few_preemptions_and_says_what_it_does_not_know() {
    if !Engine::Loom.is_compiled() {
        return;
    }
    let source = include_str!("../../src/refcount.rs");
    let is_it = |line: &str| line.contains("self.value.fetch_sub(1, Ordering::Release)");
    let line = source.lines().position(is_it).expect("it is there") + 1;
    let weakened = format!("src/refcount.rs:{line}=Relaxed");
    let output = netns_verify(&["explain", "count-three-holders", "--engine", "loom", "--weaken", &weakened]);
    let text = String::from_utf8(output.stdout).expect("it is text");
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("No thread is preempted in it."), "{text}");
    assert!(text.contains("what reads read is found by value"), "{text}");
    let output = netns_verify(&["explain", "count-three-holders", "--engine", "loom"]);
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{words}");
    for bound in 0..4 {
        assert!(words.contains(&format!("at most {bound} preemptions")), "{words}");
    }
}

#[test]
fn a_model_that_holds_has_none() {
    let output = netns_verify(&["explain", MODEL]);
    assert_eq!(output.status.code(), Some(0));
    let words = "grace-period-one-reader under rc11: no counterexample: complete, holds\n";
    assert_eq!(String::from_utf8_lossy(&output.stdout), words);
}

#[test]
fn what_makes_no_sense_is_refused() {
    for arguments in [&["explain"][..], &["explain", "count-*"], &["explain", "no-such-model"]] {
        let output = netns_verify(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
    }
    let output = netns_verify(&["explain", "count-six-holders", "--engine", "loom"]);
    assert_eq!(output.status.code(), Some(2), "it is not for loom");
}
