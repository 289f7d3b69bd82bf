//! What is said about the runs of tests.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// A run went another way. `found` is what it did instead, `near` what came nearest, each a sentence.
pub(crate) fn expectation_failed(
    (span, expected): (Span, &str),
    found: &str,
    near: &[String],
    (test, name): (Span, &str),
) -> Diagnostic {
    let one = Diagnostic::new(
        &names::EXPECTATION_FAILED,
        format!("{found}; expected was `{expected}`"),
    )
    .at(span, "this does not hold")
    .with(test, format!("in the test \"{name}\""));
    near.iter().fold(one, |one, near| one.help(near.clone()))
}

/// A line that says what happens, and that the run never comes to.
pub(crate) fn never_comes_to((span, line): (Span, &str), (test, name): (Span, &str)) -> Diagnostic {
    let why = match line.split(' ').next().unwrap_or_default() {
        "set" => "no sample is taken where this holds and no later line goes before it",
        "answer" => "nobody is asked this",
        _fault => "the run never comes to it",
    };
    Diagnostic::new(
        &names::TEST_DECIDES_NOTHING,
        format!("nothing comes of `{line}`"),
    )
    .at(span, why)
    .with(test, format!("in the test \"{name}\""))
    .help("let the run come to it, or take the line away")
}

/// No value of a metric lets the run begin in peace.
pub(crate) fn metric_unset(span: Span, metric: &str, why: &str) -> Diagnostic {
    Diagnostic::new(
        &names::METRIC_UNSET,
        format!("`{metric}` has no value in this test at which all is well"),
    )
    .at(span, why)
    .help(format!("say what it is: `set {metric} = VALUE`"))
}
