//! The wording of what is said about queries in PromQL.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// A bracket that nothing closes.
pub(crate) fn open_bracket(span: Span, open: char, close: char) -> Diagnostic {
    Diagnostic::new(&names::BAD_QUERY, "no source can read this query")
        .at(span, format!("a `{open}` in it is never closed"))
        .help(format!("add the missing `{close}`"))
}

/// A bracket that closes nothing, or not the one that is open.
pub(crate) fn extra_bracket(span: Span, close: char) -> Diagnostic {
    Diagnostic::new(&names::BAD_QUERY, "no source can read this query")
        .at(
            span,
            format!("a `{close}` in it does not close what is open there"),
        )
        .help(format!(
            "take that `{close}` away, or close what is open before it"
        ))
}

/// A string that does not end.
pub(crate) fn open_string(span: Span, quote: char) -> Diagnostic {
    Diagnostic::new(&names::BAD_QUERY, "no source can read this query")
        .at(
            span,
            format!("a string in it begins with {quote} and never ends"),
        )
        .help(format!("add the missing {quote}"))
}

/// A query that gives something else than the unit says.
pub(crate) fn strange(
    (span, unit): (Span, &str),
    (query, gives): (Span, &str),
    (metric, instead): (&str, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::QUERY_DISAGREES,
        format!("the query of `{metric}` gives something else than `unit {unit}` says"),
    )
    .at(span, "so its samples are read as this")
    .with(query, format!("this gives {gives}"))
    .help(instead)
}
