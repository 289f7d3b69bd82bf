//! A position in the query's text, and the taking of tokens. It knows no grammar.

use super::QueryError;

/// How far the text has been read.
pub(super) struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    /// The beginning of a text.
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// How many bytes have been read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// What has not been read.
    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// Takes white space.
    pub(super) fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Takes `token` if it comes next.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    /// Takes `token`, which has to come next.
    pub(super) fn expect(&mut self, token: &str) -> Result<(), QueryError> {
        if self.eat(token) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("{token:?}")))
        }
    }

    /// Takes the longest run of characters that satisfy `accept`.
    pub(super) fn run(&mut self, accept: impl Fn(char) -> bool) -> &'t str {
        self.blanks();
        let rest = self.rest();
        let end = rest.find(|next| !accept(next)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or("")
    }

    /// Takes a name; empty when there is none.
    pub(super) fn name(&mut self) -> &'t str {
        self.blanks();
        if self
            .rest()
            .starts_with(|first: char| first.is_ascii_digit())
        {
            return "";
        }
        self.run(|next| next.is_ascii_alphanumeric() || next == '_' || next == ':')
    }

    /// What comes next is not what is `wanted`.
    pub(super) fn unexpected(&mut self, wanted: &str) -> QueryError {
        self.blanks();
        let found = self
            .rest()
            .chars()
            .next()
            .map_or("the end".to_owned(), |next| format!("{next:?}"));
        QueryError::BadData(format!(
            "1:{}: parse error: unexpected {found}, expected {wanted}",
            self.at + 1
        ))
    }

    /// A string in either quote, in which a backslash may stand before a quote or a backslash.
    pub(super) fn string(&mut self) -> Result<String, QueryError> {
        let quote = if self.eat("\"") {
            '"'
        } else if self.eat("'") {
            '\''
        } else {
            return Err(self.unexpected("a string"));
        };
        let mut value = String::new();
        let mut characters = self.rest().char_indices();
        while let Some((offset, next)) = characters.next() {
            if next == quote {
                self.at += offset + next.len_utf8();
                return Ok(value);
            }
            match next {
                '\\' => match characters.next() {
                    Some((_, escaped @ ('\\' | '"' | '\''))) => value.push(escaped),
                    Some(_) | None => return Err(self.unexpected("a string with known escapes")),
                },
                plain => value.push(plain),
            }
        }
        Err(QueryError::BadData("unterminated string".to_owned()))
    }
}
