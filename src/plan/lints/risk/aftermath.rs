//! What every class but that without exposure must have behind the way back: somebody who is told.

use super::Class;
use crate::check::{Exposes, WayBack};
use crate::diag::Diagnostics;
use crate::diag::factory::risk as say;
use crate::plan::lints::facts::Facts;

pub(super) fn judge(facts: &Facts<'_>, class: &Class<'_>, found: &mut Diagnostics) {
    // A file that changes nothing needs no way back, and one that changes something without one has no plan.
    if facts.plan.rollback.is_none() || class.row.exposes == Exposes::Nothing {
        return;
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
