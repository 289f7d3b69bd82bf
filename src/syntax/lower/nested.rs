//! Statements that hold others: `parallel`, `for`, `if`.

use crate::ast::{ForEach, If, Parallel, Statement, Strand};
use crate::source::Span;

use super::super::grammar::Rule;
use super::super::words::Place;
use super::{Lower, Pair, Parts, inside};

impl Lower<'_> {
    pub(super) fn parallel(&mut self, pair: Pair<'_>, place: Place) -> Option<Statement> {
        let mut parts = self.parts(pair, "parallel", place);
        let mut strands = Vec::new();
        match self.take(&mut parts, Rule::parallel_block) {
            None => self.need(&mut parts, "a block"),
            Some(block) => {
                self.inside += 1;
                self.at_once += 1;
                for line in inside(block) {
                    strands.extend(self.strand(line, place));
                }
                self.at_once -= 1;
                self.inside -= 1;
            }
        }
        self.finish(&mut parts, &[]);
        Some(Statement::Parallel(Box::new(Parallel {
            strands,
            span: parts.span,
        })))
    }

    /// A line of `parallel`: `strand NAME { … }`, or one statement that is a strand by itself.
    fn strand(&mut self, pair: Pair<'_>, place: Place) -> Option<Strand> {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::strand => {
                self.last_was_noise = false;
                let mut parts = self.parts(pair, "strand", Place::Parallel);
                let name = self.name(&mut parts, "a name");
                let statements = self.body(&mut parts, place);
                self.finish(&mut parts, &[]);
                Some(Strand {
                    name: Some(name?),
                    statements,
                    span,
                })
            }
            Rule::stray => self.stray(pair, Place::Parallel).map(|lost| Strand {
                name: None,
                statements: vec![Statement::NotBuilt(lost)],
                span,
            }),
            _statement => self.statement(pair, place).map(|statement| Strand {
                name: None,
                statements: vec![statement],
                span,
            }),
        }
    }

    pub(super) fn each(&mut self, pair: Pair<'_>, place: Place) -> Option<Statement> {
        let mut parts = self.parts(pair, "for", place);
        let name = self.name(&mut parts, "a name for each value");
        let list = self.maybe_part(&mut parts, Rule::in_part, "a list");
        if list.is_none() {
            self.need(&mut parts, "`in` with a list");
        }
        let most = self.maybe_part(&mut parts, Rule::most_part, "a number");
        self.at_once += 1;
        let statements = self.block_inside(&mut parts, place);
        self.at_once -= 1;
        self.finish(&mut parts, &["at"]);
        Some(Statement::For(Box::new(ForEach {
            name: name?,
            list: list?,
            most,
            statements,
            span: parts.span,
        })))
    }

    pub(super) fn decision(&mut self, pair: Pair<'_>, place: Place) -> Option<Statement> {
        let mut parts = self.parts(pair, "if", place);
        let when = self.needed_expr(&mut parts, "a condition");
        let within = self.maybe_part(&mut parts, Rule::within_part, "a duration");
        let then = self.block_inside(&mut parts, place);
        let mut otherwise = Vec::new();
        if let Some(part) = self.take(&mut parts, Rule::otherwise) {
            let span = self.span(&part);
            match part.into_inner().next() {
                None => {
                    parts.last = Span::new(span.start, span.end);
                    self.need(&mut parts, "a block, or `if` with another condition,");
                }
                Some(next) if next.as_rule() == Rule::decision => {
                    self.inside += 1;
                    otherwise.extend(self.decision(next, place));
                    self.inside -= 1;
                }
                Some(block) => {
                    self.inside += 1;
                    for line in inside(block) {
                        otherwise.extend(self.statement(line, place));
                    }
                    self.inside -= 1;
                }
            }
        }
        self.finish(&mut parts, &["within", "else"]);
        Some(Statement::If(Box::new(If {
            when: when?,
            within,
            then,
            otherwise,
            span: parts.span,
        })))
    }

    fn block_inside(&mut self, parts: &mut Parts<'_>, place: Place) -> Vec<Statement> {
        self.inside += 1;
        let statements = self.body(parts, place);
        self.inside -= 1;
        statements
    }
}
