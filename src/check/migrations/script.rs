//! A file of SQL as its tokens and statements, with their places. The only place that turns the places of the tokens, lines and columns, into offsets.

use std::ops::Range;

use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Whitespace};

use crate::source::{SourceFile, Span, offset};

/// One file.
pub(super) struct Script<'a> {
    pub(super) file: &'a SourceFile,
    tokens: Vec<TokenWithSpan>,
    /// Where each token is.
    places: Vec<Span>,
    /// From where on there are no tokens, and why.
    broken: Option<(Span, String)>,
}

/// One statement, without the semicolon that ends it.
pub(super) struct Statement {
    /// Its tokens, from the first that is no blank.
    pub(super) tokens: Range<usize>,
    /// Its first word.
    pub(super) opens: Span,
    /// The comments above it and in it.
    pub(super) comments: Vec<Comment>,
    /// Why the file cannot be read from somewhere in it on.
    pub(super) broken: Option<(Span, String)>,
}

/// A comment that goes to the end of its line.
pub(super) struct Comment {
    pub(super) text: String,
    pub(super) span: Span,
}

impl<'a> Script<'a> {
    pub(super) fn of(file: &'a SourceFile) -> Self {
        let dialect = PostgreSqlDialect {};
        let mut tokens = Vec::new();
        let read = Tokenizer::new(&dialect, file.text())
            .with_unescape(false)
            .tokenize_with_location_into_buf(&mut tokens);
        let mut walk = Walk::new(file);
        let starts: Vec<u32> = tokens
            .iter()
            .map(|token| walk.to(token.span.start))
            .collect();
        let end = match &read {
            Ok(()) => file.base() + offset(file.text().len()),
            Err(error) => walk.to(error.location),
        };
        let ends = starts.iter().skip(1).copied().chain([end]);
        let places = starts.iter().zip(ends);
        let places = places.map(|(start, end)| Span::new(*start, end)).collect();
        let broken = read.err().map(|error| {
            let last = file.base() + offset(file.text().len());
            let at = end.min(last.saturating_sub(1));
            (Span::new(at, last.min(at + 1)), error.message)
        });
        Self {
            file,
            tokens,
            places,
            broken,
        }
    }

    /// The tokens of a range.
    pub(super) fn tokens(&self, range: &Range<usize>) -> &[TokenWithSpan] {
        self.tokens.get(range.clone()).unwrap_or_default()
    }

    /// The statements, in order. What cannot be divided into tokens belongs to the one that it stands in.
    pub(super) fn statements(&self) -> Vec<Statement> {
        let mut all = Vec::new();
        let mut begun = 0;
        for (at, token) in self.tokens.iter().enumerate() {
            if token.token == Token::SemiColon {
                all.extend(self.statement(begun..at));
                begun = at + 1;
            }
        }
        let mut last = self.statement(begun..self.tokens.len());
        if let Some((at, why)) = &self.broken {
            let whole = last.get_or_insert_with(|| Statement {
                tokens: begun..begun,
                opens: *at,
                comments: self.comments(begun..self.tokens.len()),
                broken: None,
            });
            whole.broken = Some((*at, why.clone()));
        }
        all.extend(last);
        all
    }

    /// A statement; nothing where there are only blanks.
    fn statement(&self, range: Range<usize>) -> Option<Statement> {
        let comments = self.comments(range.clone());
        let is_word = |at: &usize| {
            let token = self.tokens.get(*at);
            token.is_some_and(|one| !matches!(one.token, Token::Whitespace(_) | Token::EOF))
        };
        let first = range.clone().find(is_word)?;
        Some(Statement {
            tokens: first..range.end,
            opens: self.places.get(first).copied().unwrap_or_default(),
            comments,
            broken: None,
        })
    }

    fn comments(&self, range: Range<usize>) -> Vec<Comment> {
        let tokens = self.tokens.get(range.clone()).unwrap_or_default();
        let places = self.places.get(range).unwrap_or_default();
        let both = tokens.iter().zip(places);
        both.filter_map(|(token, place)| match &token.token {
            Token::Whitespace(Whitespace::SingleLineComment { comment, .. }) => {
                let text = self.file.slice(*place).trim_end();
                Some(Comment {
                    text: comment.trim_end().to_owned(),
                    span: Span::new(place.start, place.start + offset(text.len())),
                })
            }
            _other => None,
        })
        .collect()
    }

    /// The token that begins at a place of the tokens.
    pub(super) fn place(&self, at: Location) -> Option<Span> {
        let wanted = (at.line, at.column);
        let found = self.tokens.partition_point(|token| {
            let start = token.span.start;
            (start.line, start.column) < wanted
        });
        let token = self.tokens.get(found)?;
        let is_it = (token.span.start.line, token.span.start.column) == wanted;
        self.places.get(found).copied().filter(|_| is_it)
    }
}

/// The words of a statement that are no names in quotes, as keywords, in order.
pub(super) fn words(tokens: &[TokenWithSpan]) -> impl Iterator<Item = Keyword> + '_ {
    tokens.iter().filter_map(|token| match &token.token {
        Token::Word(word) if word.quote_style.is_none() => Some(word.keyword),
        _other => None,
    })
}

/// A way through the text of a file, from each place to a later one.
struct Walk<'a> {
    rest: std::str::Chars<'a>,
    at: u32,
    line: u64,
    column: u64,
}

impl<'a> Walk<'a> {
    fn new(file: &'a SourceFile) -> Self {
        Self {
            rest: file.text().chars(),
            at: file.base(),
            line: 1,
            column: 1,
        }
    }

    fn to(&mut self, place: Location) -> u32 {
        while (self.line, self.column) < (place.line, place.column) {
            let Some(next) = self.rest.next() else {
                break;
            };
            self.at += offset(next.len_utf8());
            if next == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.at
    }
}
