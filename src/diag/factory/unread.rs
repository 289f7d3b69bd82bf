//! The wording of what is said about declarations that nothing reads.

use crate::diag::{Diagnostic, names};
use crate::source::Span;

/// A metric that no condition asks for.
pub(crate) fn metric((span, name): (Span, &str), breach: &str) -> Diagnostic {
    Diagnostic::new(
        &names::NEVER_READ,
        format!("nothing looks at the metric `{name}`"),
    )
    .at(span, "no guard and no other condition reads it")
    .help(format!(
        "write guard NAME when {breach} for 1m then rollback, or take the metric away"
    ))
}

/// A probe that nothing verifies.
pub(crate) fn probe((span, name): (Span, &str)) -> Diagnostic {
    Diagnostic::new(
        &names::NEVER_READ,
        format!("nothing asks the probe `{name}`"),
    )
    .at(span, "no step and no block verifies it")
    .help(format!(
        "write verify {name} within 1m in a stage or a level, or take the probe away"
    ))
}

/// A channel through which nobody is told.
pub(crate) fn channel((span, name): (Span, &str)) -> Diagnostic {
    Diagnostic::new(
        &names::NEVER_READ,
        format!("nobody is told through the channel `{name}`"),
    )
    .at(span, "no `notify` names it")
    .help(format!(
        "write notify {name} \"${{service}}: ${{reason}}\" in `if stuck`, or take the channel away"
    ))
}

/// Machines on which nothing runs.
pub(crate) fn hosts((span, name): (Span, &str)) -> Diagnostic {
    Diagnostic::new(
        &names::NEVER_READ,
        format!("nothing runs on the hosts `{name}`"),
    )
    .at(span, "no step names them")
    .help(format!(
        "write step NAME on {name} $ COMMAND, or take the group away"
    ))
}
