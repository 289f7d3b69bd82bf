//! Owns windows: when the start and every growth of exposure may happen, as pure data, and what such data says of a moment.
//! The clock of the zone is in the plan, so that a run that is taken up years later, by another version of this program or
//! with other rules of summer time on its machine, judges every moment as it was judged at first.
//!
//! A moment is inside a line when the clock on the wall of the zone reads a time of that line. So an hour that summer time
//! skips is never there, and one that it repeats is there twice.

use jiff::civil;
use serde::{Deserialize, Serialize};

use crate::value::{Date, Weekday};

/// How many days are looked through for the next opening.
const LOOK_AHEAD: i64 = 400;

/// The minutes of a day.
const DAY: i64 = 1_440;

/// A window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Its name.
    pub name: String,
    /// The IANA zone that its days and hours are of.
    pub zone: String,
    /// What is open. When nothing is said, all of it is.
    pub allow: Vec<Slot>,
    /// What is open and advised.
    pub best: Vec<Slot>,
    /// What is closed, whatever is open.
    pub never: Vec<Slot>,
    /// The days off: closed.
    pub holidays: Vec<Holiday>,
    /// The files that days off were read from.
    pub files: Vec<String>,
    /// The clock of the zone: from a Unix second on, so many seconds are added to UTC. In order.
    pub clock: Vec<(i64, i32)>,
}

/// A line of a window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// The days of the week; empty when it is about dates, or about every day.
    pub week: Vec<Weekday>,
    /// The dates, first and last.
    pub dates: Vec<(Date, Date)>,
    /// From this minute of the day.
    pub from: u16,
    /// To this minute, not included; on the next day when it is not after `from`.
    pub to: u16,
    /// The line as it is written.
    pub text: String,
}

/// Days off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// What they are called; empty when nobody said.
    pub name: String,
    /// They come back every year.
    pub yearly: bool,
    /// The last day on which they may begin again.
    pub until: Option<Date>,
}

/// What a window says of a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// It is open.
    Open {
        /// Whether this is the advised time, or nothing is advised.
        advised: bool,
    },
    /// It is closed.
    Closed {
        /// Why, as the rest of a sentence.
        why: String,
    },
}

impl Window {
    /// What it says of a moment, in Unix milliseconds.
    #[must_use]
    pub fn at(&self, wall: i64) -> Opening {
        let Some((date, minute)) = self.reads(wall) else {
            return Opening::Closed {
                why: "this moment is in no calendar".to_owned(),
            };
        };
        if let Some(holiday) = self.holidays.iter().find(|one| one.holds(date)) {
            let why = if holiday.name.is_empty() {
                format!("{date} is a holiday")
            } else {
                format!("{date} is a holiday ({})", holiday.name)
            };
            return Opening::Closed { why };
        }
        let holds = |slot: &&Slot| slot.holds(date, minute);
        if let Some(slot) = self.never.iter().find(holds) {
            return Opening::Closed {
                why: format!("it says `{}`", slot.text),
            };
        }
        let advised = self.best.iter().any(|slot| slot.holds(date, minute));
        if !advised && !self.allow.is_empty() && !self.allow.iter().any(|slot| holds(&slot)) {
            let lines = self.allow.iter().chain(&self.best);
            let lines: Vec<String> = lines.map(|slot| format!("`{}`", slot.text)).collect();
            return Opening::Closed {
                why: format!("it only says {}", lines.join(" and ")),
            };
        }
        Opening::Open {
            advised: advised || self.best.is_empty(),
        }
    }

    /// Whether it is open at a moment.
    #[must_use]
    pub fn is_open(&self, wall: i64) -> bool {
        matches!(self.at(wall), Opening::Open { .. })
    }

    /// The next moment at which it opens, when it is closed now; nothing when it does not within 400 days.
    #[must_use]
    pub fn opens(&self, wall: i64) -> Option<i64> {
        self.next(wall, |moment| self.is_open(moment))
    }

    /// The next moment at which it closes, when it is open now; nothing when it does not within 400 days.
    #[must_use]
    pub fn closes(&self, wall: i64) -> Option<i64> {
        self.next(wall, |moment| !self.is_open(moment))
    }

    /// The first moment after this one that is wanted. What a window says changes only where a line begins or ends, at
    /// midnight, or where the clock is changed.
    fn next(&self, wall: i64, wanted: impl Fn(i64) -> bool) -> Option<i64> {
        let today = self.local(wall).div_euclid(DAY * 60_000);
        let slots = || self.allow.iter().chain(&self.best).chain(&self.never);
        let mut minutes: Vec<i64> = slots()
            .flat_map(|slot| [i64::from(slot.from), i64::from(slot.to)])
            .chain([0])
            .collect();
        minutes.sort_unstable();
        minutes.dedup();
        for day in today..today.saturating_add(LOOK_AHEAD) {
            let mut moments = Vec::new();
            for minute in &minutes {
                let read = (day.saturating_mul(DAY).saturating_add(*minute)).saturating_mul(60_000);
                moments.extend(self.moments(read));
            }
            let changes = self
                .clock
                .iter()
                .map(|(second, _)| second.saturating_mul(1_000));
            moments.extend(
                changes.filter(|moment| self.local(*moment).div_euclid(DAY * 60_000) == day),
            );
            moments.sort_unstable();
            let found = moments
                .into_iter()
                .find(|moment| *moment > wall && wanted(*moment));
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// The moments at which the clock on the wall reads this: none when it is skipped, two when it is repeated.
    fn moments(&self, read: i64) -> Vec<i64> {
        let mut offsets: Vec<i32> = [
            read.saturating_sub(DAY * 60_000),
            read.saturating_add(DAY * 60_000),
        ]
        .into_iter()
        .map(|about| self.offset(about))
        .collect();
        offsets.dedup();
        offsets
            .into_iter()
            .map(|offset| read.saturating_sub(i64::from(offset) * 1_000))
            .filter(|moment| self.local(*moment) == read)
            .collect()
    }

    /// Seconds that are added to UTC at a moment.
    fn offset(&self, wall: i64) -> i32 {
        let known = self
            .clock
            .iter()
            .rev()
            .find(|(second, _)| second.saturating_mul(1_000) <= wall);
        known
            .or(self.clock.first())
            .map_or(0, |(_, offset)| *offset)
    }

    /// What the clock on the wall reads, as milliseconds.
    fn local(&self, wall: i64) -> i64 {
        wall.saturating_add(i64::from(self.offset(wall)) * 1_000)
    }

    /// The date and the minute of the day that the clock on the wall reads.
    fn reads(&self, wall: i64) -> Option<(Date, i64)> {
        let local = self.local(wall);
        let days = local.div_euclid(DAY * 60_000);
        let date = civil::date(1970, 1, 1)
            .checked_add(jiff::Span::new().try_days(days).ok()?)
            .ok()?;
        Some((Date(date), local.rem_euclid(DAY * 60_000) / 60_000))
    }

    /// A moment for people: `wed 2026-03-25 09:00`.
    #[must_use]
    pub fn clock_of(&self, wall: i64) -> String {
        self.reads(wall).map_or_else(
            || "never".to_owned(),
            |(date, minute)| {
                format!(
                    "{} {date} {:02}:{:02}",
                    Weekday::of(date).word(),
                    minute / 60,
                    minute % 60
                )
            },
        )
    }

    /// The moment at which the clock on the wall of the zone reads a date and a minute of the day: the first of two when it
    /// is repeated; the change itself when it is skipped.
    #[must_use]
    pub fn moment_of(&self, date: Date, minute: u16) -> Option<i64> {
        let days = date.0.since(civil::date(1970, 1, 1)).ok()?.get_days();
        let read = (i64::from(days) * DAY + i64::from(minute)) * 60_000;
        let changes = self
            .clock
            .iter()
            .map(|(second, _)| second.saturating_mul(1_000));
        let skips = |moment: &i64| {
            self.local(*moment) > read && self.local(moment.saturating_sub(1)) < read
        };
        self.moments(read)
            .into_iter()
            .min()
            .or_else(|| changes.into_iter().find(skips))
    }

    /// Why it is closed at a moment, and when it opens again, in one sentence; nothing when it is open.
    #[must_use]
    pub fn refusal(&self, wall: i64) -> Option<String> {
        let Opening::Closed { why } = self.at(wall) else {
            return None;
        };
        let next = match self.opens(wall) {
            Some(opens) => format!("it opens {}", self.clock_of(opens)),
            None => format!("it does not open within {LOOK_AHEAD} days"),
        };
        Some(format!(
            "window {} is closed at {} ({}): {why}; {next}",
            self.name,
            self.clock_of(wall),
            self.zone
        ))
    }

    /// What it advises instead of a moment at which it is open; nothing when it advises that one.
    #[must_use]
    pub fn advice(&self, wall: i64) -> Option<String> {
        let Opening::Open { advised: false } = self.at(wall) else {
            return None;
        };
        let lines: Vec<String> = self
            .best
            .iter()
            .map(|slot| format!("`{}`", slot.text))
            .collect();
        Some(format!(
            "window {} is open at {} ({}), but advises {}",
            self.name,
            self.clock_of(wall),
            self.zone,
            lines.join(" and ")
        ))
    }
}

impl Slot {
    fn holds(&self, date: Date, minute: i64) -> bool {
        let (from, to) = (i64::from(self.from), i64::from(self.to));
        if from < to {
            return self.is_on(date) && (from..to).contains(&minute);
        }
        // Over midnight: the day is the one on which it begins.
        let before = date.0.yesterday().map(Date);
        (self.is_on(date) && minute >= from)
            || (before.is_ok_and(|before| self.is_on(before)) && minute < to)
    }

    fn is_on(&self, date: Date) -> bool {
        if self.week.is_empty() && self.dates.is_empty() {
            return true;
        }
        self.week.contains(&Weekday::of(date))
            || self
                .dates
                .iter()
                .any(|(first, last)| (*first..=*last).contains(&date))
    }
}

impl Holiday {
    fn holds(&self, date: Date) -> bool {
        if (self.first..=self.last).contains(&date) {
            return true;
        }
        if !self.yearly || date < self.first {
            return false;
        }
        // It may have begun in the year before.
        [0, 1].into_iter().any(|back| {
            let year = date.0.year().saturating_sub(back);
            let begun = civil::Date::new(year, self.first.0.month(), self.first.0.day());
            let Ok(begun) = begun.map(Date) else {
                return false;
            };
            let Ok(length) = self.last.0.since(self.first.0) else {
                return false;
            };
            let Ok(ends) = begun.0.checked_add(length) else {
                return false;
            };
            begun >= self.first
                && self.until.is_none_or(|until| begun <= until)
                && (begun..=Date(ends)).contains(&date)
        })
    }
}

/// The clock of a zone from the year 2020 to 2050, from the database inside this program; nothing when it has no such zone.
pub(super) fn clock_of_zone(zone: &str) -> Option<Vec<(i64, i32)>> {
    let zone = jiff::tz::TimeZoneDatabase::bundled().get(zone).ok()?;
    let moment = |year: i16| {
        let first = civil::Date::new(year, 1, 1).ok()?;
        first.to_zoned(jiff::tz::TimeZone::UTC).ok()
    };
    let (from, to) = (moment(2020)?.timestamp(), moment(2050)?.timestamp());
    let mut clock = vec![(from.as_second(), zone.to_offset(from).seconds())];
    for change in zone.following(from) {
        if change.timestamp() >= to {
            break;
        }
        clock.push((change.timestamp().as_second(), change.offset().seconds()));
    }
    Some(clock)
}
