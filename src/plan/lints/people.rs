//! Commands that want a person at a terminal, which no step has.

use super::facts::Facts;
use crate::diag::Diagnostics;
use crate::diag::factory::lint as say;

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    for one in &facts.checked.people {
        found.push(say::interactive_step(
            (one.at, &one.name),
            (one.does, one.instead),
        ));
    }
}
