//! Findings that the file accepts.

use crate::source::Span;

use super::{Name, Text};

/// `waive POLICY "reason"`, on the line above what it accepts.
#[derive(Clone, Debug, PartialEq)]
pub struct Waive {
    /// The name of the finding; `None` when it is missing.
    pub policy: Option<Name>,
    /// Why it is accepted; `None` when it is missing.
    pub reason: Option<Text>,
    /// The statement below: its first line where it has a block of statements, else the whole of it. `None` when nothing follows.
    pub on: Option<Span>,
    /// The whole line.
    pub span: Span,
}
