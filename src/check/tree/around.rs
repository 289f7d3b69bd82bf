//! What holds for the whole file.

use crate::ast::{DaySpan, Expr, Hours, WindowRuleKind};
use crate::source::Span;

use super::Retry;

/// What holds where a statement says nothing of its own.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    /// The bound of a step or check.
    pub timeout: Option<Expr>,
    /// KILL comes this much after TERM.
    pub grace: Option<Expr>,
    /// Further attempts of the steps of stages and levels.
    pub retry: Option<Retry>,
    /// The bound of one try of a probe.
    pub probe_timeout: Option<Expr>,
    /// The bound of setting an exposure.
    pub set_timeout: Option<Expr>,
    /// The bound of reading one.
    pub read_timeout: Option<Expr>,
}

/// The bounds of the whole run.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// How long a hold lasts before a person is asked.
    pub hold: Option<Expr>,
    /// A longer gap in which nobody looked is not soaked.
    pub max_gap: Option<Expr>,
}

/// The window that the file chooses.
#[derive(Clone, Debug)]
pub struct Window {
    /// Its name, as it is written where it is chosen.
    pub name: String,
    /// Its lines.
    pub rules: Vec<WindowRule>,
    /// Its days off.
    pub holidays: Vec<Holidays>,
}

/// A line of a window.
#[derive(Clone, Debug)]
pub struct WindowRule {
    /// What it says of its time.
    pub kind: WindowRuleKind,
    /// The days; empty: every day.
    pub days: Vec<DaySpan>,
    /// The hours; absent: the whole day.
    pub hours: Option<Hours>,
    /// The line as it is written, on one line.
    pub text: String,
}

/// Days off.
#[derive(Clone, Debug)]
pub enum Holidays {
    /// In a file, which is read when the plan is made.
    File {
        /// Its path.
        path: Expr,
        /// Where it is named.
        span: Span,
    },
    /// Written out.
    Dates(Vec<DaySpan>),
}
