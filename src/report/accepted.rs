//! Owns the sentence about a finding that the file accepts.

use crate::plan::Waived;

/// What was found, and why it is accepted.
#[must_use]
pub fn accepted(waived: &Waived) -> String {
    format!(
        "{} (line {}): {}; accepted: {}",
        waived.policy, waived.line, waived.finding, waived.reason
    )
}
