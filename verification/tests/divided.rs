//! A model that is spread over processes: what the parts find adds up to what the undivided run finds.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder for the files of one test, and the program in it.
struct Place(PathBuf);

impl Place {
    fn of(test: &str) -> Place {
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&place);
        fs::create_dir_all(&place).expect("it can be made");
        Place(place)
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_netns-verify"));
        command.args(line.split(' ')).current_dir(&self.0);
        for variable in ["ID", "COUNT", "MIN", "MAX"] {
            command.env_remove(format!("SLURM_ARRAY_TASK_{variable}"));
        }
        command
    }

    /// Runs the program, which must end with this code; what it said is returned, errors last.
    #[track_caller]
    fn run(&self, line: &str, code: i32) -> String {
        said(self.command(line).output().expect("it starts"), code)
    }

    fn report(&self, file: &str) -> Value {
        let text = fs::read_to_string(self.0.join(file)).expect("it was written");
        let document: Value = serde_json::from_str(&text).expect("it is JSON");
        document["models"][0]["runs"][0]["report"].clone()
    }

    /// Divides the model and explores each of three parts.
    #[track_caller]
    fn divide(&self, model: &str) {
        self.run(&format!("split {model} --into 5 --out items"), 0);
        for part in 1..=3 {
            self.run(&format!("part --items items --part {part}/3 --json part{part}"), 0);
        }
    }
}

#[track_caller]
fn said(output: Output, code: i32) -> String {
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).expect("it is text");
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
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
        place.divide(model);
        place.run("merge --items items part1 part2 part3 --json sum", 0);
        place.run(&format!("run {model} --engine rc11 --json whole"), 0);
        let (mut sum, mut whole) = (place.report("sum"), place.report("whole"));
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
    assert_eq!(place.report("sum")["strategy"]["kind"], "sc");
}

#[test]
fn a_missing_part_is_named_and_one_that_is_there_twice_is_refused() {
    let place = Place::of("missing");
    place.divide("cleanup-three-last-puts-against-worker");
    let said = place.run("merge --items items part3 part1", 3);
    assert!(said.contains("incomplete: part 2 of 3 is missing"), "{said}");
    let said = place.run("merge --items items part1 part2 part3 part2", 2);
    assert!(said.contains("error: part 2 is there twice"), "{said}");
}

#[test]
fn a_part_that_was_stopped_early_leaves_the_sum_incomplete() {
    let place = Place::of("stopped");
    place.divide("cleanup-three-last-puts-against-worker");
    place.run("part --items items --part 2/3 --time 0 --json part2", 3);
    let said = place.run("merge --items items part1 part2 part3", 3);
    assert!(said.contains("incomplete: out of time"), "{said}");
}

#[test]
fn the_part_of_another_split_is_refused() {
    let place = Place::of("another");
    place.divide("cleanup-three-last-puts-against-worker");
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
