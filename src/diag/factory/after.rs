//! The wording of what is said about the blocks for afterwards.

use crate::diag::{Diagnostic, names, nearest};
use crate::source::Span;

/// The name of a template holds a value.
pub(crate) fn template_not_plain(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_INTERPOLATION,
        "the template of an incident is written out",
    )
    .at(span, "which file it is must be known before any value is")
    .help("write the name without `${…}`; values are filled in inside the template")
}

/// There is no such template. `looked_for` is empty when it does not look like a file.
pub(crate) fn template_missing(
    span: Span,
    (name, looked_for): (&str, &str),
    known: &[&str],
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::TEMPLATE_MISSING,
        format!("there is no template `{name}`"),
    );
    let one = if looked_for.is_empty() {
        one.at(span, "no template of the program has this name")
    } else {
        one.at(span, format!("there is no file {looked_for}"))
    };
    let one = match nearest(name, known.iter().copied()) {
        Some(near) => one
            .help(format!("did you mean \"{near}\"?"))
            .near((span, &format!("\"{near}\"")), (name, near)),
        None => one.help(format!("the program has: {}", known.join(", "))),
    };
    one.help("a file is named by its path, relative to the runbook: incident from \"templates/incident.md\"")
}

/// The file is there and cannot be used.
pub(crate) fn template_unreadable(span: Span, path: &str, why: &str) -> Diagnostic {
    Diagnostic::new(
        &names::TEMPLATE_MISSING,
        format!("the template `{path}` cannot be read"),
    )
    .at(span, why.to_owned())
    .help("name a file with text in it that you may read")
}

/// The path leads out of the project; `how` says in which way.
pub(crate) fn template_outside(span: Span, (path, how): (&str, &str), root: &str) -> Diagnostic {
    Diagnostic::new(
        &names::TEMPLATE_MISSING,
        format!("the template `{path}` is outside of the project"),
    )
    .at(span, how.to_owned())
    .help(format!(
        "everything that a runbook uses must be under {root}"
    ))
}

/// An incident where nothing went wrong.
pub(crate) fn incident_after_success(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::NEEDLESS,
        "`incident` has no meaning after a rollout that is complete",
    )
    .at(
        span,
        "nothing went wrong, and it would block the next rollout",
    )
    .help("put it into `after rollback` or `if stuck`; `remind` and `notify` can stand here")
}

/// A watch of a run that waits for a person.
pub(crate) fn watch_when_stuck(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::NEEDLESS,
        "`watch` has no meaning when the run is stuck",
    )
    .at(span, "a person is needed now, not later")
    .help("take it away, or put it into `after rollback` or `after rollout`")
}

/// A watch after a rollback that no condition judges.
pub(crate) fn watch_without_recovered(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::WATCHES_NOTHING,
        "`watch` has nothing to look at after this rollback",
    )
    .at(span, "no `recovered` says what a healthy service is")
    .help("add to `rollback` for example: recovered when error_rate < 0.2% for 1m within 3m")
}

/// A watch after a rollout in which no guard is armed.
pub(crate) fn watch_without_guards(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::WATCHES_NOTHING,
        "`watch` has nothing to look at after this rollout",
    )
    .at(
        span,
        "no guard is armed in the last stage, so none stays armed",
    )
    .help("declare one, for example: guard outage when error_rate > 5% for 1m then rollback")
}

/// `environment only "A-B"`
pub(crate) fn bad_variable(span: Span, written: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_NAME,
        format!("{written} cannot be the name of a variable"),
    )
    .at(
        span,
        "letters, digits and `_`, and `*` for any number of them",
    )
    .help("write for example: environment only PATH, HOME, \"AWS_*\"")
}

/// A variable of the caller that `environment only` keeps from commands.
pub(crate) fn not_let_through(span: Span, name: &str, line: Span) -> Diagnostic {
    Diagnostic::new(
        &names::UNKNOWN_VARIABLE,
        format!("`{name}` is kept from commands"),
    )
    .at(
        span,
        "not set when this runs, so the script would stop here",
    )
    .with(line, "only these are let through")
    .help(format!(
        "add {name} to them, or say what then: ${{{name}:-DEFAULT}}"
    ))
}
