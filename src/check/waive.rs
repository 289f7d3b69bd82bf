//! `waive`: what a file accepts, by name, with a reason, where it stands.

use crate::ast::Waive;
use crate::diag::factory::{lint as say, migration};
use crate::diag::{Phase, Registered, nearest, registered};

use super::Checker;
use super::tree;

impl Checker<'_> {
    /// The lines that can accept something. Whether there is anything to accept is seen when the lints have spoken.
    pub(super) fn waives(&mut self) -> Vec<tree::Waive> {
        let ast = self.ast;
        ast.waives
            .iter()
            .filter_map(|waive| self.waive(waive))
            .collect()
    }

    fn waive(&mut self, waive: &Waive) -> Option<tree::Waive> {
        let Some(policy) = &waive.policy else {
            self.found.push(say::waives_nothing(waive.span));
            return None;
        };
        let row = registered().iter().find(|row| row.name == policy.text);
        let row = match row {
            Some(row) if is_of_migrations(row) => {
                let at = policy.span;
                self.found
                    .push(migration::waived_in_the_runbook(at, row.name));
                None
            }
            Some(row) if row.phase == Phase::Lint => Some(row),
            Some(_) => {
                self.found
                    .push(say::waives_an_error(policy.span, &policy.text));
                None
            }
            None => {
                let lints = registered().iter().filter(|row| row.phase == Phase::Lint);
                let near = nearest(&policy.text, lints.map(|row| row.name));
                self.found
                    .push(say::waives_unknown(policy.span, &policy.text, near));
                None
            }
        };
        let reason = match &waive.reason {
            None => {
                let after = (waive.span, policy.text.as_str());
                self.found.push(say::waived_without_reason(after));
                None
            }
            Some(reason) => match reason.plain() {
                Some(plain) if !plain.trim().is_empty() => Some(plain.to_owned()),
                Some(_) => {
                    let at = (reason.span, policy.text.as_str());
                    self.found.push(say::waived_without_reason(at));
                    None
                }
                None => {
                    self.found
                        .push(crate::diag::factory::check::no_interpolation(
                            reason.span,
                            "the reason of `waive`",
                        ));
                    None
                }
            },
        };
        if waive.on.is_none() {
            self.found
                .push(say::waives_above_nothing(waive.span, &policy.text));
        }
        Some(tree::Waive {
            policy: row?.name,
            reason: reason?,
            line: self.file.line(waive.span.start),
            on: waive.on?,
            span: waive.span,
        })
    }
}

/// Whether it is found in a file of SQL, and accepted there.
fn is_of_migrations(row: &Registered) -> bool {
    let mut all = migration::OF_MIGRATIONS.iter();
    all.any(|known| known.name == row.name)
}
