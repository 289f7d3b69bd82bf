//! `defaults` and `limits`.

use crate::ast::{Defaults, Environment, Limits, Name};
use crate::diag::factory::after as say;
use crate::source::{Span, offset};

use super::super::grammar::Rule;
use super::super::words::Place;
use super::{Lower, Pair, Seen, inside};

impl Lower<'_> {
    pub(super) fn defaults(&mut self, pair: Pair<'_>) -> Defaults {
        let mut parts = self.parts(pair, "defaults", Place::Top);
        let mut defaults = Defaults {
            timeout: None,
            grace: None,
            retry: None,
            probe_timeout: None,
            set_timeout: None,
            read_timeout: None,
            word_span: head(parts.span, "defaults"),
            span: parts.span,
        };
        let mut seen = Seen::default();
        match self.take(&mut parts, Rule::defaults_block) {
            None => self.need(&mut parts, "a block"),
            Some(block) => {
                for line in inside(block) {
                    if line.as_rule() == Rule::stray {
                        self.stray(line, Place::Defaults);
                    } else {
                        self.last_was_noise = false;
                        self.default_line(line, &mut defaults, &mut seen);
                    }
                }
            }
        }
        self.finish(&mut parts, &[]);
        defaults
    }

    fn default_line(&mut self, pair: Pair<'_>, defaults: &mut Defaults, seen: &mut Seen) {
        let span = self.span(&pair);
        let of = pair.clone().into_inner().next();
        let of = of.filter(|of| of.as_rule() == Rule::default_of);
        let (word, key) = match of.as_ref().map(Pair::as_str) {
            Some("probe") => ("probe", "probe timeout"),
            Some("set") => ("set", "set timeout"),
            Some(_read) => ("read", "read timeout"),
            None if pair.as_str().starts_with("timeout") => ("timeout", "timeout"),
            None if pair.as_str().starts_with("grace") => ("grace", "grace"),
            None => ("retry", "retry"),
        };
        let mut parts = self.parts(pair, word, Place::Defaults);
        self.take(&mut parts, Rule::default_of);
        let clause = parts.inner.next_if(|clause| clause.as_rule() != Rule::junk);
        let Some(clause) = clause else {
            self.need(&mut parts, "`timeout` with a duration");
            return;
        };
        parts.last = self.span(&clause);
        if word == "retry" {
            let retry = self.retry(clause);
            parts.broken |= retry.is_none();
            self.finish(&mut parts, &["every", "backoff"]);
            if self.once(seen, key, span) {
                defaults.retry = retry;
            }
            return;
        }
        // What is missing is missing after the word, not after the whole clause.
        let clause_word = if word == "grace" { "grace" } else { "timeout" };
        parts.last = head(parts.last, clause_word);
        let value = self.part_expr(&mut parts, clause, "a duration");
        self.finish(&mut parts, &[]);
        if self.once(seen, key, span) {
            *match key {
                "probe timeout" => &mut defaults.probe_timeout,
                "set timeout" => &mut defaults.set_timeout,
                "read timeout" => &mut defaults.read_timeout,
                "grace" => &mut defaults.grace,
                _timeout => &mut defaults.timeout,
            } = value;
        }
    }

    /// `environment only NAME, "PATTERN"`
    pub(super) fn environment(&mut self, pair: Pair<'_>) -> Option<Environment> {
        let mut parts = self.parts(pair, "environment", Place::Top);
        if self.take(&mut parts, Rule::only_word).is_none() {
            self.need(&mut parts, "`only` with the names of variables");
        }
        let mut only: Vec<Name> = Vec::new();
        while let Some(one) = self.take(&mut parts, Rule::allowed) {
            let span = self.span(&one);
            let Some(inner) = one.into_inner().next() else {
                continue;
            };
            let text = match inner.as_rule() {
                Rule::text => self.text(&inner).plain().map(str::to_owned),
                _variable => Some(inner.as_str().to_owned()),
            };
            let is_name = |ch: char| ch.is_ascii_alphanumeric() || ch == '_' || ch == '*';
            let fits = |text: &String| {
                text.chars().all(is_name) && text.starts_with(|ch: char| !ch.is_ascii_digit())
            };
            match text.filter(fits) {
                Some(text) => only.push(Name { text, span }),
                None => {
                    let written = self.file.slice(span).to_owned();
                    self.diagnostics.push(say::bad_variable(span, &written));
                    parts.broken = true;
                }
            }
        }
        if only.is_empty() {
            self.need(&mut parts, "the name of a variable");
        }
        self.finish(&mut parts, &["only"]);
        (!only.is_empty()).then(|| Environment {
            only,
            word_span: head(parts.span, "environment"),
            span: parts.span,
        })
    }

    pub(super) fn limits(&mut self, pair: Pair<'_>) -> Limits {
        let mut parts = self.parts(pair, "limits", Place::Top);
        let mut limits = Limits {
            hold: None,
            max_gap: None,
            word_span: head(parts.span, "limits"),
            span: parts.span,
        };
        let mut seen = Seen::default();
        match self.take(&mut parts, Rule::limits_block) {
            None => self.need(&mut parts, "a block"),
            Some(block) => {
                for line in inside(block) {
                    if line.as_rule() == Rule::stray {
                        self.stray(line, Place::Limits);
                        continue;
                    }
                    self.last_was_noise = false;
                    let span = self.span(&line);
                    let is_hold = self.file.slice(span).starts_with("hold");
                    let word = if is_hold { "hold" } else { "max_gap" };
                    let mut own = self.parts(line, word, Place::Limits);
                    self.take(&mut own, Rule::limit_word);
                    self.no_separator(&mut own);
                    let value = self.needed_expr(&mut own, "a duration");
                    self.finish(&mut own, &[]);
                    if self.once(&mut seen, word, span) {
                        *(if is_hold {
                            &mut limits.hold
                        } else {
                            &mut limits.max_gap
                        }) = value;
                    }
                }
            }
        }
        self.finish(&mut parts, &[]);
        limits
    }
}

/// The first word of a statement.
pub(super) fn head(span: Span, word: &str) -> Span {
    Span::new(span.start, span.start + offset(word.len()))
}
