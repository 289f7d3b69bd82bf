//! Owns what exposure means to a run: what it grows from, what counts as grown, and what a run must not begin with.

use super::state::State;
use super::transition::Move;
use crate::plan::{ExposureId, Plan, heads};
use crate::value::{Heads, Scale};

/// Whether setting an exposure would expose more than is exposed now.
pub(super) fn grows(plan: &Plan, state: &State, id: ExposureId, target: f64) -> bool {
    let before = state.before.get(id.index()).copied().flatten();
    let now = state.exposures.get(id.index()).copied().flatten();
    scale(plan, id).grows(before, now, target)
}

fn scale(plan: &Plan, id: ExposureId) -> Scale {
    let exposure = plan.exposures.get(id.index());
    exposure.map(|one| one.scale.clone()).unwrap_or_default()
}

impl Move<'_> {
    /// While an exposure is being set it may be either; what exposes more is what to reckon with.
    pub(super) fn reckon_with(&mut self, id: ExposureId, target: f64) {
        if grows(self.plan, self.state, id, target)
            && let Some(known) = self.state.exposures.get_mut(id.index())
        {
            *known = Some(target);
        }
    }

    /// Exposure may only go one way: one that is already further than the rollout's first value would come back, and one that already
    /// has it, where values have no order, could not be taken back to anything.
    pub(super) fn already_exposed(&self) -> Vec<String> {
        let mut found = Vec::new();
        for exposure in &self.plan.exposures {
            let known = self.state.exposures.get(exposure.id.index());
            let Some(value) = known.copied().flatten() else {
                continue;
            };
            let mut stages = self.plan.stages.iter();
            let first = stages.find(|stage| !stage.sets(exposure.id).is_empty());
            let (Some(stage), Some((way, target))) = (first, heads(&self.plan.stages, exposure))
            else {
                continue;
            };
            let (name, scale) = (&exposure.name, &exposure.scale);
            let (is, would) = (scale.show(value), scale.show(target));
            let than = match way {
                Some(Heads::Up) if value > target => "more",
                Some(Heads::Down) if value < target && self.plan.limits.guard_rules >= 5 => "less",
                Some(Heads::Up | Heads::Down) | None => "",
            };
            let stage_name = &stage.name;
            if scale.is_ordered() && !than.is_empty() {
                found.push(format!(
                    "exposure {name} is already at {is}, {than} than the {would} that stage {stage_name} would set"
                ));
            } else if !scale.is_ordered() && !stage.shrinks && value == target {
                found.push(format!(
                    "exposure {name} is already {is}, which is what stage {stage_name} would set"
                ));
            }
        }
        found
    }
}
