//! Paths and addresses that stand without quotes: what was meant is said, and nothing else is said of them.

use crate::ast::{Expr, ExprKind};
use crate::diag::Diagnostic;
use crate::diag::factory::{bare as say, habits};
use crate::source::{Span, offset};

use super::super::recover::{self, Bare};
use super::super::words::Place;
use super::{Lower, Pair, Parts};

impl Lower<'_> {
    /// A path that the grammar knows for one.
    pub(super) fn bare_part(&mut self, pair: &Pair<'_>, what: &str) -> Expr {
        let (span, written) = (self.span(pair), pair.as_str());
        self.diagnostics.push(match what {
            "a text" => say::stdin_of_file(span, written),
            // ssh knows the home of whoever calls it.
            what if what.starts_with("the path of") => say::path_of_ssh(span, written),
            _other => say::path(span, written),
        });
        lost(span)
    }

    /// Whether a path or an address stands in the file behind the last part, where something in quotes belongs; it is reported.
    pub(super) fn is_bare(&mut self, parts: &Parts<'_>, what: &str) -> bool {
        let rest = self.file.slice(Span::new(
            parts.last.end,
            self.base + offset(self.file.text().len()),
        ));
        let line = rest.split('\n').next().unwrap_or_default();
        let text = line.trim_start();
        let start = parts.last.end + offset(line.len() - text.len());
        match self.bare_at(parts.word, what, (text, start)) {
            None => false,
            Some(said) => {
                self.diagnostics.push(said);
                true
            }
        }
    }

    /// The name of a machine where an address belongs, which has more dots than any name of the language.
    pub(super) fn bare_host(&mut self, parts: &mut Parts<'_>, pair: &Pair<'_>) -> Option<Expr> {
        let span = self.span(pair);
        let end = self.base + offset(self.file.text().len());
        let run = recover::run(self.file.slice(Span::new(span.start, end)));
        let name = run.split(':').next().unwrap_or_default();
        let is_name = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '.' | '-');
        if name.matches('.').count() < 2 || !name.chars().all(is_name) {
            return None;
        }
        let span = Span::new(span.start, span.start + offset(run.len()));
        self.diagnostics.push(say::address(span, run));
        // What follows goes on with it.
        parts.broken = true;
        Some(lost(span))
    }

    /// The same in what could not be read; an address may have begun before it, as a name.
    pub(super) fn bare_in(
        &mut self,
        parts: &Parts<'_>,
        what: &str,
        (junk, span): (&str, Span),
    ) -> Option<Diagnostic> {
        // An address that begins like a name was taken for one.
        let before = self.file.slice(parts.last);
        let name = before.split_whitespace().next_back().unwrap_or_default();
        let is_scheme = !name.is_empty() && name.chars().all(|ch| ch.is_ascii_alphanumeric());
        let goes_on = junk.starts_with("://") && is_scheme
            || matches!(parts.word, "tcp" | "host")
                && junk.starts_with(':')
                && !name.ends_with(['"', '\'']);
        if !goes_on {
            return self.bare_at(parts.word, what, (junk, span.start));
        }
        let start = parts.last.end - offset(name.len());
        self.lost.insert(name.to_owned());
        let length = recover::run(junk).len();
        Some(self.address(parts.word, Span::new(start, span.start + offset(length))))
    }

    /// The path of a program where a command belongs: `step ship ./deploy.sh`.
    pub(super) fn path_as_command(
        &self,
        parts: &Parts<'_>,
        (junk, span): (&str, Span),
    ) -> Option<Diagnostic> {
        let takes_one = matches!(parts.word, "step" | "check" | "capture");
        let last = self.file.slice(parts.last);
        let has_one = ["exec", "sh", "http", "sql", "$"]
            .contains(&last.split_whitespace().next().unwrap_or_default());
        if !takes_one || has_one {
            return None;
        }
        match recover::bare(junk, "")? {
            Bare::Address(_) => None,
            Bare::Path(path) => {
                let at = Span::new(span.start, span.start + offset(path.len()));
                let line = junk.lines().next().unwrap_or_default().trim_end();
                Some(habits::path_without_dollar(at, line))
            }
        }
    }

    /// Whether a line that begins nothing is the path of a program, where commands stand; it is reported.
    pub(super) fn path_on_a_line(&mut self, text: &str, span: Span, place: Place) -> bool {
        let Some(Bare::Path(path)) = recover::bare(text, "") else {
            return false;
        };
        let stands = place.knows("$");
        if stands {
            let at = Span::new(span.start, span.start + offset(path.len()));
            let line = text.lines().next().unwrap_or_default().trim_end();
            self.diagnostics.push(habits::path_without_dollar(at, line));
        }
        stands
    }

    fn bare_at(&self, word: &str, what: &str, (text, start): (&str, u32)) -> Option<Diagnostic> {
        let bare = recover::bare(text, what)?;
        let span = |written: &str| Span::new(start, start + offset(written.len()));
        Some(match bare {
            Bare::Address(written) => self.address(word, span(written)),
            Bare::Path(written) => say::path(span(written), written),
        })
    }

    fn address(&self, word: &str, span: Span) -> Diagnostic {
        match word {
            "slack" | "pagerduty" | "postgres" => say::secret_address(span, word),
            _other => say::address(span, self.file.slice(span)),
        }
    }
}

fn lost(span: Span) -> Expr {
    Expr {
        kind: ExprKind::Lost,
        span,
        grouped: false,
    }
}
