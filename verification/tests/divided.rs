//! A model that is spread over processes: what the parts find adds up to what the undivided run finds. And how much
//! there is to explore, estimated.

mod place;

use place::{Place, said};
use serde_json::Value;
use std::fs;

fn report(place: &Place, file: &str) -> Value {
    place.json(file)["models"][0]["runs"][0]["report"].clone()
}

/// Divides the model and explores each of three parts.
#[track_caller]
fn divide(place: &Place, model: &str) {
    place.run(&format!("split {model} --into 5 --out items"), 0);
    for part in 1..=3 {
        place.run(&format!("part --items items --part {part}/3 --json part{part}"), 0);
    }
}

#[test]
fn the_parts_add_up_to_the_undivided_run() {
    // Of the last there are fewer pieces than were asked for.
    for model in [
        "cleanup-three-last-puts-against-worker",
        "pernet-failing-create-against-walker",
        "work-two-queuers-against-worker",
        "notify-two-givers",
    ] {
        let place = Place::of(&format!("sum-{model}"));
        divide(&place, model);
        place.run("merge --items items part1 part2 part3 --json sum", 0);
        place.run(&format!("run {model} --engine rc11 --json whole"), 0);
        let (mut sum, mut whole) = (report(&place, "sum"), report(&place, "whole"));
        assert!(whole["executions"].as_u64() > Some(1), "{whole}");
        for report in [&mut sum, &mut whole] {
            report.as_object_mut().expect("it is one").remove("elapsed").expect("it took time");
        }
        assert_eq!(sum, whole, "{model}");
    }
}

#[test]
fn sequential_consistency_is_divided_as_well() {
    let place = Place::of("sc");
    place.run("split grace-period-one-reader --split 2 --model sc --out items", 0);
    place.run("part --items items --part 1/1 --json part1", 0);
    let said = place.run("merge --items items part1 --json sum", 0);
    assert!(said.contains("  SC  "), "{said}");
    assert_eq!(report(&place, "sum")["strategy"]["kind"], "sc");
}

#[test]
fn a_missing_part_is_named_and_one_that_is_there_twice_is_refused() {
    let place = Place::of("missing");
    divide(&place, "cleanup-three-last-puts-against-worker");
    let said = place.run("merge --items items part3 part1", 3);
    assert!(said.contains("incomplete: part 2 of 3 is missing"), "{said}");
    let said = place.run("merge --items items part1 part2 part3 part2", 2);
    assert!(said.contains("error: part 2 is there twice"), "{said}");
}

#[test]
fn a_part_that_was_stopped_early_leaves_the_sum_incomplete() {
    let place = Place::of("stopped");
    divide(&place, "cleanup-three-last-puts-against-worker");
    place.run("part --items items --part 2/3 --time 0 --json part2", 3);
    let said = place.run("merge --items items part1 part2 part3", 3);
    assert!(said.contains("incomplete: out of time"), "{said}");
}

#[test]
fn the_part_of_another_split_is_refused() {
    let place = Place::of("another");
    divide(&place, "cleanup-three-last-puts-against-worker");
    place.run("split cleanup-three-last-puts-against-worker --into 6 --out others", 0);
    place.run("part --items others --part 1/3 --json part1", 0);
    let said = place.run("merge --items items part1 part2 part3", 2);
    assert!(said.contains("error: part1: it is not of a part of these items"), "{said}");
}

#[test]
fn what_another_version_has_divided_is_refused() {
    let place = Place::of("version");
    place.run("split notify-two-givers --into 2 --out items", 0);
    let items = fs::read_to_string(place.0.join("items")).expect("it was written");
    let ours = concat!("\"version\":\"", env!("CARGO_PKG_VERSION"), "\"");
    assert!(items.contains(ours));
    fs::write(place.0.join("items"), items.replace(ours, "\"version\":\"0.0.0\""))
        .expect("it can be written");
    let said = place.run("part --items items --part 1/2", 2);
    assert!(said.contains("error: items: version 0.0.0 divided the model"), "{said}");
}

#[test]
fn a_task_of_a_slurm_array_knows_its_part() {
    let place = Place::of("slurm");
    place.run("split notify-two-givers --into 2 --out items", 0);
    let said_without = place.run("part --items items", 2);
    assert!(said_without.contains("error: which part? say --part I/N"), "{said_without}");
    let mut command = place.command("part --items items");
    command.env("SLURM_ARRAY_TASK_ID", "2").env("SLURM_ARRAY_TASK_COUNT", "3");
    let said = said(command.output().expect("it starts"), 0);
    assert!(said.contains("part 2 of 3, holds"), "{said}");
}

#[test]
fn an_estimate_is_of_the_right_order() {
    let place = Place::of("estimate");
    let said = place.run("estimate work-two-queuers-against-worker --walks 300 --json found", 0);
    assert!(said.contains("work-two-queuers-against-worker: about "), "{said}");
    let found = place.json("found");
    let executions = found[0]["estimate"]["executions"].as_f64().expect("it is a number");
    assert!((12.0..48.0).contains(&executions), "there are 24: {found}");
}
