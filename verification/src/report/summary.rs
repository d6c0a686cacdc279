//! The beginning of the page: the verdict, the figures, and where each part comes from.

use super::Parts;
use super::part::{Document, Part};
use super::table::{Column, number, row, table};
use crate::bugs::{Document as Bugs, Verdict as Trial};
use crate::document::Document as Gate;
use crate::exit::Exit;
use crate::figures::{self, count};
use crate::invariants::CORE;
use crate::orderings::{Document as Orderings, Judgement};
use crate::origin::Origin;
use crate::together::Standing;
use humantime::format_rfc3339_seconds;
use maud::{Markup, html};
use netns_core::check::Engine;
use std::time::{Duration, SystemTime};

const COLUMNS: [Column; 6] = [
    Column::Words("part"),
    Column::Words("what came of it"),
    Column::Words("exit code"),
    Column::Words("began"),
    Column::Numbers("took"),
    Column::Words("taken from"),
];

/// The section's contents.
pub(super) fn section(parts: &Parts) -> Markup {
    html! {
        p.banner.(class(parts.exit())) { (words(parts.exit())) }
        dl.figures {
            (figure("models", gate(parts, |gate| count(gate.models.len() as u64))))
            (figure("executions under rc11", gate(parts, |gate| executions(gate, Engine::Rc11))))
            (figure("executions under loom", gate(parts, |gate| executions(gate, Engine::Loom))))
            (figure("invariants claimed", gate(parts, claimed)))
            (figure("known bugs caught", parts.bugs.document().map(caught_bugs)))
            (figure("orderings caught", parts.orderings.document().map(caught_orderings)))
        }
        (table(
            "parts",
            "The parts of this report",
            &COLUMNS,
            &[
                of_part("models", "Models", &parts.gate, standings),
                of_part("bugs", "Known bugs", &parts.bugs, trials),
                of_part("orderings", "Orderings", &parts.orderings, judgements),
            ],
        ))
        @let places = places(&parts.origins());
        @for (place, names) in &places {
            p.place.quiet {
                @if places.len() > 1 { (names.join(", ")) ": " }
                (place)
            }
        }
    }
}

fn gate(parts: &Parts, figure: impl Fn(&Gate) -> String) -> Option<String> {
    parts.gate.document().map(figure)
}

/// A figure; without it, it is not known.
fn figure(name: &str, figure: Option<String>) -> Markup {
    html! {
        div {
            dt { (name) }
            @match figure {
                Some(figure) => dd { (figure) },
                None => dd.quiet { "not known" },
            }
        }
    }
}

fn executions(gate: &Gate, engine: Engine) -> String {
    let runs = gate.models.iter().flat_map(|model| &model.runs).filter(|run| run.engine == engine);
    count(runs.map(|run| run.executions).sum())
}

fn claimed(gate: &Gate) -> String {
    let unclaimed = gate.unclaimed.as_ref().map_or(CORE.count(), Vec::len);
    format!("{} of {}", CORE.count() - unclaimed, CORE.count())
}

fn caught_orderings(audit: &Orderings) -> String {
    let is_caught = |judgement: &Judgement| matches!(judgement, Judgement::Caught | Judgement::ByOne { .. });
    let caught = audit.rows.iter().filter(|row| is_caught(&row.verdict)).count();
    format!("{caught} of {}", audit.rows.len())
}

fn caught_bugs(found: &Bugs) -> String {
    let caught = found.bugs.iter().filter(|bug| bug.verdict == Trial::Caught).count();
    format!("{caught} of {}", found.bugs.len())
}

/// How many models stand where.
fn standings(gate: &Gate) -> String {
    let stands = |standing| {
        let is_there = |standing| {
            gate.models.iter().flat_map(|model| &model.together).filter(move |all| all.standing == standing)
        };
        (is_there(standing).count(), standing.name())
    };
    numbers(Standing::ALL.map(stands))
}

/// How many bugs are caught.
fn trials(found: &Bugs) -> String {
    let number = |is: fn(&Trial) -> bool| found.bugs.iter().filter(|bug| is(&bug.verdict)).count();
    let is_left = |verdict: &Trial| matches!(verdict, Trial::Stopped | Trial::NotRun);
    let (caught, left) = (number(|verdict| *verdict == Trial::Caught), number(is_left));
    numbers([(caught, "caught"), (found.bugs.len() - caught - left, "NOT CAUGHT"), (left, "not tried")])
}

/// How many orderings stand how.
fn judgements(audit: &Orderings) -> String {
    let number = |is: fn(&Judgement) -> bool| audit.rows.iter().filter(|row| is(&row.verdict)).count();
    numbers([
        (number(|judgement| *judgement == Judgement::Caught), "caught by both engines"),
        (number(|judgement| matches!(judgement, Judgement::ByOne { .. })), "caught by one, with a reason"),
        (number(|judgement| matches!(judgement, Judgement::Accepted { .. })), "accepted"),
        (
            number(|judgement| matches!(judgement, Judgement::Unexplained { .. })),
            "caught by one without a reason",
        ),
        (number(|judgement| *judgement == Judgement::Survives), "SURVIVE"),
        (number(|judgement| *judgement == Judgement::Unfinished), "unfinished"),
        (audit.unreached.len(), "reached by no model"),
    ])
}

fn numbers<const N: usize>(numbers: [(usize, &str); N]) -> String {
    let some = numbers.into_iter().filter(|(number, _)| *number > 0);
    let said: Vec<String> = some.map(|(number, name)| format!("{} {name}", count(number as u64))).collect();
    if said.is_empty() { "nothing".into() } else { said.join(", ") }
}

fn of_part<D: Document>(id: &str, name: &str, part: &Part<D>, what: impl Fn(&D) -> String) -> Markup {
    let exit = part.exit();
    let cells = html! {
        th scope="row" { a href={ "#" (id) } { (name) } }
        @match part {
            Part::Found { document, .. } => td.words { (what(document)) },
            Part::Missing(missing) => td.words { "It is not known: " (missing.why) "." },
        }
        td { span.verdict.(class(exit)) { (exit.code()) ": " (short(exit)) } }
        @match part {
            Part::Found { document, file } => {
                td { (moment(document.origin().started)) }
                (number(Some(document.origin().wall.as_secs_f64()), &figures::time(document.origin().wall)))
                td {
                    @match file {
                        Some(file) => { "the file " code { (file.display().to_string()) } },
                        None => "a run for this report",
                    }
                }
            }
            Part::Missing(_) => { td {} td {} td {} }
        }
    };
    row(None, &cells, None, COLUMNS.len())
}

/// Each place where parts come from, in words, with their names.
fn places<'a>(origins: &[(&'a str, &Origin)]) -> Vec<(String, Vec<&'a str>)> {
    let mut places: Vec<(String, Vec<&str>)> = Vec::new();
    for (name, origin) in origins {
        let place = place(origin);
        match places.iter_mut().find(|(known, _)| *known == place) {
            Some((_, names)) => names.push(name),
            None => places.push((place, vec![name])),
        }
    }
    places
}

fn place(Origin { version, commit, rustc, machine, .. }: &Origin) -> String {
    let commit = commit.as_ref().map_or("in no commit".into(), |commit| format!("commit {commit}"));
    let processors = figures::counted(machine.cores as u64, "processor");
    let memory = machine.memory as f64 / f64::from(1 << 30);
    format!(
        "netns-verify {version}, {commit}, built by {rustc}; {}, {processors}, {memory:.1} GiB, {}",
        machine.cpu, machine.system
    )
}

/// A moment, to the minute.
pub(super) fn moment(seconds: u64) -> Markup {
    let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let exact = format_rfc3339_seconds(moment).to_string();
    let minutes = exact.get(..16).unwrap_or(&exact).replace('T', " ");
    html! { time datetime=(exact) { (minutes) " UTC" } }
}

/// What the exit code of all says.
fn words(exit: Exit) -> &'static str {
    match exit {
        Exit::Held => "All that was to be checked was checked, and held.",
        Exit::Failed => "A check failed.",
        Exit::Refused => "A part of this report is missing.",
        Exit::Incomplete => "Something was left unexplored.",
    }
}

fn short(exit: Exit) -> &'static str {
    match exit {
        Exit::Held => "held",
        Exit::Failed => "FAILED",
        Exit::Refused => "missing",
        Exit::Incomplete => "incomplete",
    }
}

pub(super) fn class(exit: Exit) -> &'static str {
    match exit {
        Exit::Held => "good",
        Exit::Failed | Exit::Refused => "bad",
        Exit::Incomplete => "open",
    }
}
