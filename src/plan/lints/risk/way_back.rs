//! What every class but that without exposure must have for the way back: a first level that is quick, and somebody who is told afterwards.

use super::Class;
use crate::ast;
use crate::check::{Exposes, WayBack};
use crate::diag::Diagnostics;
use crate::diag::factory::risk as say;
use crate::plan::Way;
use crate::plan::lints::facts::Facts;

pub(super) fn judge(facts: &Facts<'_>, class: &Class<'_>, found: &mut Diagnostics) {
    // A file that changes nothing needs no way back, and one that changes something without one has no plan.
    let Some(rollback) = &facts.plan.rollback else {
        return;
    };
    if class.row.exposes == Exposes::Nothing {
        return;
    }
    let written = facts
        .checked
        .rollback
        .as_ref()
        .and_then(|one| one.levels.iter().find(|level| level.way == ast::Way::Back));
    let most = facts.checked.settings.first_level;
    if let (Some(level), Some(written)) = (rollback.on(Way::Back).next(), written)
        && level.within > most
    {
        found.push(say::first_level_slow(
            (written.span, &level.name),
            (written.within.span, &level.within.to_string()),
            (class.risk, &most.to_string()),
        ));
    }
    let after = &facts.checked.after_rollback;
    let (is_told, has_incident) = (!after.notices.is_empty(), after.incident.is_some());
    let missing = match class.row.aftermath {
        WayBack::Nothing => None,
        WayBack::Told => (!is_told).then_some("notify"),
        WayBack::Incident if is_told => (!has_incident).then_some("incident"),
        WayBack::Incident => Some("notify"),
    };
    let channel = facts.plan.channels.first().map(|one| one.name.as_str());
    match missing {
        None => {}
        Some("incident") => found.push(say::no_incident((class.span, class.risk))),
        Some(_notify) => found.push(say::nobody_is_told((class.span, class.risk), channel)),
    }
}
