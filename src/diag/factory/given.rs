//! Variables that a command is not given where it stands.

use super::super::{Diagnostic, names};
use crate::source::Span;

/// A variable of the run that is set elsewhere.
pub(crate) fn not_given_here(
    span: Span,
    name: &str,
    (here, home): (&str, &str),
    other: Option<&str>,
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::UNKNOWN_VARIABLE,
        format!("the variable `{name}` is not set here"),
    )
    .at(
        span,
        format!("not set {here}, so the script would stop here"),
    )
    .help(format!("{name} is set {home}"));
    match other {
        Some(other) => one.help(format!("{other} is set here")),
        None => one.help(format!(
            "if it may be missing, say what then: ${{{name}:-DEFAULT}}"
        )),
    }
}

/// A name that only this program could set, and does not.
pub(crate) fn invented(
    span: Span,
    name: &str,
    near: Option<(&str, &str)>,
    given: &[&str],
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::UNKNOWN_VARIABLE,
        format!("nothing sets the variable `{name}`"),
    )
    .at(
        span,
        "not set when this runs, so the script would stop here",
    );
    let one = match near {
        Some((near, mended)) => one
            .help(format!("did you mean `{near}`?"))
            .near((span, mended), (name, near)),
        None => one,
    };
    match (near, given) {
        (Some(_), _) => one,
        (None, []) => one.help("this command is given no variable of the run"),
        (None, given) => one.help(format!(
            "of the run this command is given {}",
            given.join(", ")
        )),
    }
}

/// `$flag` where it has no value yet.
pub(crate) fn exposure_not_read(span: Span, name: &str, why: &str) -> Diagnostic {
    Diagnostic::new(
        &names::UNKNOWN_VARIABLE,
        format!("the exposure `{name}` may have no value when this runs"),
    )
    .at(span, format!("{why}: the script would stop here"))
    .help(format!(
        "take it away, or say what then: ${{{name}:-DEFAULT}}"
    ))
}

/// A variable of the caller in a command on another machine.
pub(crate) fn stays_here(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::UNKNOWN_VARIABLE,
        format!("`{name}` is not handed to other machines"),
    )
    .at(
        span,
        "the environment of whoever starts the run stays on this machine",
    )
    .help(format!(
        "hand the value over: a param of the file, or env {{ {name} = VALUE }} in the step"
    ))
    .help(format!(
        "if the other machine sets it, say what when it does not: ${{{name}:-DEFAULT}}"
    ))
}
