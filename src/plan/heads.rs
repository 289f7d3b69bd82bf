//! Owns where a rollout takes an exposure, by what its stages set.

use super::{Exposure, Op, Stage};
use crate::value::Heads;

/// Where a rollout takes an exposure, and the first value that it sets; nothing where it sets none.
#[must_use]
pub fn heads(stages: &[Stage], exposure: &Exposure) -> Option<(Option<Heads>, f64)> {
    let sets: Vec<f64> = stages
        .iter()
        .flat_map(|stage| stage.sets(exposure.id))
        .collect();
    let first = *sets.first()?;
    let stage = stages
        .iter()
        .find(|stage| !stage.sets(exposure.id).is_empty())?;
    let others = Op::all(&stage.ops)
        .into_iter()
        .filter(|op| matches!(op, Op::Expose { exposure: id, .. } if *id != exposure.id));
    let heads = if stage.shrinks {
        exposure.scale.heads(&sets, others.count())
    } else {
        Some(Heads::Up)
    };
    Some((heads, first))
}
