//! Owns what guards make impossible, or wait for: what would make one roll back, or blind, does not last without that.

use crate::engine::{Moment, Phase, Sight, Task, blind_after, judge, slowest};
use crate::plan::{Condition, Guard, GuardAction, GuardId, OnBlind, Op, Sustain};
use crate::value::Millis;

use super::moves::Finder;
use super::place;
use super::sight::{FAR, blind_at, put, takes};

impl Finder<'_> {
    /// The guards that roll back at the first sample, and see that things stand as they do.
    pub(super) fn minding(&self) -> impl Iterator<Item = &Guard> {
        let stage = self.state.stage().filter(|_| self.wrong.drift.is_some());
        self.plan.guards.iter().filter(move |guard| {
            stage.is_some_and(|stage| guard.scope.covers(stage))
                && matches!(guard.action, GuardAction::Rollback { .. })
                && matches!(guard.sustain, Sustain::Once)
                && judge(self.plan, self.state, &guard.condition) == Sight::Breach
        })
    }

    /// The guard that trips because of how things stand, before anything else can happen.
    pub(super) fn trips_by_drift(&self) -> Option<(&Guard, Moment)> {
        let Phase::Rolling { began, .. } = self.state.phase else {
            return None;
        };
        if self.state.turn.is_some() {
            return None;
        }
        let looked = |guard: &&Guard| {
            let known = self.state.guards.get(guard.id.index());
            known.is_some_and(|known| known.looked > 0 && !known.blind)
        };
        self.minding().find(looked).map(|guard| (guard, began))
    }

    /// Before that moment no guard has to trip because of how things stand.
    pub(super) fn before_drift_trips(&self) -> Moment {
        let Phase::Rolling { began, .. } = self.state.phase else {
            return FAR;
        };
        let looks = self.minding();
        let looks = looks.map(|guard| self.sights.looks_from(guard.id, began));
        let first = looks.min().unwrap_or(FAR);
        Moment(first.0.saturating_sub(1)).max(self.state.now)
    }

    /// Whether something waits for a guard that does not see right now, before it counts as blind.
    pub(super) fn is_waited_for(&self, guard: GuardId) -> bool {
        let Some(guard) = self.plan.guards.get(guard.index()) else {
            return false;
        };
        let mut strands = self.state.strand_ops(self.plan);
        strands.any(|(strand, op)| match (&strand.task, op) {
            (Task::Soaking(_), Some(Op::Wait { min, max })) => {
                max.0.saturating_sub(min.0) < blind_after(slowest(self.plan, guard)).0
            }
            // Of a guard that may be blind, only the newest sample keeps a stage from its end.
            (_, _) => {
                matches!(guard.on_blind, OnBlind::Ignore { .. })
                    && place::ends_soon(self.plan, self.state)
            }
        })
    }

    /// Whether a condition can be seen not to hold up to a moment, and no guard rolls back before.
    pub(super) fn is_quiet(&self, condition: &Condition, until: Moment) -> bool {
        let Phase::Rolling { stage, began } = self.state.phase else {
            return true;
        };
        let mut then = self.state.clone();
        then.now = until;
        let witness = self.sights.witness(self.plan, &then, condition, Sight::Ok);
        let Some(witness) = witness else {
            // It holds whatever is seen.
            return false;
        };
        put(&mut then, &witness);
        let from_now = |guard: &Guard| Millis(takes(guard).0.saturating_sub(guard.warmup.0));
        self.plan.guards.iter().all(|guard| {
            !guard.scope.covers(stage)
                || !matches!(guard.action, GuardAction::Rollback { .. })
                || began.after(takes(guard)) > until
                || self.state.now.after(from_now(guard)) > until
                || judge(self.plan, &then, &guard.condition) != Sight::Breach
        })
    }

    /// Whether a condition can be kept from being seen up to a moment, and no guard becomes blind before that is not blind now.
    pub(super) fn is_dark(&self, condition: &Condition, until: Moment) -> bool {
        let Phase::Rolling { stage, began } = self.state.phase else {
            return true;
        };
        if self.state.guards.iter().any(|known| known.blind) {
            return true;
        }
        self.plan.guards.iter().all(|guard| {
            let reads = |id| guard.condition.metrics.contains(id);
            !guard.scope.covers(stage)
                || matches!(guard.on_blind, OnBlind::Ignore { .. })
                || blind_at(self.plan, guard, (began, self.state.now)) > until
                || !condition.metrics.iter().any(reads)
        })
    }
}
