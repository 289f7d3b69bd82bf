//! `risk`, held against what the rollout does, by the table of the project.

mod aftermath;
mod steps;

use super::facts::Facts;
use crate::check::{Exposes, Row};
use crate::diag::Diagnostics;
use crate::source::Span;

/// The class that the file says it is of.
struct Class<'a> {
    /// The word.
    risk: &'a str,
    /// Where it stands.
    span: Span,
    row: &'a Row,
}

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    let header = &facts.checked.header;
    let (Some(risk), Some(span)) = (&header.risk, header.risk_span) else {
        return;
    };
    let Some(row) = facts.checked.settings.row(risk) else {
        return;
    };
    let class = Class { risk, span, row };
    steps::judge(facts, &class, found);
    aftermath::judge(facts, &class, found);
}

impl Class<'_> {
    /// What its row demands, in words.
    fn words(&self) -> String {
        let row = self.row;
        let mut parts = Vec::new();
        if row.exposes == Exposes::Nothing {
            parts.push("no exposure".to_owned());
        }
        if row.at_zero.0 > 0 {
            parts.push(format!("at least {} with nobody exposed", row.at_zero));
        }
        for stop in &row.steps {
            let percent = crate::value::Percent(stop.at_most);
            parts.push(format!("at most {percent} for at least {}", stop.soak));
        }
        if !row.steps.is_empty() {
            parts.push("then everyone".to_owned());
        }
        if row.at_end.0 > 0 {
            parts.push(format!("at least {} at the end", row.at_end));
        }
        format!("risk {}: {}", self.risk, parts.join(", "))
    }
}
