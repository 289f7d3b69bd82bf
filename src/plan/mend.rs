//! Owns the mending of a file's text by the changes that diagnostics carry. A change is kept only when the file is better
//! with it, looked at from the beginning; so a file never becomes worse, and a second mending changes nothing. Writes nothing.

use super::build::check_files;
use crate::diag::{Certainty, Diagnostic, Diagnostics, Fix, Phase, registered};
use crate::link::Loader;
use crate::source::SourceFile;

/// A file after its mending.
#[derive(Clone, Debug)]
pub struct Mended {
    /// The file as it is now.
    pub file: SourceFile,
    /// How many changes were made.
    pub changes: usize,
    /// What is still found in it.
    pub left: Diagnostics,
}

/// No file needs more than this many changes; more of them means that it is none of ours.
const MOST: usize = 1_000;

/// Makes every change that is certain and that makes the file better.
pub fn mend(file: &SourceFile, loader: &dyn Loader) -> Mended {
    let mut mended = Mended {
        file: file.clone(),
        changes: 0,
        left: check_files(file, loader).found,
    };
    while mended.changes < MOST {
        let better = mended
            .left
            .iter()
            .filter_map(certain)
            .find_map(|fix| attempt(&mended, fix, loader));
        match better {
            Some(better) => mended = better,
            None => break,
        }
    }
    mended
}

/// The change of a diagnostic, if it may be made without asking.
fn certain(one: &Diagnostic) -> Option<&Fix> {
    one.fix
        .as_ref()
        .filter(|fix| fix.certainty == Certainty::Certain)
}

/// The file with one more change, if it is better.
fn attempt(before: &Mended, fix: &Fix, loader: &dyn Loader) -> Option<Mended> {
    let text = before.file.text();
    // A change of a library lies behind the end of this text, and is made where the library is mended.
    let range = fix.span.range();
    let (head, tail) = (text.get(..range.start)?, text.get(range.end..)?);
    let changed = format!("{head}{}{tail}", fix.replacement);
    let file = SourceFile::new(before.file.name(), changed);
    let left = check_files(&file, loader).found;
    is_better(&left, &before.left).then_some(Mended {
        file,
        changes: before.changes + 1,
        left,
    })
}

/// Less that cannot be read; or as much, and less that is wrong, with no error for a warning. What can be read for the first
/// time may well be wrong in another way.
fn is_better(after: &Diagnostics, before: &Diagnostics) -> bool {
    let (unread, were_unread) = (of_the_text(after), of_the_text(before));
    unread < were_unread
        || (unread == were_unread
            && after.errors() <= before.errors()
            && after.len() < before.len())
}

fn of_the_text(found: &Diagnostics) -> usize {
    let of_syntax = |name: &str| {
        registered()
            .iter()
            .any(|row| row.name == name && row.phase == Phase::Syntax)
    };
    found.iter().filter(|one| of_syntax(one.name)).count()
}
