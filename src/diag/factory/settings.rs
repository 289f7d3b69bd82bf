//! What is wrong with the settings of a project.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// Text that is no TOML.
pub(crate) fn not_toml(span: Span, why: &str) -> Diagnostic {
    Diagnostic::new(&names::BAD_SETTINGS, "the settings cannot be read")
        .at(span, why.lines().next().unwrap_or("it is no TOML"))
        .help("runbook.toml is a TOML file, for example: [risk.medium] and on the next line soak_at_end = \"24h\"")
}

/// A key that means nothing.
pub(crate) fn unknown_key(
    (span, key): (Span, &str),
    place: &str,
    (near, known): (Option<&str>, &[&str]),
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::BAD_SETTINGS,
        format!("`{key}` is no setting {place}"),
    )
    .at(span, "nothing would look at it");
    let one = match near {
        Some(near) => one.help(format!("did you mean `{near}`?")),
        None => one,
    };
    one.help(format!("known are: {}", known.join(", ")))
}

/// A value of the wrong kind.
pub(crate) fn wrong_setting(span: Span, key: &str, wanted: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_SETTINGS,
        format!("`{key}` is not what it must be"),
    )
    .at(span, format!("{wanted} belongs here"))
    .help(format!("write {wanted}"))
}

/// Steps that do not grow.
pub(crate) fn steps_out_of_order(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_SETTINGS,
        "the steps of exposure do not grow on the way to everyone",
    )
    .at(
        span,
        "each step is more than the one before it, and less than 100%",
    )
    .help("put them in order; what comes after the last of them is everyone")
}

/// A file of settings that is there and cannot be read.
pub(crate) fn settings_unread(name: &str, why: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_SETTINGS,
        format!("the settings of the project cannot be read: {name}: {why}"),
    )
    .help("nothing is checked by other rules than the project's own: make the file readable, or take it away")
}
