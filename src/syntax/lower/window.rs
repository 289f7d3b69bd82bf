//! Windows of time: their lines, days and hours.

use crate::ast::{DaySpan, Holidays, Hours, Window, WindowRule, WindowRuleKind};
use crate::diag::factory::syntax as say;
use crate::source::Span;
use crate::value::{Date, Weekday};

use super::super::grammar::Rule;
use super::super::words::Place;
use super::{Lower, Pair, Parts, inside};

/// One end of a span of days.
#[derive(Clone, Copy)]
pub(super) enum Day {
    Of(Weekday),
    On(Date),
}

impl Lower<'_> {
    pub(super) fn window(&mut self, pair: Pair<'_>) -> Option<Window> {
        let mut parts = self.parts(pair, "window", Place::Top);
        let name = self.name(&mut parts, "a name");
        let (mut rules, mut holidays) = (Vec::new(), Vec::new());
        if let Some(block) = self.take(&mut parts, Rule::window_block) {
            for line in inside(block) {
                if line.as_rule() == Rule::stray {
                    self.stray(line, Place::Window);
                    continue;
                }
                self.last_was_noise = false;
                if line.as_rule() == Rule::holidays {
                    holidays.extend(self.holidays(line));
                } else {
                    rules.extend(self.window_rule(line));
                }
            }
        }
        self.finish(&mut parts, &[]);
        Some(Window {
            name: name?,
            rules,
            holidays,
            span: parts.span,
            docs: self.docs(parts.span),
        })
    }

    fn window_rule(&mut self, pair: Pair<'_>) -> Option<WindowRule> {
        let kind = [
            WindowRuleKind::Allow,
            WindowRuleKind::Best,
            WindowRuleKind::Never,
        ];
        let kind = kind
            .into_iter()
            .find(|kind| pair.as_str().starts_with(kind.word()))?;
        let mut parts = self.parts(pair, kind.word(), Place::Window);
        self.take(&mut parts, Rule::window_word);
        self.no_separator(&mut parts);
        let days = match self.take(&mut parts, Rule::days) {
            None => Some(Vec::new()),
            Some(pair) => self.days(&mut parts, pair),
        };
        let hours = match self.take(&mut parts, Rule::hours) {
            None => Some(None),
            Some(pair) => self.hours(&mut parts, pair).map(Some),
        };
        if matches!((&days, &hours), (Some(days), Some(None)) if days.is_empty()) {
            self.need(&mut parts, "a day or hours");
        }
        self.finish(&mut parts, &[]);
        let (days, hours) = (days?, hours?);
        if parts.broken {
            return None;
        }
        Some(WindowRule {
            kind,
            days,
            hours,
            span: parts.span,
        })
    }

    fn holidays(&mut self, pair: Pair<'_>) -> Option<Holidays> {
        let mut parts = self.parts(pair, "holidays", Place::Window);
        self.no_separator(&mut parts);
        let found = if let Some(text) = self.maybe_text(&mut parts) {
            Some(Holidays::File(text))
        } else if let Some(pair) = self.take(&mut parts, Rule::days) {
            let days = self.days(&mut parts, pair)?;
            let weekly = days.iter().find_map(|day| match day {
                DaySpan::Week { span, .. } => Some(*span),
                DaySpan::Dates { .. } => None,
            });
            if let Some(span) = weekly {
                let word = self.file.slice(span).to_owned();
                self.diagnostics.push(say::weekly_holiday(span, &word));
                return None;
            }
            Some(Holidays::Dates(days))
        } else {
            self.need(&mut parts, "a file in quotes or dates");
            None
        };
        self.finish(&mut parts, &[]);
        found
    }

    fn days(&mut self, parts: &mut Parts<'_>, pair: Pair<'_>) -> Option<Vec<DaySpan>> {
        let mut all = Some(Vec::new());
        for one in pair.into_inner() {
            let read = self.day_span(parts, one);
            all = all.zip(read).map(|(mut all, one)| {
                all.push(one);
                all
            });
        }
        all
    }

    fn day_span(&mut self, parts: &mut Parts<'_>, pair: Pair<'_>) -> Option<DaySpan> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let first = self.day(&inner.next()?);
        let last = match (inner.next(), inner.next()) {
            (None, _) => first,
            (Some(_range), Some(last)) => self.day(&last),
            (Some(range), None) => {
                parts.last = self.span(&range);
                self.need(parts, "the last day");
                None
            }
        };
        let last_span = Span::new(span.start, span.end);
        match (first?, last?) {
            (Day::Of(first), Day::Of(last)) => Some(DaySpan::Week { first, last, span }),
            (Day::On(first), Day::On(last)) if first > last => {
                let found = (first.to_string(), last.to_string());
                self.diagnostics
                    .push(say::backwards_days(last_span, (&found.0, &found.1)));
                None
            }
            (Day::On(first), Day::On(last)) => Some(DaySpan::Dates { first, last, span }),
            (Day::Of(_), Day::On(_)) | (Day::On(_), Day::Of(_)) => {
                self.diagnostics.push(say::mixed_days(span));
                None
            }
        }
    }

    pub(super) fn day(&mut self, pair: &Pair<'_>) -> Option<Day> {
        let text = pair.as_str();
        if text.starts_with(|ch: char| ch.is_ascii_digit()) {
            return match text.parse() {
                Ok(date) => Some(Day::On(date)),
                Err(_) => {
                    self.diagnostics
                        .push(say::not_a_date(self.span(pair), text));
                    None
                }
            };
        }
        let known = Weekday::ALL.map(Weekday::word);
        let index = self.choice(pair, "day of the week", &known)?;
        Weekday::ALL.get(index).copied().map(Day::Of)
    }

    fn hours(&mut self, parts: &mut Parts<'_>, pair: Pair<'_>) -> Option<Hours> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let from = self.clock(&inner.next()?);
        let to = match (inner.next(), inner.next()) {
            (Some(_range), Some(last)) => self.clock(&last),
            (Some(_), None) | (None, _) => {
                parts.last = span;
                self.need(parts, "`..` and the end");
                None
            }
        };
        let (from, to) = (from?, to?);
        if from == to || from == DAY || to == 0 {
            self.diagnostics
                .push(say::no_hours(span, self.file.slice(span)));
            return None;
        }
        Some(Hours { from, to, span })
    }

    /// Minutes of the day; `24:00` is its end.
    pub(super) fn clock(&mut self, pair: &Pair<'_>) -> Option<u16> {
        let read = pair.as_str().split_once(':').and_then(|(hour, minute)| {
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            let minutes = hour.checked_mul(60)?.checked_add(minute)?;
            (minute < 60 && minutes <= DAY).then_some(minutes)
        });
        if read.is_none() {
            self.diagnostics
                .push(say::not_a_clock(self.span(pair), pair.as_str()));
        }
        read
    }
}

/// The minutes of a day.
const DAY: u16 = 1_440;
