//! Steps that have the terminal of the run.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// `interactive` in a strand, or in a turn that is not alone.
pub(crate) fn shared(span: Span, (several, at): (&str, Span)) -> Diagnostic {
    Diagnostic::new(
        &names::NO_TERMINAL,
        "a step that has the terminal runs alone",
    )
    .at(
        span,
        "this gives the step the terminal of the run, and there is one",
    )
    .with(at, format!("{several} can be under way here"))
    .help("let the person do it alone: before or after this block")
}

/// `interactive` of a step on hosts.
pub(crate) fn on_hosts(span: Span, on: Span) -> Diagnostic {
    Diagnostic::new(&names::NO_TERMINAL, "a step on hosts has no terminal")
        .at(span, "the terminal of the run is here")
        .with(
            on,
            "the command runs there, on several at once or one after the other",
        )
        .help("log in from here, without `on …`: step NAME interactive $ ssh -t HOST …")
}

/// `interactive` beside `stdin`.
pub(crate) fn with_stdin(span: Span, stdin: Span) -> Diagnostic {
    Diagnostic::new(
        &names::NO_TERMINAL,
        "a step reads what it is given or what somebody types, not both",
    )
    .at(span, "with this it reads the terminal")
    .with(stdin, "with this it reads a text")
    .help("take one of them away")
}

/// `interactive` of a capture.
pub(crate) fn of_a_capture(span: Span, (name, at): (&str, Span)) -> Diagnostic {
    Diagnostic::new(
        &names::NO_TERMINAL,
        format!("what a person does at a terminal cannot be captured as `{name}`"),
    )
    .at(span, "with this all that the command prints goes to the terminal")
    .with(at, "the value is what it would print")
    .help("let a step do it and keep the value in a file, and capture that: capture NAME: TYPE $ cat FILE")
}
