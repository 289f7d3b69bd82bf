//! Queries that give something else than the units of their metrics say.

use super::facts::Facts;
use crate::diag::Diagnostics;
use crate::diag::factory::query as say;

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    for one in &facts.checked.strange {
        found.push(say::strange(
            one.unit,
            (one.query, &one.gives),
            (&one.metric, &one.instead),
        ));
    }
}
