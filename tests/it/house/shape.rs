//! The shape of the Rust files: how long they are, and that each opens by saying what it owns.
//! It must not judge anything that rustfmt or clippy already does.

use super::{File, assert_none, project};

/// The most lines that a file may have above its tests.
const CEILING: usize = 600;

/// The most lines above the tests that the middle file of `src` may have.
const MEDIAN: usize = 200;

/// The lines of a file above its unit tests.
fn lines_above_tests(text: &str) -> usize {
    text.lines()
        .take_while(|line| line.trim_end() != "#[cfg(test)]")
        .count()
}

fn too_long(files: &[&File]) -> Vec<String> {
    files
        .iter()
        .map(|file| (lines_above_tests(&file.text), &file.path))
        .filter(|(lines, _)| *lines > CEILING)
        .map(|(lines, path)| format!("{path}: {lines} lines, at most {CEILING}"))
        .collect()
}

/// The length of the middle file; of an even number of files, the longer of the two in the middle.
fn median(files: &[&File]) -> usize {
    let mut lines: Vec<usize> = files
        .iter()
        .map(|file| lines_above_tests(&file.text))
        .collect();
    lines.sort_unstable();
    lines[lines.len() / 2]
}

fn without_opening(files: &[&File]) -> Vec<String> {
    files
        .iter()
        .filter(|file| !file.text.starts_with("//! "))
        .map(|file| format!("{}: does not open with `//!`", file.path))
        .collect()
}

fn rust(files: &[File]) -> Vec<&File> {
    files.iter().filter(|file| file.is_rust()).collect()
}

#[test]
fn no_file_is_longer_than_the_ceiling() {
    let files = project();
    let rust = rust(&files);
    assert!(rust.len() >= 10, "saw {} files", rust.len());
    assert_none("files to divide", &too_long(&rust));
}

#[test]
fn the_middle_file_is_short() {
    let files = project();
    let src = super::rust_under(&files, "src/");
    assert!(src.len() >= 2, "saw {} files", src.len());
    let median = median(&src);
    assert!(
        median <= MEDIAN,
        "half of the files have {median} lines or more"
    );
}

#[test]
fn every_file_opens_by_saying_what_it_owns() {
    let files = project();
    let rust = rust(&files);
    assert!(rust.len() >= 10, "saw {} files", rust.len());
    assert_none("files without an opening", &without_opening(&rust));
}

#[test]
fn the_checker_counts_down_to_the_unit_tests() {
    let long = "x\n".repeat(CEILING + 1);
    let tested = format!("x\n#[cfg(test)]\n{long}");
    let files = [File::new("a.rs", &long), File::new("b.rs", &tested)];
    assert_eq!(
        too_long(&[&files[0], &files[1]]),
        [format!("a.rs: {} lines, at most {CEILING}", CEILING + 1)]
    );
    assert_eq!(median(&[&files[0], &files[1], &files[1]]), 1);
}

#[test]
fn the_checker_sees_a_file_without_an_opening() {
    let bare = File::new("a.rs", "use std::fmt;\n//! Too late.");
    assert_eq!(without_opening(&[&bare]).len(), 1);
}
