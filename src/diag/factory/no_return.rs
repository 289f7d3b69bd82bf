//! What is wrong with a point of no return, and with the way forward behind it.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// `no return` in a file without `forward`.
pub(crate) fn no_way_forward(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::NO_WAY_FORWARD,
        "behind this point nothing says how to go on",
    )
    .at(
        span,
        "from here no level of `rollback` applies, and the file has no `forward`",
    )
    .help("add a block: forward { level NAME within 10m { … } }, each on lines of its own; its levels bring the service to health on the new side")
}

/// `forward` in a file without `no return`.
pub(crate) fn forward_never_run(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::FORWARD_NEVER_RUN,
        "no run ever comes to this `forward`",
    )
    .at(span, "its levels are for what goes wrong behind `no return`, and no stage has that line")
    .help("write `no return \"WHY\"` into a stage, above the first step that cannot be taken back, or put the levels into `rollback`")
}

/// A second point behind the first.
pub(crate) fn no_return_twice(span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(
        &names::NO_RETURN_TWICE,
        "this point of no return is behind another one",
    )
    .at(span, "whoever comes here has no way back already")
    .with(first, "since here")
    .help("keep the one from which the change cannot be taken back, and take the other away")
}

/// A level of `rollback` is named behind the point of no return.
pub(crate) fn level_behind_the_point(
    (span, level): (Span, &str),
    point: Span,
    others: &[&str],
) -> Diagnostic {
    Diagnostic::new(
        &names::LEVEL_OUT_OF_REACH,
        format!("level `{level}` of `rollback` does not apply here"),
    )
    .at(
        span,
        "this can happen only behind the point of no return, where the levels of `forward` are left",
    )
    .with(point, "the point of no return")
    .help(instead(level, ("forward", others)))
}

/// A level of `forward` is named before the point of no return.
pub(crate) fn level_before_the_point((span, level): (Span, &str), others: &[&str]) -> Diagnostic {
    Diagnostic::new(
        &names::LEVEL_OUT_OF_REACH,
        format!("level `{level}` of `forward` does not apply here"),
    )
    .at(
        span,
        "this can happen only before the point of no return, where the levels of `rollback` apply",
    )
    .help(instead(level, ("rollback", others)))
}

fn instead(level: &str, (way, others): (&str, &[&str])) -> String {
    match others {
        [] => "take `from LEVEL` away".to_owned(),
        others => format!(
            "name one of `{way}`, or take `from {level}` away: {}",
            others.join(", ")
        ),
    }
}

/// `went_forward(LEVEL)` or `rolled_back(LEVEL)` with a level of the other way.
pub(crate) fn level_of_other_way(
    (span, level): (Span, &str),
    way: &str,
    outcome: &str,
) -> Diagnostic {
    Diagnostic::new(
        &names::LEVEL_OUT_OF_REACH,
        format!("level `{level}` is one of `{way}`"),
    )
    .at(span, "a run never ends so by this level")
    .help(format!("write `outcome == {outcome}({level})`"))
}

/// `undo` in a level of the way forward.
pub(crate) fn undo_goes_back(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::MISPLACED_STATEMENT,
        "a level of `forward` does not undo",
    )
    .at(
        span,
        "`undo` takes back what the run began, and behind the point of no return nothing is taken back",
    )
    .help("write the steps that go forward, or put `undo` into a level of `rollback`")
}

/// A step that says what undoes it, behind the point.
pub(crate) fn undo_behind_the_point((span, step): (Span, &str), point: Span) -> Diagnostic {
    Diagnostic::new(
        &names::UNDO_NEVER_RUN,
        format!("nothing undoes step `{step}`"),
    )
    .at(span, "only the levels of `rollback` undo")
    .with(point, "and from here on none of them applies")
    .help("take the clause away, or move the step above the point of no return")
}

/// A step whose failure finds no level of `forward`.
pub(crate) fn cannot_go_forward(
    (span, step): (Span, &str),
    levels: &[(Span, String)],
) -> Diagnostic {
    let mut one = Diagnostic::new(
        &names::CANNOT_GO_FORWARD,
        format!("when step `{step}` fails, no level of `forward` is for it"),
    )
    .at(
        span,
        "it stands behind the point of no return, so nothing can be rolled back either",
    );
    for (when, level) in levels.iter().take(3) {
        one = one.with(
            *when,
            format!("not so at this step, so `{level}` is skipped"),
        );
    }
    one.help(
        "write a level without `when` as the last one of `forward`: what is always worth trying",
    )
}
