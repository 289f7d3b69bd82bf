//! The pass before the grammar: comments, quotes and balance.
//!
//! Knows only what can hide a brace: comments, strings, shell text, patterns. What does not balance is said
//! once, at the place where it was opened, and nothing else is said about the file, because every
//! other message would follow from it. It must cut the text into the same pieces as `junk` in the grammar.

use crate::ast::{Comment, Placement};
use crate::diag::Diagnostic;
use crate::diag::factory::{habits, syntax as say};
use crate::source::{SourceFile, Span};

use super::words;

/// How deep blocks, parentheses and brackets may be nested in each other.
pub(super) const MAX_NESTING: usize = 64;

/// What the pass found.
pub(super) struct Scan {
    pub(super) comments: Vec<Comment>,
    /// Why the file cannot be divided into statements. Empty: it can.
    pub(super) fatal: Vec<Diagnostic>,
}

/// Something that was opened and not closed yet.
#[derive(Clone, Copy)]
struct Open {
    bracket: u8,
    at: usize,
    indent: usize,
    /// A shell line in it that ends with a closing brace of its own line.
    swallowed: Option<Span>,
}

/// A closing brace that stands further left than the line of its opening brace: a hint, from the way the file
/// is laid out, at which block was not closed.
#[derive(Clone, Copy)]
struct Suspect {
    open: Open,
    close: usize,
}

struct Scanner<'a> {
    file: &'a SourceFile,
    bytes: &'a [u8],
    at: usize,
    line_start: usize,
    line_is_blank: bool,
    open: Vec<Open>,
    suspect: Option<Suspect>,
    /// The first line on which a command took an opening brace: from its `$` to the brace, and the word of the statement if the command
    /// stands where its condition belongs.
    taken: Option<(Span, Option<&'a str>)>,
    /// The first block with a swallowed brace that another brace has closed.
    robbed: Option<Open>,
    comments: Vec<Comment>,
    unclosed_text: Vec<Span>,
}

/// Runs the pass.
pub(super) fn scan(file: &SourceFile) -> Scan {
    let mut scanner = Scanner {
        file,
        bytes: file.text().as_bytes(),
        at: 0,
        line_start: 0,
        line_is_blank: true,
        open: Vec::new(),
        suspect: None,
        taken: None,
        robbed: None,
        comments: Vec::new(),
        unclosed_text: Vec::new(),
    };
    let fatal = match scanner.run() {
        Ok(()) => Vec::new(),
        // A quote that is not closed hides the rest of its line, and with it braces: the quote is to blame.
        Err(_) if !scanner.unclosed_text.is_empty() => {
            let quotes = scanner.unclosed_text.iter();
            quotes.map(|span| say::unclosed_string(*span)).collect()
        }
        Err(found) => vec![*found],
    };
    Scan {
        comments: scanner.comments,
        fatal,
    }
}

impl Scanner<'_> {
    fn run(&mut self) -> Result<(), Box<Diagnostic>> {
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => {
                    self.at += 1;
                    self.line_start = self.at;
                    self.line_is_blank = true;
                    continue;
                }
                b' ' | b'\t' | b'\r' => {
                    self.at += 1;
                    continue;
                }
                b'#' => self.comment(),
                b'"' if self.rest().starts_with(b"\"\"\"") => self.block_text()?,
                b'"' | b'\'' => self.text(byte),
                b'$' => self.shell(),
                b'{' | b'(' | b'[' => self.open(byte)?,
                b'}' | b')' | b']' => self.close(byte)?,
                byte if is_word(byte) => self.word(),
                _other => self.at += 1,
            }
            self.line_is_blank = false;
        }
        match self.open.last() {
            None => Ok(()),
            Some(last) => Err(Box::new(self.unclosed(*last))),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// The offset of the next byte that `stop` holds for, or the end of the file.
    fn find(&self, stop: impl Fn(u8) -> bool) -> usize {
        let length = self.rest().iter().position(|byte| stop(*byte));
        length.map_or(self.bytes.len(), |length| self.at + length)
    }

    fn comment(&mut self) {
        let end = self.find(|byte| byte == b'\n');
        self.comments.push(Comment {
            span: Span::of(self.at..end),
            placement: if self.line_is_blank {
                Placement::OwnLine
            } else {
                Placement::Trailing
            },
        });
        self.at = end;
    }

    fn block_text(&mut self) -> Result<(), Box<Diagnostic>> {
        let start = self.at;
        self.at += 3;
        let rest = self.rest();
        let Some(length) = rest.windows(3).position(|three| three == b"\"\"\"") else {
            return Err(Box::new(say::unclosed_text_block(Span::of(
                start..start + 3,
            ))));
        };
        let inside = rest.get(..length).unwrap_or_default();
        if let Some(newline) = inside.iter().rposition(|byte| *byte == b'\n') {
            self.line_start = self.at + newline + 1;
        }
        self.at += length + 3;
        Ok(())
    }

    fn text(&mut self, quote: u8) {
        let start = self.at;
        self.at += 1;
        loop {
            self.at = self.find(|byte| byte == quote || byte == b'\n' || byte == b'\\');
            match self.peek() {
                Some(b'\\') if quote == b'"' => {
                    self.at += 1;
                    if self.peek().is_some_and(|byte| byte != b'\n') {
                        self.at += 1;
                    }
                }
                Some(b'\\') => self.at += 1,
                Some(byte) if byte == quote => {
                    self.at += 1;
                    return;
                }
                Some(_) | None => {
                    self.unclosed_text.push(Span::of(start..self.at));
                    return;
                }
            }
        }
    }

    fn shell(&mut self) {
        let start = self.at;
        loop {
            self.at = self.find(|byte| byte == b'\n' || byte == b'\\');
            match self.peek() {
                Some(b'\\') => self.at = (self.at + 2).min(self.bytes.len()),
                Some(_) | None => break,
            }
        }
        let text = self.bytes.get(start..self.at).unwrap_or_default();
        let text = text.trim_ascii_end();
        let braces = |brace: u8| text.iter().filter(|byte| **byte == brace).count();
        if text.ends_with(b"{") && braces(b'{') > braces(b'}') && self.taken.is_none() {
            let line = self.file.text().get(self.line_start..start);
            let mut words = line.unwrap_or_default().split_ascii_whitespace();
            let first = words.find(|word| !matches!(*word, "}" | "else"));
            let last = words.last().or(first);
            let asks = last.is_some_and(|word| matches!(word, "if" | "when"));
            let end = start + text.len();
            self.taken = Some((Span::of(start..end), first.filter(|_| asks)));
        }
        if text.ends_with(b"}") && braces(b'}') > braces(b'{') {
            let end = start + text.len();
            if let Some(open) = self.open.last_mut() {
                open.swallowed = Some(Span::of(end - 1..end));
            }
        }
    }

    fn word(&mut self) {
        let start = self.at;
        self.at = self.find(|byte| !is_word(byte));
        if self.bytes.get(start..self.at) == Some(b"matching") {
            self.pattern();
        }
    }

    /// A pattern after `matching` may hold any bracket and quote. A blank after the slash makes it a division.
    fn pattern(&mut self) {
        let slash = self.find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
        if self.bytes.get(slash) != Some(&b'/') {
            return;
        }
        if matches!(self.bytes.get(slash + 1), Some(b' ' | b'\t')) {
            return;
        }
        let mut at = slash + 1;
        loop {
            match self.bytes.get(at) {
                Some(b'/') if at > slash + 1 => {
                    self.at = at + 1;
                    return;
                }
                Some(b'\\') if self.bytes.get(at + 1).is_some_and(|byte| *byte != b'\n') => {
                    at += 2;
                }
                Some(b'/' | b'\\' | b'\n') | None => return,
                Some(_) => at += 1,
            }
        }
    }

    fn open(&mut self, bracket: u8) -> Result<(), Box<Diagnostic>> {
        if self.open.len() >= MAX_NESTING {
            let span = Span::of(self.at..self.at + 1);
            return Err(Box::new(say::nested_too_deep(span, MAX_NESTING)));
        }
        let line = self.bytes.get(self.line_start..self.at).unwrap_or_default();
        let indent = line
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
        self.open.push(Open {
            bracket,
            at: self.at,
            indent,
            swallowed: None,
        });
        self.at += 1;
        Ok(())
    }

    fn close(&mut self, bracket: u8) -> Result<(), Box<Diagnostic>> {
        let span = Span::of(self.at..self.at + 1);
        let Some(open) = self.open.pop() else {
            if let Some((taken, condition)) = self.taken.filter(|_| bracket == b'}') {
                let brace = Span::new(taken.end - 1, taken.end);
                return Err(Box::new(match condition {
                    Some(statement) => habits::command_in_condition(taken, statement),
                    None => habits::command_takes_a_brace(brace),
                }));
            }
            return Err(Box::new(say::extra_bracket(
                span,
                char::from(bracket),
                self.heading_without_brace(),
            )));
        };
        if closing(open.bracket) != bracket {
            self.open.push(open);
            return Err(Box::new(self.unclosed(open)));
        }
        if open.swallowed.is_some() && self.robbed.is_none() {
            self.robbed = Some(open);
        }
        let indent = self.at - self.line_start;
        if bracket == b'}' && self.line_is_blank && indent < open.indent && self.suspect.is_none() {
            self.suspect = Some(Suspect {
                open,
                close: self.at,
            });
        }
        self.at += 1;
        Ok(())
    }

    /// What to say when `last` was never closed, or is closed by the wrong kind of bracket.
    fn unclosed(&self, last: Open) -> Diagnostic {
        if last.bracket != b'{' {
            return say::unclosed_bracket(Span::of(last.at..last.at + 1), char::from(last.bracket));
        }
        let swallowed = self.open.iter().rev().chain(&self.robbed).find_map(|open| {
            let brace = open.swallowed?;
            Some((*open, brace))
        });
        if let Some((open, brace)) = swallowed {
            return say::brace_in_shell_line(Span::of(open.at..open.at + 1), brace);
        }
        match self.suspect {
            Some(suspect) if last.bracket == b'{' => say::unclosed_block(
                Span::of(suspect.open.at..suspect.open.at + 1),
                Some(Span::of(suspect.close..suspect.close + 1)),
            ),
            Some(_) | None => say::unclosed_block(Span::of(last.at..last.at + 1), None),
        }
    }

    /// The last line before this place that begins like a block and opens none.
    fn heading_without_brace(&self) -> Option<Span> {
        let before = self.file.text().get(..self.at)?;
        let mut end = before.len();
        for line in before.split('\n').rev() {
            let start = end - line.len();
            let text = line.trim();
            let word = text.split(|ch: char| !ch.is_ascii_alphabetic()).next();
            if word.is_some_and(|word| words::BLOCKS.contains(&word))
                && !text.contains('{')
                && !text.contains("then")
            {
                let from = start + (line.len() - line.trim_start().len());
                return Some(Span::of(from..from + text.len()));
            }
            end = start.saturating_sub(1);
        }
        None
    }
}

fn closing(bracket: u8) -> u8 {
    match bracket {
        b'(' => b')',
        b'[' => b']',
        _brace => b'}',
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
