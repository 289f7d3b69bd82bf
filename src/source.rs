//! Source files, spans and the line index.
//!
//! Owns the text of a file and the way from a byte offset to a line and a column.
//! It reads no file and judges no content: bytes become text in `syntax::decode`.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A half-open range of bytes. All files that one command reads share one space of offsets: the first file, the one that
/// the person named, begins at zero, and each further one behind the one before it. So a span alone says its file.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

/// Written with the sign flag (`{:-?}`), which goes down into everything that holds a span, the place is left out: so two trees can be
/// compared for what they say alone.
impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.sign_minus() {
            f.write_str("_")
        } else {
            write!(f, "{}..{}", self.start, self.end)
        }
    }
}

impl Span {
    /// The span from `start` up to, and without, `end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The span of a byte range; offsets beyond 4 GiB are cut, which the size limit of a file rules out.
    pub fn of(range: Range<usize>) -> Self {
        Self::new(offset(range.start), offset(range.end))
    }

    /// The empty span at `at`.
    pub const fn at(at: u32) -> Self {
        Self::new(at, at)
    }

    /// The smallest span that covers both.
    pub fn to(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// The span as a range of indices.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether it covers no byte.
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// Whether `at` lies in it.
    pub fn contains(self, at: u32) -> bool {
        self.start <= at && at < self.end
    }
}

/// A byte offset as it is stored in spans. Files are limited to far less than 4 GiB before they get here.
pub fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A line and a column, both counted from one; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from one.
    pub line: u32,
    /// The column in characters, from one.
    pub column: u32,
}

/// One file: its name as people know it, its text, where its lines begin, and where it lies in the space of offsets.
#[derive(Clone, Debug)]
pub struct SourceFile {
    name: String,
    text: String,
    lines: LineIndex,
    base: u32,
}

impl SourceFile {
    /// A file from its name and text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let lines = LineIndex::new(&text);
        Self {
            name: name.into(),
            text,
            lines,
            base: 0,
        }
    }

    /// The same file, beginning at `base` in the space of offsets.
    pub(crate) fn based(self, base: u32) -> Self {
        Self { base, ..self }
    }

    /// The offset of its first byte in the space of offsets: zero for the file that the person named.
    pub fn base(&self) -> u32 {
        self.base
    }

    /// The first offset that is free behind it. One offset lies between two files, so that the end of one is not the start
    /// of the next.
    pub(crate) fn next_base(&self) -> u32 {
        self.base
            .saturating_add(offset(self.text.len()))
            .saturating_add(1)
    }

    /// A span of this file, counted from its first byte.
    pub(crate) fn local(&self, span: Span) -> Span {
        Span::new(
            span.start.saturating_sub(self.base),
            span.end.saturating_sub(self.base),
        )
    }

    /// The name as it was given, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text under a span; empty where the span does not fit the text.
    pub fn slice(&self, span: Span) -> &str {
        if span.start < self.base {
            return "";
        }
        let local = self.local(span).range();
        self.text.get(local).unwrap_or_default()
    }

    /// Where its lines begin, counted from its first byte.
    pub fn lines(&self) -> &LineIndex {
        &self.lines
    }

    /// The line and column of a byte offset.
    pub fn position(&self, at: u32) -> Position {
        let at = at.saturating_sub(self.base);
        let line = self.lines.line_of(at);
        let start = self.lines.start_of(line);
        let before = self.text.get(start as usize..at.max(start) as usize);
        let before = before.unwrap_or_default();
        Position {
            line: line + 1,
            column: offset(before.chars().count()) + 1,
        }
    }
}

/// The byte offset at which every line begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// The index of a text; a text has at least one line.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(
            text.bytes()
                .enumerate()
                .filter(|(_, byte)| *byte == b'\n')
                .map(|(at, _)| offset(at + 1)),
        );
        Self { starts }
    }

    /// The number of lines.
    pub fn count(&self) -> u32 {
        offset(self.starts.len())
    }

    /// The line, from zero, that holds the byte at `at`.
    pub fn line_of(&self, at: u32) -> u32 {
        offset(self.starts.partition_point(|start| *start <= at)).saturating_sub(1)
    }

    /// The first byte of a line counted from zero; for a line after the last one, the start of the last one.
    pub fn start_of(&self, line: u32) -> u32 {
        self.starts
            .get(line as usize)
            .or(self.starts.last())
            .copied()
            .unwrap_or_default()
    }
}

/// All files that one command has read, in the order in which they were: the one that the person named comes first.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// The set that holds only the main file.
    pub fn single(file: SourceFile) -> Self {
        Self {
            files: vec![file.based(0)],
        }
    }

    /// Adds a file behind the others, and gives it as it lies there.
    pub fn add(&mut self, file: SourceFile) -> SourceFile {
        let base = self.files.last().map_or(0, SourceFile::next_base);
        let file = file.based(base);
        self.files.push(file.clone());
        file
    }

    /// All files.
    pub fn iter(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter()
    }

    /// The text of all files in one: the main file as it is, and behind it each further one under a line with its name.
    pub fn whole_text(&self) -> String {
        let mut whole = String::new();
        for (index, file) in self.files.iter().enumerate() {
            if index > 0 {
                whole.push_str(&format!("\n# ---- {}\n", file.name()));
            }
            whole.push_str(file.text());
        }
        whole
    }

    /// The file that an offset lies in.
    pub fn at(&self, at: u32) -> Option<&SourceFile> {
        let after = self.files.partition_point(|file| file.base <= at);
        self.files.get(after.checked_sub(1)?)
    }

    /// The text under a span; empty where no file has it.
    pub fn slice(&self, span: Span) -> &str {
        self.at(span.start)
            .map(|file| file.slice(span))
            .unwrap_or_default()
    }

    /// The line of an offset, from 1, in its file: where a line is long, its column is dear.
    pub fn line(&self, at: u32) -> u32 {
        let line = |file: &SourceFile| file.lines.line_of(at.saturating_sub(file.base));
        self.at(at).map_or(1, |file| line(file) + 1)
    }

    /// The line and column of an offset, in its file.
    pub fn position(&self, at: u32) -> Position {
        let first = Position { line: 1, column: 1 };
        self.at(at).map_or(first, |file| file.position(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let file = SourceFile::new("a", "eins\nz\u{fc}ge x\n");
        assert_eq!(file.position(0), Position { line: 1, column: 1 });
        assert_eq!(file.position(4), Position { line: 1, column: 5 });
        assert_eq!(file.position(5), Position { line: 2, column: 1 });
        assert_eq!(file.position(11), Position { line: 2, column: 6 });
        assert_eq!(file.position(99), Position { line: 3, column: 1 });
        assert_eq!(file.lines().count(), 3);
    }

    #[test]
    fn files_lie_one_behind_the_other() {
        let mut sources = Sources::single(SourceFile::new("a", "eins\n"));
        let second = sources.add(SourceFile::new("b", "zwei\ndrei\n"));
        assert_eq!(second.base(), 6);
        assert_eq!(sources.slice(Span::new(0, 4)), "eins");
        assert_eq!(sources.slice(Span::new(11, 15)), "drei");
        assert_eq!(sources.position(11), Position { line: 2, column: 1 });
        let name = |at| sources.at(at).map(SourceFile::name);
        assert_eq!((name(5), name(6)), (Some("a"), Some("b")));
    }

    #[test]
    fn a_span_that_does_not_fit_is_empty_text() {
        let file = SourceFile::new("a", "z\u{fc}ge");
        assert_eq!(file.slice(Span::new(1, 2)), "");
        assert_eq!(file.slice(Span::new(0, 3)), "z\u{fc}");
    }
}
