//! What a stage waits for, sets and passes: approvals, conditions and captures.

use crate::ast::{Approve, Capture, Clauses, TypeRef, Unapproved, WaitUntil};
use crate::diag::factory::syntax as say;

use super::super::grammar::Rule;
use super::super::words::Place;
use super::block::CLAUSE_WORDS;
use super::{Lower, Pair, Parts, Seen};

impl Lower<'_> {
    pub(super) fn approve(&mut self, pair: Pair<'_>, place: Place) -> Option<Approve> {
        let mut parts = self.parts(pair, "approve", place);
        let text = self.needed_text(&mut parts, "what is approved, in quotes,");
        let (mut group, mut count, mut within, mut otherwise) = (None, None, None, None);
        let mut seen = Seen::default();
        loop {
            match parts.peek() {
                Some(Rule::by_part) => {
                    let read = self.approving_group(&mut parts);
                    if self.once(&mut seen, "by", parts.last) {
                        group = read;
                    }
                }
                Some(Rule::count_part) => {
                    let read = self.maybe_part(&mut parts, Rule::count_part, "a number of people");
                    if self.once(&mut seen, "count", parts.last) {
                        count = read;
                    }
                }
                Some(Rule::within_part) => {
                    let read = self.maybe_part(&mut parts, Rule::within_part, "a duration");
                    if self.once(&mut seen, "within", parts.last) {
                        within = read;
                    }
                }
                Some(Rule::else_part) => {
                    let read = self.unapproved(&mut parts, place);
                    if self.once(&mut seen, "else", parts.last) {
                        otherwise = read;
                    }
                }
                Some(_) | None => break,
            }
        }
        self.finish(&mut parts, &["by", "count", "within", "else"]);
        if group.is_none() {
            self.need(&mut parts, "`by` with the group in quotes");
        }
        if within.is_none() {
            self.need(&mut parts, "`within` with a duration");
        }
        if otherwise.is_none() {
            self.need(&mut parts, &format!("`else` with {}", ways(place)));
        }
        Some(Approve {
            text: text?,
            group: group?,
            count,
            within: within?,
            otherwise: otherwise?,
            span: parts.span,
            docs: self.docs(parts.span),
        })
    }

    /// `wait until …`, from behind `wait`.
    pub(super) fn wait_until(&mut self, mut parts: Parts<'_>) -> Option<WaitUntil> {
        let when = self.maybe_part(&mut parts, Rule::until_part, "a condition");
        let within = self.maybe_part(&mut parts, Rule::within_part, "a duration");
        self.finish(&mut parts, &["within"]);
        if within.is_none() {
            self.need(&mut parts, "`within` with a duration");
        }
        Some(WaitUntil {
            when: when?,
            within: within?,
            span: parts.span,
        })
    }

    pub(super) fn capture(&mut self, pair: Pair<'_>, place: Place) -> Option<Capture> {
        let mut parts = self.parts(pair, "capture", place);
        let name = self.name(&mut parts, "a name")?;
        if self.captured_by_a_sign(&mut parts, &name) {
            return Some(Capture {
                name,
                ty: TypeRef {
                    ty: None,
                    span: parts.span,
                },
                default: None,
                clauses: Clauses::default().into(),
                command: None,
                span: parts.span,
                docs: self.docs(parts.span),
            });
        }
        if matches!(parts.peek(), Some(Rule::colon | Rule::type_ref)) {
            self.separator(&mut parts, Rule::colon, ":");
        }
        let ty = match self.take(&mut parts, Rule::type_ref) {
            Some(pair) => self.type_ref(pair),
            None => {
                self.need(&mut parts, "`:` and a type");
                TypeRef {
                    ty: None,
                    span: parts.span,
                }
            }
        };
        parts.place = Place::Step;
        let (mut clauses, mut default) = (Clauses::default(), None);
        let mut seen = Seen::default();
        loop {
            self.more_clauses(&mut parts, (&mut clauses, &mut seen));
            let Some(part) = self.take(&mut parts, Rule::value_clause) else {
                break;
            };
            let span = self.span(&part);
            let value = self.part_expr(&mut parts, part, "a value");
            if self.once(&mut seen, "default", span) {
                default = value;
            }
        }
        let command = self.maybe_command(&mut parts);
        let not_built = self.finish(&mut parts, &CLAUSE_WORDS);
        if command.is_none() && not_built.is_none() {
            self.need(&mut parts, "a command");
        }
        clauses.not_built.extend(not_built);
        Some(Capture {
            name,
            ty,
            default,
            clauses: clauses.into(),
            command,
            span: parts.span,
            docs: self.docs(parts.span),
        })
    }

    /// The group of `by "GROUP"`.
    fn approving_group(&mut self, parts: &mut Parts<'_>) -> Option<crate::ast::Text> {
        let part = self.take(parts, Rule::by_part)?;
        match part.into_inner().next() {
            Some(pair) if pair.as_rule() == Rule::text => {
                parts.last = self.span(&pair);
                Some(self.text(&pair))
            }
            Some(_) | None => {
                self.need(parts, "the group in quotes");
                None
            }
        }
    }

    /// What `else` says.
    fn unapproved(&mut self, parts: &mut Parts<'_>, place: Place) -> Option<Unapproved> {
        let part = self.take(parts, Rule::else_part)?;
        let Some(action) = part.into_inner().next() else {
            self.need(parts, ways(place));
            return None;
        };
        if place == Place::Before {
            let known = ["refuse", "continue"];
            let at = self.span(&action);
            if action.as_rule() == Rule::rollback_action {
                let what = "way to go on before the rollout";
                self.diagnostics
                    .push(say::unknown_choice(at, "rollback", what, None, &known));
                parts.broken = true;
                return None;
            }
            let choice = self.choice(&action, "way to go on before the rollout", &known);
            parts.broken |= choice.is_none();
            return choice.map(|choice| match choice {
                0 => Unapproved::Refuse,
                _continue => Unapproved::Continue,
            });
        }
        if action.as_rule() == Rule::rollback_action {
            return Some(Unapproved::Rollback {
                from: self.rollback_from(action),
            });
        }
        let known = ["rollback", "hold", "continue"];
        let choice = self.choice(&action, "way to go on without an approval", &known);
        parts.broken |= choice.is_none();
        choice.map(|choice| match choice {
            1 => Unapproved::Hold,
            _continue => Unapproved::Continue,
        })
    }
}

/// The words that can follow `else` of an approval.
const fn ways(place: Place) -> &'static str {
    match place {
        Place::Before => "`refuse` or `continue`",
        _stage => "`rollback`, `hold` or `continue`",
    }
}
