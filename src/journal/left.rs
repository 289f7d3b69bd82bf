//! Owns what runs leave behind, in the words of the journal: incidents, which keep the next rollout of their service from beginning, and
//! reminders. Both are written in the commit that holds their order; a person's word ends them. The order is in the hash chain, so
//! what was written for it is held against it. The word that ends them is not: it comes when the run, and with it its chain, is over.

use super::entry::{Event, Kind, Row};
use super::error::StoreError;
use super::ids::RunId;
use super::store::RunMeta;
use crate::engine::{Effect, ReminderNumber, complete};

/// What a rollback, or a run that is stuck, left open. There is at most one for a run, so it is called by the run's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// The run that left it.
    pub run: RunId,
    /// The service, of which no rollout begins before it is resolved.
    pub service: String,
    /// The template that it was made from.
    pub template: String,
    /// Its text; the first line is its title.
    pub text: String,
    /// When it was opened, Unix milliseconds.
    pub opened: i64,
    /// Who resolved it, when and why.
    pub resolved: Option<Resolved>,
}

impl Incident {
    /// Its title.
    #[must_use]
    pub fn title(&self) -> &str {
        title_of(&self.text)
    }
}

/// A person's word that ends an incident and the reminders of its run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Who.
    pub by: String,
    /// Why, in their words.
    pub note: String,
    /// When, Unix milliseconds.
    pub wall: i64,
}

/// What people are reminded of, until someone says that it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminder {
    /// The run that left it.
    pub run: RunId,
    /// The run's service.
    pub service: String,
    /// Of what.
    pub text: String,
    /// When it should be done, Unix milliseconds.
    pub due: i64,
}

/// All that a run left, whether it was ended since or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Its incident.
    pub incidents: Vec<Incident>,
    /// Its reminders by their number, in order.
    pub reminders: Vec<(u32, Reminder)>,
}

impl Left {
    /// What the orders in the rows of a run left, as if nobody had ended anything.
    pub(super) fn ordered(meta: &RunMeta, rows: &[Row]) -> Result<Self, StoreError> {
        let mut left = Self::default();
        let may_leave = |row: &&Row| {
            row.kind == Kind::Effect
                && (row.body.contains("\"Open\"") || row.body.contains("\"Remind\""))
        };
        for row in rows.iter().filter(may_leave) {
            let entry = row.read()?;
            match entry.event {
                Event::Effect(Effect::Open { template, text }) => left.incidents.push(Incident {
                    run: meta.id.clone(),
                    service: meta.service.clone(),
                    template,
                    text: filled(&text, &meta.id, meta.started),
                    opened: entry.stamp.wall,
                    resolved: None,
                }),
                Event::Effect(Effect::Remind {
                    reminder: ReminderNumber(number),
                    text,
                    due,
                }) => left.reminders.push((
                    number,
                    Reminder {
                        run: meta.id.clone(),
                        service: meta.service.clone(),
                        text: filled(&text, &meta.id, meta.started),
                        due,
                    },
                )),
                Event::Effect(_) | Event::Input(_) => {}
            }
        }
        left.reminders.sort_by_key(|(number, _)| *number);
        Ok(left)
    }

    /// Holds what is stored against what was ordered.
    pub(super) fn verify(&self, run: &RunId, ordered: &Self) -> Result<(), StoreError> {
        let damaged = |what: &str, how: &str| {
            Err(StoreError::Corrupted {
                why: format!("{what} of {run} {how}"),
            })
        };
        let unresolved = |one: &Incident| Incident {
            resolved: None,
            ..one.clone()
        };
        let stored: Vec<Incident> = self.incidents.iter().map(unresolved).collect();
        if stored != ordered.incidents {
            let how = difference(stored.len(), ordered.incidents.len());
            return damaged("the incident", how);
        }
        if self.reminders != ordered.reminders {
            let how = difference(self.reminders.len(), ordered.reminders.len());
            return damaged("a reminder", how);
        }
        Ok(())
    }
}

/// How so many that are stored can differ from so many that were ordered.
fn difference(stored: usize, ordered: usize) -> &'static str {
    match stored.cmp(&ordered) {
        std::cmp::Ordering::Less => "is missing",
        std::cmp::Ordering::Equal => "was changed",
        std::cmp::Ordering::Greater => "was never ordered",
    }
}

/// What a resolution ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Incidents: none or one.
    pub incidents: usize,
    /// Reminders.
    pub reminders: usize,
}

/// The title of an incident: the first line of its text with anything in it.
#[must_use]
pub fn title_of(text: &str) -> &str {
    let mut lines = text.lines().map(|line| line.trim_start_matches('#').trim());
    lines.find(|line| !line.is_empty()).unwrap_or("an incident")
}

/// A text of the run with what only the store knows filled in, and without what could do harm where it is shown.
#[must_use]
pub(super) fn filled(text: &str, run: &RunId, started: i64) -> String {
    let started = jiff::Timestamp::from_second(started.div_euclid(1_000))
        .map(|at| at.to_string())
        .unwrap_or_default();
    let text = complete(text, run.as_str(), &started);
    let harms = |ch: char| {
        ch.is_control() && ch != '\n' && ch != '\t'
            || matches!(ch, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(|ch| !harms(*ch)).collect()
}
