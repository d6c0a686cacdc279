//! Of the page as a whole, made of a fixed small set of findings: see tests/report.

use super::*;
use std::path::Path;
use std::time::SystemTime;

const README: &str = "## Trusted base: all of it\n\nThe compiler.\n";

fn findings(file: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report/findings").join(file)
}

fn whole() -> Parts {
    Parts {
        gate: Part::read(&findings("gate.json")),
        bugs: Part::read(&findings("bugs.json")),
        orderings: Part::read(&findings("orderings.json")),
    }
}

fn shown(parts: &Parts) -> String {
    page(parts, README, SystemTime::UNIX_EPOCH)
}

fn assert_says(page: &str, said: &[&str]) {
    for said in said {
        assert!(page.contains(said), "{said} is not in\n{page}");
    }
}

#[test]
fn every_part_is_on_the_page_and_none_is_missing() {
    let page = shown(&whole());
    assert_says(&page, &["A check failed.", "1970-01-01 00:00 UTC", "commit 0123456789ab", "The compiler."]);
    assert_says(
        &page,
        &["1 complete under both, 1 complete under rc11 and bounded under loom", "2 of 2", "28 of 28"],
    );
    assert!(!page.contains("missing"), "{page}");
}

#[test]
fn the_exit_code_is_that_of_the_worst_part() {
    assert_eq!(whole().exit(), Exit::Failed);
    let held = || Part::<audit::Document>::read(&findings("orderings.json"));
    assert_eq!(held().exit(), Exit::Held);
    let parts = Parts { gate: Part::left_out(), bugs: Part::left_out(), orderings: held() };
    assert_eq!(parts.exit(), Exit::Incomplete);
}

#[test]
fn what_is_missing_is_said_with_the_reason() {
    let stopped = Missing { why: "it was stopped".into(), exit: Exit::Incomplete };
    let refused = String::from("it is no source tree");
    let parts = Parts {
        gate: Part::left_out(),
        bugs: Part::of(Err(stopped)),
        orderings: Part::of(Err(refused.into())),
    };
    let page = shown(&parts);
    assert_says(
        &page,
        &[
            "This part is missing: it was left out of this report.",
            "This part is missing: it was stopped.",
            "This part is missing: it is no source tree.",
            "It is not known: it is no source tree.",
        ],
    );
    assert_eq!(page.matches("not known</dd>").count(), 6, "{page}");
    assert_eq!(parts.exit(), Exit::Refused);
}

#[test]
fn a_readme_without_a_trusted_base_is_said() {
    let page = page(&whole(), "# Nothing\n", SystemTime::UNIX_EPOCH);
    assert_says(&page, &["the README has no section on it"]);
}

#[test]
fn a_file_that_is_not_of_the_part_is_refused() {
    let why = |part: Part<document::Document>| match part {
        Part::Missing(Missing { why, exit: Exit::Refused }) => why,
        other => panic!("{other:?}"),
    };
    assert!(why(Part::read(&findings("orderings.json"))).contains("cannot be taken: missing field"));
    assert!(why(Part::read(&findings("none.json"))).contains("none.json cannot be taken: No such file"));
}

#[test]
fn nothing_that_was_found_becomes_markup() {
    let page = shown(&whole());
    assert_eq!(page.matches("</script>").count(), 1, "{page}");
    assert!(!page.contains("<img src=\"nowhere"), "{page}");
    assert_says(
        &page,
        &[
            "heap@0.1&lt;/script&gt;&lt;img src=",
            "&lt;b&gt;It fails.&lt;/b&gt;",
            "&lt;em&gt;twice",
            "&lt;hunk&gt;",
            "are &lt;stronger&gt;",
        ],
    );
}

#[test]
fn each_invariant_has_its_row_with_its_title_and_the_models_that_claim_it() {
    let page = shown(&whole());
    for number in crate::invariants::CORE {
        let title = crate::invariants::title(number).unwrap();
        assert_says(&page, &[title, &format!("id=\"invariant-{number}\"")]);
    }
}

#[test]
fn a_bug_that_is_not_caught_as_it_should_be_is_said_with_the_reason() {
    let page = shown(&whole());
    assert_says(
        &page,
        &["1 caught, 2 NOT CAUGHT", "FAILED OTHERWISE", "<q>is freed twice</q>", "DOES NOT APPLY"],
    );
}

#[test]
fn the_counterexample_of_a_bug_has_its_source_its_story_and_the_command_that_shows_it() {
    let page = shown(&whole());
    let picture =
        page.split("data:image/svg+xml;charset=utf-8,").find(|part| part.contains("explain two-puts"));
    let picture = picture.expect("it is there").split('"').next().expect("it ends");
    assert_says(
        picture,
        &[
            "drop(holder &amp;amp; all);",
            "The bug: Two holders put",
            "cargo verify explain two-puts --engine rc11 --bug",
        ],
    );
}

#[test]
fn a_bound_and_what_is_not_for_loom_are_said() {
    let page = shown(&whole());
    assert_says(&page, &["rc11 complete; loom: preemptions &lt;= 2", "loom has at most five threads"]);
}
