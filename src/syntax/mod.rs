//! From text to tree. The only place that names pest.
//!
//! Parsing never fails: it gives a tree, the comments, and diagnostics. What could not be read was reported
//! and is missing in the tree; its neighbours are there. Nothing here knows whether a name exists or what type
//! anything has.

mod decode;
mod habits;
mod keywords;
mod lower;
mod recover;
mod scan;
mod slips;
mod tokens;
mod trivia;
mod words;

use pest::Parser;

use crate::ast::{self, Comment};
use crate::diag::{Diagnostics, factory::syntax as say};
use crate::source::{SourceFile, Span};

pub use decode::{SIZE_LIMIT, decode, encode_like};
pub use keywords::keywords;
pub use tokens::{Token, TokenKind, tokens};
pub use words::{RESERVED, clauses};

mod grammar {
    //! The parser that pest makes from the grammar.

    /// The generated parser.
    #[derive(pest_derive::Parser)]
    #[grammar = "grammar/runbook.pest"]
    pub(super) struct Grammar;
}

use grammar::{Grammar, Rule};

/// What a text says, as far as it could be read.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree.
    pub ast: ast::File,
    /// All comments, in order.
    pub comments: Vec<Comment>,
    /// What could not be read, sorted by place.
    pub diagnostics: Diagnostics,
    /// Whether the text could be divided into statements at all. If not, the tree is empty, one
    /// diagnostic says why, and later phases have nothing to look at.
    pub readable: bool,
}

impl Parsed {
    /// Whether every statement was read, so that its form can be held against what it says. A part of the language that is not built yet
    /// does not stand in the way.
    pub(crate) fn can_be_formatted(&self) -> bool {
        let stands_in_the_way = |one: &crate::diag::Diagnostic| {
            one.severity == crate::diag::Severity::Error && one.name != "not-built-yet"
        };
        self.readable && !self.diagnostics.iter().any(stands_in_the_way)
    }

    fn unreadable(comments: Vec<Comment>, diagnostics: Diagnostics) -> Self {
        Self {
            ast: ast::File::default(),
            comments,
            diagnostics,
            readable: false,
        }
    }
}

/// Reads a file as a template: text in which `${…}` is filled in. What is wrong with that is said.
pub fn template(file: &SourceFile) -> (ast::Text, Diagnostics) {
    lower::template(file)
}

/// Reads a file. The places in the tree, of the comments and of the diagnostics are those of the space that the file lies in.
pub fn parse(file: &SourceFile) -> Parsed {
    let base = file.base();
    let first = recover::first_statement(file);
    if let recover::First::Foreign(diagnostic) = first {
        let found = Diagnostics::from(*diagnostic).moved(base);
        return Parsed::unreadable(Vec::new(), found);
    }
    // What runs before the tree is made counts from the first byte of the file, and is moved to its place.
    let scanned = scan::scan(file);
    let comments: Vec<Comment> = scanned
        .comments
        .into_iter()
        .map(|comment| comment.moved(base))
        .collect();
    let mut diagnostics = Diagnostics::new();
    if !scanned.fatal.is_empty() {
        for one in scanned.fatal {
            diagnostics.push(one);
        }
        diagnostics.sort();
        return Parsed::unreadable(comments, diagnostics.moved(base));
    }
    if let recover::First::Untitled(diagnostic) = first {
        diagnostics.push(*diagnostic);
    }
    let pairs = match Grammar::parse(Rule::file, file.text()) {
        Ok(pairs) => pairs,
        Err(error) => {
            // The scan has balanced everything that the grammar relies on, so this is a disagreement
            // between the two. It is still said at its place, like any other mistake in a file.
            let at = match error.location {
                pest::error::InputLocation::Pos(at) | pest::error::InputLocation::Span((at, _)) => {
                    at
                }
            };
            let found = recover::found(file.text().get(at..).unwrap_or_default());
            diagnostics.push(say::unexpected_text(
                Span::of(at..at + found.length),
                &found.text,
                None,
                None,
            ));
            return Parsed::unreadable(comments, diagnostics.moved(base));
        }
    };
    let mut diagnostics = diagnostics.moved(base);
    let (ast, found) = lower::lower(file, &comments, pairs);
    diagnostics.extend(found);
    diagnostics.sort();
    Parsed {
        ast,
        comments,
        diagnostics,
        readable: true,
    }
}
