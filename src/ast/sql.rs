//! SQL that a step runs.

use crate::source::Span;

use super::{Name, Text};

/// `sql PROVIDER "file"`
#[derive(Clone, Debug, PartialEq)]
pub struct Sql {
    /// The database.
    pub provider: Name,
    /// The file, as it is named.
    pub file: Text,
    /// What is in it; `None` until it is read, and when it cannot be, which was reported.
    pub text: Option<String>,
    /// The whole of it.
    pub span: Span,
}
