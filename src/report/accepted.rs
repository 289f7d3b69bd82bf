//! Owns the sentence about a finding that the file accepts.

use crate::plan::Waived;

/// What was found, and why it is accepted.
#[must_use]
pub fn accepted(waived: &Waived) -> String {
    let file = waived.file.as_ref();
    let file = file.map_or_else(String::new, |file| format!("{file}, "));
    format!(
        "{} ({file}line {}): {}; accepted: {}",
        waived.policy, waived.line, waived.finding, waived.reason
    )
}
