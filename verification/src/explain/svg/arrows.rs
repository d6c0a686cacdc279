//! Arrows from thread to thread.

use super::element::{Element, element};
use super::layout::Layout;
use crate::explain::Counterexample;
use crate::explain::arrow::{Arrow, Kind, arrows as all};
use crate::explain::story::Line;
use std::collections::BTreeSet;

impl Kind {
    fn class(self) -> &'static str {
        match self {
            Kind::Synchronises => "synchronises",
            Kind::Reads => "reads",
            Kind::Missed => "missed",
            Kind::Conflict => "conflict",
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Kind::Synchronises => "what was done before happens before",
            Kind::Reads => "is read, which orders nothing",
            Kind::Missed => "newer, and not seen",
            Kind::Conflict => "in conflict: nothing orders the two",
        }
    }
}

/// The kinds of arrows that there are.
pub(super) fn kinds(of: &Counterexample, lines: &[Line]) -> BTreeSet<Kind> {
    all(of, lines).into_iter().map(|arrow| arrow.kind).collect()
}

/// All arrows.
pub(super) fn arrows(of: &Counterexample, lines: &[Line], layout: &Layout) -> Element {
    let row = |step: usize| {
        let row = lines.iter().position(|line| line.steps().contains(&step));
        layout.row(row.expect("only steps that are shown have arrows"))
    };
    let mut group = element("g").with("class", "arrows");
    for Arrow { kind, from, to } in all(of, lines) {
        let lanes = [from, to].map(|step| of.steps[step].lane);
        let path = path(lanes.map(|lane| layout.lane(lane)), [row(from), row(to)]);
        let words = format!("step {} to step {}: {}", from + 1, to + 1, kind.words());
        group = group.child(line(kind, &path).child(element("title").text(&words)));
    }
    group
}

/// From the edge of one box to that of another, through the gutter next to it.
fn path([from, to]: [(u32, u32); 2], [y, end]: [u32; 2]) -> String {
    let right = |(left, width): (u32, u32)| left + width - 6;
    let left = |(left, _): (u32, u32)| left + 6;
    if from == to {
        let (x, out) = (right(from), right(from) + 34);
        return format!("M{x} {y} C{out} {y} {out} {end} {x} {end}");
    }
    let (x, stop, bend) = match from.0 < to.0 {
        true => (right(from), left(to), 36_i64),
        false => (left(from), right(to), -36),
    };
    let (first, last) = (i64::from(x) + bend, i64::from(stop) - bend);
    format!("M{x} {y} C{first} {y} {last} {end} {stop} {end}")
}

/// An arrow of its kind.
fn line(kind: Kind, path: &str) -> Element {
    let class = kind.class();
    element("path")
        .with("class", format!("arrow {class}"))
        .with("d", path)
        .with("marker-end", format!("url(#{class})"))
}

/// An arrow for the legend.
pub(super) fn sample(kind: Kind, x: u32, y: u32) -> Element {
    line(kind, &format!("M{x} {y} H{}", x + 38))
}

/// The heads of arrows.
pub(super) fn heads() -> Element {
    let mut heads = element("defs");
    for kind in [Kind::Synchronises, Kind::Reads, Kind::Missed, Kind::Conflict] {
        heads = heads.child(
            element("marker")
                .with("id", kind.class())
                .with("class", kind.class())
                .with("viewBox", "0 0 8 8")
                .with("refX", 7)
                .with("refY", 4)
                .with("markerWidth", 7)
                .with("markerHeight", 7)
                .with("markerUnits", "userSpaceOnUse")
                .with("orient", "auto-start-reverse")
                .child(element("path").with("d", "M0 0 L8 4 L0 8 Z")),
        );
    }
    heads
}
