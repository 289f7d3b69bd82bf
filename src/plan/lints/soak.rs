//! Stages that can be over, as they are written, before their guards can be sure.
//!
//! A guard that has seen a breach holds the stage open until it is sure; what is shorter than it needs is shorter on paper only, and
//! whatever begins in it is seen when more users have it. Behind the last stage nobody looks any more.

use super::facts::{Facts, StageFacts, acts};
use super::moments::Moment;
use crate::check;
use crate::diag::Diagnostics;
use crate::diag::factory::lint as say;
use crate::plan::{Bound, Plan, detection_bound};
use crate::value::Millis;

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    let last = facts.stages.len().checked_sub(1);
    for (index, stage) in facts.stages.iter().enumerate() {
        if stage.shown.is_empty() {
            continue;
        }
        let short = slowest(facts, &stage.moments).filter(|(bound, _)| stage.soak < bound.total);
        if let Some((bound, guard)) = short {
            found.push(say::soak_too_short(
                (stage.span, &stage.name, &stage.soak.to_string()),
                (guard.span, &guard.name),
                (&bound.total.to_string(), &parts(&bound)),
            ));
        } else if Some(index) == last {
            at_the_end(facts, stage, found);
        }
    }
}

/// What is exposed last is looked at until the rollout has ended, and no longer.
fn at_the_end(facts: &Facts<'_>, stage: &StageFacts, found: &mut Diagnostics) {
    let seen = facts.end.iter().filter(|one| one.is_seen(facts.plan));
    let Some(shortest) = seen.map(|one| one.settled).min() else {
        return;
    };
    if let Some((bound, guard)) = slowest(facts, &facts.end)
        && shortest < bound.total
    {
        found.push(say::end_too_soon(
            (stage.span, &stage.name, &shortest.to_string()),
            (guard.span, &guard.name),
            (&bound.total.to_string(), &parts(&bound)),
        ));
    }
}

/// Of the guards that act in one of these times the one that needs longest.
fn slowest<'a>(facts: &Facts<'a>, moments: &[Moment]) -> Option<(Bound, &'a check::Guard)> {
    let plan: &Plan = facts.plan;
    let seen = |guard| {
        let mut moments = moments.iter();
        moments.any(|one| one.is_seen(plan) && one.trips(plan, guard))
    };
    let guards = plan.guards.iter().zip(&facts.checked.guards);
    guards
        .filter(|(guard, _)| acts(guard) && seen(guard))
        .map(|(guard, written)| (detection_bound(plan, guard), written))
        .max_by_key(|(bound, _)| bound.total)
}

fn parts(bound: &Bound) -> String {
    let parts = bound.parts.iter().filter(|(_, time)| *time > Millis::ZERO);
    let parts: Vec<String> = parts.map(|(name, time)| format!("{name} {time}")).collect();
    parts.join(", ")
}
