//! Signs before a value: the other one of `:` and `=`.

use super::super::{Diagnostic, names};
use crate::source::Span;

/// `:` for `=`, `=` for `:`, or one of them where none belongs.
pub(crate) fn wrong_separator(
    (span, found): (Span, &str),
    wanted: &str,
    (place, mended): (Span, &str),
    follows: Follows,
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::WRONG_SEPARATOR,
        format!("`{found}` stands where `{wanted}` belongs"),
    )
    .at(span, format!("write `{wanted}`"));
    let replace = format!("replace `{found}` by `{wanted}`");
    match follows {
        Follows::Fitting => one.help(replace).fix(place, mended),
        Follows::Other => one.help(replace).guess(place, mended),
    }
}

/// `=` or `:` between a keyword and its value; `gap` is the sign with the blanks around it, and what stands there without it.
pub(crate) fn needless(span: Span, (word, found): (&str, &str), gap: (Span, &str)) -> Diagnostic {
    Diagnostic::new(
        &names::WRONG_SEPARATOR,
        format!("`{word}` takes its value without `{found}`"),
    )
    .at(span, "take this away")
    .help(format!("write the value right after `{word}`"))
    .fix(gap.0, gap.1)
}

/// `stage canary: {`, `step ship: $ make`
pub(crate) fn needless_behind(
    span: Span,
    (head, found): (&str, &str),
    gap: (Span, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::WRONG_SEPARATOR,
        format!("no `{found}` stands behind `{head}`"),
    )
    .at(span, "take this away")
    .help("a block, a command or a title follows without a sign")
    .fix(gap.0, gap.1)
}

/// `expose share = 10%`, `expose share to 10%`
pub(crate) fn exposed_with_a_sign(
    span: Span,
    (name, found): (&str, &str),
    value: &str,
    gap: (Span, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::WRONG_SEPARATOR,
        format!("`expose` takes the value of `{name}` without `{found}`"),
    )
    .at(span, "take this away")
    .help(format!("write: expose {name} {value}"))
    .fix(gap.0, gap.1)
}

/// `param old = "192.0.2.10"`: the type is that of the value.
pub(crate) fn type_missing(
    span: Span,
    (name, ty): (&str, &str),
    (value, behind): (&str, Span),
) -> Diagnostic {
    Diagnostic::new(
        &names::MISSING_PART,
        format!("the type of `{name}` is missing before its default"),
    )
    .at(span, "`:` and a type belong behind this")
    .help(format!("write: param {name}: {ty} = {value}"))
    .fix(behind, format!(": {ty}"))
}

/// `param tier = gold`
pub(crate) fn type_missing_of_word(span: Span, (name, word): (&str, &str)) -> Diagnostic {
    let one = Diagnostic::new(
        &names::MISSING_PART,
        format!("the type of `{name}` is missing before its default"),
    )
    .at(span, "`:` and a type belong behind this")
    .help(format!("write: param {name}: text = \"{word}\""));
    let is_plain = |ch: char| ch.is_ascii_alphanumeric() || ch == '_';
    if !word.chars().all(is_plain) {
        return one;
    }
    one.help(format!(
        "or, where only a few words are right: param {name}: one of {word} | OTHER = {word}"
    ))
}

/// `let port: int = 80`
pub(crate) fn let_with_a_type(span: Span, (name, ty): (&str, &str), value: &str) -> Diagnostic {
    let value = match value {
        "" => "VALUE",
        value => value,
    };
    Diagnostic::new(
        &names::WRONG_SEPARATOR,
        format!("a type stands behind `let {name}`, which has only a value"),
    )
    .at(span, "the value says of what type it is")
    .help(format!("take `: {ty}` away: let {name} = {value}"))
    .guess(span, "")
}

/// What stands behind a separator that is not the wanted one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follows {
    /// What belongs there, so that only the sign is wrong.
    Fitting,
    /// Something else.
    Other,
}
