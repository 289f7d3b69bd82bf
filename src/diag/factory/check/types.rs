//! Types and units: what each side is, and what was probably meant.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// A value of one type where another is wanted; the want with an example.
pub(crate) fn wrong_type(
    (span, have): (Span, &str),
    place: &str,
    (want, example): (&str, &str),
) -> Diagnostic {
    Diagnostic::new(
        &names::WRONG_TYPE,
        format!("{place} must be {want}, and this is {have}"),
    )
    .at(span, format!("this is {have}"))
    .help(format!("write {want}, for example {example}"))
}

/// A bare number where a quantity is wanted.
pub(crate) fn missing_unit(
    (span, text): (Span, &str),
    place: &str,
    want: &str,
    units: &[String],
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::MISSING_UNIT,
        format!("{place} must be {want}, and `{text}` has no unit"),
    )
    .at(span, "a unit is missing here")
    .help(format!("write {}", alternatives(units)));
    match units {
        [unit] => one.fix(span, unit.as_str()),
        _several => one,
    }
}

fn alternatives(all: &[String]) -> String {
    let quoted: Vec<String> = all.iter().map(|one| format!("`{one}`")).collect();
    quoted.join(" or ")
}

/// A quantity is compared with a bare number; `advice` is the whole comparison as it could be meant.
pub(crate) fn compared_without_unit(
    (span, number): (Span, &str),
    (other, name, kind): (Span, &str, &str),
    advice: &[String],
    fix: Option<String>,
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::MISSING_UNIT,
        format!("`{name}` is {kind}, and `{number}` has no unit"),
    )
    .at(span, "a unit is missing here")
    .with(other, format!("this is {kind}"))
    .help(format!("write {}", alternatives(advice)));
    match fix {
        Some(fix) => one.fix(span, fix),
        None => one,
    }
}

/// Two sides that cannot be held against each other.
pub(crate) fn cannot_compare(
    op: Span,
    (left, left_text, left_kind): (Span, &str, &str),
    (right, right_text, right_kind): (Span, &str, &str),
    advice: &[String],
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::CANNOT_COMPARE,
        format!("`{left_text}` is {left_kind} and `{right_text}` is {right_kind}: they cannot be compared"),
    )
    .at(op, "compares two different things")
    .with(left, format!("this is {left_kind}"))
    .with(right, format!("this is {right_kind}"));
    match advice {
        [] => one.help("compare two things of one type"),
        advice => one.help(format!("write for example {}", alternatives(advice))),
    }
}

/// `<` between things without an order.
pub(crate) fn no_order((span, op): (Span, &str), side: Span, kind: &str) -> Diagnostic {
    Diagnostic::new(
        &names::CANNOT_COMPARE,
        format!("`{op}` has no meaning for {kind}"),
    )
    .at(span, "asks which of the two is more")
    .with(side, format!("this is {kind}"))
    .help("compare with `==` or `!=`")
}

/// `expect output > "3"`
pub(crate) fn no_order_expected_of_text(
    op: (Span, &str),
    (side, kind): (Span, &str),
    instead: Option<&str>,
) -> Diagnostic {
    let one = no_order(op, side, kind);
    match instead {
        Some(instead) => one.help(format!("or as a number: {instead}")),
        None => one,
    }
}

/// A truth value inside a comparison.
pub(crate) fn truth_compared(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::CANNOT_COMPARE,
        "a condition cannot be compared with something else",
    )
    .at(span, "this is true or false by itself")
    .help("write the condition alone, or `not (…)` for its opposite")
}

/// An operation without a meaning for its sides.
pub(crate) fn cannot_calculate(
    (span, op): (Span, &str),
    (left, left_kind): (Span, &str),
    (right, right_kind): (Span, &str),
    advice: &str,
) -> Diagnostic {
    Diagnostic::new(
        &names::CANNOT_CALCULATE,
        format!("{left_kind} `{op}` {right_kind} has no meaning"),
    )
    .at(span, "cannot be computed")
    .with(left, format!("this is {left_kind}"))
    .with(right, format!("this is {right_kind}"))
    .help(advice)
}

/// An operand that is not what its operator wants.
pub(crate) fn wrong_operand(
    (op_span, op): (Span, &str),
    (span, kind): (Span, &str),
    wanted: &str,
    form: &str,
) -> Diagnostic {
    Diagnostic::new(
        &names::CANNOT_CALCULATE,
        format!("`{op}` needs {wanted}, and this is {kind}"),
    )
    .at(span, format!("this is {kind}"))
    .with(op_span, format!("needs {wanted}"))
    .help(format!("write for example: {form}"))
}

/// A throughput where something is stored.
pub(crate) fn throughput_stored(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::CANNOT_CALCULATE,
        "a throughput can only be compared",
    )
    .at(
        span,
        "an amount of bytes in a duration has no type of its own",
    )
    .help("write it in the condition: bytes_out / 1m > 64MiB / 1m")
}

/// Items of different types in a list.
pub(crate) fn mixed_list(span: Span, kind: &str, first: &str) -> Diagnostic {
    Diagnostic::new(
        &names::WRONG_TYPE,
        format!("this list has {first} and {kind} in it"),
    )
    .at(span, format!("this is {kind}"))
    .help("all items of a list are of one type")
}

/// `[]` where no type is known.
pub(crate) fn empty_list(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::WRONG_TYPE,
        "this list is empty, so its type is not known",
    )
    .at(span, "a list of what?")
    .help("put an item in, for example [\"eu\"]")
}

/// Something that is neither true nor false where a condition is wanted; `example` is a condition.
pub(crate) fn not_a_condition((span, text): (Span, &str), kind: &str, example: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NOT_A_CONDITION,
        format!("`{text}` is {kind}, not a condition"),
    )
    .at(span, "neither true nor false")
    .help(format!("write a comparison, for example `{example}`"))
}

/// `X is critical` for something that is no metric.
pub(crate) fn only_metrics_are(span: Span, state: &str, what: Option<&str>) -> Diagnostic {
    let what = what.map_or_else(
        || "this is no metric".to_owned(),
        |what| format!("this is {what}"),
    );
    Diagnostic::new(
        &names::NOT_A_CONDITION,
        format!("only a metric can be {state}"),
    )
    .at(span, what)
    .help(format!(
        "write the name of a metric before `is {state}`, or a comparison"
    ))
}

/// `M is critical` without a threshold to be beyond.
pub(crate) fn no_threshold(
    (span, state): (Span, &str),
    (metric, name): (Span, &str),
    other: Option<(Span, &str)>,
    example: &str,
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::NO_THRESHOLD,
        format!("`{name}` can never be {state}: it has no `{state}` threshold"),
    )
    .at(span, format!("asks whether `{name}` is beyond `{state}`"));
    let one = match other {
        Some((other, text)) => one.with(other, format!("the only threshold is `{text}`")),
        None => one.with(metric, "declared here without a threshold"),
    };
    one.help(format!(
        "add a line to the metric, for example: {state} {example}"
    ))
}

/// A unit that the source of the metric does not speak.
pub(crate) fn unit_of_source((span, unit): (Span, &str), speaks: &str, wanted: &str) -> Diagnostic {
    Diagnostic::new(
        &names::UNIT_DISAGREES,
        format!("this source speaks of {speaks}, not of `{unit}`"),
    )
    .at(span, "what is asked here has one unit")
    .help(format!("write `unit {wanted}`"))
    .fix(span, wanted.to_owned())
}

/// `M.baseline` of a metric that has none.
pub(crate) fn no_baseline(span: Span, (metric, name): (Span, &str), example: &str) -> Diagnostic {
    Diagnostic::new(&names::NO_BASELINE, format!("`{name}` has no baseline"))
        .at(span, "what is usual is not known")
        .with(metric, "declared here without a `baseline`")
        .help(format!(
            "add a line to the metric: baseline {example}, or: baseline measured over 30m"
        ))
}

/// `X.baseline` of something that is no metric.
pub(crate) fn only_metrics_have(span: Span, text: &str, what: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NO_BASELINE,
        format!("only a metric has a baseline, and `{text}` asks for another one"),
    )
    .at(span, format!("this is {what}"))
    .help("write the name of a metric before `.baseline`")
}

/// `stage` by itself.
pub(crate) fn stage_is_compared(span: Span) -> Diagnostic {
    Diagnostic::new(&names::NOT_A_CONDITION, "`stage` alone says nothing")
        .at(span, "compare it with the name of a stage")
        .help("write for example: stage == canary")
}

/// `stage == "canary"`
pub(crate) fn stage_is_a_name(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::CANNOT_COMPARE,
        "`stage` is compared with something that is no stage",
    )
    .at(span, "the name of a stage is wanted here, without quotes")
    .help("write for example: stage == canary")
}

/// The type of a metric and its unit say different things.
pub(crate) fn unit_disagrees(
    (unit_span, unit): (Span, &str),
    makes: &str,
    (ty_span, ty): (Span, &str),
    units: &[&str],
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::UNIT_DISAGREES,
        format!("the unit `{unit}` makes {makes}, and the metric is declared as `{ty}`"),
    )
    .at(unit_span, format!("makes {makes}"))
    .with(ty_span, format!("says `{ty}`"));
    match units {
        [] => one
            .help("no unit of its source makes this type: leave the type out, the unit decides it"),
        units => one.help(format!(
            "write `unit {}`, or leave the type out: the unit decides it",
            units.join("` or `unit ")
        )),
    }
}

/// A pattern for something that is not written as text.
pub(crate) fn pattern_on_quantity(span: Span, (ty, kind): (Span, &str)) -> Diagnostic {
    Diagnostic::new(
        &names::WRONG_TYPE,
        format!("`matching` has no meaning for {kind}"),
    )
    .at(span, "a pattern is for texts, versions, URLs and paths")
    .with(ty, format!("this is {kind}"))
    .help("leave `matching` out, or make the parameter a text")
}

/// `expect` that looks at nothing.
pub(crate) fn expects_nothing(span: Span, words: &[&str]) -> Diagnostic {
    let one = Diagnostic::new(
        &names::BAD_EXPECTATION,
        "this expectation looks at no part of the answer",
    );
    match words {
        [] => one
            .at(span, "a connection gives no answer to look at")
            .help("leave `expect` out: `tcp` holds when the connection opens"),
        [first, ..] => one
            .at(
                span,
                "a comparison with a part of the answer is wanted here",
            )
            .help(format!("write for example: expect {first} == VALUE"))
            .help(format!("to look at: {}", words.join(", "))),
    }
}

/// `expect a or b`, `expect not a`
pub(crate) fn expects_a_choice(span: Span, op: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_EXPECTATION,
        format!("an expectation cannot be joined by `{op}`"),
    )
    .at(span, "one comparison is wanted here")
    .help("say it with one comparison, for example: expect status < 300")
    .help("what must hold together stands on lines of its own, or is joined by `and`")
}

/// `status` of a command, `exit` of an HTTP answer.
pub(crate) fn not_of_this_answer(
    (span, word): (Span, &str),
    answer: &str,
    words: &[&str],
) -> Diagnostic {
    let one = Diagnostic::new(&names::BAD_EXPECTATION, format!("{answer} has no `{word}`"))
        .at(span, "not a part of this answer");
    match words {
        [] => one.help("leave `expect` out: `tcp` holds when the connection opens"),
        words => one.help(format!("to look at: {}", words.join(", "))),
    }
}

/// `status == "ok"`
pub(crate) fn expects_wrong_type(
    (seen, text, wanted): (Span, &str, &str),
    (span, kind): (Span, &str),
    instead: Option<&str>,
) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_EXPECTATION,
        format!("`{text}` is {wanted}, and this is {kind}"),
    )
    .at(span, format!("this is {kind}"))
    .with(seen, format!("this is {wanted}"))
    .help(match instead {
        Some(instead) => format!("write `{instead}`"),
        None => format!("compare `{text}` with {wanted}"),
    })
}

/// `json()` or `json(a, b)`
pub(crate) fn one_text_wanted(span: Span, name: &str) -> Diagnostic {
    let example = if name == "json" {
        ".status"
    } else {
        "content-type"
    };
    Diagnostic::new(
        &names::BAD_EXPECTATION,
        format!("`{name}(…)` takes one text"),
    )
    .at(span, "not one text")
    .help(format!("write {name}(\"{example}\")"))
}

/// `${…}` in a text that is used as it is.
pub(crate) fn no_interpolation(span: Span, place: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NAME_NOT_HERE,
        format!("`${{…}}` has no meaning in {place}"),
    )
    .at(span, "this text is used as it is written")
    .help("write it without `${…}`")
}

/// `when "errors" > 5%`
pub(crate) fn name_in_quotes((span, name): (Span, &str), op: Span) -> Diagnostic {
    Diagnostic::new(
        &names::CANNOT_COMPARE,
        format!("`\"{name}\"` is a text, and not the value of `{name}`"),
    )
    .at(span, "in quotes it is a text of these letters")
    .with(op, "compares two different things")
    .help(format!("write `{name}`, without quotes"))
    .fix(span, name)
}
