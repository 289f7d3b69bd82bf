//! The text as tokens, nothing left out but blanks: for tools that keep the author's text, such as the formatter.
//!
//! Cuts the text into the same pieces as the grammar where blanks and brackets mean nothing: strings, shell text, patterns, comments.
//! Knows no statement, so every statement of the language, also one to come, goes through it alike. Judges nothing.

use crate::source::Span;

/// What a token is, as far as its surroundings depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A word, a name or a part of a literal.
    Word,
    /// A string of any kind, with its quotes; a block of text has newlines in it.
    Text,
    /// `$` and what follows it, with the lines that a backslash joins.
    Shell,
    /// `/…/` after `matching`.
    Pattern,
    /// `#` and the rest of the line.
    Comment,
    /// The end of a line.
    Newline,
    /// `{`, `(` or `[`
    Open(u8),
    /// `}`, `)` or `]`
    Close(u8),
    /// `,`
    Comma,
    /// `:` or `=` between a name and what it is, a comparison, `|`, `&&`.
    Operator,
    /// `..`
    Range,
    /// Any other sign, such as `.`, `-` or `/`.
    Sign,
}

/// A piece of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
    /// Whether nothing stands between it and the token before it.
    pub glued: bool,
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    after_matching: bool,
}

/// Cuts a text into tokens. Total: a quote that is not closed ends with its line.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        text,
        at: 0,
        after_matching: false,
    };
    let mut all = Vec::new();
    let mut end = 0;
    while let Some(token) = lexer.next() {
        let glued = token.1.start == end && token.0 != TokenKind::Newline;
        end = token.1.end;
        all.push(Token {
            kind: token.0,
            span: token.1,
            glued,
        });
    }
    all
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn next(&mut self) -> Option<(TokenKind, Span)> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
        let after_matching = std::mem::take(&mut self.after_matching);
        let start = self.at;
        let rest = self.text.get(self.at..).unwrap_or_default();
        let first = rest.chars().next()?;
        let (kind, length) = match first {
            '\n' => (TokenKind::Newline, 1),
            '#' => (TokenKind::Comment, line(rest).trim_end().len()),
            '"' if rest.starts_with("\"\"\"") => (TokenKind::Text, block(rest)),
            '"' | '\'' => (TokenKind::Text, quoted(rest, first)),
            '$' => (TokenKind::Shell, shell(rest)),
            '/' if after_matching => match pattern(rest) {
                Some(length) => (TokenKind::Pattern, length),
                None => (TokenKind::Sign, 1),
            },
            '{' => (TokenKind::Open(b'{'), 1),
            '(' => (TokenKind::Open(b'('), 1),
            '[' => (TokenKind::Open(b'['), 1),
            '}' => (TokenKind::Close(b'}'), 1),
            ')' => (TokenKind::Close(b')'), 1),
            ']' => (TokenKind::Close(b']'), 1),
            ',' => (TokenKind::Comma, 1),
            '.' if rest.starts_with("..") => (TokenKind::Range, 2),
            ':' | '=' | '<' | '>' | '!' | '|' | '&' => operator(rest),
            first if is_word(first) => {
                let length = rest.find(|ch| !is_word(ch)).unwrap_or(rest.len());
                self.after_matching = rest.get(..length) == Some("matching");
                (TokenKind::Word, length)
            }
            other => (TokenKind::Sign, other.len_utf8()),
        };
        self.at += length;
        Some((kind, Span::of(start..start + length)))
    }
}

fn is_word(ch: char) -> bool {
    ch.is_alphanumeric() || matches!(ch, '_' | '%')
}

fn line(rest: &str) -> &str {
    rest.split('\n').next().unwrap_or_default()
}

fn operator(rest: &str) -> (TokenKind, usize) {
    let two = ["==", "!=", "<=", ">=", "&&", "||"];
    if two.iter().any(|known| rest.starts_with(known)) {
        (TokenKind::Operator, 2)
    } else if rest.starts_with(['!', '&']) {
        (TokenKind::Sign, 1)
    } else {
        (TokenKind::Operator, 1)
    }
}

fn block(rest: &str) -> usize {
    let inside = rest.get(3..).unwrap_or_default();
    inside
        .find("\"\"\"")
        .map_or(rest.len(), |length| length + 6)
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, ch) in rest.char_indices().skip(1) {
        if ch == '\n' {
            return at;
        }
        if escaped {
            escaped = false;
        } else if ch == '\\' && quote == '"' {
            escaped = true;
        } else if ch == quote {
            return at + 1;
        }
    }
    rest.len()
}

/// Blanks at the end are not part of it, unless a backslash stands before them.
fn shell(rest: &str) -> usize {
    let mut escaped = false;
    let mut end = rest.len();
    for (at, ch) in rest.char_indices() {
        if escaped {
            escaped = false;
        } else if ch == '\\' {
            escaped = true;
        } else if ch == '\n' {
            end = at;
            break;
        }
    }
    let text = rest.get(..end).unwrap_or_default();
    let trimmed = text.trim_end_matches([' ', '\t', '\r']);
    if trimmed.ends_with('\\') {
        text.trim_end_matches('\r').len()
    } else {
        trimmed.len()
    }
}

/// The length of a pattern; a blank after the slash makes it a division.
fn pattern(rest: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, ch) in rest.char_indices().skip(1) {
        if ch == '\n' || (at == 1 && matches!(ch, ' ' | '\t')) {
            return None;
        }
        if escaped {
            escaped = false;
        } else if ch == '\\' {
            escaped = true;
        } else if ch == '/' {
            return (at > 1).then_some(at + 1);
        }
    }
    None
}
