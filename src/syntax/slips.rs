//! Slips of the hand that say by themselves what was meant: a sign, a blank or a word too many or too few.
//!
//! Takes pieces of text and gives a diagnostic for what it knows; like `recover`, it changes nothing in the tree.

use crate::diag::Diagnostic;
use crate::diag::factory::{habits as say, syntax};
use crate::source::{Span, offset};
use crate::value::{Value, literal};

use super::recover::{Tail, leading_word};

/// Words and signs that stand for one of ours.
pub(super) fn in_another_way(tail: &Tail<'_>, at: Span) -> Option<Diagnostic> {
    let word = leading_word(tail.text);
    let small = word.to_ascii_lowercase();
    let is_large = word != small;
    if tail.after_expr && is_large && matches!(small.as_str(), "and" | "or") {
        return Some(syntax::wrong_operator(at, word, &small));
    }
    for (sign, ours) in [("=>", ">="), ("=<", "<="), ("<>", "!="), ("===", "==")] {
        let rest = tail.text.strip_prefix(sign).unwrap_or_default();
        let is_value = rest
            .trim_start()
            .starts_with(|ch: char| ch.is_ascii_digit() || ch == '"');
        if tail.after_expr && is_value && tail.text.starts_with(sign) {
            let at = Span::new(tail.span.start, tail.span.start + offset(sign.len()));
            return Some(syntax::wrong_operator(at, sign, ours));
        }
    }
    let arrow = ["->", "=>"]
        .into_iter()
        .find(|arrow| tail.text.starts_with(arrow));
    if let Some(arrow) = arrow {
        let at = Span::new(tail.span.start, tail.span.start + offset(arrow.len()));
        return Some(say::other_word(at, arrow, "then").fix(at, "then"));
    }
    if tail.after == "unit" && tail.text.trim_end() == "%" {
        return Some(say::other_word(at, "%", "percent").fix(at, "percent"));
    }
    if tail.after_expr && word == "to" {
        return Some(say::other_word(at, word, "..").fix(at, ".."));
    }
    if tail.after_expr && tail.text.starts_with('\u{2026}') {
        return Some(say::other_word(at, "\u{2026}", "..").fix(at, ".."));
    }
    None
}

/// A value with a sign too many or a digit too few, which begins at `start`: `$errors`, `.5%`.
pub(super) fn value(text: &str, start: u32) -> Option<Diagnostic> {
    let span = |length: usize| Span::new(start, start + offset(length));
    if let Some((name, length)) = dollar_name(text) {
        return Some(say::dollar_before_a_name(span(length), name));
    }
    let rest = text.strip_prefix('.')?;
    if !rest.starts_with(|ch: char| ch.is_ascii_digit()) {
        return None;
    }
    let end = rest.find(|ch: char| !ch.is_ascii_alphanumeric() && !"%/.".contains(ch));
    let written = rest.get(..end.unwrap_or(rest.len()))?;
    let mended = format!("0.{written}");
    let fits = literal(&mended).is_ok();
    fits.then(|| say::no_digit_before_the_point(span(written.len() + 1), &mended))
}

/// `1h 30m`, whose parts stand together; `last` is the number before the gap.
pub(super) fn apart(tail: &Tail<'_>, last: &str) -> Option<Diagnostic> {
    let word = leading_word(tail.text);
    let begins = |text: &str| text.starts_with(|ch: char| ch.is_ascii_digit());
    if !tail.after_expr || !begins(last) || !begins(word) {
        return None;
    }
    let is_duration = |text: &str| matches!(literal(text), Ok(Value::Duration(_)));
    let joined = format!("{last}{word}");
    if !is_duration(last) || !is_duration(word) || !is_duration(&joined) {
        return None;
    }
    let start = tail.after_span.end.saturating_sub(offset(last.len()));
    let end = tail.span.start + offset(word.len());
    let at = Span::new(tail.span.start, end);
    Some(say::duration_apart(at, (Span::new(start, end), &joined)))
}

/// `step ship when version > 2.0.0 $ make`
pub(super) fn conditional(tail: &Tail<'_>, at: Span, word: &str) -> Diagnostic {
    let rest = tail.text.get(word.len()..).unwrap_or_default();
    let (when, command) = rest.split_once(" $ ").unwrap_or((rest, ""));
    let when = when.lines().next().unwrap_or_default().trim();
    let command = match command.lines().next() {
        None | Some("") => "$ COMMAND".to_owned(),
        Some(command) => format!("$ {}", command.trim_end()),
    };
    let when = if when.is_empty() { "CONDITION" } else { when };
    say::conditional(at, (word, when), &format!("{} {command}", tail.before))
}

/// The name behind a `$` that `text` begins with, and how long both are.
pub(super) fn dollar_name(text: &str) -> Option<(&str, usize)> {
    let rest = text.strip_prefix('$')?;
    let (open, rest, close) = match rest.strip_prefix('{') {
        Some(inner) => (2, inner, 1),
        None => (1, rest, 0),
    };
    let end = rest.find(|ch: char| !ch.is_ascii_alphanumeric() && ch != '_');
    let (name, behind) = rest.split_at(end.unwrap_or(rest.len()));
    let is_name = name.starts_with(|ch: char| ch.is_ascii_lowercase() || ch == '_');
    let is_closed = close == 0 || behind.starts_with('}');
    (is_name && is_closed).then_some((name, open + name.len() + close))
}

/// As much of a text as stands between two slashes, with one blank behind the first of them.
pub(super) fn slashed(text: &str) -> Option<&str> {
    let line = text.lines().next()?;
    let inner = line.strip_prefix("/ ")?;
    if inner.starts_with([' ', '\t', '/']) {
        return None;
    }
    let mut escaped = false;
    let end = inner.char_indices().find(|(_, ch)| {
        let ends = *ch == '/' && !escaped;
        escaped = *ch == '\\' && !escaped;
        ends
    })?;
    line.get(..end.0 + 3)
}
