//! Lines of a step that change only the shell which ends with them. What a shell text says otherwise is in `shell`.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// `$ cd DIR`, and where to if that is written out.
pub(crate) fn folder_left(span: Span, what: &str, folder: Option<&str>) -> Diagnostic {
    let folder = folder.map_or_else(|| "DIR".to_owned(), |folder| format!("\"{folder}\""));
    left_behind(span, what, "cd")
        .help(format!(
            "say it in the step that needs it: step NAME in {folder} $ COMMAND"
        ))
        .help(AS_ONE_TEXT)
}

/// `$ export X=…`
pub(crate) fn variable_left(span: Span, what: &str, name: &str) -> Diagnostic {
    let name = match name {
        "" => "NAME",
        name => name,
    };
    left_behind(span, what, name)
        .help(format!(
            "say it in the step that needs it: step NAME env {{ {name} = VALUE }} $ COMMAND"
        ))
        .help(format!(
            "what a command prints is kept by: capture {}: text $ COMMAND",
            name.to_lowercase()
        ))
        .help(AS_ONE_TEXT)
}

/// `$ set -e`
pub(crate) fn options_left(span: Span, what: &str) -> Diagnostic {
    left_behind(span, what, "set")
        .help("delete it where it says -e or -u: shell text runs with them")
        .help(AS_ONE_TEXT)
}

/// `$ . ./env.sh`, `$ umask 022`
pub(crate) fn setting_left(span: Span, what: &str, word: &str) -> Diagnostic {
    left_behind(span, what, word).help(AS_ONE_TEXT)
}

const AS_ONE_TEXT: &str =
    "or write it and the commands that need it as one text: sh \"\"\" … \"\"\"";

/// What is a line or a text of shell, and does nothing else.
fn left_behind(span: Span, what: &str, word: &str) -> Diagnostic {
    Diagnostic::new(
        &names::LINE_WITHOUT_EFFECT,
        format!("`{word}` has no effect on any other command"),
    )
    .at(
        span,
        format!("each {what} has a shell of its own, and this one ends here"),
    )
}
