//! Parameters as they are given on the command line.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// A parameter that must be given was not.
pub(crate) fn missing_param(
    (span, name): (Span, &str),
    ty: &str,
    example: &str,
    docs: Option<&str>,
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::MISSING_PARAM,
        format!("the parameter `{name}` is not given"),
    )
    .at(span, format!("declared here as {ty}, without a default"))
    .help(format!("type `--param {name}={example}`"));
    match docs {
        Some(docs) => one.help(format!("{name}: {docs}")),
        None => one,
    }
}

/// What was given is none of its type.
pub(crate) fn param_of_wrong_type(
    (span, name): (Span, &str),
    given: &str,
    ty: &str,
    example: &str,
) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_PARAM,
        format!("`{given}` is no value for the parameter `{name}`"),
    )
    .at(span, format!("declared here as {ty}"))
    .help(format!("type for example `--param {name}={example}`"))
}

/// What was given is out of its pattern.
pub(crate) fn param_out_of_pattern(
    (span, name): (Span, &str),
    given: &str,
    pattern: &str,
) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_PARAM,
        format!("`{given}` is no value for the parameter `{name}`"),
    )
    .at(span, format!("the whole value must match /{pattern}/"))
    .help(format!(
        "type `--param {name}=VALUE` with a value that matches"
    ))
}

/// What was given could be taken for something else by the commands that get it.
pub(crate) fn param_is_risky((span, name): (Span, &str), given: &str, why: &str) -> Diagnostic {
    let shown: String = given
        .chars()
        .take(60)
        .flat_map(char::escape_debug)
        .collect();
    Diagnostic::new(
        &names::BAD_PARAM,
        format!("`{shown}` is no value for the parameter `{name}`"),
    )
    .at(span, why)
    .help("if such values are meant, allow them: add `matching /…/` with a pattern that fits them")
}

/// A parameter was given that the file does not declare.
pub(crate) fn unknown_param(
    at: Span,
    name: &str,
    known: &[&str],
    nearest: Option<&str>,
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::UNKNOWN_PARAM,
        format!("this runbook has no parameter `{name}`"),
    )
    .at(at, "this runbook");
    match (nearest, known) {
        (Some(nearest), _) => one.help(format!("did you mean `--param {nearest}=…`?")),
        (None, []) => one.help("it takes no parameters: leave `--param` out"),
        (None, known) => one.help(format!("its parameters are: {}", known.join(", "))),
    }
}
