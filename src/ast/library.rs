//! What one file takes from another.

use crate::source::Span;

use super::{Expr, GuardAction, Name, OnBlind, StageRange, Streak, Text};

/// `use "path" [as NAME]`
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// Which file, relative to this one; or `std/…`, which is inside the program.
    pub path: Text,
    /// What its declarations are known under here. Its place is that of the path when it follows from the path.
    pub name: Name,
    /// The whole line.
    pub span: Span,
}

/// `guard NAME from LIBRARY.GUARD [of METRIC] [for …] [then ACTION] [{ options }]`: a guard of a library becomes one of this
/// file. What is said here stands in the place of what the library says.
#[derive(Clone, Debug, PartialEq)]
pub struct Adopt {
    /// Its name here.
    pub name: Name,
    /// The guard that is adopted, with its library in front.
    pub from: Name,
    /// The metric that it watches, where several are made from the template that it speaks of.
    pub of: Option<Name>,
    /// `for …`
    pub hold: Option<Streak>,
    /// `then …`, and where it stands.
    pub action: Option<(GuardAction, Span)>,
    /// `warmup D`
    pub warmup: Option<Expr>,
    /// `on blind …`
    pub on_blind: Option<OnBlind>,
    /// `coverage 60%`
    pub coverage: Option<Expr>,
    /// `during A..B`
    pub during: Option<StageRange>,
    /// The whole of it.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}
