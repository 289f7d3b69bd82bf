//! Owns what becomes of findings that the file accepts: a `waive` takes exactly the finding of its name that begins in the statement
//! below it. What it took is part of the plan, so every report can show it.

use serde::{Deserialize, Serialize};

use crate::check::{Checked, Waive};
use crate::diag::{Diagnostic, Diagnostics, Phase, registered};

/// A finding that the file accepts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waived {
    /// Its name.
    pub policy: String,
    /// What was found.
    pub finding: String,
    /// Why it is accepted.
    pub reason: String,
    /// The line of the file that accepts it, from 1.
    pub line: u32,
    /// The file, where it is not the runbook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// What files of migrations accept in themselves.
pub(super) fn in_files(checked: &Checked) -> impl Iterator<Item = Waived> + '_ {
    let all = checked.of_migrations.accepted.iter();
    all.map(|one| Waived {
        policy: one.policy.clone(),
        finding: one.finding.clone(),
        reason: one.reason.clone(),
        line: one.line,
        file: Some(one.file.clone()),
    })
}

/// Findings, parted.
pub(super) struct Settled<'c> {
    /// Those that stand.
    pub(super) left: Diagnostics,
    /// Those that are accepted, in the order of the file.
    pub(super) waived: Vec<Waived>,
    /// The lines of the file that accept nothing.
    pub(super) idle: Vec<&'c Waive>,
}

/// Parts findings into those that stand and those that are accepted.
pub(super) fn settle<'c>(checked: &'c Checked, found: &Diagnostics) -> Settled<'c> {
    let mut settled = Settled {
        left: Diagnostics::new(),
        waived: Vec::new(),
        idle: Vec::new(),
    };
    let mut used = vec![false; checked.waives.len()];
    for one in found.iter() {
        let taker = checked.waives.iter().position(|waive| takes(waive, one));
        match taker.and_then(|index| Some((checked.waives.get(index)?, used.get_mut(index)?))) {
            None => settled.left.push(one.clone()),
            Some((waive, used)) => {
                *used = true;
                settled.waived.push(Waived {
                    policy: waive.policy.to_owned(),
                    finding: one.message.clone(),
                    reason: waive.reason.clone(),
                    line: waive.line,
                    file: None,
                });
            }
        }
    }
    let idle = checked.waives.iter().zip(used);
    settled.idle = idle
        .filter(|(_, used)| !used)
        .map(|(waive, _)| waive)
        .collect();
    settled
}

fn takes(waive: &Waive, one: &Diagnostic) -> bool {
    one.name == waive.policy
        && is_lint(one)
        && one.primary.as_ref().is_some_and(|label| {
            waive.on.start <= label.span.start && label.span.start < waive.on.end
        })
}

/// Whether a finding is one that a file can accept.
#[must_use]
pub fn is_lint(one: &Diagnostic) -> bool {
    registered()
        .iter()
        .any(|row| row.name == one.name && row.phase == Phase::Lint)
}
