//! What the program shellcheck says of shell text, as findings in the runbook. Starts nothing: whoever asks for it hands in what it said.

use std::collections::BTreeSet;

use crate::ast::{self, Shell};
use crate::diag::Diagnostics;
use crate::diag::factory::check as say;
use crate::source::{Sources, Span, offset};

use super::Checker;
use super::gather::Declared;

/// What shellcheck says of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The text, by its number among [`Shells::texts`].
    pub text: usize,
    /// From this line and column, in characters, from 1.
    pub from: (usize, usize),
    /// To this line and column, which is not included.
    pub to: (usize, usize),
    /// `error`, `warning`, `info` or `style`.
    pub level: String,
    /// The number behind `SC`.
    pub code: u32,
    /// In words.
    pub message: String,
}

/// The shell texts of a file.
#[derive(Clone, Debug, Default)]
pub struct Shells {
    /// Each that can be read as shell text, in the order of the file.
    pub texts: Vec<Shell>,
    /// The variables whose values are one word by their types, so that they need no quotes.
    one_word: BTreeSet<String>,
}

/// The shell texts of a file, with what it uses of others.
pub fn shells(file: &Sources, ast: &ast::File) -> Shells {
    let declared = Declared::of(ast);
    let mut checker = Checker::new(file, ast);
    checker.enter_names(&declared);
    checker.around.texts = Some(Vec::new());
    // The findings are said where the file is checked.
    checker.file(&declared);
    let mut texts = checker.around.texts.take().unwrap_or_default();
    texts.sort_by_key(|shell| shell.span.start);
    // A probe that two statements ask is read twice.
    texts.dedup_by_key(|shell| shell.span.start);
    Shells {
        texts,
        one_word: checker.one_words(),
    }
}

/// Double quote to prevent globbing and word splitting.
const UNQUOTED: u32 = 2086;

/// What was said, where it is in the runbook.
pub fn remarked(shells: &Shells, remarks: &[Remark]) -> Diagnostics {
    let mut found = Diagnostics::new();
    for one in remarks {
        let Some(shell) = shells.texts.get(one.text) else {
            continue;
        };
        let start = at(&shell.text, one.from);
        let end = at(&shell.text, one.to).max(start);
        let written = shell.text.get(start..end).unwrap_or_default();
        let name = written.trim_start_matches(['$', '{']).trim_end_matches('}');
        if one.code == UNQUOTED && shells.one_word.contains(name) {
            continue;
        }
        let lines = shell.lines();
        let from = lines.offset_in_file(start);
        let to = match written.chars().next_back() {
            Some(last) => lines.offset_in_file(end - last.len_utf8()) + offset(last.len_utf8()),
            None => from + 1,
        };
        let of = (one.level.as_str(), one.code, one.message.as_str());
        found.push(say::shellcheck(Span::new(from, to.max(from)), of));
    }
    found.sort();
    found
}

/// The byte of a line and a column in characters, both from 1; the last one where there are fewer.
fn at(text: &str, (line, column): (usize, usize)) -> usize {
    let mut start = 0;
    for (index, one) in text.split_inclusive('\n').enumerate() {
        if index + 1 == line {
            let before = one
                .trim_end_matches('\n')
                .chars()
                .take(column.saturating_sub(1));
            return start + before.map(char::len_utf8).sum::<usize>();
        }
        start += one.len();
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::at;

    #[test]
    fn columns_are_characters() {
        let text = "echo ü $x\n  y";
        assert_eq!(text.get(at(text, (1, 8))..), Some("$x\n  y"));
        assert_eq!(text.get(at(text, (2, 3))..), Some("y"));
        assert_eq!(at(text, (1, 99)), text.find('\n').expect("a line"));
        assert_eq!(at(text, (9, 1)), text.len());
    }
}
