//! The classic litmus tests through the facade of netns-core: what C++20 and the Linux kernel's memory model say of each,
//! and what each engine sees.
//!
//! [`rows`] is the table: programs as data ([`program`]), each with the outcome that is asked about. [`measure`] plays a
//! row under an engine. What an engine sees is what the model that it stands for allows, but for the [`differences`],
//! each of which has a reason. [`page`] is all of that as people read it.

pub mod differences;
pub mod measure;
pub mod page;
mod play;
pub mod program;
pub mod row;
pub mod rows;
