//! Campaigns: what shards find adds up to what the undivided run finds, a failure can be seen again, and whoever
//! interrupts is told what there was.

mod place;

use place::{Place, said};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// What was found of each scenario, but how long it took.
fn found(place: &Place, file: &str) -> Value {
    let mut tallies = place.json(file)["tallies"].clone();
    for tally in tallies.as_array_mut().expect("there are some") {
        tally.as_object_mut().expect("it is one").remove("elapsed").expect("it took time");
    }
    tallies
}

/// Runs each of three shards.
fn shards(place: &Place, campaign: &str) {
    for shard in 1..=3 {
        place.run(&format!("campaign {campaign} --shard {shard}/3 --json shard{shard}"), 0);
    }
}

#[test]
fn the_shards_add_up_to_the_undivided_run() {
    let place = Place::of("campaign-sum");
    let campaign = "campaign-tasks campaign-settings --executions 430 --seed 3";
    shards(&place, campaign);
    place.run("merge shard3 shard1 shard2 --json sum", 0);
    place.run(&format!("campaign {campaign} --jobs 1 --json whole"), 0);
    let (sum, whole) = (found(&place, "sum"), found(&place, "whole"));
    assert_eq!(sum, whole);
    for tally in whole.as_array().expect("there are some") {
        assert_eq!((&tally["executions"], &tally["chunks"]), (&json!(430), &json!(5)));
    }
    assert_ne!(found(&place, "shard1"), found(&place, "shard2"), "shards are not the same again");
}

#[test]
fn another_seed_is_another_campaign() {
    let place = Place::of("campaign-seeds");
    for seed in [1, 2] {
        place.run(&format!("campaign campaign-tasks --executions 60 --seed {seed} --json {seed}"), 0);
    }
    assert_ne!(found(&place, "1"), found(&place, "2"));
    let said = place.run("merge 1 2", 2);
    assert!(said.contains("error: 2: it is of another campaign than 1: the seed differs"), "{said}");
}

#[test]
fn a_failure_is_found_and_seen_again_by_the_command_that_it_names() {
    let place = Place::of("campaign-failure");
    let said = place.run("campaign campaign-planted-mistake --executions 3000 --seed 1 --json found", 1);
    let tally = &place.json("found")["tallies"][0];
    assert!(tally["failing"].as_u64() > Some(1), "{tally}");
    let first = &tally["first"];
    let again = first["again"].as_str().expect("it is text");
    assert!(said.contains(&format!("\nagain: {again}\n")), "{said}");
    assert!(said.contains(&format!("(seed {})", first["seed"])), "{said}");
    let arguments = again.strip_prefix("cargo verify ").expect("it is a command of this program");
    place.run(&format!("{arguments} --json again"), 1);
    let run = &place.json("again")["models"][0]["runs"][0];
    assert_eq!(first["failure"]["message"], run["report"]["failure"]["message"]);
    assert_eq!(first["failure"], run["report"]["failure"], "the same execution");
}

#[test]
fn whatever_fails_the_shards_of_a_campaign_add_up() {
    let place = Place::of("campaign-failing-sum");
    let campaign = "campaign campaign-planted-mistake --executions 900 --seed 1";
    place.run(&format!("{campaign} --json whole"), 1);
    for shard in 1..=2 {
        let shard = format!("{campaign} --shard {shard}/2 --json shard{shard}");
        let output = place.command(&shard).output().expect("it starts");
        assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
    }
    place.run("merge shard1 shard2 --json sum", 1);
    assert_eq!(found(&place, "sum"), found(&place, "whole"));
}

#[test]
fn a_shard_that_is_missing_is_named_and_one_that_is_there_twice_or_foreign_is_refused() {
    let place = Place::of("campaign-missing");
    shards(&place, "campaign-tasks --executions 201");
    let said = place.run("merge shard3 shard1 --json two", 3);
    assert!(said.contains(": incomplete\nmissing: shard 2 of 3\n"), "{said}");
    place.run("merge two shard2 --json all", 0);
    assert_eq!(place.json("all")["origin"]["exit"], 0);
    let said = place.run("merge shard3 shard1 shard2 shard1", 2);
    assert!(said.contains("error: shard1: shard 1 is there twice"), "{said}");
    place.run("campaign campaign-tasks --executions 201 --shard 2/4 --json other", 0);
    let said = place.run("merge shard1 other shard3", 2);
    assert!(said.contains("error: other: it is of another campaign than shard1: the number of"), "{said}");
}

#[test]
fn documents_of_another_kind_or_version_are_refused() {
    let place = Place::of("campaign-kinds");
    place.run("campaign campaign-tasks --executions 1 --json shard", 0);
    place.run("run count-three-holders --engine shuttle --executions 9 --json run", 0);
    let said = place.run("merge shard run", 2);
    assert!(said.contains("error: run: it is not of a campaign"), "{said}");
    let said = place.run("merge --items run shard", 2);
    assert!(said.starts_with("error: "), "{said}");
    let text = fs::read_to_string(place.0.join("shard")).expect("it was written");
    let ours = concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\"");
    fs::write(place.0.join("old"), text.replace(ours, "\"version\": \"0.0.0\"")).expect("it can be written");
    let said = place.run("merge old", 2);
    assert!(said.contains("error: old: version 0.0.0 ran it"), "{said}");
}

#[test]
fn a_task_of_a_slurm_array_knows_its_shard() {
    let place = Place::of("campaign-slurm");
    let mut command = place.command("campaign campaign-tasks --executions 201 --json shard");
    command.env("SLURM_ARRAY_TASK_ID", "2").env("SLURM_ARRAY_TASK_COUNT", "3");
    let said = said(command.output().expect("it starts"), 0);
    assert!(said.contains(", shard 2 of 3, "), "{said}");
    assert_eq!(place.json("shard")["shards"], json!({"1": true}));
}

/// Interrupts a campaign when it tells of its first chunk; it must end with this code.
#[cfg(unix)]
fn interrupted(place: &Place, size: &str, code: i32) -> String {
    let mut command = place.command(&format!("campaign campaign-tasks {size} --json found"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut line = String::new();
    let mut told = BufReader::new(child.stderr.take().expect("it is piped"));
    told.read_line(&mut line).expect("it is told");
    assert!(line.starts_with("100 executions, "), "{line}");
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("it starts").success());
    said(child.wait_with_output().expect("it ends"), code)
}

#[cfg(unix)]
#[test]
fn whoever_interrupts_is_told_what_was_found_and_that_something_is_left() {
    let place = Place::of("campaign-interrupted");
    let said = interrupted(&place, "--executions 100000000 --jobs 1", 3);
    assert!(said.contains(": incomplete\ninterrupted: shard 1 of 1; it was to have its share"), "{said}");
    let found = place.json("found");
    assert_eq!((&found["origin"]["exit"], &found["shards"]), (&json!(3), &json!({"0": false})));
    assert!(found["tallies"][0]["executions"].as_u64() >= Some(100), "{found}");
    place.run("merge found", 3);
}

#[cfg(unix)]
#[test]
fn whoever_ends_it_before_its_time_is_told_how_long_it_was_to_last() {
    let place = Place::of("campaign-time-interrupted");
    let said = interrupted(&place, "--time 100000 --jobs 1", 3);
    let told = ": incomplete\ninterrupted: shard 1 of 1; it was to last 27 h 46 min";
    assert!(said.contains(told), "{said}");
}

#[test]
fn a_campaign_ends_when_its_time_is_over() {
    let place = Place::of("campaign-time");
    let said = place.run("campaign campaign-tasks campaign-settings --time 0.2 --jobs 2 --json found", 0);
    assert!(!said.contains("interrupted"), "{said}");
    assert!(place.json("found")["tallies"][0]["chunks"].as_u64() >= Some(1));
    let said = place.run("campaign --time 0", 3);
    assert!(said.contains("6 scenarios, 0 executions"), "{said}");
}

#[test]
fn real_threads_are_sampled_as_well() {
    let place = Place::of("campaign-std");
    let said = place.run("campaign campaign-tasks --engine std --executions 30", 0);
    assert!(said.contains("1 scenario, 30 executions under std from seed "), "{said}");
}
