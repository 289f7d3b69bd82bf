//! Hosts, and steps that run on them.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// `hosts failure { … }`: the clause could not name it.
pub(crate) fn clause_word(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(
        &names::TAKEN_NAME,
        format!("hosts cannot be called `{word}`"),
    )
    .at(
        span,
        format!("`on {word}` in a step says what happens then, not where it runs"),
    )
    .help(format!("choose another name, for example `{word}_hosts`"))
}

/// `$token_file` on another machine.
pub(crate) fn secret_file_on_hosts(
    (span, secret): (Span, &str),
    (hosts, on): (&str, Span),
) -> Diagnostic {
    let variable = secret.to_uppercase();
    Diagnostic::new(
        &names::SECRET_MISUSED,
        format!("the file of the secret `{secret}` is not on the hosts"),
    )
    .at(
        span,
        format!("this names `${secret}_file`, which lies on the machine that runs the runbook"),
    )
    .with(on, format!("the command runs on `{hosts}`"))
    .help(format!(
        "hand it over as a variable: env {{ {variable} = {secret} }}, and let the command read `${variable}`"
    ))
}

/// `on HOSTS` of a capture.
pub(crate) fn capture_on_hosts(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NEEDLESS,
        format!("`{name}` cannot be captured on hosts"),
    )
    .at(span, "each host would print a value, and a capture has one")
    .help("take `on …` away; a command here can ask one host: $ ssh -o BatchMode=yes HOST …")
}

/// The name of a user that no system has.
pub(crate) fn bad_user(span: Span, text: &str, why: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_ADDRESS,
        format!("`{text}` cannot be the name of a user"),
    )
    .at(span, why)
    .help("write for example user \"deploy\"")
}

/// An address, or the name of a user, that ssh would take for something else.
pub(crate) fn bad_host_word(span: Span, (what, text): (&str, &str), why: &str) -> Diagnostic {
    Diagnostic::new(&names::BAD_ADDRESS, format!("`{text}` cannot be {what}"))
        .at(span, why)
        .help("write for example host web1 at \"10.0.0.11\" port 2222 user \"deploy\"")
}
