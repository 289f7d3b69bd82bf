//! The wording of what is said about lines that do not end where their statement does.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// `expose 10% wait 1h`
pub(crate) fn two_on_a_line(span: Span, word: &str, (gap, new_line): (Span, &str)) -> Diagnostic {
    Diagnostic::new(
        &names::UNEXPECTED_TEXT,
        format!("`{word}` begins a statement, and this line has one already"),
    )
    .at(span, "a second statement")
    .help("put it on a line of its own")
    .fix(gap, new_line)
}

/// A command that goes on in the next line, as it does not.
pub(crate) fn command_goes_on(span: Span, (above, is_plain): (Span, Goes)) -> Diagnostic {
    let one = Diagnostic::new(
        &names::UNEXPECTED_TEXT,
        "a command ends with its line, and this line goes on with it",
    )
    .at(span, "no statement begins like this")
    .with(above, "the command ends here")
    .help("end the line above with a blank and `\\`");
    match is_plain {
        Goes::On => one.fix(above, " \\"),
        Goes::BehindAComment => one,
    }
}

/// What the line before the rest of a command ends with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goes {
    /// The command.
    On,
    /// Perhaps a comment, in which `\\` means nothing.
    BehindAComment,
}

/// A guard whose parts stand on lines or in a block of their own; `joined` is the whole of it on one line.
pub(crate) fn guard_apart(span: Span, place: &str, joined: &str, fix: Option<Span>) -> Diagnostic {
    let one = Diagnostic::new(
        &names::MISSING_PART,
        format!("the parts of this guard stand {place}"),
    )
    .at(
        span,
        "`when`, `for` and `then` stand on the line of their guard",
    )
    .help(format!("write: {joined}"));
    match fix {
        Some(place) => one.fix(place, joined),
        None => one,
    }
}

/// `window mon..fri 09:00..17:00`
pub(crate) fn window_without_a_name(span: Span, rule: &str) -> Diagnostic {
    Diagnostic::new(
        &names::MISSING_PART,
        "a window has a name, and its days and hours stand in its block",
    )
    .at(span, "the name of a window belongs here")
    .help(format!(
        "declare it, each line on a line of its own: window NAME {{ allow {rule} }}"
    ))
    .help("and choose it on another line: window NAME")
}
