//! Owns how a run ends: its verdict, and what came before it.

use crate::engine::{Phase, State, Verdict};
use crate::plan::{Exposure, LevelId, Plan, heads};
use crate::value::Heads;

use super::monitor::Back;
use super::node::Node;
use super::sweep::Swept;

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// Every stage was served.
    Completed,
    /// Nothing was changed.
    Aborted,
    /// Refused before the start.
    Refused,
    /// Rolled back by this level.
    RolledBack(LevelId),
    /// Went forward by this level, behind the point of no return.
    WentForward(LevelId),
    /// A person is needed, after the levels were tried.
    StuckAfterLevels,
    /// A person is needed: nobody decided.
    StuckUndecided,
}

impl Swept {
    /// Whether some path completes: of a runbook of which none does, nothing is proved.
    #[must_use]
    pub fn completes(&self) -> bool {
        self.ends.contains_key(&End::Completed)
    }
}

/// The end of a state, if it is one.
pub(super) fn end_of(node: &Node) -> Option<End> {
    let Phase::Final(verdict) = &node.state.phase else {
        return None;
    };
    Some(match verdict {
        Verdict::Completed => End::Completed,
        Verdict::Aborted { .. } => End::Aborted,
        Verdict::Refused { .. } => End::Refused,
        Verdict::RolledBack { level } => End::RolledBack(*level),
        Verdict::WentForward { level } => End::WentForward(*level),
        Verdict::Stuck { .. } if node.monitor.back != Back::No => End::StuckAfterLevels,
        Verdict::Stuck { .. } => End::StuckUndecided,
    })
}

/// Whether more is exposed than before the run, or something else. Which way is more, the rollout says.
pub(super) fn is_exposed(plan: &Plan, state: &State, exposure: &Exposure) -> bool {
    let value = |all: &[Option<f64>]| all.get(exposure.id.index()).copied().flatten();
    let (Some(now), Some(before)) = (value(&state.exposures), value(&state.before)) else {
        return false;
    };
    if !exposure.scale.is_ordered() {
        return now != before;
    }
    match heads(&plan.stages, exposure) {
        None | Some((Some(Heads::Up), _)) => now > before,
        Some((Some(Heads::Down), _)) => now < before,
        Some((None, _)) => now != before,
    }
}
