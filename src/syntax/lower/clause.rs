//! The clauses of steps, checks, and the commands of exposures and probes.

use std::collections::BTreeMap;

use crate::ast::{
    Clauses, EnvVar, FailureAction, Name, OnFailure, OnUnknown, Pause, Retry, Statement, Undo,
    UnknownAction, Unless,
};
use crate::diag::factory::{bare, syntax as say};
use crate::source::Span;

use super::super::grammar::Rule;
use super::super::words::Place;
use super::{Lower, Pair, Parts, Seen, inside};

impl Lower<'_> {
    /// All clauses that stand next.
    pub(super) fn clauses(&mut self, parts: &mut Parts<'_>) -> Clauses {
        let mut clauses = Clauses::default();
        let mut seen = Seen::default();
        self.more_clauses(parts, (&mut clauses, &mut seen));
        clauses
    }

    /// All clauses that stand next, to those that were there.
    pub(super) fn more_clauses(
        &mut self,
        parts: &mut Parts<'_>,
        (clauses, seen): (&mut Clauses, &mut Seen),
    ) {
        while let Some(pair) = parts.inner.next_if(|pair| is_clause(pair.as_rule())) {
            parts.last = self.span(&pair);
            // What follows an expression in a clause may go on with it: `timeout 5 minutes`.
            parts.last_is_expr = true;
            self.clause(pair, parts, (&mut *clauses, &mut *seen));
        }
    }

    fn clause(
        &mut self,
        pair: Pair<'_>,
        parts: &mut Parts<'_>,
        (clauses, seen): (&mut Clauses, &mut Seen),
    ) {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::timeout_clause => {
                let timeout = self.part_expr(parts, pair, "a duration");
                if self.once(seen, "timeout", span) {
                    clauses.timeout = timeout;
                }
            }
            Rule::grace_clause => {
                let grace = self.part_expr(parts, pair, "a duration");
                if self.once(seen, "grace", span) {
                    clauses.grace = grace;
                }
            }
            Rule::retry_clause if is_none(&pair) => {
                if self.once(seen, "retry", span) {
                    clauses.no_retry = Some(span);
                }
            }
            Rule::retry_clause => {
                let retry = self.retry(pair);
                parts.broken |= retry.is_none();
                if self.once(seen, "retry", span) {
                    clauses.retry = retry.map(Box::new);
                }
            }
            Rule::flag_clause if pair.as_str() == "protected" => {
                if self.once(seen, "protected", span) {
                    clauses.protected = Some(span);
                }
            }
            Rule::flag_clause if pair.as_str() == "interactive" => {
                if self.once(seen, "interactive", span) {
                    clauses.interactive = Some(span);
                }
            }
            Rule::flag_clause => {
                if self.once(seen, "idempotent", span) {
                    clauses.idempotent = Some(span);
                }
            }
            Rule::unless_clause => {
                let unless = self.unless(pair);
                parts.broken |= unless.is_none();
                if self.once(seen, "unless", span) {
                    clauses.unless = unless.map(Box::new);
                }
            }
            Rule::undo_clause => {
                let undo = self.undo(pair);
                parts.broken |= undo.is_none();
                if self.once(seen, "undo", span) {
                    clauses.undo = undo;
                }
            }
            Rule::on_clause => parts.broken |= self.on_clause(pair, clauses, seen),
            Rule::hosts_clause => {
                let on = if self.is_other_clause(&pair, parts) {
                    None
                } else {
                    self.on_hosts(pair)
                };
                parts.broken |= on.is_none();
                if self.once(seen, "on", span) {
                    clauses.on = on.map(Box::new);
                }
            }
            Rule::in_clause => {
                let dir = self.part_expr(parts, pair, "a directory");
                if self.once(seen, "in", span) {
                    clauses.dir = dir.map(Box::new);
                }
            }
            Rule::stdin_clause if is_file(pair.as_str()) => {
                let path = pair.into_inner().next();
                let path = path.map_or(span, |path| self.span(&path));
                let written = self.file.slice(path).trim_matches(['"', '\'']);
                self.diagnostics.push(bare::stdin_of_file(path, written));
            }
            Rule::stdin_clause => {
                let stdin = self.part_expr(parts, pair, "a text");
                if self.once(seen, "stdin", span) {
                    clauses.stdin = stdin.map(Box::new);
                }
            }
            Rule::user_clause => {
                let user = self.part_expr(parts, pair, "the name of a user");
                if self.once(seen, "user", span) {
                    clauses.user = user.map(Box::new);
                }
            }
            _env => {
                parts.broken |= pair.clone().into_inner().next().is_none();
                let env = self.env(pair);
                if self.once(seen, "env", span) {
                    clauses.env = env;
                }
            }
        }
    }

    pub(super) fn retry(&mut self, pair: Pair<'_>) -> Option<Retry> {
        let mut own = self.parts(pair, "retry", Place::Step);
        let times = self.needed_expr(&mut own, "a number of attempts")?;
        let pause = match own.peek() {
            Some(Rule::every_part) => {
                let part = self.take(&mut own, Rule::every_part)?;
                let mut part = self.parts(part, "every", Place::Step);
                Pause::Every(self.needed_expr(&mut part, "a duration")?)
            }
            Some(Rule::backoff_part) => {
                let part = self.take(&mut own, Rule::backoff_part)?;
                let mut part = self.parts(part, "backoff", Place::Step);
                let first = self.needed_expr(&mut part, "a range of durations")?;
                if self.take(&mut part, Rule::range).is_none() {
                    self.need(&mut part, "`..` and the longest pause");
                    return None;
                }
                let last = self.needed_expr(&mut part, "the longest pause")?;
                Pause::Backoff { first, last }
            }
            Some(_) | None => {
                self.need(&mut own, "`every DURATION` or `backoff DURATION..DURATION`");
                return None;
            }
        };
        Some(Retry {
            times,
            pause,
            span: own.span,
        })
    }

    fn unless(&mut self, pair: Pair<'_>) -> Option<Unless> {
        let mut own = self.parts(pair, "unless", Place::Step);
        if let Some(pair) = self.take(&mut own, Rule::known_name) {
            return Some(Unless::Probe(self.qualified_name(&pair)));
        }
        let command = self.maybe_command(&mut own);
        if command.is_none() {
            self.need(&mut own, "a command or the name of a probe");
        }
        command.map(Unless::Command)
    }

    fn undo(&mut self, pair: Pair<'_>) -> Option<Undo> {
        let mut own = self.parts(pair, "undo", Place::Step);
        let statements = if own.peek() == Some(Rule::body) {
            self.body(&mut own, Place::Undo)
        } else {
            let command = self.maybe_command(&mut own);
            if command.is_none() {
                self.need(&mut own, "a command or a block");
                return None;
            }
            command.into_iter().map(Statement::Command).collect()
        };
        Some(Undo {
            statements,
            span: own.span,
        })
    }

    /// Takes the clause in; whether something about it was reported.
    fn on_clause(&mut self, pair: Pair<'_>, clauses: &mut Clauses, seen: &mut Seen) -> bool {
        let span = self.span(&pair);
        let mut own = self.parts(pair, "on", Place::Step);
        let kind = self.take(&mut own, Rule::on_word);
        let is_failure = kind.is_some_and(|kind| kind.as_str() == "failure");
        // The two words are one.
        own.last = Span::new(own.span.start, own.last.end);
        let known: &[&str] = if is_failure {
            &["rollback", "hold", "continue"]
        } else {
            &["ask", "rerun", "rollback"]
        };
        let what = known.join(", ");
        let (choice, from) = match own.peek() {
            Some(Rule::rollback_action) => {
                let Some(action) = self.take(&mut own, Rule::rollback_action) else {
                    return own.broken;
                };
                let action_span = self.span(&action);
                let from = self.rollback_from(action);
                match (is_failure, from) {
                    (true, from) => (Some(0), from),
                    (false, None) => (Some(2), None),
                    (false, Some(_)) => {
                        self.diagnostics.push(say::unexpected_text(
                            action_span,
                            "`from`",
                            None,
                            Some("on unknown ask | rerun | rollback"),
                        ));
                        (None, None)
                    }
                }
            }
            Some(Rule::action_word) => {
                let word = self.take(&mut own, Rule::action_word);
                let choice = word.and_then(|word| self.choice(&word, "action here", known));
                (choice, None)
            }
            Some(_) | None => {
                self.need(&mut own, &format!("one of {what}"));
                (None, None)
            }
        };
        if is_failure {
            let first = self.once(seen, "on failure", span);
            let action = match choice {
                Some(0) => FailureAction::Rollback { from },
                Some(1) => FailureAction::Hold,
                Some(_) => FailureAction::Continue,
                None => return own.broken,
            };
            if first {
                clauses.on_failure = Some(OnFailure { action, span });
            }
        } else {
            let first = self.once(seen, "on unknown", span);
            let action = match choice {
                Some(0) => UnknownAction::Ask,
                Some(1) => UnknownAction::Rerun,
                Some(_) => UnknownAction::Rollback,
                None => return own.broken,
            };
            if first {
                clauses.on_unknown = Some(OnUnknown { action, span });
            }
        }
        own.broken
    }

    /// The level of `rollback from LEVEL`.
    pub(super) fn rollback_from(&mut self, pair: Pair<'_>) -> Option<Name> {
        let part = pair.into_inner().next()?;
        let mut own = self.parts(part, "from", Place::Step);
        self.name(&mut own, "the name of a level")
    }

    /// The variables of an `env_clause`.
    pub(super) fn env(&mut self, pair: Pair<'_>) -> Vec<EnvVar> {
        let mut own = self.parts(pair, "env", Place::Step);
        let Some(block) = self.take(&mut own, Rule::env_block) else {
            self.need(&mut own, "a block");
            return Vec::new();
        };
        let mut variables: Vec<EnvVar> = Vec::new();
        let mut known: BTreeMap<String, Span> = BTreeMap::new();
        for item in inside(block) {
            match item.as_rule() {
                Rule::env_item => {
                    let Some(variable) = self.env_item(item) else {
                        continue;
                    };
                    if let Some(first) = known.get(&variable.name.text) {
                        self.diagnostics.push(say::duplicate_clause(
                            variable.name.span,
                            *first,
                            &variable.name.text,
                        ));
                    } else {
                        known.insert(variable.name.text.clone(), variable.name.span);
                        variables.push(variable);
                    }
                }
                _stray => {
                    self.stray(item, Place::Env);
                }
            }
        }
        variables
    }

    fn env_item(&mut self, pair: Pair<'_>) -> Option<EnvVar> {
        let mut own = self.parts(pair, "", Place::Env);
        own.form = Some("VARIABLE = VALUE");
        let name = self.take(&mut own, Rule::variable)?;
        let name = Name {
            text: name.as_str().to_owned(),
            span: self.span(&name),
        };
        self.separator(&mut own, Rule::assign, "=");
        let value = self.needed_expr(&mut own, "a value")?;
        self.finish(&mut own, &[]);
        Some(EnvVar { name, value })
    }

    /// `timeout`, `in` and `env` of a command that takes no other clauses.
    pub(super) fn few_clauses(&mut self, parts: &mut Parts<'_>) -> Clauses {
        let clauses = self.clauses(parts);
        let refused: [(Option<Span>, &str); 13] = [
            (clauses.grace.as_ref().map(|one| one.span), "grace"),
            (clauses.retry.as_ref().map(|one| one.span), "retry"),
            (clauses.no_retry, "retry"),
            (clauses.idempotent, "idempotent"),
            (clauses.protected, "protected"),
            (clauses.interactive, "interactive"),
            (clauses.unless.as_ref().map(|one| one.span()), "unless"),
            (clauses.on.as_ref().map(|one| one.span), "on"),
            (clauses.undo.as_ref().map(|one| one.span), "undo"),
            (clauses.stdin.as_ref().map(|one| one.span), "stdin"),
            (clauses.user.as_ref().map(|one| one.span), "user"),
            (
                clauses.on_failure.as_ref().map(|one| one.span),
                "on failure",
            ),
            (
                clauses.on_unknown.as_ref().map(|one| one.span),
                "on unknown",
            ),
        ];
        for (span, word) in refused {
            if let Some(span) = span {
                self.diagnostics.push(say::misplaced_statement(
                    span,
                    word,
                    parts.place.name(),
                    &["in a step"],
                ));
            }
        }
        clauses
    }
}

/// Whether `stdin` is said to be a file.
fn is_file(clause: &str) -> bool {
    let rest = clause.strip_prefix("stdin").map(str::trim_start);
    let path = rest.and_then(|rest| rest.strip_prefix("file"));
    path.is_some_and(|path| {
        let trimmed = path.trim_start();
        trimmed.len() < path.len() && trimmed.starts_with(['/', '.', '~', '"', '\''])
    })
}

/// Whether a `retry` is `retry none`.
fn is_none(retry: &Pair<'_>) -> bool {
    let first = retry.clone().into_inner().next();
    first.is_some_and(|first| first.as_rule() == Rule::retry_none)
}

fn is_clause(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::timeout_clause
            | Rule::grace_clause
            | Rule::retry_clause
            | Rule::flag_clause
            | Rule::unless_clause
            | Rule::undo_clause
            | Rule::on_clause
            | Rule::hosts_clause
            | Rule::in_clause
            | Rule::env_clause
            | Rule::stdin_clause
            | Rule::user_clause
    )
}
