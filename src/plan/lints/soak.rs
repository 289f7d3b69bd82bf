//! Stages that can be over, as they are written, before their guards can be sure.
//!
//! A guard that has seen a breach holds the stage open until it is sure; what is shorter than it needs is shorter on paper only, and
//! whatever begins in it is seen when more users have it.

use super::facts::{Facts, acts};
use crate::diag::Diagnostics;
use crate::diag::factory::lint as say;
use crate::plan::detection_bound;

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    let plan = facts.plan;
    for stage in facts.stages.iter().filter(|stage| !stage.shown.is_empty()) {
        let seen = |guard| {
            let mut moments = stage.moments.iter();
            moments.any(|one| one.is_seen(plan) && one.trips(plan, guard))
        };
        let guards = plan.guards.iter().zip(&facts.checked.guards);
        let slowest = guards
            .filter(|(guard, _)| acts(guard) && seen(guard))
            .map(|(guard, written)| (detection_bound(plan, guard), written))
            .max_by_key(|(bound, _)| bound.total);
        let Some((bound, guard)) = slowest else {
            continue;
        };
        if stage.soak < bound.total {
            let parts: Vec<String> = bound
                .parts
                .iter()
                .filter(|(_, time)| time.0 > 0)
                .map(|(name, time)| format!("{name} {time}"))
                .collect();
            found.push(say::soak_too_short(
                (stage.span, &stage.name, &stage.soak.to_string()),
                (guard.span, &guard.name),
                (&bound.total.to_string(), &parts.join(", ")),
            ));
        }
    }
}
