//! Test blocks: each input is played, and what it comes to is read. Those in `passing` hold, those in `failing` do not.

mod leaps;

use std::path::Path;

use insta::assert_snapshot;
use runbook::diag::render::{Look, render};
use runbook::diag::{Diagnostic, Diagnostics, Severity};
use runbook::link::AtHand;
use runbook::plan::{self, Trial};
use runbook::report::trial::{FileTested, Ready, table, test_file};
use runbook::source::{SourceFile, Sources};

use crate::inputs::glob;

/// Plays all tests of a file.
pub(crate) fn played(name: &str, text: &str) -> Result<(FileTested, Sources), Box<Diagnostics>> {
    with_trials(name, text).map(|(tested, sources, _)| (tested, sources))
}

/// Plays all tests of a file, and asks the proof what cannot happen of what they do not reach.
pub(crate) fn reached(name: &str, text: &str) -> Result<FileTested, Box<Diagnostics>> {
    with_trials(name, text).map(|(mut tested, _, trials)| {
        tested.coverage.exclude(&trials);
        tested
    })
}

/// A text with its tests, for suggestions.
pub(crate) fn ready(name: &str, text: &str) -> Option<Ready> {
    let file = SourceFile::new(name, text);
    let read = plan::check_files(&file, &AtHand::alone(&file));
    let checked = read.checked?;
    let (trials, found) = plan::trials(&checked, &file, &mut |_| Diagnostics::new());
    let wrong = |one: &Diagnostic| one.severity == Severity::Error && !plan::is_lint(one);
    if read.found.iter().chain(found.iter()).any(wrong) {
        return None;
    }
    Some(Ready {
        checked,
        sources: read.sources,
        trials,
    })
}

fn with_trials(
    name: &str,
    text: &str,
) -> Result<(FileTested, Sources, Vec<Trial>), Box<Diagnostics>> {
    let file = SourceFile::new(name, text);
    let read = plan::check_files(&file, &AtHand::alone(&file));
    let Some(checked) = read.checked else {
        return Err(Box::new(read.found));
    };
    let errors = |found: &Diagnostics| found.iter().any(|one| one.severity == Severity::Error);
    let (trials, found) = plan::trials(&checked, &file, &mut |_| Diagnostics::new());
    if errors(&found) {
        return Err(Box::new(found));
    }
    let all = |_: &Trial| true;
    let tested = test_file(name, (&checked, &read.sources), &trials, &all);
    Ok((tested, read.sources, trials))
}

fn input(path: &Path) -> (String, String) {
    let name = path.file_name().expect("a file").to_string_lossy();
    let text = std::fs::read_to_string(path).expect("an input file");
    (name.into_owned(), text)
}

/// What a file's tests come to, as a person reads it.
fn told(tested: &FileTested, sources: &Sources) -> String {
    let mut out = String::new();
    for test in &tested.tests {
        let word = if test.failures.is_empty() {
            "passed"
        } else {
            "FAILED"
        };
        out.push_str(&format!(
            "{word}  {}:{}  {}  ({} after {})\n",
            tested.file, test.line, test.name, test.outcome, test.took
        ));
        if test.failures.is_empty() {
            continue;
        }
        out.push('\n');
        for line in &test.story {
            out.push_str(&format!("{line}\n"));
        }
        out.push_str(&format!(
            "\n{}\n",
            render(&test.said, sources, Look::default())
        ));
    }
    out
}

#[test]
fn what_holds_is_said_to_hold() {
    let mut tests = 0;
    glob!("trial/passing/*.runbook", |path| {
        let (name, text) = input(path);
        let (tested, sources) = played(&name, &text)
            .unwrap_or_else(|found| panic!("{name}: {:?}", found.iter().next()));
        for test in &tested.tests {
            assert!(test.failures.is_empty(), "{}", told(&tested, &sources));
            tests += 1;
        }
        let coverage = table(&[(&tested.file, &tested.coverage)]).join("\n");
        assert_snapshot!(format!("{}\n{coverage}", told(&tested, &sources)));
    });
    assert!(tests >= 30, "saw {tests}");
}

#[test]
fn what_does_not_hold_is_explained() {
    let mut tests = 0;
    glob!("trial/failing/*.runbook", |path| {
        let (name, text) = input(path);
        let (tested, sources) = played(&name, &text)
            .unwrap_or_else(|found| panic!("{name}: {:?}", found.iter().next()));
        for test in &tested.tests {
            assert!(
                !test.failures.is_empty(),
                "{} holds: {}",
                test.name,
                told(&tested, &sources)
            );
            tests += 1;
        }
        assert_snapshot!(told(&tested, &sources));
    });
    assert!(tests >= 10, "saw {tests}");
}

#[test]
fn the_same_test_is_played_the_same_every_time() {
    glob!("trial/passing/*.runbook", |path| {
        let (name, text) = input(path);
        let play = || {
            let (tested, sources) = played(&name, &text).expect("it is read");
            (told(&tested, &sources), tested.coverage)
        };
        assert!(play() == play());
    });
}
