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

pub(crate) use audit::{Audit, Audits, audit};
pub(crate) use document::{Document, OfEngine, OfRow};
pub(crate) use notes::Notes;
pub(crate) use outcome::Judgement;
pub(crate) use page::Page;
pub(crate) use scan::{Site, sites};
