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
    // Who is told behind a watch is told as well, and by `if stuck` of what comes of it before.
    let behind = after.watch.as_ref().is_some_and(|one| !one.then.is_empty());
    let is_told = behind || !after.notices.is_empty();
    let has_incident = after.incident.is_some();
    let missing = match class.row.aftermath {
        WayBack::Nothing => None,
        WayBack::Told => (!is_told).then_some("notify"),
        WayBack::Incident if is_told => (!has_incident).then_some("incident"),
        WayBack::Incident => Some("notify"),
    };
    let channel = facts.plan.channels.first().map(|one| one.name.as_str());
    let at = (class.span, class.risk);
    match missing {
        None => {}
        Some("incident") => found.push(say::no_incident(at)),
        Some(_notify) if !has_incident && after.watch.is_none() && after.reminders.is_empty() => {
            found.push(say::nothing_is_done(at, channel));
        }
        Some(_notify) => found.push(say::nobody_is_told(at, channel)),
    }
}
