//! The counterexample as a picture: lanes downwards, and arrows for what comes from one thread to another.
//!
//! It is one file without scripts, fonts or anything else from outside, light or dark as its reader's system is.

mod arrows;
mod element;
mod layout;

use super::Counterexample;
use super::counterexample::{Role, Step};
use super::story::{Fold, Line, section, story};
use arrows::arrows;
use element::{Element, element};
use layout::{LINE, Layout, ROW};

/// The counterexample as SVG. Its style is that of a document: a page embeds it as an image.
pub(crate) fn svg(of: &Counterexample) -> String {
    let lines = story(of);
    let layout = Layout::of(of, &lines);
    let (width, height) = (layout.width, layout.height);
    let mut svg = element("svg")
        .with("xmlns", "http://www.w3.org/2000/svg")
        .with("width", width)
        .with("height", height)
        .with("viewBox", format!("0 0 {width} {height}"))
        .with("role", "img")
        .child(element("title").text(&format!("{}: {}", of.model, of.failure.kind)))
        .child(element("desc").text(&of.claim.join(" ")))
        .child(element("style").text(STYLE))
        .child(arrows::heads())
        .child(element("rect").with("class", "page").with("width", width).with("height", height));
    // Boxes are on top of arrows that go by.
    let arrows = arrows(of, &lines, &layout);
    for part in [title(of, &layout), lanes(of, &layout), arrows, rows(of, &lines, &layout), foot(&layout)] {
        svg = svg.child(part);
    }
    svg.to_document()
}

const STYLE: &str = include_str!("svg/style.css");

/// What went wrong, and what it is about.
fn title(of: &Counterexample, layout: &Layout) -> Element {
    let mut group = element("g").child(text(layout::MARGIN, 34, "title").text(&of.title()));
    let claim = layout.claim.iter().map(|line| ("claim", line));
    for (index, (class, line)) in claim.chain(layout.about.iter().map(|line| ("about", line))).enumerate() {
        group = group.child(text(layout::MARGIN, 60 + LINE * index as u32, class).text(line));
    }
    group
}

/// The lanes, with their names.
fn lanes(of: &Counterexample, layout: &Layout) -> Element {
    let mut group = element("g");
    for (lane, name) in of.lanes.iter().enumerate() {
        let (left, width) = layout.lane(lane);
        let (top, bottom) = (layout.top, layout.bottom);
        group = group
            .child(
                element("rect")
                    .with("class", "lane")
                    .with("x", left)
                    .with("y", top - 30)
                    .with("width", width)
                    .with("height", bottom - top + 40)
                    .with("rx", 8),
            )
            .child(text(left + width / 2, top - 10, "name").text(&layout.fitting(name, width)));
    }
    group
}

/// A row for each line.
fn rows(of: &Counterexample, lines: &[Line], layout: &Layout) -> Element {
    let mut group = element("g");
    for (row, line) in lines.iter().enumerate() {
        group = match line {
            Line::Step(index) => group.child(step(of, *index, row, layout)),
            Line::Section(lock) => group.child(locked(of, *lock, row, layout)),
            Line::Fold(fold) => group.child(folded(fold, row, layout)),
            Line::Fails(lane) => group.child(fails(of, *lane, row, layout)),
        };
    }
    group
}

fn step(of: &Counterexample, index: usize, row: usize, layout: &Layout) -> Element {
    let step = &of.steps[index];
    let (left, width) = layout.lane(step.lane);
    let y = layout.row(row);
    let class = match step.role {
        Role::Failed | Role::Waits => "step failed",
        Role::Conflict => "step conflict",
        Role::Plain if step.missed.is_some() => "step stale",
        Role::Plain => "step",
    };
    let place = step.place.as_ref().map(|place| place.to_string()).unwrap_or_default();
    let title = format!("step {}: {}: {} at {place}", index + 1, of.lanes[step.lane], step.phrase);
    let mut group = element("g")
        .with("class", class)
        .child(element("title").text(title.trim_end_matches(" at ")))
        .child(text(layout::MARGIN + 28, y + 4, "number").text(&(index + 1).to_string()))
        .child(frame(left, width, y))
        .child(words(step, left, width, y, layout));
    if let Some(tag) = tag(step) {
        group = group.child(text(left + width - 14, y + 4, "tag").text(tag));
    }
    group.child(source(&step.source(), y, layout))
}

/// A lock that is given back at once. It has the number of its end, which others come after.
fn locked(of: &Counterexample, lock: usize, row: usize, layout: &Layout) -> Element {
    let step = &of.steps[lock];
    let (left, width) = layout.lane(step.lane);
    let y = layout.row(row);
    let title = format!("steps {} and {}: {}: {}", lock + 1, lock + 2, of.lanes[step.lane], section(step));
    element("g")
        .with("class", "step")
        .child(element("title").text(&title))
        .child(text(layout::MARGIN + 28, y + 4, "number").text(&(lock + 2).to_string()))
        .child(frame(left, width, y))
        .child(text(left + 14, y + 4, "words").text(&layout.fitting(&section(step), width - 20)))
        .child(source(&step.source(), y, layout))
}

/// What is said of a step at the end of its box.
fn tag(step: &Step) -> Option<&'static str> {
    match step.role {
        Role::Failed => Some("fails"),
        Role::Conflict => Some("conflict"),
        Role::Waits => Some("waits"),
        Role::Plain => step.missed.map(|_| "stale"),
    }
}

/// The operation, the ordering in another colour.
fn words(step: &Step, left: u32, width: u32, y: u32, layout: &Layout) -> Element {
    let phrase = &step.phrase;
    let whole = phrase.to_string();
    let room = if tag(step).is_some() { layout::TAG } else { 0 };
    let shown = layout.fitting(&whole, width - 20 - room);
    let words = text(left + 14, y + 4, "words");
    match shown == whole && !phrase.ordering.is_empty() {
        true => words
            .text(whole.strip_suffix(&phrase.ordering).unwrap_or(&whole))
            .child(element("tspan").with("class", "ordering").text(&phrase.ordering)),
        false => words.text(&shown),
    }
}

/// The check that failed.
fn fails(of: &Counterexample, lane: usize, row: usize, layout: &Layout) -> Element {
    let (left, width) = layout.lane(lane);
    let y = layout.row(row);
    element("g")
        .with("class", "step failed")
        .child(frame(left, width, y))
        .child(text(left + 14, y + 4, "words").text(&of.failure.kind.to_string()))
        .child(text(left + width - 14, y + 4, "tag").text("fails"))
        .child(source(&of.check(), y, layout))
}

/// The box around an operation.
fn frame(left: u32, width: u32, y: u32) -> Element {
    element("rect")
        .with("x", left + 6)
        .with("y", y - 11)
        .with("width", width - 12)
        .with("height", 22)
        .with("rx", 5)
}

fn source(words: &str, y: u32, layout: &Layout) -> Element {
    text(layout.source, y + 4, "source").text(&layout.fitting(words, layout.width - layout.source))
}

fn folded(fold: &Fold, row: usize, layout: &Layout) -> Element {
    let (left, width) = layout.lane(fold.lane);
    let words = layout.fitting(&format!("… {}", fold.words()), width - 20);
    text(left + 14, layout.row(row) + 4, "fold").text(&words)
}

/// What the arrows mean, and how to see it again.
fn foot(layout: &Layout) -> Element {
    let mut group = element("g");
    let mut y = layout.bottom + 34;
    for row in &layout.legend {
        let mut x = layout::MARGIN;
        for kind in row {
            let words = text(x + 46, y + 4, "note").text(kind.words());
            group = group.child(arrows::sample(*kind, x, y)).child(words);
            x += layout::legend_entry(*kind);
        }
        y += ROW;
    }
    for line in &layout.foot {
        group = group.child(text(layout::MARGIN, y + 4, "note").text(line));
        y += 18;
    }
    group
}

fn text(x: u32, y: u32, class: &str) -> Element {
    element("text").with("x", x).with("y", y).with("class", class)
}

#[cfg(test)]
mod tests;
