//! What must be true of any bytes. The fuzz targets call this, and so do the tests, over the kept corpus.

use runbook::diag::Diagnostics;
use runbook::diag::render::{Look, render};
use runbook::fmt::format;
use runbook::link::AtHand;
use runbook::plan::{build, check_files, with_examples};
use runbook::source::{SourceFile, Sources, Span};
use runbook::syntax::{decode, parse};

/// A file of these bytes; nothing when they are no text, which is explained.
fn file(bytes: &[u8]) -> Option<SourceFile> {
    match decode("fuzz.runbook", bytes.to_vec()) {
        Ok(file) => Some(file),
        Err(why) => {
            assert!(!why.message.is_empty());
            None
        }
    }
}

/// Every label lies in the text, on whole characters, and what is said can be drawn.
fn said(found: &Diagnostics, sources: &Sources) {
    for one in found.iter() {
        for label in one.primary.iter().chain(&one.secondary) {
            let Span { start, end } = label.span;
            assert!(start <= end, "{one:?}");
            let file = sources.at(start).expect("a label lies in a file");
            let from = (start - file.base()) as usize;
            let to = (end - file.base()) as usize;
            assert!(file.text().get(from..to).is_some(), "{one:?}");
        }
    }
    let drawn = render(found, sources, Look::default());
    assert_eq!(drawn.is_empty(), found.is_empty());
    assert!(
        !drawn.contains(|ch: char| ch.is_control() && ch != '\n'),
        "control characters reach the terminal: {drawn:?}"
    );
}

/// Parsing ends, never panics, and says something about what it cannot read.
pub(crate) fn parse_law(bytes: &[u8]) {
    let Some(file) = file(bytes) else { return };
    let parsed = parse(&file);
    assert!(parsed.readable || parsed.diagnostics.has_errors());
    said(&parsed.diagnostics, &Sources::single(file));
}

/// Everything that `check` does to a file, and a plan of what it finds nothing wrong with.
pub(crate) fn check_law(bytes: &[u8]) {
    let Some(file) = file(bytes) else { return };
    let read = check_files(&file, &AtHand::alone(&file));
    said(&read.found, &read.sources);
    let Some(checked) = &read.checked else { return };
    if let Err(found) = with_examples(checked, &file) {
        said(&found, &read.sources);
    }
    if let Err(found) = build(checked, &std::collections::BTreeMap::new(), &file) {
        said(&found, &read.sources);
    }
}

/// A form holds still and says the same.
pub(crate) fn fmt_law(bytes: &[u8]) {
    let Some(file) = file(bytes) else { return };
    let Ok(once) = format(&file) else { return };
    let formed = SourceFile::new("fuzz.runbook", once.clone());
    assert_eq!(format(&formed).as_deref(), Ok(once.as_str()), "it moves");
    assert_eq!(
        format!("{:-?}", parse(&formed).ast),
        format!("{:-?}", parse(&file).ast),
        "it says something else"
    );
}
