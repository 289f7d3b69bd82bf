//! What is wrong with how a file exposes its change.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// `strategy canary` without an exposure that can grow so.
pub(crate) fn strategy_without_exposure(
    (span, word): (Span, &str),
    (needs, form): (&str, &str),
    other: Option<(Span, &str)>,
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::STRATEGY_DISAGREES,
        format!("`strategy {word}` needs {needs}"),
    );
    let one = match other {
        None => one.at(span, "no exposure is declared that could grow"),
        Some((other, name)) => one
            .at(span, "no exposure of this file grows like that")
            .with(other, format!("`{name}` does not")),
    };
    one.help(format!(
        "declare one: {form} {{ set $ …; read $ … }}, each on a line of its own"
    ))
}

/// `strategy canary`, and no stage exposes what it speaks of.
pub(crate) fn strategy_exposes_nothing((span, word): (Span, &str), name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::STRATEGY_DISAGREES,
        format!("`strategy {word}`, and no stage exposes `{name}`"),
    )
    .at(span, "nothing of the rollout goes this way")
    .help(format!(
        "write `expose {name} VALUE` in a stage, or take the line away"
    ))
}

/// A stage exposes less than one before it.
pub(crate) fn exposure_shrinks(
    (span, value): (Span, &str),
    (before, reached): (Span, &str),
    name: &str,
) -> Diagnostic {
    Diagnostic::new(
        &names::EXPOSURE_SHRINKS,
        format!("`{name}` shrinks from {reached} to {value}"),
    )
    .at(span, "less than before")
    .with(before, format!("{reached} is reached here"))
    .help("in a rollout exposure may only grow: put the stages in order; getting back is what `rollback` is for")
    .help("where it is meant, say so: stage NAME shrink { … }")
}

/// A rollout goes on from one of several values to another.
pub(crate) fn exposure_moves_on(
    (span, value): (Span, &str),
    (before, reached): (Span, &str),
    name: &str,
) -> Diagnostic {
    Diagnostic::new(
        &names::EXPOSURE_SHRINKS,
        format!("`{name}` leaves {reached} for {value}"),
    )
    .at(span, "the second value in one rollout")
    .with(before, format!("{reached} is reached here"))
    .help("values without an order are changed once in a rollout, from the one that was in place to another")
    .help("where more is meant, say so: stage NAME shrink { … }")
}

/// `shrink` in a stage that lowers nothing.
pub(crate) fn needless_shrink(span: Span, stage: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NEEDLESS,
        format!("nothing shrinks in stage `{stage}`"),
    )
    .at(span, "so this has no meaning")
    .help("take `shrink` away")
}

/// The first level that sets an exposure does not lower it.
pub(crate) fn rollback_exposes(
    (span, value): (Span, &str),
    (stage, reached): (Span, &str),
    (name, level): (&str, &str),
) -> Diagnostic {
    let message = if value == reached {
        format!("level `{level}` leaves `{name}` at {value}")
    } else {
        format!("level `{level}` sets `{name}` to {value}, not below {reached}")
    };
    Diagnostic::new(&names::ROLLBACK_EXPOSES, message)
        .at(span, "users would stay exposed")
        .with(stage, format!("the rollout begins with {reached}"))
        .help("the first level that sets an exposure must take it to less than the rollout's first value, or to another one where values have no order")
}

/// Where a level moves an exposure when it goes on with what the rollout does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moves {
    /// To more users, as a rollout does that grows.
    Up,
    /// To fewer, as a rollout does that shrinks.
    Down,
}

/// A level sets more than can be in place when it runs; or less, where the rollout takes the exposure away.
pub(crate) fn rollback_goes_on(
    moves: Moves,
    (span, value): &(Span, String),
    (before, from): &(Option<Span>, String),
    (name, level): (&str, &str),
) -> Diagnostic {
    let (verb, label, sign) = match moves {
        Moves::Up => ("raise", "the way back would expose more users", '>'),
        Moves::Down => (
            "lower",
            "the way back would go on with what the rollout does",
            '<',
        ),
    };
    let one = Diagnostic::new(
        &names::ROLLBACK_EXPOSES,
        format!("level `{level}` can {verb} `{name}` from {from} to {value}"),
    );
    let one = match before {
        Some(before) => one
            .at(*span, label)
            .with(*before, format!("{from} is set here")),
        None => one.at(
            *span,
            format!("`{name}` can still be at {from} when this runs"),
        ),
    };
    let (why, instead) = match moves {
        Moves::Up => (
            "a rollback may begin before the rollout has exposed anything, and may come from any level before".to_owned(),
            "expose nothing here, or only lower",
        ),
        Moves::Down => (
            format!("the rollout shrinks `{name}`, and may turn back before it has: the way back may only raise it"),
            "expose everything here, or only raise",
        ),
    };
    one.help(why).help(format!(
        "{instead}: `when {name} {sign} {value}` at the level, or `if {name} {sign} {value} {{ … }}` around it"
    ))
}

/// `expect exposure <= 10%` where exposures have different values.
pub(crate) fn which_exposure_expected(
    span: Span,
    known: &[&str],
    (op, value): (&str, &str),
) -> Diagnostic {
    let first = known.first().copied().unwrap_or("NAME");
    Diagnostic::new(
        &names::WHICH_EXPOSURE,
        "`expect exposure` does not say which of them",
    )
    .at(span, "their values are of different kinds")
    .help(format!(
        "write for example `expect exposure {first} {op} {value}`"
    ))
    .help(format!("declared are: {}", known.join(", ")))
}

/// `expect exposure live <= green`
pub(crate) fn no_order_expected(span: Span, op: &str, kind: &str) -> Diagnostic {
    Diagnostic::new(
        &names::CANNOT_COMPARE,
        format!("`{op}` has no meaning for {kind}"),
    )
    .at(span, "its values have no order")
    .help("write `==`: it holds when the run sets nothing else")
}
