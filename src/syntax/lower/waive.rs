//! `waive`, and the statement that it stands above.

use std::collections::BTreeMap;

use pest::iterators::Pairs;

use crate::ast::{Name, Waive};
use crate::source::{Span, offset};

use super::super::grammar::Rule;
use super::super::words::Place;
use super::{Lower, Pair};

impl Lower<'_> {
    /// Notes a line; what it stands above is found when the whole file is read.
    pub(super) fn waive(&mut self, pair: Pair<'_>) {
        let mut parts = self.parts(pair, "waive", Place::Top);
        let policy = self.take(&mut parts, Rule::policy).map(|word| Name {
            text: word.as_str().to_owned(),
            span: self.span(&word),
        });
        let reason = self.maybe_text(&mut parts);
        self.finish(&mut parts, &[]);
        // What else stands there was reported; what is missing is for the check phase to say.
        if !parts.broken {
            self.waives.push(Waive {
                policy,
                reason,
                on: None,
                span: parts.span,
            });
        }
    }

    /// The lines, each with the statement below it.
    pub(super) fn placed_waives(&mut self, file: Pairs<'_, Rule>) -> Vec<Waive> {
        let mut waives = std::mem::take(&mut self.waives);
        if waives.is_empty() {
            return waives;
        }
        let mut statements: BTreeMap<u32, (Rule, Span)> = BTreeMap::new();
        for pair in file.flatten() {
            if pair.as_rule() != Rule::file && pair.as_rule() != Rule::EOI {
                let span = self.reach(&pair);
                // The outermost comes first.
                statements
                    .entry(span.start)
                    .or_insert((pair.as_rule(), span));
            }
        }
        // From the last to the first: what stands below a line of its own kind is known already.
        let mut known: BTreeMap<u32, Option<Span>> = BTreeMap::new();
        for waive in waives.iter_mut().rev() {
            waive.on = self.below(waive.span.end, &statements, &known);
            known.insert(waive.span.start, waive.on);
        }
        waives
    }

    /// The statement that begins at or after a place, with nothing but comments and lines of its own kind between.
    fn below(
        &self,
        from: u32,
        statements: &BTreeMap<u32, (Rule, Span)>,
        known: &BTreeMap<u32, Option<Span>>,
    ) -> Option<Span> {
        let text = self.file.text();
        let mut at = usize::try_from(from.checked_sub(self.file.base())?).ok()?;
        loop {
            let rest = text.get(at..)?;
            let blank = rest.len() - rest.trim_start().len();
            at += blank;
            let rest = text.get(at..)?;
            if rest.starts_with('#') {
                at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            let start = self.file.base() + offset(at);
            if let Some(known) = known.get(&start) {
                return *known;
            }
            match statements.get(&start)? {
                (Rule::waive, span) => at += span.range().len().max(1),
                (_, span) => return Some(*span),
            }
        }
    }

    /// How far a line above reaches into a statement: its first line where it has a block of statements, else all of it.
    fn reach(&self, pair: &Pair<'_>) -> Span {
        let span = self.span(pair);
        let has_block = pair.clone().into_inner().any(|part| {
            matches!(
                part.as_rule(),
                Rule::body
                    | Rule::rollout_block
                    | Rule::rollback_block
                    | Rule::before_block
                    | Rule::test_block
            )
        });
        if !has_block {
            return span;
        }
        let first = pair.as_str().split('\n').next().unwrap_or_default();
        Span::new(span.start, span.start + offset(first.len()))
    }
}
