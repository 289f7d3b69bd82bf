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
    EMPTY_FILE "empty-file" Error Syntax "the file is empty"
    FILE_TOO_LARGE "file-too-large" Error Syntax "the file is larger than a runbook can be"
    NOT_A_RUNBOOK "not-a-runbook" Error Syntax "the file does not begin with its title"
    NESTED_TOO_DEEP "nested-too-deep" Error Syntax "blocks, parentheses or operators are nested too deep"
    UNCLOSED_BLOCK "unclosed-block" Error Syntax "a block, a parenthesis or a bracket is never closed"
    EXTRA_BRACKET "extra-bracket" Error Syntax "a closing bracket closes nothing"
    UNCLOSED_STRING "unclosed-string" Error Syntax "a string or a text block is never closed"
    UNKNOWN_STATEMENT "unknown-statement" Error Syntax "a statement begins with an unknown word"
    MISPLACED_STATEMENT "misplaced-statement" Error Syntax "a statement stands where it has no meaning"
    FOREIGN_SYNTAX "foreign-syntax" Error Syntax "another tool writes it like this"
    NOT_BUILT_YET "not-built-yet" Error Syntax "the language has it, this version does not"
    DUPLICATE_CLAUSE "duplicate-clause" Error Syntax "a clause or a block is said twice"
    MISSING_PART "missing-part" Error Syntax "a part of a statement is missing"
    UNEXPECTED_TEXT "unexpected-text" Error Syntax "something stands where nothing is expected"
    WRONG_SEPARATOR "wrong-separator" Error Syntax "`:` and `=` are mixed up, missing, or too many"
    BAD_NAME "bad-name" Error Syntax "a name does not follow the rule for names"
    UNKNOWN_CHOICE "unknown-choice" Error Syntax "a word is not one of the few that are possible"
    WRONG_OPERATOR "wrong-operator" Error Syntax "an operator of another language"
    CHAINED_COMPARISON "chained-comparison" Error Syntax "two comparisons are chained"
    BAD_LITERAL "bad-literal" Error Syntax "a number, a quantity or a version cannot be read"
    BAD_ESCAPE "bad-escape" Error Syntax "an unknown escape in a string"
    BAD_INTERPOLATION "bad-interpolation" Error Syntax "an interpolation in a string cannot be read"
    BAD_SHELL_LINE "bad-shell-line" Error Syntax "shell text is not written as it must be"
}

/// All rows, in the order of the registry.
pub fn registered() -> &'static [&'static Registered] {
    ALL
}

/// The page of a name.
pub fn page(name: &str) -> Option<&'static str> {
    ALL.iter().find(|row| row.name == name).map(|row| row.page)
}
