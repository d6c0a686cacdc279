//! Random programs, judged by an oracle that tries all there is.
//!
//! `oracle` decides by brute force, straight from the axioms of RC11, what a small program may do; `generate` makes
//! such programs from seeds; `campaign` compares a checker with the oracle on many of them, and `shrink` makes small
//! what they differ on. The oracle shares nothing with the engine of this crate but the language of the programs.
//! What it is itself tested by: the litmus tests of the literature (`litmus`), theorems about RC11 (`theorems`), an
//! interpreter of interleavings (`interpreter`), and faults that it must find in others (`faults`).

mod campaign;
mod faults;
mod generate;
mod interpreter;
mod litmus;
mod oracle;
mod program;
mod rename;
mod shapes;
mod shrink;
mod subject;
mod text;
mod theorems;
mod verdict;
mod weaken;
