//! The rules of the house: what a reader of one file may rely on without having read the others.
//!
//! Every rule is a function of a file's text (`rules`), tested on samples that break it, and applied here to the source
//! tree.

mod rules;
mod seed;
mod source;

use rules::Broken;
use std::fs;
use std::path::{Path, PathBuf};

/// The greatest number of lines of a file.
const LONGEST: usize = 450;

/// The rooms that know the engines.
const ENGINE_ROOMS: [&str; 2] = ["src/sync/", "src/check/"];

/// Models run in processes, and who watches a process from outside is no model.
const OUTSIDE_OF_MODELS: [&str; 2] = ["models/src/process.rs", "models/src/process/"];

/// A file: its path from the top of the tree, with `/` in it, and its text.
struct File {
    path: String,
    text: String,
}

impl File {
    fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.path.starts_with(place))
    }

    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// The text files of the house, in order.
fn files() -> Vec<File> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for room in ["src", "examples", "models", "verification", "ci"] {
        collect(&top, PathBuf::from(room), &mut files);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(files.len() > 50, "this is not the source tree: {} files", files.len());
    files
}

fn collect(top: &Path, path: PathBuf, files: &mut Vec<File>) {
    let there = top.join(&path);
    if there.is_dir() {
        for entry in fs::read_dir(&there).expect("it can be read") {
            let name = entry.expect("it can be read").file_name();
            // What cargo builds is not the house's.
            if name != "target" {
                collect(top, path.join(name), files);
            }
        }
    } else if let Ok(text) = fs::read_to_string(&there) {
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        files.push(File { path: parts.join("/"), text });
    }
}

/// Applies a rule to the files that are its concern.
#[track_caller]
fn hold(concerns: impl Fn(&File) -> bool, rule: impl Fn(&File) -> Vec<Broken>) {
    let files = files();
    let concerned: Vec<_> = files.iter().filter(|file| concerns(file)).collect();
    assert!(!concerned.is_empty(), "the rule is about no file");
    let broken = concerned.iter().flat_map(|file| {
        rule(file).into_iter().map(|(line, what)| format!("{}:{line}: {what}\n", file.path))
    });
    let broken: String = broken.collect();
    assert!(broken.is_empty(), "\n{broken}");
}

fn is_above_the_facade(file: &File) -> bool {
    file.is_rust() && file.is_in(&["src/", "examples/", "models/"]) && !file.is_in(&ENGINE_ROOMS)
}

#[test]
fn only_the_facade_and_check_have_a_cfg_on_an_engine() {
    // The front page compiles `check` or does not.
    hold(
        |file| is_above_the_facade(file) && file.path != "src/lib.rs",
        |file| rules::cfg_on_an_engine(&file.text),
    );
    hold(
        |file| file.path == "src/lib.rs",
        |file| rules::cfg_on_an_engine(&file.text.replace("#[cfg(feature = \"check\")]", "")),
    );
}

#[test]
fn only_the_facade_and_check_name_std_sync_and_the_engines() {
    hold(
        |file| is_above_the_facade(file) && !file.is_in(&OUTSIDE_OF_MODELS),
        |file| rules::past_the_facade(&file.text),
    );
}

#[test]
fn nothing_is_left_for_later() {
    hold(|_| true, |file| rules::left_for_later(&file.text, file.is_rust()));
}

#[test]
fn every_allow_has_a_reason() {
    hold(File::is_rust, |file| rules::allowed_without_reason(&file.text));
}

#[test]
fn no_ordering_site_moves_out_of_the_core() {
    hold(
        |file| file.is_in(&["src/rcu", "src/net", "src/refcount.rs", "src/workqueue"]),
        |file| rules::tracks_its_caller(&file.text),
    );
}

#[test]
fn files_are_short() {
    hold(File::is_rust, |file| rules::too_long(&file.text, LONGEST));
}

#[test]
fn sequential_consistency_is_for_fences() {
    hold(is_above_the_facade, |file| rules::sequentially_consistent_access(&file.text));
}

#[test]
fn the_page_of_the_seed_names_what_is_there() {
    let files = files();
    let text = |path: &str| files.iter().find(|file| file.path == path).map(|file| file.text.as_str());
    let page = text("src/seed.md").expect("the page is there");
    assert!(seed::rows(page).count() > 60, "the page has lost its tables");
    let known = seed::Known { is_model: &|name| netns_models::find(name).is_some(), source: &text };
    let broken = seed::names_what_is_not_there(page, &known);
    assert!(broken.is_empty(), "{broken:#?}");
}
