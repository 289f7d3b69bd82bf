//! Owns the node of a sweep: where a path has come to.

use crate::engine::{State, copied_in_place};
use crate::plan::{GuardId, StageId};

use super::answered::Answered;
use super::monitor::Monitor;
use super::sight::Wrong;

/// A state with what the sweep knows besides.
pub(super) struct Node {
    pub(super) state: State,
    pub(super) wrong: Wrong,
    pub(super) monitor: Monitor,
    /// When metrics said something.
    pub(super) answered: Answered,
    /// In which way the exposures stand at the beginning; the first as soon as it is known.
    pub(super) start: u8,
}

copied_in_place! { Node: state wrong monitor answered start }

impl Node {
    /// What was missed in a stage counts in no other one, and for a guard that is blind no more; that one does not flap either, nor one
    /// whose breaches a person has accepted.
    pub(super) fn end_missing(&mut self, stage: Option<StageId>) {
        let state = &self.state;
        let sees = |guard: &GuardId| {
            let known = state.guards.get(guard.index());
            known.is_some_and(|known| !known.blind)
        };
        let wrong = &mut self.wrong;
        wrong.misses = wrong
            .misses
            .filter(|(guard, _)| state.stage() == stage && sees(guard));
        let accepted = |guard: &GuardId| {
            let known = state.guards.get(guard.index());
            known.is_some_and(|known| known.tripped)
        };
        wrong.flaps = wrong.flaps.filter(|guard| sees(guard) && !accepted(guard));
    }
}
