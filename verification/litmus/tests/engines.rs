//! Each engine sees what the model that it stands for allows, but for the differences that are listed.

use netns_litmus::measure::{Explorer, Measured, all};
use netns_litmus::{differences, page, rows};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::{env, fs};

/// Every row under every engine: an exploration of each is enough.
static MEASURED: LazyLock<Vec<Measured>> = LazyLock::new(all);

/// Compares every row, and names those in which it is otherwise.
fn is_as_expected(explorer: Explorer) {
    let index = Explorer::ALL.iter().position(|one| *one == explorer).expect("it is one of all");
    let mut wrong = String::new();
    for Measured { row, seen } in MEASURED.iter() {
        let sees = seen[index];
        if !explorer.is_explained(row, sees) {
            let (expects, listed) = (explorer.expects(row), differences::why(explorer, row.name));
            wrong += &format!("\n{}: sees it: {sees}; the model: {expects:?}; listed: {listed:?}", row.name);
        }
    }
    assert!(wrong.is_empty(), "under {}:{wrong}", explorer.name());
}

#[test]
fn rc11_sees_what_rc11_allows() {
    is_as_expected(Explorer::Rc11);
}

#[test]
fn loom_sees_what_the_language_allows_but_for_what_is_listed() {
    is_as_expected(Explorer::Loom);
}

#[test]
fn rc11_sees_what_interleavings_have() {
    is_as_expected(Explorer::Sc);
}

#[test]
fn shuttle_sees_what_interleavings_have() {
    is_as_expected(Explorer::Dfs);
}

#[test]
fn every_row_has_a_name_of_its_own_and_every_difference_is_of_a_row() {
    let mut names = BTreeSet::new();
    assert!(rows::all().iter().all(|row| names.insert(row.name)));
    assert!(differences::ALL.iter().all(|(_, row, _)| names.contains(row)));
}

#[test]
fn the_page_is_what_the_engines_see() {
    let page = page::page(&MEASURED);
    if env::var_os("LITMUS_WRITE").is_some() {
        fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"), page).expect("it can be written");
        return;
    }
    assert!(page == include_str!("../README.md"), "the page is another; LITMUS_WRITE=1 writes it");
}
