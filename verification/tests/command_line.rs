//! What the program answers to a command line: its exit code, and where it says what.

use std::process::{Command, Output};

fn netns_verify(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_netns-verify")).args(arguments).output().expect("it starts")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn an_unknown_model_is_refused_by_name() {
    for engine in ["std", "loom", "rc11", "shuttle"] {
        let output = netns_verify(&["run", "no-such-model", "--engine", engine]);
        assert_eq!(output.status.code(), Some(2));
        assert!(
            stderr(&output).starts_with("error: no model is named no-such-model; "),
            "{}",
            stderr(&output)
        );
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn an_unknown_bug_is_refused_by_name() {
    let output = netns_verify(&["bugs", "put-without-relase"]);
    assert_eq!(output.status.code(), Some(2));
    let words = "error: no bug is named put-without-relase; did you mean: put-without-release, ";
    assert!(stderr(&output).starts_with(words), "{}", stderr(&output));
}

#[test]
fn an_unknown_option_is_refused() {
    for arguments in
        [&["--no-such-option"][..], &["run", "--engine", "threads", "a"], &["run"], &["no-such-command"]]
    {
        let output = netns_verify(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).starts_with("error: "), "{}", stderr(&output));
    }
}

#[test]
fn an_option_of_another_engine_is_refused() {
    let output = netns_verify(&["run", "count-three-holders", "--engine", "std", "--model", "sc"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).starts_with("error: --model is for --engine rc11"), "{}", stderr(&output));
}

#[test]
fn help_is_no_error() {
    assert_eq!(netns_verify(&["--help"]).status.code(), Some(0));
}

#[cfg(not(all(feature = "loom", feature = "rc11")))]
#[test]
fn without_both_exhaustive_engines_the_gate_says_what_it_was_built_without() {
    let missing = if cfg!(feature = "rc11") { "loom" } else { "rc11" };
    for arguments in [&[][..], &["bless"]] {
        let output = netns_verify(arguments);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(&format!("built without {missing}")), "{}", stderr(&output));
    }
}

#[test]
fn a_report_without_its_parts_says_so_and_is_incomplete() {
    let out = format!("{}/without", env!("CARGO_TARGET_TMPDIR"));
    let without = ["gate", "bugs", "orderings"].map(|part| format!("--without={part}"));
    let mut arguments = vec!["report", "--out", &out];
    arguments.extend(without.iter().map(String::as_str));
    let output = netns_verify(&arguments);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let page = std::fs::read_to_string(format!("{out}/index.html")).expect("there is a page");
    assert!(page.contains("This part is missing: it was left out of this report."), "{page}");
}

#[test]
fn a_report_that_cannot_be_written_is_refused_before_anything_runs() {
    let out = format!("{}/Cargo.toml", env!("CARGO_MANIFEST_DIR"));
    let output = netns_verify(&["report", "--out", &out]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("index.html cannot be written"), "{}", stderr(&output));
}

#[test]
fn the_list_as_json_has_each_model_and_scenario_once_and_in_order() {
    let output = netns_verify(&["list", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let list: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let listed: Vec<_> = list.iter().map(|model| model["name"].as_str().expect("it has a name")).collect();
    let models: Vec<_> = netns_models::all().into_iter().chain(netns_models::campaign::SCENARIOS).collect();
    assert_eq!(listed, models.iter().map(|model| model.name).collect::<Vec<_>>());
    for (entry, model) in list.iter().zip(models) {
        assert_eq!(entry["threads"], model.threads);
        assert!(entry.get("not_for_loom").is_some());
        assert_eq!(entry["claims"], serde_json::json!(model.claims));
    }
}
