//! What is wrong with an HTTP request of a step.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// `step x http get URL`
pub(crate) fn only_looks(span: Span, method: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_REQUEST,
        format!("a step changes something, and `http {method}` only looks"),
    )
    .at(span, "`post`, `put`, `patch` or `delete` stands here")
    .help("ask with a probe: probe NAME { http get URL }, and `verify NAME within 1m` in the stage")
}

/// A header that cannot be sent.
pub(crate) fn header_name(span: Span, name: &str, why: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_REQUEST,
        format!("`{name}` cannot be the name of a header here"),
    )
    .at(span, why)
    .help("write for example header \"X-Request-Source\" \"runbook\"")
}

/// One header, twice.
pub(crate) fn header_twice(span: Span, first: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_REQUEST,
        format!("the header `{name}` stands here twice"),
    )
    .at(span, "only one of them would count")
    .with(first, "the first")
    .help("take one of them away")
}

/// `bearer` in a probe that runs a command.
pub(crate) fn header_of_nothing(span: Span, instead: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NEEDLESS,
        "a header says nothing where nothing is asked over HTTP",
    )
    .at(span, "this is sent to nobody")
    .help(instead)
}

/// `body "a=${b}"`
pub(crate) fn value_outside_json(span: Span) -> Diagnostic {
    Diagnostic::new(
        &names::BAD_REQUEST,
        "a value can only stand in a body of JSON",
    )
    .at(span, "elsewhere nobody knows how it has to be quoted")
    .help("write the body as JSON, which begins with `{` or `[`, or send it with a program: $ curl … --data-urlencode \"name=$name\" …")
}

/// `body "{ a: 1 }"`
pub(crate) fn body_is_no_json(span: Span, why: &str) -> Diagnostic {
    Diagnostic::new(&names::BAD_REQUEST, "the body is no JSON")
        .at(span, why)
        .help("names and texts stand in \"…\", and a value may stand inside of one or by itself: { \"version\": ${version} }")
}

/// `on HOSTS`, `in`, `env` and the like of a request.
pub(crate) fn needless_for_a_request(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NEEDLESS,
        format!("`{word}` has no meaning for an HTTP request"),
    )
    .at(span, "it is sent from here, and runs no command")
    .help(format!("take `{word}` away"))
}
