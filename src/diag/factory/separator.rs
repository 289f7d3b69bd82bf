//! Signs before a value: the other one of `:` and `=`.

use super::super::{Diagnostic, names};
use crate::source::Span;

/// `:` for `=`, `=` for `:`, or one of them where none belongs.
pub(crate) fn wrong_separator(
    span: Span,
    found: &str,
    (wanted, mended): (&str, &str),
    follows: Follows,
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::WRONG_SEPARATOR,
        format!("`{found}` stands where `{wanted}` belongs"),
    )
    .at(span, format!("write `{wanted}`"));
    let replace = format!("replace `{found}` by `{wanted}`");
    match follows {
        Follows::Fitting => one.help(replace).fix(span, mended),
        Follows::Other => one.help(replace).guess(span, mended),
    }
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
