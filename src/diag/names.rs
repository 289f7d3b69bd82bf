//! The registry of diagnostics: every name, how bad it is, and which phase says it.
//!
//! A name is never renamed and never reused. A row here without a page does not compile; a row without
//! an example that provokes it does not pass the tests.

use super::Severity;

/// The phase that says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reading the bytes and the text.
    Syntax,
    /// Names, types, units and the rules over the whole file.
    Check,
}

/// One row of the registry.
#[derive(Debug)]
pub struct Registered {
    /// The name, in kebab-case.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One line for the list of `runbook explain`.
    pub summary: &'static str,
    /// Who says it.
    pub phase: Phase,
    /// The page, in Markdown.
    pub page: &'static str,
}

macro_rules! registry {
    ($($constant:ident $name:literal $severity:ident $phase:ident $summary:literal)*) => {
        $(
            pub(crate) static $constant: Registered = Registered {
                name: $name,
                severity: Severity::$severity,
                summary: $summary,
                phase: Phase::$phase,
                page: include_str!(concat!("pages/", $name, ".md")),
            };
        )*

        static ALL: &[&Registered] = &[$(&$constant),*];
    };
}

registry! {
    NOT_UTF8 "not-utf8" Error Syntax "the file is not UTF-8 text"
}

/// All rows, in the order of the registry.
pub fn registered() -> &'static [&'static Registered] {
    ALL
}

/// The page of a name.
pub fn page(name: &str) -> Option<&'static str> {
    ALL.iter().find(|row| row.name == name).map(|row| row.page)
}
