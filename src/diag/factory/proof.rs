//! What is said about the paths that a run can take.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// A path as people read it.
pub(crate) struct Story {
    /// What happens, a line each with its time.
    pub(crate) lines: Vec<String>,
    /// The same at the places of the file where something goes wrong.
    pub(crate) labels: Vec<(Span, String)>,
}

/// Adds the story.
fn told(one: Diagnostic, story: &Story) -> Diagnostic {
    let one = one.help(format!(
        "this is how it comes to that\n  {}",
        story.lines.join("\n  ")
    ));
    story
        .labels
        .iter()
        .fold(one, |one, (span, text)| one.with(*span, text.clone()))
}

/// No path of a run completes.
pub(crate) fn never_completes((span, why): (Span, &str), help: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NEVER_COMPLETES,
        "no run of this runbook can complete, so nothing is proved",
    )
    .at(span, why)
    .help(help)
}

/// No level is for the rollback that begins.
pub(crate) fn path_gets_stuck((span, level): (Span, &str), way: &str, story: &Story) -> Diagnostic {
    let one = Diagnostic::new(
        &names::PATH_GETS_STUCK,
        format!("{way} can begin and find no level that is for it"),
    )
    .at(
        span,
        "the last level is not for it either, so nothing is done",
    );
    told(one, story).help(format!(
        "take the `when` of level `{level}` away, or write a level without one behind it: what is always worth trying"
    ))
}

/// The run is stuck, and nobody hears of it.
pub(crate) fn path_without_telling(span: Span, channel: Option<&str>, story: &Story) -> Diagnostic {
    let one = Diagnostic::new(
        &names::PATH_WITHOUT_TELLING,
        "this run can get stuck, and nobody is told",
    )
    .at(span, "after this nothing is left to try");
    let channel = channel.unwrap_or("CHANNEL");
    told(one, story).help(format!(
        "say whom to call: if stuck {{ notify {channel} \"${{service}} is stuck: ${{reason}}\" }}, each on lines of its own"
    ))
}

/// It counts as rolled back while users still see the change. `why` says what is missing, and `lower` is the statement that ends it.
pub(crate) fn path_ends_exposed(
    (span, level): (Span, &str),
    (why, lower): (&str, &str),
    story: &Story,
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::PATH_ENDS_EXPOSED,
        format!("level `{level}` counts as the way back while users still see the change"),
    )
    .at(span, format!("{why}, and nothing judges what it came to"));
    told(one, story).help(format!(
        "write `recovered when CONDITION for 1m within 3m` behind the levels, so that a level that did not help is seen, or `{lower}` in this one"
    ))
}

/// A level of the way forward counts as enough, and nothing looked.
pub(crate) fn path_ends_unjudged((span, level): (Span, &str), story: &Story) -> Diagnostic {
    let one = Diagnostic::new(
        &names::PATH_ENDS_EXPOSED,
        format!("level `{level}` counts as the way forward while nothing judges what it came to"),
    )
    .at(
        span,
        "users see the change behind it, and nobody has looked whether that is well",
    );
    told(one, story).help(
        "write `recovered when CONDITION for 1m within 3m` behind the levels of `forward`, so that a level that did not help is seen",
    )
}

/// What a step took apart is never put together again.
pub(crate) fn path_left_apart(
    (span, step): (Span, &str),
    (apart, together): (&str, &str),
    story: &Story,
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::PATH_LEFT_APART,
        format!("a rollback can end after `{apart}` and without `{together}`"),
    )
    .at(
        span,
        format!(
            "step `{step}` does `{apart}`, and on this path no step does `{together}` to the same"
        ),
    );
    told(one, story).help(format!(
        "write a step that does `{together}` to the same into the rollback, in each level that can be the last one"
    ))
}

/// There are more kinds of states than a proof looks at.
pub(crate) fn proof_unfinished(title: Span, states: usize) -> Diagnostic {
    Diagnostic::new(
        &names::PROOF_UNFINISHED,
        format!("not every path of this runbook was looked at: {states} kinds of states of this size are as many as a proof takes"),
    )
    .at(title, "what was looked at ends as it may; about the rest nothing is known")
    .help("what makes them many is what stands side by side, or thousands of steps: fewer strands at a time, fewer captured values that conditions read, or two runbooks")
}

/// The runbook has so many steps that the sweep cannot come to its end.
pub(crate) fn proof_too_long(title: Span, steps: usize, most: usize) -> Diagnostic {
    Diagnostic::new(
        &names::PROOF_UNFINISHED,
        format!("only the beginning of this runbook was looked at: its {steps} steps make more kinds of states than the {most} that a proof takes"),
    )
    .at(title, "what was looked at ends as it may; about the rest nothing is known")
    .help("make several runbooks of it, or one step of what many do alike: a script, a loop in `sh`")
}

/// The engine stands still in the middle of a run.
pub(crate) fn proof_lost(title: Span, story: &Story) -> Diagnostic {
    let one = Diagnostic::new(
        &names::PROOF_UNFINISHED,
        "a path of this runbook comes to a state that nothing leads out of",
    )
    .at(title, "that is a mistake of this program, not of this file");
    told(one, story).help("please report it with this runbook")
}
