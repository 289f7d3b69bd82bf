//! Paths and addresses that stand without quotes.

use super::super::{Diagnostic, names};
use crate::source::Span;

fn bare(span: Span, message: &str) -> Diagnostic {
    Diagnostic::new(&names::FOREIGN_SYNTAX, message).at(span, "this stands without quotes")
}

/// `in /srv/app`
pub(crate) fn path(span: Span, written: &str) -> Diagnostic {
    if written.starts_with('~') {
        return bare(span, "a path stands in quotes")
            .help("write the whole path in quotes: nothing replaces `~` here");
    }
    path_of_ssh(span, written)
}

/// The same where `~` is the home of whoever starts the run.
pub(crate) fn path_of_ssh(span: Span, written: &str) -> Diagnostic {
    let one = bare(span, "a path stands in quotes");
    if written.contains('$') {
        return one.help("write it in quotes, and each value in it as ${NAME}: \"/srv/${name}\"");
    }
    let quoted = format!("\"{written}\"");
    one.help(format!("write {quoted}")).fix(span, quoted)
}

/// `http get https://example.com`
pub(crate) fn address(span: Span, written: &str) -> Diagnostic {
    let one = bare(span, "an address stands in quotes");
    if written.contains('$') {
        return one
            .help("write it in quotes, and each value in it as ${NAME}: \"https://${host}/\"");
    }
    let quoted = format!("\"{written}\"");
    one.help(format!("write {quoted}")).fix(span, quoted)
}

/// `slack https://hooks.slack.com/…`: who knows it can write there.
pub(crate) fn secret_address(span: Span, word: &str) -> Diagnostic {
    bare(
        span,
        &format!("the address of `{word}` is a secret, and no part of the file"),
    )
    .help(format!(
        "write: {word} env VARIABLE, or {word} file \"PATH\""
    ))
}

/// `stdin /tmp/input`
pub(crate) fn stdin_of_file(span: Span, path: &str) -> Diagnostic {
    Diagnostic::new(
        &names::FOREIGN_SYNTAX,
        "`stdin` takes the text that the command reads, not the file that it stands in",
    )
    .at(span, "this is a path")
    .help(format!("let the command read it: $ COMMAND < {path}"))
}

/// `in deploy`, where nothing is called so.
pub(crate) fn directory(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::UNKNOWN_NAME,
        format!("nothing with a value is called `{name}`"),
    )
    .at(span, "nothing in this file declares it")
    .help(format!(
        "if it is the name of a directory, write \"{name}\""
    ))
    .help(format!(
        "or declare it: param {name}: path, or let {name} = \"DIRECTORY\""
    ))
}
