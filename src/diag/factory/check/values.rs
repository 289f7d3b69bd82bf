//! Values that are impossible, out of range or backwards.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// What a subtraction can come to.
pub(crate) const BELOW_ZERO: &str = "it is below zero";

/// An expression without a value: division by zero, below zero, too large.
pub(crate) fn impossible_value(span: Span, why: &str) -> Diagnostic {
    let one = Diagnostic::new(&names::IMPOSSIBLE_VALUE, "this expression has no value")
        .at(span, why)
        .help("change the expression, or the parameter that it uses");
    if why == BELOW_ZERO {
        return one.help("if a range is meant, it has two dots: 2h..4h");
    }
    one
}

/// A value that would be more than a value in a query.
pub(crate) fn unfit_in_query(span: Span, text: &str, why: &str) -> Diagnostic {
    Diagnostic::new(
        &names::UNFIT_IN_QUERY,
        format!("`{text}` cannot stand in the query here"),
    )
    .at(span, why)
    .help("give another value, or put ${…} into a string of the query: {team=\"${team}\"}")
}

/// A value that is none of its type; the want with its article, and an example.
pub(crate) fn misfit(span: Span, text: &str, (want, example): (&str, &str)) -> Diagnostic {
    Diagnostic::new(&names::DOES_NOT_FIT, format!("{text} is not {want}"))
        .at(span, "does not fit here")
        .help(format!("write {want}, for example {example}"))
}

/// A default that its own pattern refuses.
pub(crate) fn default_does_not_match(
    span: Span,
    value: &str,
    (pattern, text): (Span, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::DOES_NOT_FIT,
        format!("the default `{value}` does not match /{text}/"),
    )
    .at(span, "would be refused on the command line")
    .with(pattern, "the whole value must match this")
    .help("change the default or the pattern")
}

/// `timeout 0s`
pub(crate) fn zero_duration(span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(&names::ZERO, format!("`{what}` is zero"))
        .at(span, "no time at all")
        .help(format!("write how long, for example `{what} 30s`"))
}

/// More than a year.
pub(crate) fn too_long(span: Span, what: &str, most: &str) -> Diagnostic {
    Diagnostic::new(
        &names::OUT_OF_RANGE,
        format!("`{what}` is longer than {most}"),
    )
    .at(span, "hardly meant")
    .help("check the unit: ms, s, m, h, d")
}

/// `retry 0`
pub(crate) fn zero_retries(span: Span) -> Diagnostic {
    Diagnostic::new(&names::ZERO, "`retry 0` retries nothing")
        .at(span, "the number of further attempts")
        .help("write 1 or more, or leave `retry` out")
}

/// A count outside of its range.
pub(crate) fn count_out_of_range(span: Span, what: &str, range: &str) -> Diagnostic {
    Diagnostic::new(&names::OUT_OF_RANGE, format!("{what} is out of range"))
        .at(span, format!("must be {range}"))
        .help(format!("write a whole number, {range}"))
}

/// A percent outside of its range.
pub(crate) fn share_out_of_range(
    span: Span,
    (what, value): (&str, &str),
    range: &str,
) -> Diagnostic {
    Diagnostic::new(
        &names::OUT_OF_RANGE,
        format!("`{what} {value}` is out of range"),
    )
    .at(span, format!("must be from {range}"))
    .help(format!("write a percent from {range}"))
}

/// `for 5 of 3`
pub(crate) fn more_than_all(breaches: Span, samples: Span, (k, n): (i64, i64)) -> Diagnostic {
    Diagnostic::new(
        &names::OUT_OF_RANGE,
        format!("`for {k} of {n}` can never happen"),
    )
    .at(breaches, format!("{k} breaches are wanted"))
    .with(samples, format!("among {n} samples"))
    .help(format!(
        "write `for {n} of {k}`, or fewer breaches than samples"
    ))
}

/// `wait 4h..2h`; `ways` are the ranges that it could have been meant as: with its ends exchanged, and with a longer end. Nothing is
/// mended without asking: one of them is a soak of another length.
pub(crate) fn backwards_range(
    span: Span,
    what: &str,
    (first, last): (&str, &str),
    (exchanged, longer): (Option<&str>, Option<&str>),
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::BACKWARDS_RANGE,
        format!("`{what} {first}..{last}` goes backwards"),
    )
    .at(span, format!("from {first} to {last}"));
    match (exchanged, longer) {
        (Some(exchanged), Some(longer)) => one.help(format!(
            "the shorter one comes first: write `{what} {longer}` if at least {first} is meant, or `{what} {exchanged}` if {last} is enough"
        )),
        (Some(exchanged), None) => one.help(format!(
            "the shorter one comes first: write `{what} {exchanged}` if {last} is enough, or a longer time than {first} behind `..`"
        )),
        (None, _) => one.help("the shorter one comes first: exchange them, or give other values"),
    }
}

/// A threshold that all samples or none are beyond.
pub(crate) fn threshold_out_of_range(span: Span, which: &str, ty: &str) -> Diagnostic {
    Diagnostic::new(
        &names::OUT_OF_RANGE,
        format!("{which} beyond this threshold"),
    )
    .at(span, format!("a {ty} is 0 or more"))
    .help("choose a value that tells good samples from bad ones")
}

/// `warning == 5%`
pub(crate) fn threshold_has_no_side(span: Span, op: &str) -> Diagnostic {
    Diagnostic::new(
        &names::THRESHOLDS,
        format!("a threshold with `{op}` has no side"),
    )
    .at(span, "on which side is the metric bad?")
    .help("write `>`, `>=`, `<` or `<=`")
}

/// `warning > 1%`, `critical < 5%`
pub(crate) fn thresholds_on_two_sides(critical: Span, warning: Span) -> Diagnostic {
    Diagnostic::new(
        &names::THRESHOLDS,
        "`warning` and `critical` look to different sides",
    )
    .at(critical, "bad on this side")
    .with(warning, "and bad on the other")
    .help("give both the same direction: `>` when more is worse, `<` when less is worse")
}

/// `warning > 5%`, `critical > 1%`
pub(crate) fn thresholds_out_of_order(critical: Span, warning: Span, side: &str) -> Diagnostic {
    Diagnostic::new(&names::THRESHOLDS, "`critical` is reached before `warning`")
        .at(critical, format!("must lie {side} `warning`"))
        .with(warning, "this comes later than `critical`")
        .help("exchange the two values")
}

/// A baseline on the bad side of a threshold.
pub(crate) fn baseline_beyond(baseline: Span, threshold: Span) -> Diagnostic {
    Diagnostic::new(
        &names::THRESHOLDS,
        "the baseline is beyond a threshold already",
    )
    .at(baseline, "so what is usual would count as bad")
    .with(threshold, "it is beyond this")
    .help(
        "both thresholds lie on the bad side of the baseline: above it with `>`, below it with `<`",
    )
}

/// A baseline of too few samples.
pub(crate) fn baseline_too_short(
    (span, over): (Span, &str),
    every: &str,
    least: &str,
) -> Diagnostic {
    Diagnostic::new(
        &names::TOO_SHORT,
        format!("{over} is too short for a baseline"),
    )
    .at(
        span,
        format!("with a sample every {every}, chance decides what is usual"),
    )
    .help(format!(
        "measure for at least {least}; half an hour is common"
    ))
}

/// `stale` below `every`
pub(crate) fn stale_too_short(
    (span, stale): (Span, &str),
    every_span: Option<Span>,
    every: &str,
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::TOO_SHORT,
        format!("a sample is stale after {stale}, and the next one comes after {every}"),
    )
    .at(span, "the metric would have no value between two samples");
    let one = match every_span {
        Some(every_span) => one.with(every_span, "asked this often"),
        None => one,
    };
    one.help(format!(
        "write at least `stale {every}`; without it, it is four times `every`"
    ))
}

/// `for` below two samples
pub(crate) fn streak_too_short(
    (span, length): (Span, &str),
    (metric, every): (&str, &str),
    better: &str,
) -> Diagnostic {
    Diagnostic::new(
        &names::TOO_SHORT,
        format!("`for {length}` is shorter than two samples: `{metric}` is asked every {every}"),
    )
    .at(span, "too few samples to tell a trend from a slip")
    .help(format!(
        "write for example `for {better}`, or ask the metric more often"
    ))
}

/// `wait until` that is over before a sample counts.
pub(crate) fn wait_too_short(
    (span, within): (Span, &str),
    (when, warmup): (Span, &str),
    longer: &str,
) -> Diagnostic {
    Diagnostic::new(
        &names::TOO_SHORT,
        format!("nothing can be seen within {within}"),
    )
    .at(span, "over before a sample counts")
    .with(
        when,
        format!("for {warmup} the samples still show the time before the wait"),
    )
    .help(format!("write for example `within {longer}`"))
}

/// `recovered … for 1m within 1m10s`: what is well may be seen too late.
pub(crate) fn recovery_by_luck(
    (span, within): (Span, &str),
    (metric, every): (&str, &str),
    sure: &str,
    better: &str,
) -> Diagnostic {
    Diagnostic::new(
        &names::TOO_SHORT,
        format!("a service that is well may not be seen to have recovered within {within}"),
    )
    .at(
        span,
        format!("`{metric}` is asked every {every}, so that it can take {sure} and the time of an answer"),
    )
    .help(format!("write for example `within {better}`"))
}

/// `recovered` that no samples can satisfy in time
pub(crate) fn recovery_too_short(
    (span, within): (Span, &str),
    (when, warmup): (Span, &str),
    hold: Option<(Span, String)>,
    better: &str,
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::TOO_SHORT,
        format!("recovery can never be seen within {within}"),
    )
    .at(span, "too short for what comes before it")
    .with(
        when,
        format!("for {warmup} the samples still show the time before the rollback"),
    );
    let one = match hold {
        Some((hold, length)) => one.with(hold, format!("and then it must hold for {length}")),
        None => one,
    };
    one.help(format!("write for example `within {better}`"))
}

/// `verify … within 2s every 10s`
pub(crate) fn asked_only_once(
    (span, within): (Span, &str),
    every_span: Option<Span>,
    every: &str,
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::TOO_SHORT,
        format!("the probe is asked only once within {within}"),
    )
    .at(span, "over before the second try");
    match every_span {
        Some(every_span) => one
            .with(every_span, "the pause between two tries")
            .help(format!("write `within` longer than {every}, or a shorter `every`")),
        None => one.help(format!(
            "write `within` longer than {every}, or `every` with a shorter pause: {every} is the default"
        )),
    }
}

/// No URL that can be asked; `instead` is one that can.
pub(crate) fn bad_address(span: Span, text: &str, why: &str, instead: Option<&str>) -> Diagnostic {
    // What holds a password is not repeated.
    let message = if text.contains('@') {
        "this is no address that can be asked".to_owned()
    } else {
        format!("`{text}` is no address that can be asked")
    };
    let one = Diagnostic::new(&names::BAD_ADDRESS, message).at(span, why);
    match instead {
        Some(instead) => one.help(format!("write \"{instead}\"")),
        None if text.contains('@') => {
            one.help("leave it out: an address stands in the journal and in every report")
        }
        None => one.help("write for example \"https://api.example.com/health\""),
    }
}

/// No `host:port`.
pub(crate) fn bad_socket(span: Span, text: &str, why: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_ADDRESS,
        format!("`{text}` is no address that can be connected to"),
    )
    .at(span, why)
    .help("write for example tcp \"db.internal:5432\"")
}
