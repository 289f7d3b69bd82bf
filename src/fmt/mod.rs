//! Owns the one form of a runbook: indentation, blanks, columns. Never changes a word, a string, shell text or the order of anything.
//!
//! It works on tokens, not on the tree, so that a statement that was added to the language yesterday has its form today. What it made is
//! held against the original before anyone sees it: the same tokens, and the same tree when both are parsed.
//!
//! The form, as gofmt has it: two blanks a level, at most one blank line, one blank between words, and columns within a *paragraph*, the
//! lines that follow each other with neither a blank line nor a comment between them. The column before the commands of steps, the
//! actions of guards and comments stays where the author has drawn it, on two lines or more and wide enough; every other one is as narrow as
//! its words allow.

mod columns;
mod lines;

use crate::ast;
use crate::source::SourceFile;
use crate::syntax::{self, Token, TokenKind, tokens};

/// Why a text has no form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unformatted {
    /// It cannot be read; `check` says where and why.
    Unreadable,
    /// The form would have said something else than the text. This is a mistake of the formatter; the text is to be left alone.
    Changed,
}

/// The text in its form.
///
/// # Errors
///
/// The text cannot be parsed, or the result would not mean the same.
pub fn format(file: &SourceFile) -> Result<String, Unformatted> {
    let before = syntax::parse(file);
    if !before.can_be_formatted() {
        return Err(Unformatted::Unreadable);
    }
    let text = file.text();
    let all = tokens(text);
    let formed = columns::write(&lines::lines(text, &all));
    if formed == text {
        return Ok(formed);
    }
    let after = syntax::parse(&SourceFile::new(file.name(), &formed));
    if same_tokens(text, &all, &formed) && same_tree(&before.ast, &after.ast) {
        Ok(formed)
    } else {
        Err(Unformatted::Changed)
    }
}

/// Whether two texts are the same words, signs, strings, commands and comments in the same order, on the same lines.
fn same_tokens(text: &str, all: &[Token], formed: &str) -> bool {
    let others = tokens(formed);
    let words = |text: &str, all: &[Token]| -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for token in all {
            match token.kind {
                TokenKind::Newline => {
                    if words.last().is_some_and(|last| last != "\n") {
                        words.push("\n".to_owned());
                    }
                }
                TokenKind::Shell => words.push(shell_words(slice(text, token))),
                TokenKind::Word
                | TokenKind::Text
                | TokenKind::Pattern
                | TokenKind::Comment
                | TokenKind::Open(_)
                | TokenKind::Close(_)
                | TokenKind::Comma
                | TokenKind::Operator
                | TokenKind::Range
                | TokenKind::Sign => words.push(slice(text, token).to_owned()),
            }
        }
        if words.last().is_none_or(|last| last != "\n") {
            words.push("\n".to_owned());
        }
        words
    };
    words(text, all) == words(formed, &others)
}

/// Shell text as it is run: the blanks after `$` are not part of it.
fn shell_words(text: &str) -> String {
    let command = text.strip_prefix('$').unwrap_or(text);
    format!("$ {}", command.trim_start_matches([' ', '\t']))
}

fn same_tree(one: &ast::File, other: &ast::File) -> bool {
    // The sign leaves the places out (`source::Span`): the trees are the same when nothing but the places differs.
    format!("{one:-?}") == format!("{other:-?}")
}

fn slice<'t>(text: &'t str, token: &Token) -> &'t str {
    text.get(token.span.range()).unwrap_or_default()
}
