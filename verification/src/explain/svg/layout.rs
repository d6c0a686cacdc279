//! Where everything is.

use super::arrows;
use crate::explain::Counterexample;
use crate::explain::arrow::Kind;
use crate::explain::lines;
use crate::explain::story::{Line, section};
use console::measure_text_width as columns;
use std::collections::BTreeSet;

/// Around everything.
pub(super) const MARGIN: u32 = 24;
/// The height of a row.
pub(super) const ROW: u32 = 28;
/// Left of the lanes: the numbers.
const NUMBERS: u32 = MARGIN + 44;
/// Between two lanes, where arrows go.
const GUTTER: u32 = 64;
/// Of the source text.
const SOURCE: u32 = 400;
/// A line of text above the lanes.
pub(super) const LINE: u32 = 20;
/// Room for what is said of a step at the end of its box.
pub(super) const TAG: u32 = 70;
/// A lane is no narrower, and no wider.
const NARROW: u32 = 190;
const WIDE: u32 = 460;

/// Where everything is.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) width: u32,
    pub(super) height: u32,
    /// The first row, and the end of the last.
    pub(super) top: u32,
    pub(super) bottom: u32,
    /// Where the source text begins.
    pub(super) source: u32,
    /// Lines of text above the lanes and below.
    pub(super) claim: Vec<String>,
    pub(super) about: Vec<String>,
    pub(super) legend: Vec<Vec<Kind>>,
    pub(super) foot: Vec<String>,
    /// The left end and the width of each lane.
    lanes: Vec<(u32, u32)>,
}

impl Layout {
    pub(super) fn of(of: &Counterexample, lines: &[Line]) -> Layout {
        let mut left = NUMBERS;
        let mut lanes = Vec::new();
        for lane in 0..of.lanes.len() {
            let width = lane_width(of, lines, lane);
            lanes.push((left, width));
            left += width + GUTTER;
        }
        let source = if lanes.is_empty() { NUMBERS } else { left - GUTTER + 24 };
        let width = (source + SOURCE + MARGIN).max(760);
        let wrapped = |text: &String| lines::wrapped(text, ((width - 2 * MARGIN) / CHARACTER) as usize, 0);
        let claim: Vec<String> = of.claim.iter().flat_map(wrapped).collect();
        let about: Vec<String> = of.about.iter().flat_map(wrapped).collect();
        let top = 60 + LINE * (claim.len() + about.len()) as u32 + 50;
        let bottom = top + ROW * lines.len() as u32;
        let legend = legend(&arrows::kinds(of, lines), width - 2 * MARGIN);
        let mut foot = Vec::new();
        if !of.found.is_empty() {
            foot.extend(wrapped(&of.found));
        }
        foot.push(format!("again: {}", of.failure.reproduce));
        let height = bottom + 34 + legend.len() as u32 * ROW + 18 * foot.len() as u32 + MARGIN / 2;
        Layout { width, height, top, bottom, source, claim, about, legend, foot, lanes }
    }

    /// Where a lane begins, and its width.
    pub(super) fn lane(&self, lane: usize) -> (u32, u32) {
        self.lanes[lane]
    }

    /// The middle of a row.
    pub(super) fn row(&self, row: usize) -> u32 {
        self.top + ROW * row as u32 + ROW / 2
    }

    /// As much of a text as is certain to fit.
    pub(super) fn fitting(&self, text: &str, width: u32) -> String {
        lines::cut(text, (width / CHARACTER) as usize)
    }
}

/// The width of a character of the smallest text, with some to spare: nobody knows the reader's font.
const CHARACTER: u32 = 8;

/// What an arrow's meaning takes in the legend.
pub(super) fn legend_entry(kind: Kind) -> u32 {
    62 + wide(kind.words())
}

/// The rows of the legend.
fn legend(kinds: &BTreeSet<Kind>, width: u32) -> Vec<Vec<Kind>> {
    let mut rows: Vec<Vec<Kind>> = Vec::new();
    let mut left = 0;
    for kind in kinds {
        let entry = legend_entry(*kind);
        match rows.last_mut() {
            Some(row) if entry <= left => row.push(*kind),
            _ => {
                left = width;
                rows.push(vec![*kind]);
            }
        }
        left = left.saturating_sub(entry);
    }
    rows
}

/// About how wide a text is.
pub(super) fn wide(text: &str) -> u32 {
    columns(text) as u32 * CHARACTER
}

/// Wide enough for what is in it.
fn lane_width(of: &Counterexample, lines: &[Line], lane: usize) -> u32 {
    let words = lines.iter().filter(|line| line.lane(of) == lane).filter_map(|line| match line {
        Line::Step(step) => Some(of.steps[*step].phrase.to_string()),
        Line::Section(lock) => Some(section(&of.steps[*lock])),
        Line::Fold(fold) => Some(format!("… {}", fold.words())),
        Line::Fails(_) => None,
    });
    words.map(|words| wide(&words) + 28 + TAG).max().unwrap_or(0).clamp(NARROW, WIDE)
}
