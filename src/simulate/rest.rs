//! Owns where exposures stand before a simulated run: where the rollout has something left to do.

use crate::plan::{Exposure, Plan};
use crate::value::Scale;

/// The value that an exposure has before anything is set.
pub(super) fn at_rest(plan: &Plan, exposure: &Exposure) -> f64 {
    let mut stages = plan.stages.iter();
    let first = stages.find_map(|stage| Some((*stage.sets(exposure.id).first()?, stage.shrinks)));
    match &exposure.scale {
        Scale::Percent | Scale::Steps(_) if first.is_none_or(|(_, shrinks)| !shrinks) => 0.0,
        Scale::Percent => 100.0,
        Scale::Steps(words) => place(words.len().saturating_sub(1)),
        // Another value than the one that the rollout sets.
        Scale::Choice(_) if first.is_some_and(|(target, _)| target == 0.0) => 1.0,
        Scale::Choice(_) => 0.0,
    }
}

fn place(index: usize) -> f64 {
    u32::try_from(index).map_or(0.0, f64::from)
}
