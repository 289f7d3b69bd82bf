//! What can be known of a query in PromQL before anybody asks it: whether its brackets and strings are closed, and, where the query says so
//! by itself, what its samples are. Everything that is not known for certain is left alone.

mod speaks;
mod words;

use crate::ast::Text;
use crate::diag::factory::query as say;
use crate::source::Span;
use crate::value::Unit;

use super::Checker;
use words::Broken;

/// A unit and a query that say different things.
#[derive(Clone, Debug)]
pub struct Strange {
    /// The metric.
    pub metric: String,
    /// Where its unit stands, and the word.
    pub unit: (Span, &'static str),
    /// Where its query stands.
    pub query: Span,
    /// What the query gives, in words.
    pub gives: String,
    /// What to write.
    pub instead: String,
}

impl Checker<'_> {
    /// Names what no source could read in a query.
    pub(super) fn closed_query(&mut self, text: &Text) {
        // Where the text goes on without a blank a quote has ended it too early, which was told.
        let behind = Span::new(text.span.end, text.span.end.saturating_add(1));
        let is_cut = !self.file.slice(behind).trim().is_empty();
        if let Err(broken) = words::words(text)
            && !is_cut
        {
            self.found.push(match broken {
                Broken::Open(open, close) => say::open_bracket(text.span, open, close),
                Broken::Closes(close) => say::extra_bracket(text.span, close),
                Broken::String(quote) => say::open_string(text.span, quote),
            });
        }
    }

    /// Notes where a query gives something else than the unit says.
    pub(super) fn strange_unit(&mut self, name: &str, text: &Text, unit: (Span, Unit)) {
        let Ok(words) = words::words(text) else {
            return;
        };
        let speaks = speaks::speaks(&words);
        if let Some((gives, instead)) = speaks.and_then(|speaks| speaks.against(unit.1)) {
            self.strange.push(Strange {
                metric: name.to_owned(),
                unit: (unit.0, unit.1.word()),
                query: text.span,
                gives,
                instead,
            });
        }
    }
}
