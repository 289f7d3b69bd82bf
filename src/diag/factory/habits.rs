//! The wording of what is said about the habits that people bring from other tools and languages.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// Another word or sign for one of ours.
pub(crate) fn other_word(span: Span, found: &str, ours: &str) -> Diagnostic {
    Diagnostic::new(
        &names::FOREIGN_SYNTAX,
        format!("`{ours}` is written here, not `{found}`"),
    )
    .at(span, "this is how another language says it")
    .help(format!("replace `{found}` by `{ours}`"))
}

/// `canary: {` and `canary {` in `rollout`
pub(crate) fn stage_without_a_word(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::FOREIGN_SYNTAX,
        format!("`{name}` is a block without a word that says what it is"),
    )
    .at(span, "the blocks of `rollout` are stages")
    .help(format!("write: stage {name} {{"))
}

/// `expect status 200`
pub(crate) fn comparison_missing(span: Span, after: &str, found: &str) -> Diagnostic {
    Diagnostic::new(
        &names::UNEXPECTED_TEXT,
        format!("no operator stands between `{after}` and {found}"),
    )
    .at(span, "an operator belongs before this")
    .help(format!(
        "write: expect {after} == {}",
        found.trim_matches('`')
    ))
}

/// `expect rolled_back`
pub(crate) fn outcome_without_word(span: Span, word: &str) -> Diagnostic {
    let level = if word == "rolled_back" { "(LEVEL)" } else { "" };
    Diagnostic::new(
        &names::MISSING_PART,
        format!("`outcome ==` is missing before `{word}`"),
    )
    .at(span, "this is an outcome")
    .help(format!("write: expect outcome == {word}{level}"))
}

/// `$ make test` in `before rollout`
pub(crate) fn check_without_a_word(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::UNEXPECTED_TEXT,
        "a command stands in `before rollout` by itself",
    )
    .at(span, "what it shows has no title, by which it is reported")
    .help("write: check \"All tests pass\" $ make test")
}

/// `step deploy make deploy`
pub(crate) fn command_without_dollar(span: Span, found: &str, word: &str) -> Diagnostic {
    let found = match found {
        "```" => "a backtick",
        found => found,
    };
    Diagnostic::new(
        &names::UNEXPECTED_TEXT,
        format!("{found} is no clause of `{word}`"),
    )
    .at(span, "neither a clause nor a command begins like this")
    .help("a command is written behind `$` and a blank, to the end of the line: $ make deploy")
}
