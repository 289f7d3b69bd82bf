//! What is wrong with a rollout as a whole, and with the lines that accept it.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// `waive` alone.
pub(crate) fn waives_nothing(span: Span) -> Diagnostic {
    Diagnostic::new(&names::BAD_WAIVE, "`waive` does not say what it accepts")
        .at(span, "the name of a finding is missing")
        .help("write waive FINDING \"REASON\", for example waive unguarded-exposure \"…\"")
}

/// `waive unknown-name "…"`
pub(crate) fn waives_an_error(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(&names::BAD_WAIVE, format!("`{name}` cannot be accepted"))
        .at(span, "with this the file has no meaning that could be run")
        .help("mend what it says, and take the line away")
        .help("only findings about the rollout as a whole can be accepted; `runbook explain` marks them with (lint)")
}

/// `waive no-such-thing "…"`
pub(crate) fn waives_unknown(span: Span, name: &str, near: Option<&str>) -> Diagnostic {
    let one = Diagnostic::new(
        &names::BAD_WAIVE,
        format!("`{name}` is no finding that can be accepted"),
    )
    .at(span, "no finding has this name");
    match near {
        Some(near) => one
            .help(format!("did you mean `{near}`?"))
            .near((span, near), (name, near)),
        None => one.help("take the name in brackets from what `runbook check` says, for example unguarded-exposure"),
    }
}

/// `waive vacuous-guard`
pub(crate) fn waived_without_reason((span, name): (Span, &str)) -> Diagnostic {
    Diagnostic::new(&names::BAD_WAIVE, format!("`waive {name}` gives no reason"))
        .at(span, "every report shows why this is accepted")
        .help(format!("write waive {name} \"REASON\""))
}

/// `waive …` at the end of a block.
pub(crate) fn waives_above_nothing(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_WAIVE,
        format!("`waive {name}` stands above nothing"),
    )
    .at(span, "no statement follows it here")
    .help("put it on the line above what it accepts")
}

/// `waive …` above something without that finding.
pub(crate) fn unneeded_waive((span, name): (Span, &str), on: Span) -> Diagnostic {
    Diagnostic::new(
        &names::UNNEEDED_WAIVE,
        format!("nothing is accepted by `waive {name}`"),
    )
    .at(span, "it accepts what is found in the statement below")
    .with(on, format!("there is no `{name}` here"))
    .help("take it away, or put it on the line above the place that `runbook check` shows")
}

/// How much of production sees the change in a stage, and for how long at least.
pub(crate) struct Unwatched<'a> {
    /// The name of the stage.
    pub(crate) stage: (Span, &'a str),
    /// For example `new_auth is at 50%`.
    pub(crate) exposed: &'a str,
    /// For how long, and what that comes to.
    pub(crate) cost: &'a str,
    /// Why no guard counts.
    pub(crate) why: &'a str,
    /// What to type.
    pub(crate) guard: &'a str,
}

/// A stage with users in it and no guard that acts.
pub(crate) fn unguarded_exposure(of: &Unwatched<'_>) -> Diagnostic {
    Diagnostic::new(
        &names::UNGUARDED_EXPOSURE,
        format!("nobody looks while stage `{}` exposes users", of.stage.1),
    )
    .at(of.stage.0, format!("{} in it, and {}", of.exposed, of.why))
    .help(format!("watch it: {}", of.guard))
    .help(format!("unseen as it stands: {}", of.cost))
}

/// An approval with some users in it and no guard that acts.
pub(crate) fn unguarded_approval(
    of: &Unwatched<'_>,
    (approve, within): (Span, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::UNGUARDED_APPROVAL,
        format!(
            "stage `{}` waits up to {within} for people, and nobody looks",
            of.stage.1
        ),
    )
    .at(of.stage.0, format!("{} in it, and {}", of.exposed, of.why))
    .with(approve, "people have this long to answer")
    .help(format!("watch it meanwhile: {}", of.guard))
    .help(format!("unseen as it stands: {}", of.cost))
}

/// A guard whose condition nothing can satisfy.
pub(crate) fn guard_never_holds(
    (span, name): (Span, &str),
    (when, why): (Span, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::VACUOUS_GUARD,
        format!("guard `{name}` can never trip"),
    )
    .at(span, "it watches, and would see nothing")
    .with(when, why)
    .help("give it a condition that something bad can satisfy, or take it away: a guard that cannot trip looks like safety")
}

/// A guard that needs longer than any stage lasts.
pub(crate) fn guard_has_no_time(
    (span, name): (Span, &str),
    needs: &str,
    (stage, longest): (&str, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::VACUOUS_GUARD,
        format!("guard `{name}` can never trip"),
    )
    .at(span, format!("it needs {needs} of one stage"))
    .help(format!(
        "stage `{stage}`, the longest in which it is armed, lasts {longest} with all its holds: watch for a shorter time, or let the stage last longer"
    ))
}

/// A guard whose condition holds for every value.
pub(crate) fn guard_always_holds(
    (span, name): (Span, &str),
    (when, why): (Span, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::ALWAYS_TRIPS,
        format!("guard `{name}` trips whatever is measured"),
    )
    .at(span, "every sample is a breach")
    .with(when, why)
    .help("give it a condition that a healthy service does not satisfy")
}
