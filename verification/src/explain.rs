//! Counterexamples that one can see.
//!
//! A [`Counterexample`] is made of a failure; what of it is shown, and what is folded, is its [`story`]. Each format is a
//! function from the one or the other to text: [`mod@text`], [`mod@svg`], [`mod@dot`], [`mod@shiviz`], [`mod@json`].

mod arrow;
mod counterexample;
mod dot;
mod json;
mod lines;
mod phrase;
mod shiviz;
mod source;
mod story;
mod svg;
mod text;
#[cfg(test)]
mod toys;
mod words;

pub(crate) use counterexample::Counterexample;
pub(crate) use dot::dot;
pub(crate) use json::json;
pub(crate) use shiviz::shiviz;
pub(crate) use source::{Excerpt, Sources};
pub(crate) use story::length;
pub(crate) use svg::svg;
pub(crate) use text::text;

/// The command that shows the counterexample of what another command runs.
pub(crate) fn command(run: &str) -> String {
    run.replacen("verify run", "verify explain", 1)
}
