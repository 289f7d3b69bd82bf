//! Strings: escapes, interpolation, the indentation of blocks.

use pest::Parser;

use crate::ast::{Expr, ExprKind, Quote, Text, TextPart};
use crate::diag::{Diagnostics, factory::syntax as say};
use crate::source::{SourceFile, Span, offset};

use super::super::grammar::{Grammar, Rule};
use super::super::scan::MAX_NESTING;
use super::{Lower, Pair};

/// A line of a text block: its text without the common indentation, and where that begins in the file.
pub(super) struct Line<'a> {
    pub(super) text: &'a str,
    pub(super) at: u32,
}

impl Lower<'_> {
    /// A `text` of the grammar.
    pub(super) fn text(&mut self, pair: &Pair<'_>) -> Text {
        let span = self.span(pair);
        let written = pair.as_str();
        if let Some(lines) = block_lines(written, span.start) {
            let mut parts = Pieces::default();
            for (index, line) in lines.iter().enumerate() {
                if index > 0 {
                    parts.text.push('\n');
                }
                self.pieces(line.text, line.at, &mut parts);
            }
            return Text {
                quote: Quote::Block,
                parts: parts.done(),
                span,
            };
        }
        let quote = if written.starts_with('\'') {
            Quote::Raw
        } else {
            Quote::Double
        };
        let inside = match closed(written) {
            Some(inside) => inside,
            None => {
                self.diagnostics.push(say::unclosed_string(span));
                written.get(1..).unwrap_or_default()
            }
        };
        let plain = quote == Quote::Raw || !inside.contains(['\\', '$']);
        let parts = match (plain, inside) {
            (true, "") => Vec::new(),
            (true, text) => vec![TextPart::Piece(text.to_owned())],
            (false, text) => {
                let mut parts = Pieces::default();
                self.pieces(text, span.start + 1, &mut parts);
                parts.done()
            }
        };
        Text { quote, parts, span }
    }

    /// Resolves escapes and interpolations of `text`, which begins at `at` in the file.
    fn pieces(&mut self, text: &str, at: u32, parts: &mut Pieces) {
        let mut rest = text;
        while let Some(next) = rest.find(['\\', '$']) {
            let (before, from) = rest.split_at(next);
            parts.text.push_str(before);
            let here = at + offset(text.len() - from.len());
            rest = if from.starts_with('\\') {
                self.escape(from, here, parts)
            } else if let Some(inside) = from.strip_prefix("${") {
                self.interpolation(inside, here, parts)
            } else {
                parts.text.push('$');
                from.get(1..).unwrap_or_default()
            };
        }
        parts.text.push_str(rest);
    }

    /// One escape; gives what follows it.
    fn escape<'t>(&mut self, from: &'t str, here: u32, parts: &mut Pieces) -> &'t str {
        let mut chars = from.chars();
        chars.next();
        let rest = match chars.next() {
            Some('n') => parts.push('\n', from, 2),
            Some('t') => parts.push('\t', from, 2),
            Some('r') => parts.push('\r', from, 2),
            Some(same @ ('"' | '\\' | '$' | '\'' | '{')) => parts.push(same, from, 2),
            Some('u') => {
                let code = from
                    .get(2..)
                    .and_then(|code| code.strip_prefix('{'))
                    .and_then(|code| {
                        let end = code.bytes().take(9).position(|byte| byte == b'}')?;
                        code.get(..end)
                    });
                let found = code.and_then(|hex| {
                    let ch = u32::from_str_radix(hex, 16).ok().and_then(char::from_u32)?;
                    Some((ch, hex.len() + 4))
                });
                found.and_then(|(ch, length)| parts.push(ch, from, length))
            }
            Some(_) | None => None,
        };
        match rest {
            Some(rest) => rest,
            None => {
                let length = 1 + from.chars().nth(1).map_or(0, char::len_utf8);
                let escape = from.get(..length).unwrap_or_default();
                let span = Span::new(here, here + offset(length));
                self.diagnostics.push(say::bad_escape(span, escape));
                from.get(length..).unwrap_or_default()
            }
        }
    }

    /// One interpolation, from after its `${`; gives what follows it.
    fn interpolation<'t>(&mut self, inside: &'t str, here: u32, parts: &mut Pieces) -> &'t str {
        // One that is never closed is said once; what follows it is not looked through again and again.
        if parts.unclosed {
            parts.text.push_str("${");
            return inside;
        }
        let Some(end) = interpolation_end(inside) else {
            parts.unclosed = true;
            let span = Span::new(here, here + 2);
            self.diagnostics
                .push(say::bad_interpolation(span, "this `${` is never closed"));
            parts.text.push_str("${");
            return inside;
        };
        let code = inside.get(..end).unwrap_or_default();
        let span = Span::new(here, here + offset(end) + 3);
        let expr = self.interpolated(code, here + 2, span);
        parts.expr(expr);
        inside.get(end + 1..).unwrap_or_default()
    }

    fn interpolated(&mut self, code: &str, at: u32, span: Span) -> Expr {
        let lost = Expr {
            kind: ExprKind::Lost,
            span,
            grouped: false,
        };
        let brackets = code.bytes().filter(|byte| matches!(byte, b'(' | b'['));
        if brackets.count() > MAX_NESTING {
            self.diagnostics
                .push(say::nested_too_deep(span, MAX_NESTING));
            return lost;
        }
        if code.trim().is_empty() {
            self.diagnostics
                .push(say::bad_interpolation(span, "this `${}` holds nothing"));
            return lost;
        }
        let pair = Grammar::parse(Rule::interpolation, code)
            .ok()
            .and_then(|mut pairs| pairs.next())
            .and_then(|pair| pair.into_inner().next());
        match pair {
            Some(pair) => {
                let base = std::mem::replace(&mut self.base, at);
                let expr = self.expr(pair);
                self.base = base;
                expr
            }
            None => {
                self.diagnostics.push(say::bad_interpolation(
                    span,
                    "what stands in `${…}` is no expression",
                ));
                lost
            }
        }
    }
}

/// Reads a file as the inside of a string: `${…}` is filled in, and everything else stands for itself.
pub(in super::super) fn template(file: &SourceFile) -> (Text, Diagnostics) {
    let mut lower = Lower::new(file, &[]);
    let mut parts = Pieces::default();
    let (text, mut rest) = (file.text(), file.text());
    while let Some((before, inside)) = rest.split_once("${") {
        parts.text.push_str(before);
        let here = file.base() + offset(text.len() - inside.len() - 2);
        rest = lower.interpolation(inside, here, &mut parts);
    }
    parts.text.push_str(rest);
    let end = file.base() + offset(text.len());
    let text = Text {
        quote: Quote::Block,
        parts: parts.done(),
        span: Span::new(file.base(), end),
    };
    (text, lower.diagnostics)
}

/// The parts of a string as they are found; neighbouring pieces are joined.
#[derive(Default)]
struct Pieces {
    parts: Vec<TextPart>,
    text: String,
    /// Whether an interpolation in it is never closed.
    unclosed: bool,
}

impl Pieces {
    fn push<'t>(&mut self, ch: char, from: &'t str, length: usize) -> Option<&'t str> {
        self.text.push(ch);
        from.get(length..)
    }

    fn expr(&mut self, expr: Expr) {
        if !self.text.is_empty() {
            self.parts
                .push(TextPart::Piece(std::mem::take(&mut self.text)));
        }
        self.parts.push(TextPart::Expr(expr));
    }

    fn done(mut self) -> Vec<TextPart> {
        if !self.text.is_empty() {
            self.parts.push(TextPart::Piece(self.text));
        }
        self.parts
    }
}

/// Where the `}` of an interpolation stands; one in a string of its own does not count.
fn interpolation_end(inside: &str) -> Option<usize> {
    let mut quote = None;
    for (at, ch) in inside.char_indices() {
        match (quote, ch) {
            (None, '}') => return Some(at),
            (None, '"' | '\'') => quote = Some(ch),
            (Some(open), ch) if ch == open => quote = None,
            (None | Some(_), _) => {}
        }
    }
    None
}

/// What stands between the quotes of a string of one line; `None` when it is not closed.
fn closed(written: &str) -> Option<&str> {
    let quote = written.chars().next()?;
    let inside = written.get(1..)?.strip_suffix(quote)?;
    let backslashes = inside
        .bytes()
        .rev()
        .take_while(|byte| *byte == b'\\')
        .count();
    let escaped = quote == '"' && backslashes % 2 == 1;
    (!escaped).then_some(inside)
}

/// The lines of a `"""` block that begins at `start` in the file: without the first line if it is blank, without
/// the last one if it is blank, and without the indentation that all lines with text have in common.
/// `None` when `written` is no such block.
pub(super) fn block_lines(written: &str, start: u32) -> Option<Vec<Line<'_>>> {
    let inside = written.strip_prefix("\"\"\"")?.strip_suffix("\"\"\"")?;
    let mut at = start + 3;
    let mut lines: Vec<Line<'_>> = Vec::new();
    for text in inside.split('\n') {
        lines.push(Line { text, at });
        at += offset(text.len()) + 1;
    }
    let blank = |line: &Line<'_>| line.text.trim().is_empty();
    let mut first_is_indented = false;
    if lines.len() > 1 && lines.first().is_some_and(blank) {
        lines.remove(0);
        first_is_indented = true;
    }
    if lines.len() > 1 && lines.last().is_some_and(blank) {
        lines.pop();
    }
    // Text right after the opening quotes has no indentation of its own.
    let from = usize::from(!first_is_indented);
    let indent = lines
        .iter()
        .skip(from)
        .filter(|line| !blank(line))
        .map(|line| line.text.len() - line.text.trim_start_matches([' ', '\t']).len())
        .min()
        .unwrap_or_default();
    for line in lines.iter_mut().skip(from) {
        let width = line.text.len() - line.text.trim_start_matches([' ', '\t']).len();
        let cut = indent.min(width);
        line.text = line.text.get(cut..).unwrap_or_default();
        line.at += offset(cut);
        if line.text.trim().is_empty() {
            line.text = "";
        }
    }
    Some(lines)
}
