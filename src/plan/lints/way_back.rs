//! The first level of the way back is what ends the harm, so it must be quick: five minutes, where the project does not say otherwise.

use super::facts::Facts;
use crate::ast;
use crate::diag::Diagnostics;
use crate::diag::factory::risk as say;
use crate::plan::Way;

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    let settings = &facts.checked.settings;
    let risk = facts.checked.header.risk.as_deref();
    // What is said to expose nothing needs no quick way back.
    let Some(most) = settings.most_of_first_level(risk) else {
        return;
    };
    let planned = facts.plan.rollback.as_ref();
    let first = planned.and_then(|one| one.on(Way::Back).next());
    let written = facts.checked.rollback.as_ref();
    let written = written.and_then(|one| {
        let mut levels = one.levels.iter();
        levels.find(|level| level.way == ast::Way::Back)
    });
    if let (Some(level), Some(written)) = (first, written)
        && level.within > most
    {
        found.push(say::first_level_slow(
            (written.span, &level.name),
            (written.within.span, &level.within.to_string()),
            &most.to_string(),
        ));
    }
}
