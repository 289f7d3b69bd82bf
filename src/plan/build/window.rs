//! The window of the plan, with the clock of its zone and its days off.

use super::Builder;
use crate::ast::{DaySpan, WindowRuleKind};
use crate::check;
use crate::diag::Diagnostics;
use crate::diag::factory::check as say;
use crate::plan::window::clock_of_zone;
use crate::plan::{Holiday, Plan, Slot, Window};
use crate::source::Span;
use crate::value::{Date, days_off};

impl Builder<'_> {
    /// The chosen window, with those days off that are written in the file itself.
    pub(super) fn window(&mut self) -> Option<Window> {
        let known = self.checked.window.as_ref()?;
        let zone = self.checked.header.zone.clone().unwrap_or_default();
        let mut holidays = Vec::new();
        let mut files = Vec::new();
        for one in &known.holidays {
            match one {
                check::Holidays::File { path, .. } => files.push(self.path(path)),
                check::Holidays::Dates(days) => {
                    holidays.extend(dates(days).map(|(first, last)| Holiday {
                        first,
                        last,
                        name: String::new(),
                        yearly: false,
                        until: None,
                    }));
                }
            }
        }
        let slots = |kind| {
            let rules = known.rules.iter().filter(move |rule| rule.kind == kind);
            rules.map(slot).collect()
        };
        Some(Window {
            name: known.name.clone(),
            clock: clock_of_zone(&zone).unwrap_or_default(),
            zone,
            allow: slots(WindowRuleKind::Allow),
            best: slots(WindowRuleKind::Best),
            never: slots(WindowRuleKind::Never),
            holidays,
            files,
        })
    }
}

fn slot(rule: &check::WindowRule) -> Slot {
    let week = rule.days.iter().flat_map(|day| match day {
        DaySpan::Week { first, last, .. } => first.through(*last),
        DaySpan::Dates { .. } => Vec::new(),
    });
    let (from, to) = rule
        .hours
        .map_or((0, 1_440), |hours| (hours.from, hours.to));
    Slot {
        week: week.collect(),
        dates: dates(&rule.days).collect(),
        from,
        to,
        text: rule.text.clone(),
    }
}

fn dates(days: &[DaySpan]) -> impl Iterator<Item = (Date, Date)> {
    days.iter().filter_map(|day| match day {
        DaySpan::Dates { first, last, .. } => Some((*first, *last)),
        DaySpan::Week { .. } => None,
    })
}

/// Reads the files of days off into a plan. `read` gives the text of a file by the path and the place
/// where it is named, or says why it cannot.
/// A plan whose window names files must not be run before.
pub fn read_holidays(
    checked: &check::Checked,
    plan: &mut Plan,
    read: &mut dyn FnMut(&str, Span) -> Result<String, String>,
) -> Diagnostics {
    let mut found = Diagnostics::new();
    let Some((window, known)) = plan.window.as_mut().zip(checked.window.as_ref()) else {
        return found;
    };
    let spans = known.holidays.iter().filter_map(|one| match one {
        check::Holidays::File { span, .. } => Some(*span),
        check::Holidays::Dates(_) => None,
    });
    let mut all = Vec::new();
    for (path, span) in window.files.iter().zip(spans) {
        match read(path, span).and_then(|text| days_off(&text)) {
            Ok(days) if days.is_empty() => {
                found.push(say::bad_holidays(span, path, "it has no event"));
            }
            Ok(days) => all.extend(days.into_iter().map(|one| Holiday {
                first: one.first,
                last: one.last,
                name: one.name,
                yearly: one.yearly,
                until: one.until,
            })),
            Err(why) => found.push(say::bad_holidays(span, path, &why)),
        }
    }
    window.holidays.extend(all);
    found
}
