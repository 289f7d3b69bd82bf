//! What holds for the whole file: the defaults of statements, the limits of the run, the environment of commands.

use crate::diag::factory::check as say;
use crate::value::Type;

use crate::ast::{Environment, Item};
use crate::source::Span;

use super::Checker;
use super::gather::Declared;
use super::tree;

/// Whether a name of `environment only`, in which `*` stands for any letters, means a variable.
#[must_use]
pub fn lets_through(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, tail)) => name.strip_prefix(head).is_some_and(|rest| {
            let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            ends.into_iter()
                .any(|at| rest.get(at..).is_some_and(|rest| lets_through(tail, rest)))
        }),
    }
}

impl<'a> Checker<'a> {
    pub(super) fn defaults(&mut self, declared: &Declared<'a>) -> tree::Defaults {
        let Some(block) = declared.defaults else {
            return tree::Defaults::default();
        };
        let mut duration = |expr: Option<&_>, what| {
            let read = self.expect_if_there(expr, &Type::Duration, what);
            self.part(read).flatten()
        };
        let mut defaults = tree::Defaults {
            timeout: duration(block.timeout.as_ref(), "`timeout`"),
            grace: duration(block.grace.as_ref(), "`grace`"),
            retry: None,
            probe_timeout: duration(block.probe_timeout.as_ref(), "`probe timeout`"),
            set_timeout: duration(block.set_timeout.as_ref(), "`set timeout`"),
            read_timeout: duration(block.read_timeout.as_ref(), "`read timeout`"),
        };
        if let Some(retry) = &block.retry {
            let read = self.retry(retry);
            defaults.retry = self.part(read);
        }
        let says_something = [
            &block.timeout,
            &block.grace,
            &block.probe_timeout,
            &block.set_timeout,
            &block.read_timeout,
        ];
        if block.retry.is_none() && says_something.iter().all(|one| one.is_none()) {
            self.says_nothing(block.word_span, "defaults", "timeout 2m");
        }
        defaults
    }

    pub(super) fn limits(&mut self, declared: &Declared<'a>) -> tree::Limits {
        let Some(block) = declared.limits else {
            return tree::Limits::default();
        };
        let mut duration = |expr: Option<&_>, what| {
            let read = self.expect_if_there(expr, &Type::Duration, what);
            self.part(read).flatten()
        };
        let limits = tree::Limits {
            hold: duration(block.hold.as_ref(), "`hold`"),
            max_gap: duration(block.max_gap.as_ref(), "`max_gap`"),
        };
        if block.hold.is_none() && block.max_gap.is_none() {
            self.says_nothing(block.word_span, "limits", "hold 30m");
        }
        limits
    }

    /// The line that says what commands inherit.
    fn environment_line(&self) -> Option<&'a Environment> {
        self.ast.items.iter().find_map(|item| {
            let Item::Environment(line) = item else {
                return None;
            };
            Some(line)
        })
    }

    /// What commands inherit; nothing where the file does not say.
    pub(super) fn environment(&self) -> Option<Vec<String>> {
        let line = self.environment_line()?;
        Some(line.only.iter().map(|one| one.text.clone()).collect())
    }

    /// The line that keeps a variable of the caller from commands, if it does.
    pub(super) fn kept_out(&self, name: &str) -> Option<Span> {
        let line = self.environment_line()?;
        let mut only = line.only.iter().map(|one| one.text.as_str());
        (!only.any(|pattern| lets_through(pattern, name))).then_some(line.span)
    }

    /// A block of settings without a setting, unless a line of it could not be read.
    pub(super) fn says_nothing(&mut self, span: Span, word: &str, example: &str) {
        self.incomplete();
        if self.ast.lost.is_empty() {
            self.found
                .push(say::block_sets_nothing(span, word, example));
        }
    }
}
