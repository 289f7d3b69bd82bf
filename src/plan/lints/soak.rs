//! Stages that can be over, as they are written, before their guards can be sure.
//!
//! A guard that has seen a breach holds the stage open until it is sure; what is shorter than it needs is shorter on paper only, and
//! whatever begins in it is seen when more users have it.

use super::facts::{Facts, acts};
use crate::diag::Diagnostics;
use crate::diag::factory::lint as say;
use crate::plan::detection_bound;

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    for stage in facts.stages.iter().filter(|stage| !stage.shown.is_empty()) {
        let guards = facts.plan.guards.iter().zip(&facts.checked.guards);
        let slowest = guards
            .filter(|(guard, _)| acts(guard) && facts.can_trip_in(guard, stage))
            .map(|(guard, written)| (detection_bound(facts.plan, guard), written))
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
