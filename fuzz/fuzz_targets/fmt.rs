//! Any bytes through `fmt`: what is held is in the tests, `fuzz/laws.rs`.
#![no_main]

#[path = "../../tests/it/fuzz/laws.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| laws::fmt_law(bytes));
