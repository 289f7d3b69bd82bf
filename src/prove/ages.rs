//! Owns the time that people take while nothing happens: what was said lately becomes too old, and guards have had the time to become blind.

use crate::engine::{Moment, Phase, State};
use crate::plan::Plan;

use super::moves::{Finder, Move};
use super::place;
use super::sight::{Sights, blind_at};

impl Finder<'_> {
    /// Where nothing is under way, what was said lately can become too old before anything happens: people take their time.
    pub(super) fn ages(&mut self) {
        let at = self.sights.too_old_at(self.plan, self.state);
        let is_idle = place::attempts(self.state).next().is_none()
            && self.state.turn.is_none()
            && self.wrong.drift.is_none();
        if let (true, Some(at)) = (is_idle, at)
            && self.wake().is_none_or(|wake| at < wake)
        {
            self.all.push(Move::Passes {
                to: at.max(self.state.now),
                closed: false,
            });
        }
        let to = self.sights.can_be_blind_from(self.plan, self.state);
        let to = to.filter(|to| *to > self.state.now);
        if let (true, false, Some(to)) = (is_idle, self.state.questions.is_empty(), to)
            && self.wake().is_none_or(|wake| to < wake)
        {
            self.all.push(Move::Passes { to, closed: false });
        }
    }
}

impl Sights {
    /// From when on a stage is on for so long that each of its guards can have been silent until it is blind, as far as they stand for
    /// others; nothing where none of them can be.
    fn can_be_blind_from(&self, plan: &Plan, state: &State) -> Option<Moment> {
        let Phase::Rolling { stage, began } = state.phase else {
            return None;
        };
        let guards = self.blind_by.iter();
        let guards = guards.filter_map(|id| plan.guards.get(id.index()));
        let here = guards.filter(|guard| guard.scope.covers(stage));
        let moments = here.map(|guard| blind_at(plan, guard, (began, began)));
        moments.max()
    }

    /// Whether that is so now: such a stage is another kind than one that has just begun.
    pub(super) fn can_be_blind(&self, plan: &Plan, state: &State) -> bool {
        let from = self.can_be_blind_from(plan, state);
        from.is_some_and(|from| from <= state.now)
    }
}
