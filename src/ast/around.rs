//! What holds for the whole file: the defaults of statements, the limits of the run, the windows of time.

use crate::source::Span;
use crate::value::{Date, Weekday};

use super::{Expr, Name, Retry, Text};

/// `defaults { … }`: what holds where a statement says nothing of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Defaults {
    /// `timeout D`: of steps and checks.
    pub timeout: Option<Expr>,
    /// `grace D`: of steps and checks.
    pub grace: Option<Expr>,
    /// `retry …`: of the steps of stages and levels.
    pub retry: Option<Retry>,
    /// `probe timeout D`
    pub probe_timeout: Option<Expr>,
    /// `set timeout D`: of exposures.
    pub set_timeout: Option<Expr>,
    /// `read timeout D`: of exposures.
    pub read_timeout: Option<Expr>,
    /// The word that opens the block.
    pub word_span: Span,
    /// The whole block.
    pub span: Span,
}

/// `limits { … }`: the bounds of the whole run.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// `hold D`: how long a hold lasts before a person is asked, and how long that question stays open.
    pub hold: Option<Expr>,
    /// `max_gap D`: a longer gap in which nobody looked is not soaked.
    pub max_gap: Option<Expr>,
    /// The word that opens the block.
    pub word_span: Span,
    /// The whole block.
    pub span: Span,
}

/// `window NAME { … }`: when the rollout may begin and exposure may grow.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// Its name.
    pub name: Name,
    /// Its `allow`, `best` and `never` lines, in order.
    pub rules: Vec<WindowRule>,
    /// Its `holidays` lines, in order.
    pub holidays: Vec<Holidays>,
    /// The whole block.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}

/// `allow mon..thu 09:00..16:00`
#[derive(Clone, Debug, PartialEq)]
pub struct WindowRule {
    /// What it says of its time.
    pub kind: WindowRuleKind,
    /// The days; empty: every day.
    pub days: Vec<DaySpan>,
    /// The hours; absent: the whole day.
    pub hours: Option<Hours>,
    /// The whole line.
    pub span: Span,
}

/// What a line of a window says of its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowRuleKind {
    /// It is open.
    Allow,
    /// It is open, and the time that is advised.
    Best,
    /// It is closed, whatever the other lines say.
    Never,
}

impl WindowRuleKind {
    /// The word in the language.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Best => "best",
            Self::Never => "never",
        }
    }
}

/// Days that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DaySpan {
    /// `mon..thu`, `fri`, `sat..mon`: every week.
    Week {
        /// The first.
        first: Weekday,
        /// The last.
        last: Weekday,
        /// Both.
        span: Span,
    },
    /// `2026-12-20..2027-01-02`, `2026-12-24`: once.
    Dates {
        /// The first.
        first: Date,
        /// The last.
        last: Date,
        /// Both.
        span: Span,
    },
}

/// `09:00..16:00`, in minutes of the day; the end is not included. An end before the beginning is on the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// From here, 0 to 1439.
    pub from: u16,
    /// To here, 1 to 1440.
    pub to: u16,
    /// The whole range.
    pub span: Span,
}

/// A `holidays` line.
#[derive(Clone, Debug, PartialEq)]
pub enum Holidays {
    /// A file in the iCalendar format.
    File(Text),
    /// Dates.
    Dates(Vec<DaySpan>),
}

/// `environment only PATH, HOME, "AWS_*"`
#[derive(Clone, Debug, PartialEq)]
pub struct Environment {
    /// The variables that commands inherit: names, and patterns with `*`.
    pub only: Vec<Name>,
    /// The word that opens the line.
    pub word_span: Span,
    /// The whole line.
    pub span: Span,
}
