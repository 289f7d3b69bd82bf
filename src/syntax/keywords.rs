//! Every keyword of the language: what begins statements and clauses, and the words inside of them.

use super::words::{Place, RESERVED};

/// The words inside statements, which begin nothing of their own.
const INNER: &[&str] = &[
    "default",
    "alive",
    "as",
    "ask",
    "backoff",
    "blind",
    "continue",
    "decide",
    "delete",
    "env",
    "failure",
    "file",
    "get",
    "head",
    "hold",
    "ignore",
    "json",
    "list",
    "matching",
    "none",
    "of",
    "one",
    "patch",
    "post",
    "put",
    "rerun",
    "rollback",
    "rollout",
    "stuck",
    "unknown",
    "until",
    "warn",
    "zero",
    "warning",
    "critical",
    "from",
    "within",
    "when",
    "then",
    "else",
    "by",
    "count",
    "refuse",
    "bearer",
    "most",
    "tolerate",
    "attempt",
    "approve",
    "aborted",
    "completed",
    "decline",
    "during",
    "error",
    "held",
    "missing",
    "never",
    "nothing",
    "outcome",
    "ran",
    "recovery",
    "refused",
    "rolled_back",
    "went_forward",
    "tripped",
    "shrink",
    "measured",
    "migrations",
    "only",
    "over",
];

/// Every keyword of the language, sorted, each once.
pub fn keywords() -> Vec<&'static str> {
    let begins = Place::ALL
        .iter()
        .flat_map(|place| place.forms())
        .flat_map(|(words, _)| words.split(' '));
    let mut all: Vec<&str> = begins
        .chain(INNER.iter().copied())
        .chain(RESERVED)
        .filter(|word| *word != "$")
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}
