//! Findings that the file accepts.

use crate::source::Span;

/// A finding that is accepted where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waive {
    /// Its name.
    pub policy: &'static str,
    /// Why.
    pub reason: String,
    /// The line of the file that says so, from 1.
    pub line: u32,
    /// Where the finding must begin.
    pub on: Span,
    /// The line itself.
    pub span: Span,
}
