//! What is wrong with how a file undoes its steps.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// A step that can be undone, and nothing that undoes it.
pub(crate) fn undo_never_run(span: Span, step: &str, others: usize) -> Diagnostic {
    let one = Diagnostic::new(
        &names::UNDO_NEVER_RUN,
        format!("nothing undoes step `{step}`"),
    )
    .at(span, "no level of `rollback` has the statement `undo`");
    let one = match others {
        0 => one,
        1 => one.help("there is one more step like it"),
        others => one.help(format!("there are {others} more steps like it")),
    };
    one.help("write `undo` on a line of its own in a level: it runs the `undo` of every step that began, the newest first; or take the clause away")
}

/// `undo` in a level of a file in which no step can be undone.
pub(crate) fn nothing_to_undo(span: Span) -> Diagnostic {
    Diagnostic::new(&names::NOTHING_TO_UNDO, "there is nothing to undo")
        .at(span, "no step of the rollout says what undoes it")
        .help("give a step of a stage the clause `undo $ COMMAND`, or take this line away")
}

/// A second `undo` in one level.
pub(crate) fn undone_already(span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(&names::NOTHING_TO_UNDO, "there is nothing left to undo")
        .at(
            span,
            "a level that goes on behind `undo` has undone everything",
        )
        .with(first, "here")
        .help("take one of the two lines away")
}

/// `undo` of a step that stands in a level, or undoes another one.
pub(crate) fn undo_in_level(span: Span) -> Diagnostic {
    Diagnostic::new(&names::NEEDLESS, "a step of the way back is not undone")
        .at(span, "`undo` is for what the rollout has done")
        .help(
            "take `undo …` away; when this step fails, its level fails, and the next level begins",
        )
}

/// `undo { step x on HOSTS … }`
pub(crate) fn undo_elsewhere(span: Span, step: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NEEDLESS,
        format!("what undoes step `{step}` runs where that step ran"),
    )
    .at(span, "each host on which it began is undone there")
    .help("take `on …` away; what is to be done on other hosts is a step of a level")
}

/// A test names what undoes a step that nothing undoes.
pub(crate) fn no_undo_of(span: Span, step: &str) -> Diagnostic {
    Diagnostic::new(&names::UNKNOWN_NAME, format!("step `{step}` has no `undo`"))
        .at(span, "nothing undoes it")
        .help("give it the clause `undo $ COMMAND`, or write the name of the step alone")
}

/// A block that undoes a step and is empty.
pub(crate) fn empty_undo(span: Span, step: &str) -> Diagnostic {
    Diagnostic::new(
        &names::EMPTY_BLOCK,
        format!("the `undo` of step `{step}` does nothing"),
    )
    .at(span, "no command in its block")
    .help("write the command that undoes the step, or take `undo` away")
}
