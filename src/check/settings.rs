//! Owns `runbook.toml`: what a project decides for all of its runbooks. Every key is known and used, or it is an error. Reads text, no file.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diag::factory::settings as say;
use crate::diag::{Diagnostics, nearest};
use crate::source::{SourceFile, Span};
use crate::value::{Millis, Type, Value};

/// What a project decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The bound of the first level of every rollback.
    pub first_level: Millis,
    /// The rows of the risk table, by the word that `risk` says.
    pub rows: Vec<(&'static str, Row)>,
}

/// What a rollout of one class of risk must have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Whether users may see anything of it.
    pub exposes: Exposes,
    /// The healthy time before anything is exposed.
    pub at_zero: Millis,
    /// Where it must stop on the way to everyone, in order.
    pub steps: Vec<Stop>,
    /// The healthy time at the end.
    pub at_end: Millis,
    /// What must be done after a rollback.
    pub aftermath: WayBack,
}

/// What must be done after a rollback.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WayBack {
    /// Nothing.
    Nothing,
    /// People are told.
    #[default]
    Told,
    /// People are told, and an incident is opened.
    Incident,
}

/// Whether users may see anything of a rollout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exposes {
    /// Nobody sees it.
    Nothing,
    /// They do, in steps.
    #[default]
    Users,
}

/// A stop on the way to everyone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stop {
    /// At most this percent of the users.
    pub at_most: f64,
    /// For at least this long.
    pub soak: Millis,
}

impl Settings {
    /// The most that the first way back may take, at a risk; nothing where no user sees what is rolled out.
    #[must_use]
    pub fn most_of_first_level(&self, risk: Option<&str>) -> Option<Millis> {
        let row = risk.and_then(|risk| self.row(risk));
        let is_seen = row.is_none_or(|row| row.exposes != Exposes::Nothing);
        is_seen.then_some(self.first_level)
    }

    /// The row of a class.
    #[must_use]
    pub fn row(&self, risk: &str) -> Option<&Row> {
        let mut rows = self.rows.iter();
        rows.find(|(word, _)| *word == risk).map(|(_, row)| row)
    }
}

impl Default for Settings {
    fn default() -> Self {
        let hours = Millis::from_hours;
        let stop = |at_most, soak| Stop {
            at_most,
            soak: hours(soak),
        };
        let zero = Row {
            exposes: Exposes::Nothing,
            aftermath: WayBack::Nothing,
            ..Row::default()
        };
        let low = Row {
            at_zero: hours(1),
            ..Row::default()
        };
        let medium = Row {
            steps: vec![stop(10.0, 2), stop(50.0, 4)],
            ..Row::default()
        };
        let high = Row {
            steps: vec![
                stop(5.0, 8),
                stop(10.0, 4),
                stop(25.0, 4),
                stop(50.0, 4),
                stop(75.0, 4),
            ],
            at_end: hours(24),
            aftermath: WayBack::Incident,
            ..Row::default()
        };
        Self {
            first_level: Millis::from_mins(5),
            rows: vec![
                ("zero", zero),
                ("low", low),
                ("medium", medium),
                ("high", high),
            ],
        }
    }
}

/// Reads the settings of a project. What is wrong is left at its default.
pub fn settings(file: &SourceFile) -> (Settings, Diagnostics) {
    let mut reader = Reader {
        base: file.base(),
        found: Diagnostics::new(),
    };
    let mut settings = Settings::default();
    match DeTable::parse(file.text()) {
        Ok(table) => reader.top(table.get_ref(), &mut settings),
        Err(error) => {
            let at = reader.span(error.span().unwrap_or(0..0));
            reader
                .found
                .push(say::not_toml(at, error.message().trim_end()));
        }
    }
    reader.found.sort();
    (settings, reader.found)
}

struct Reader {
    base: u32,
    found: Diagnostics,
}

/// A value with its place.
type At<'a, 'i> = &'a Spanned<DeValue<'i>>;

const TOP: &[&str] = &["risk"];
const RISK: &[&str] = &["first_level", "zero", "low", "medium", "high"];
const ROW: &[&str] = &[
    "exposure",
    "soak_at_zero",
    "steps",
    "soak_at_end",
    "aftermath",
];
const STOP: &[&str] = &["at_most", "soak"];

impl Reader {
    fn span(&self, at: Range<usize>) -> Span {
        let span = Span::of(at);
        Span::new(
            span.start.saturating_add(self.base),
            span.end.saturating_add(self.base),
        )
    }

    /// Every key with its value; unknown ones are reported and left out.
    fn keys<'a, 'i>(
        &mut self,
        table: &'a DeTable<'i>,
        (place, known): (&str, &'static [&'static str]),
    ) -> Vec<(&'static str, At<'a, 'i>)> {
        let mut all = Vec::new();
        for (key, value) in table {
            let word: &str = key.get_ref();
            match known.iter().find(|known| **known == word) {
                Some(known) => all.push((*known, value)),
                None => {
                    let near = nearest(word, known.iter().copied());
                    let at = self.span(key.span());
                    self.found
                        .push(say::unknown_key((at, word), place, (near, known)));
                }
            }
        }
        all
    }

    fn table<'a, 'i>(&mut self, value: At<'a, 'i>, key: &str) -> Option<&'a DeTable<'i>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(table),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_) => {
                self.wrong(value, key, "a table");
                None
            }
        }
    }

    fn wrong(&mut self, value: At<'_, '_>, key: &str, wanted: &str) {
        let at = self.span(value.span());
        self.found.push(say::wrong_setting(at, key, wanted));
    }

    fn text<'a>(&mut self, value: At<'a, '_>, (key, wanted): (&str, &str)) -> Option<&'a str> {
        match value.get_ref() {
            DeValue::String(text) => Some(text),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                self.wrong(value, key, wanted);
                None
            }
        }
    }

    /// A quantity, written as in a runbook, in quotes.
    fn quantity(&mut self, value: At<'_, '_>, key: &str, ty: &Type) -> Option<Value> {
        let wanted = if *ty == Type::Percent {
            "a percent in quotes, for example \"10%\""
        } else {
            "a duration in quotes, for example \"2h\""
        };
        let text = self.text(value, (key, wanted))?;
        let read = Value::read(ty, text).ok();
        if read.is_none() {
            self.wrong(value, key, wanted);
        }
        read
    }

    fn duration(&mut self, value: At<'_, '_>, key: &str) -> Option<Millis> {
        let read = self.quantity(value, key, &Type::Duration)?;
        if let Value::Duration(span) = read {
            Some(span)
        } else {
            None
        }
    }

    fn top(&mut self, table: &DeTable<'_>, settings: &mut Settings) {
        for (_, value) in self.keys(table, ("at the top", TOP)) {
            let Some(risk) = self.table(value, "risk") else {
                continue;
            };
            for (key, value) in self.keys(risk, ("in [risk]", RISK)) {
                if key == "first_level" {
                    if let Some(span) = self.duration(value, key) {
                        settings.first_level = span;
                    }
                    continue;
                }
                let place = format!("in [risk.{key}]");
                let Some(row) = self.table(value, &format!("risk.{key}")) else {
                    continue;
                };
                let keys = self.keys(row, (&place, ROW));
                if let Some((_, row)) = settings.rows.iter_mut().find(|(word, _)| *word == key) {
                    for (key, value) in keys {
                        self.part(row, (key, value));
                    }
                }
            }
        }
    }

    /// One key of a row.
    fn part(&mut self, row: &mut Row, (key, value): (&str, At<'_, '_>)) {
        match key {
            "exposure" => {
                let wanted = "\"none\" or \"steps\"";
                match self.text(value, (key, wanted)) {
                    Some("none") => row.exposes = Exposes::Nothing,
                    Some("steps") => row.exposes = Exposes::Users,
                    Some(_) => self.wrong(value, key, wanted),
                    None => {}
                }
            }
            "aftermath" => {
                let wanted = "\"none\", \"notify\" or \"incident\"";
                match self.text(value, (key, wanted)) {
                    Some("none") => row.aftermath = WayBack::Nothing,
                    Some("notify") => row.aftermath = WayBack::Told,
                    Some("incident") => row.aftermath = WayBack::Incident,
                    Some(_) => self.wrong(value, key, wanted),
                    None => {}
                }
            }
            "soak_at_zero" => row.at_zero = self.duration(value, key).unwrap_or(row.at_zero),
            "soak_at_end" => row.at_end = self.duration(value, key).unwrap_or(row.at_end),
            _steps => {
                if let Some(steps) = self.steps(value) {
                    row.steps = steps;
                }
            }
        }
    }

    fn steps(&mut self, value: At<'_, '_>) -> Option<Vec<Stop>> {
        let wanted = "a list of { at_most = \"10%\", soak = \"2h\" }";
        let DeValue::Array(list) = value.get_ref() else {
            self.wrong(value, "steps", wanted);
            return None;
        };
        let mut steps: Vec<Stop> = Vec::new();
        for one in list.iter() {
            let DeValue::Table(table) = one.get_ref() else {
                self.wrong(one, "steps", wanted);
                return None;
            };
            let (mut at_most, mut soak) = (None, None);
            for (key, value) in self.keys(table, ("in a step", STOP)) {
                if key == "soak" {
                    soak = self.duration(value, key);
                } else if let Some(Value::Percent(percent)) =
                    self.quantity(value, key, &Type::Percent)
                {
                    at_most = Some(percent.0);
                }
            }
            let (Some(at_most), Some(soak)) = (at_most, soak) else {
                self.wrong(one, "steps", wanted);
                return None;
            };
            let last = steps.last().map_or(0.0, |stop| stop.at_most);
            if !(at_most > last && at_most < 100.0) {
                let at = self.span(one.span());
                self.found.push(say::steps_out_of_order(at));
                return None;
            }
            steps.push(Stop { at_most, soak });
        }
        Some(steps)
    }
}
