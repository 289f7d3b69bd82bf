//! Owns characters of commands and queries that nobody sees, or that only look like the ones that are meant: they come with what is copied
//! out of a document or a chat, and a reviewer reads another text than the machine does.

use std::ops::Range;

use crate::ast::Text;
use crate::diag::factory::check as say;
use crate::source::{Span, offset};

use super::Checker;

/// Such a character, and what is most likely meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LookAlike {
    pub(super) at: Range<usize>,
    pub(super) ch: char,
    /// Nothing: it is not seen at all.
    pub(super) meant: Option<&'static str>,
}

/// Where such a character is one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// Signs within a word are letters like others.
    Shell,
    /// No sign but its own means anything.
    Query,
}

/// Those of a text. In quotes people are written to, and only what changes what is read counts.
pub(super) fn look_alikes(text: &str, reader: Reader) -> Vec<LookAlike> {
    let mut found = Vec::new();
    if text.is_ascii() && !text.contains('\0') {
        return found;
    }
    let (mut quote, mut before) = (None, ' ');
    let mut chars = text.char_indices();
    while let Some((at, ch)) = chars.next() {
        let is_hidden = is_hidden(ch);
        let is_bare = quote.is_none();
        let begins = matches!(before, ' ' | '\t' | '\n' | '=' | ';' | '|' | '&' | '(');
        let meant = sign(ch).filter(|_| is_bare && (begins || reader == Reader::Query));
        let is_blank = is_bare && ch != '\u{85}' && ch.is_whitespace() && !ch.is_ascii();
        if is_hidden || is_blank || meant.is_some() {
            found.push(LookAlike {
                at: at..at + ch.len_utf8(),
                ch,
                meant,
            });
        }
        match (quote, ch) {
            (None | Some('"'), '\\') => {
                chars.next();
            }
            (None, '"' | '\'') => quote = Some(ch),
            (Some(open), ch) if open == ch => quote = None,
            (_, _) => {}
        }
        before = ch;
    }
    found
}

/// It has no width, or changes the direction in which the rest is shown, or ends a text for the system.
const fn is_hidden(ch: char) -> bool {
    matches!(
        ch,
        '\0' | '\u{ad}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
    )
}

/// The sign that it looks like.
const fn sign(ch: char) -> Option<&'static str> {
    match ch {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some("-"),
        '\u{2018}'..='\u{201b}' | '\u{2032}' => Some("'"),
        '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{ab}' | '\u{bb}' => Some("\""),
        _ => None,
    }
}

impl Checker<'_> {
    /// In a query.
    pub(super) fn seen_in_query(&mut self, text: &Text) {
        let written = self.file.slice(text.span);
        // Without its own quotes.
        let (Some(inner), Some(first)) = (
            written.get(1..written.len().saturating_sub(1)),
            written.chars().next(),
        ) else {
            return;
        };
        if !matches!(first, '"' | '\'') {
            return;
        }
        for one in look_alikes(inner, Reader::Query) {
            let start = text.span.start + 1 + offset(one.at.start);
            let span = Span::new(start, start + offset(one.at.len()));
            self.found
                .push(say::look_alike(span, (one.ch, one.meant), "the query"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(text: &str, reader: Reader) -> Vec<(usize, Option<&'static str>)> {
        let all = look_alikes(text, reader).into_iter();
        all.map(|one| (one.at.start, one.meant)).collect()
    }

    #[test]
    fn what_is_not_seen_and_what_looks_like_another_is_found_where_it_is_read() {
        for (text, expected) in [
            ("kubectl apply \u{2013}f x", vec![(14, Some("-"))]),
            ("kubectl\u{a0}apply", vec![(7, None)]),
            ("./x \u{201c}$v\u{201d}", vec![(4, Some("\""))]),
            ("x=\u{2018}a", vec![(2, Some("'"))]),
            ("./x a\u{200b}b", vec![(5, None)]),
            ("echo '\u{202e}x'", vec![(6, None)]),
            ("a\0b", vec![(1, None)]),
            ("echo \"10\u{a0}kg \u{2013} it\u{2019}s done\"", vec![]),
            ("echo a\u{2013}b", vec![]),
            ("./x \\\u{201c}", vec![]),
            ("echo \u{e9}t\u{e9}", vec![]),
        ] {
            assert_eq!(signs(text, Reader::Shell), expected, "{text:?}");
        }
        assert_eq!(
            signs("a\u{2212}b{c=\"\u{2013}\"}", Reader::Query),
            [(1, Some("-"))]
        );
    }
}
