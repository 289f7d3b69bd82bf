//! What a rollout lacks for the risk that it says it has.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// `risk zero`, and users see something.
pub(crate) fn exposes_something(
    (span, exposure): (Span, &str),
    (risk, class): (Span, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::RISK_EXPOSURE,
        format!("a rollout of risk {class} exposes `{exposure}`"),
    )
    .at(span, "users see something from here on")
    .with(risk, format!("risk {class}: no exposure"))
    .help("write the risk that it has, for example `risk medium`, or take `expose` away")
}

/// A stop of the row is left out.
pub(crate) fn stop_left_out(
    (span, exposure): (Span, &str),
    (from, to): (&str, &str),
    (missing, to_type): (&str, Option<&str>),
    (risk, row): (Span, &str),
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::RISK_EXPOSURE,
        format!("`{exposure}` goes from {from} to {to} without a stop that its risk needs"),
    )
    .at(span, format!("before this: {missing}"))
    .with(risk, row);
    match to_type {
        Some(to_type) => one.help(to_type),
        None => {
            one.help("give the exposure more values, and a stage with a `wait` to each of them")
        }
    }
}

/// Too little healthy time at a stop.
pub(crate) fn soak_at_stop(
    (span, stage): (Span, &str),
    (bound, soaked): (&str, &str),
    wanted: &str,
    (risk, row): (Span, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::RISK_SOAK,
        format!("stage `{stage}` goes on after {soaked} at {bound}"),
    )
    .at(
        span,
        format!("at least {wanted} of healthy time are needed here"),
    )
    .with(risk, row)
    .help(format!("wait {wanted} in all before the next `expose`"))
}

/// Too little healthy time before anything is exposed.
pub(crate) fn soak_at_zero(
    (span, stage): (Span, &str),
    (soaked, wanted): (&str, &str),
    (risk, row): (Span, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::RISK_SOAK,
        format!("stage `{stage}` comes after {soaked} with nobody exposed"),
    )
    .at(
        span,
        format!("at least {wanted} of healthy time are needed before it is over"),
    )
    .with(risk, row)
    .help(format!("wait {wanted} in all with nothing exposed"))
}

/// Too little healthy time at the end.
pub(crate) fn soak_at_end(
    (span, stage): (Span, &str),
    (value, soaked): (&str, &str),
    wanted: &str,
    (risk, row): (Span, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::RISK_SOAK,
        format!("stage `{stage}` ends the rollout after {soaked} at {value}"),
    )
    .at(
        span,
        format!("at least {wanted} of healthy time are needed at the end"),
    )
    .with(risk, row)
    .help(format!("wait {wanted} in all after the last `expose`"))
}

/// The first level of the rollback may take too long, whatever the risk.
pub(crate) fn first_level_slow(
    (span, level): (Span, &str),
    (within, found): (Span, &str),
    most: &str,
) -> Diagnostic {
    Diagnostic::new(
        &names::RISK_ROLLBACK,
        format!("the first way back may take {found}, and {most} is the most"),
    )
    .at(span, format!("users wait for level `{level}` first"))
    .with(within, format!("more than {most}"))
    .help(format!("write `within {most}`, or put a quicker level before it, such as one that takes the exposure back"))
}

/// Nobody hears of a rollback, though something is done behind it.
pub(crate) fn nobody_is_told((span, class): (Span, &str), channel: Option<&str>) -> Diagnostic {
    let channel = channel.unwrap_or("CHANNEL");
    Diagnostic::new(
        &names::RISK_AFTERMATH,
        format!("nobody is told of a rollback of risk {class}"),
    )
    .at(span, "people have to know that it went back, and why")
    .help(format!(
        "write `notify {channel} \"Rolled back by ${{level}}: ${{reason}}\"` into `after rollback`"
    ))
}

/// Nothing is done behind a rollback.
pub(crate) fn nothing_is_done((span, class): (Span, &str), channel: Option<&str>) -> Diagnostic {
    let channel = channel.unwrap_or("CHANNEL");
    Diagnostic::new(
        &names::RISK_AFTERMATH,
        format!("nothing is done after a rollback of risk {class}"),
    )
    .at(span, "people have to know that it went back, and why")
    .help(format!(
        "add a block at the top of the file: after rollback {{ notify {channel} \"Rolled back by ${{level}}: ${{reason}}\" }}, with `notify` on a line of its own"
    ))
}

/// Nothing keeps the next rollout from doing the same.
pub(crate) fn no_incident((span, class): (Span, &str)) -> Diagnostic {
    Diagnostic::new(
        &names::RISK_AFTERMATH,
        format!("a rollback of risk {class} opens no incident"),
    )
    .at(
        span,
        "the next rollout has to wait until somebody knows what happened",
    )
    .help("write `incident from \"postmortem\"` into `after rollback`")
}
