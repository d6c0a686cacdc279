//! Any bytes, sent to rtnetlink sockets: see `driver.rs`.
#![no_main]

#[path = "../driver.rs"]
mod driver;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| driver::play(bytes));
