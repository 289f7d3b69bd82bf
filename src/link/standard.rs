//! The libraries that are inside the program.

/// Their paths as `use` names them, and their texts.
pub const STANDARD: &[(&str, &str)] =
    &[("std/slo", include_str!("../../runbooks/std/slo.runbook"))];

/// The text of one.
pub(super) fn text(path: &str) -> Option<&'static str> {
    let path = path.strip_suffix(".runbook").unwrap_or(path);
    STANDARD
        .iter()
        .find(|(known, _)| *known == path)
        .map(|(_, text)| *text)
}
