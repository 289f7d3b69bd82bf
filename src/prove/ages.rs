//! Owns the time that people take while nothing happens: what was said lately becomes too old, and guards have had the time to become blind.

use crate::engine::{Moment, Phase};

use super::moves::{Finder, Move};
use super::place;
use super::sight::blind_at;

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
        let sees = self.can_be_blind_from();
        if let (true, false, Some(to)) = (is_idle, self.state.questions.is_empty(), sees)
            && self.wake().is_none_or(|wake| to < wake)
        {
            self.all.push(Move::Passes { to, closed: false });
        }
    }

    /// When each guard of a stage in which one has not looked yet has had the time to become blind.
    fn can_be_blind_from(&self) -> Option<Moment> {
        let Phase::Rolling { began, .. } = self.state.phase else {
            return None;
        };
        if !self.is_early() {
            return None;
        }
        let guards = self.here();
        let moments = guards.map(|guard| blind_at(self.plan, guard, (began, began)));
        moments.max().map(|at| at.max(self.state.now))
    }
}
