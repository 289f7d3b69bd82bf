//! Statements that hold others: `parallel`, `for`, `if`.

use crate::ast::{Expr, ExprKind, ForEach, If, Parallel, Statement, Strand};
use crate::diag::factory::nested as say;
use crate::source::Span;
use crate::value::Value;

use super::super::grammar::Rule;
use super::super::words::Place;
use super::{Lower, Pair, Parts, inside};

/// The longest range that is written out as a list.
const LONGEST: usize = 20;

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
        let list = match self.range_for_list(&mut parts) {
            Some(range) => Some(range),
            None => self.maybe_part(&mut parts, Rule::in_part, "a list"),
        };
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

    /// A range in the place of the list of a `for`: the list that it stands for in other languages. It is reported.
    fn range_for_list(&mut self, parts: &mut Parts<'_>) -> Option<Expr> {
        let part = parts.inner.peek()?.clone();
        let mut ends = part.into_inner().filter(|one| one.as_rule() == Rule::expr);
        let mut inner = parts.inner.peek()?.clone().into_inner();
        let range = inner.find(|one| one.as_rule() == Rule::range)?;
        let number = |end: Option<Pair<'_>>| end?.as_str().trim_end().parse::<i64>().ok();
        let (first, last) = (number(ends.next()), number(ends.next()));
        let part = self.take(parts, Rule::in_part)?;
        let start = part.into_inner().next().map(|one| self.span(&one));
        let span = start.unwrap_or_else(|| self.span(&range)).to(parts.last);
        let values = first.zip(last).map(|(first, last)| first..=last);
        let few = values.filter(|values| values.clone().take(LONGEST + 1).count() <= LONGEST);
        let values: Vec<i64> = few.into_iter().flatten().collect();
        let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
        self.diagnostics
            .push(say::range_for_list(span, &texts.join(", ")));
        let literal = |value: &i64| leaf(ExprKind::Literal(Value::Int(*value)), span);
        let kind = match values.as_slice() {
            [] => ExprKind::Lost,
            values => ExprKind::List(values.iter().map(literal).collect()),
        };
        Some(leaf(kind, span))
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

fn leaf(kind: ExprKind, span: Span) -> Expr {
    Expr {
        kind,
        span,
        grouped: false,
    }
}
