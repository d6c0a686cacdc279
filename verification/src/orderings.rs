//! The audit of orderings: each one of the core, weakened by one step, must make some model fail.

mod audit;
mod document;
mod notes;
mod outcome;
mod page;
mod progress;
mod reach;
mod scan;
mod weaken;

pub(crate) use audit::{Audits, audit};
pub(crate) use document::Document;
pub(crate) use notes::Notes;
pub(crate) use page::Page;
pub(crate) use scan::{Site, sites};
