//! The table as people read it.

use crate::differences::{self, Why};
use crate::measure::{Explorer, Measured};
use crate::program::Claim;
use crate::row::{Row, Verdict};
use std::fmt::{Display, Write};

/// The page: `README.md` of this package.
pub fn page(measured: &[Measured]) -> String {
    let parts = [
        ("TABLE\n", table(measured)),
        ("REASONS\n", reasons()),
        ("ENGINES\n", engines(measured)),
        ("KERNEL\n", kernel(measured)),
    ];
    parts.into_iter().fold(include_str!("page.md").into(), |page, (name, part)| page.replace(name, &part))
}

/// The table, in Markdown.
pub fn table(measured: &[Measured]) -> String {
    let names = Explorer::ALL.map(Explorer::name).join(" | ");
    let mut text = format!(
        "| test | program | outcome | C++20 | LKMM | {names} |\n|---|---|---|---|---|---|---|---|---|\n"
    );
    for Measured { row, seen } in measured {
        let [language, kernel] = verdicts(row);
        let (program, outcome) = (program(row), outcome(&row.outcome));
        let seen: Vec<_> =
            Explorer::ALL.into_iter().zip(seen).map(|(by, seen)| cell(by, row, *seen)).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | `{program}` | `{outcome}` | {language} | {kernel} | {} |",
            row.name,
            seen.join(" | ")
        );
    }
    text
}

/// The threads of a row: `x = 1; r = y ∥ y = 1; r = x`.
pub fn program(row: &Row) -> String {
    let threads: Vec<_> = row.threads.iter().map(|steps| joined(steps, "; ")).collect();
    threads.join(" ∥ ")
}

/// The outcome of a row.
pub fn outcome(claims: &[Claim]) -> String {
    joined(claims, " ∧ ")
}

fn joined(parts: &[impl Display], by: &str) -> String {
    parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(by)
}

/// What C++20 and the kernel's model say.
pub fn verdicts(row: &Row) -> [&'static str; 2] {
    let word = |verdict| match verdict {
        Verdict::Allowed => "allowed",
        Verdict::Forbidden => "forbidden",
    };
    let language = if row.load_buffering { "load buffering" } else { word(row.language) };
    [language, row.kernel.map_or("–", word)]
}

/// What an explorer sees, with the number of the reason if that is a difference.
fn cell(by: Explorer, row: &Row, seen: bool) -> String {
    let seen = if seen { "seen" } else { "no" };
    match differences::why(by, row.name) {
        Some(why) => format!("{seen} ({})", number(why)),
        None => seen.into(),
    }
}

fn number(why: Why) -> usize {
    1 + Why::ALL.iter().position(|known| *known == why).expect("it is one of all")
}

fn reasons() -> String {
    let line = |why: &Why| format!("{}. {}\n", number(*why), why.text());
    Why::ALL.iter().map(line).collect()
}

/// What each explorer sees of what C++20 allows, and of what it forbids.
fn engines(measured: &[Measured]) -> String {
    let count = |explorer: usize, verdict| {
        let rows = || measured.iter().filter(move |measured| measured.row.language == verdict);
        (rows().filter(|measured| measured.seen[explorer]).count(), rows().count())
    };
    let line = |(index, explorer): (usize, Explorer)| {
        let (allowed, all_allowed) = count(index, Verdict::Allowed);
        let (forbidden, all_forbidden) = count(index, Verdict::Forbidden);
        format!(
            "* {} sees {allowed} of the {all_allowed} outcomes that C++20 allows, and {forbidden} of the {all_forbidden} \
             that it forbids.\n",
            explorer.name()
        )
    };
    Explorer::ALL.into_iter().enumerate().map(line).collect()
}

/// Where the kernel's model says something else than C++20.
fn kernel(measured: &[Measured]) -> String {
    let rows = |language, kernel| {
        let is_so = move |row: &&Row| row.language == language && row.kernel == Some(kernel);
        let names = measured.iter().map(|measured| &measured.row).filter(is_so).map(|row| row.name);
        match names.collect::<Vec<_>>()[..] {
            [] => "nothing".into(),
            ref names => format!("`{}`", names.join("`, `")),
        }
    };
    format!(
        "* The kernel's model forbids what C++20 allows in {}.\n* It allows what C++20 forbids in {}.\n",
        rows(Verdict::Allowed, Verdict::Forbidden),
        rows(Verdict::Forbidden, Verdict::Allowed)
    )
}
