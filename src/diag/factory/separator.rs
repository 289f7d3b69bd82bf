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
        Follows::Type => one
            .help("no type stands here, only a value: take the type away, and write `=` before the value")
            .guess(span, mended),
        Follows::Other => one.help(replace).guess(span, mended),
    }
}

/// What stands behind a separator that is not the wanted one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follows {
    /// What belongs there, so that only the sign is wrong.
    Fitting,
    /// A type, and then a value.
    Type,
    /// Something else.
    Other,
}
