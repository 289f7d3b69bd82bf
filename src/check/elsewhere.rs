//! Owns names in texts that are written as shells and other tools write them: nothing fills them in, so that people would read them, and servers
//! be asked for them, as they stand.

use crate::ast::{Quote, Text};
use crate::diag::factory::check as say;
use crate::source::{Span, offset};

use super::Checker;
use super::names::Sort;
use super::shell::{templates, variables};
use super::tree::LiveWord;

impl Checker<'_> {
    /// In a text for people or servers: `$name` and `{{ name }}`. In single quotes a dollar means nothing, and is left alone.
    pub(super) fn named_as_elsewhere(&mut self, text: &Text) {
        self.named_in(text, Known::InTheRun);
    }

    /// The same in a text that is filled in before the run.
    pub(super) fn named_as_elsewhere_before(&mut self, text: &Text) {
        self.named_in(text, Known::BeforeIt);
    }

    fn named_in(&mut self, text: &Text, when: Known) {
        let written = self.file.slice(text.span);
        let plain: Vec<Found> = match text.quote {
            Quote::Raw => Vec::new(),
            Quote::Double | Quote::Block => self
                .with_dollar(written, when)
                .into_iter()
                .filter(|one| !one.is_braced)
                .collect(),
        };
        let braces = self.in_braces((written, text.quote), when);
        let all = plain.into_iter().chain(braces);
        self.report_each(text, all.collect());
    }

    /// In a query: no dollar has a meaning there, whatever the quotes.
    pub(super) fn named_as_elsewhere_in_query(&mut self, text: &Text) {
        let written = self.file.slice(text.span);
        let dollars = self.with_dollar(written, Known::BeforeIt).into_iter();
        let plain = dollars.filter(|one| text.quote == Quote::Raw || !one.is_braced);
        let all = plain.chain(self.in_braces((written, text.quote), Known::BeforeIt));
        self.report_each(text, all.collect());
    }

    fn with_dollar(&self, written: &str, when: Known) -> Vec<Found> {
        let all = variables(written).filter(|(name, at)| {
            !is_escaped(written, at.start) && self.can_be_filled_in(name, when)
        });
        all.map(|(name, at)| Found {
            name: name.to_owned(),
            is_braced: written.get(at.clone()).is_some_and(|is| is.contains('{')),
            at,
        })
        .collect()
    }

    fn in_braces(&self, (written, quote): (&str, Quote), when: Known) -> Vec<Found> {
        let all = templates(written, |name| self.can_be_filled_in(name, when)).into_iter();
        all.filter(|one| self.can_be_filled_in(&one.name, when))
            .filter(|one| quote == Quote::Raw || !is_escaped(written, one.at.start))
            .map(|one| Found {
                name: one.name,
                is_braced: true,
                at: one.at,
            })
            .collect()
    }

    /// Whether a text can have it: a value, or, while the run goes, an exposure, what is captured, and what the run knows.
    fn can_be_filled_in(&self, name: &str, when: Known) -> bool {
        let in_the_run = when == Known::InTheRun;
        match self.names.value(name) {
            Some((Sort::Param | Sort::Let | Sort::Local, _)) => true,
            Some((Sort::Exposure | Sort::Capture, _)) => in_the_run,
            Some(_) => false,
            None => {
                let mut live = LiveWord::ALL.into_iter();
                name == "service" || in_the_run && live.any(|word| word.word() == name)
            }
        }
    }

    fn report_each(&mut self, text: &Text, all: Vec<Found>) {
        for one in all {
            let written = self.file.slice(text.span).get(one.at.clone());
            let written = written.unwrap_or_default().to_owned();
            let start = text.span.start.saturating_add(offset(one.at.start));
            let span = Span::new(start, start.saturating_add(offset(one.at.len())));
            let is_raw = text.quote == Quote::Raw;
            let in_quotes = is_raw.then_some("in \"double quotes\"");
            self.found
                .push(say::not_filled_in(span, (&written, &one.name), in_quotes));
        }
    }
}

/// Whether a backslash says that these very characters are meant.
fn is_escaped(written: &str, at: usize) -> bool {
    let before = written.get(..at).unwrap_or_default();
    let backslashes = before.len() - before.trim_end_matches('\\').len();
    backslashes % 2 == 1
}

/// What a text can have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    /// What is known before the run.
    BeforeIt,
    /// What is known while it goes.
    InTheRun,
}

/// A name that is written as elsewhere.
struct Found {
    name: String,
    /// Where it stands, from the quote on.
    at: std::ops::Range<usize>,
    /// With braces: `${name}`, `{{ name }}`.
    is_braced: bool,
}
