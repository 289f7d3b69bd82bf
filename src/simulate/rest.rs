//! Owns where exposures stand before a simulated run: where the rollout has something left to do.

use crate::plan::{Exposure, Plan, heads};
use crate::value::{Heads, Scale};

/// The value that an exposure has before anything is set.
pub(crate) fn at_rest(plan: &Plan, exposure: &Exposure) -> f64 {
    let first = heads(&plan.stages, exposure);
    match &exposure.scale {
        Scale::Percent | Scale::Steps(_) => match first {
            Some((Some(Heads::Down) | None, _)) => exposure.scale.ends().1,
            Some((Some(Heads::Up), _)) | None => 0.0,
        },
        // Another value than the one that the rollout sets.
        Scale::Choice(_) if first.is_some_and(|(_, target)| target == 0.0) => 1.0,
        Scale::Choice(_) => 0.0,
    }
}
