//! What holds for the whole file: the defaults of statements, the limits of the run.

use crate::diag::factory::check as say;
use crate::value::Type;

use super::Checker;
use super::gather::Declared;
use super::tree;

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

    /// A block of settings without a setting, unless a line of it could not be read.
    pub(super) fn says_nothing(&mut self, span: crate::source::Span, word: &str, example: &str) {
        self.incomplete();
        if self.ast.lost.is_empty() {
            self.found
                .push(say::block_sets_nothing(span, word, example));
        }
    }
}
