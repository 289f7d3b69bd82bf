//! Owns how a guard is made to trip: it is put right before the sample that trips it, and that goes through the engine.

use crate::engine::{Input, Moment, Phase, Sight, judge};
use crate::plan::GuardId;

use super::act::Acting;
use super::moves::Missed;
use super::node::Node;
use super::sight::{Wrong, put, values_of};

impl Acting<'_, '_, '_> {
    /// A guard trips.
    pub(super) fn trip(&mut self, guard: GuardId, at: Moment) {
        let plan = self.actor.plan;
        let trips = &self.actor.sights.trips;
        let witness = trips.witness(plan, &self.node.state, guard).cloned();
        let witness = witness.unwrap_or_default();
        let Some(guard) = plan.guards.get(guard.index()) else {
            return;
        };
        self.node.answered.these(at, &guard.condition.metrics);
        // As things stand it can trip already, and they go on so.
        let stands = self.node.wrong.drift.is_some()
            && judge(plan, &self.node.state, &guard.condition) == Sight::Breach;
        let witness = if stands {
            values_of(&self.node.state, &guard.condition.metrics)
        } else {
            witness
        };
        let wrong = self.node.wrong;
        self.node.wrong = Wrong {
            flaps: wrong.flaps.filter(|flaps| *flaps != guard.id),
            misses: wrong.misses.filter(|(misses, _)| *misses != guard.id),
            drift: wrong.drift.filter(|_| stands),
        };
        self.look(at);
        put(&mut self.node.state, &witness);
        self.actor
            .sights
            .on_the_brink(&mut self.node.state, guard, at);
        self.sample_first(at, &guard.condition, &witness);
        self.end_seen(wrong);
    }

    /// What tripped one guard can have shown another one that all is well: that is looked at too.
    fn end_seen(&mut self, before: Wrong) {
        let Node { state, wrong, .. } = &mut *self.node;
        let known = |guard: GuardId| state.guards.get(guard.index());
        wrong.flaps = wrong
            .flaps
            .filter(|guard| known(*guard).is_some_and(|known| known.streak.is_some()));
        wrong.misses = wrong.misses.filter(|(guard, missed)| {
            *missed == Missed::Many || known(*guard).is_some_and(|known| known.unsighted)
        });
        let rolls = matches!(state.phase, Phase::Rolling { .. }) && state.turn.is_none();
        if rolls && (wrong.flaps, wrong.misses) != (before.flaps, before.misses) {
            self.rest();
            self.feed(self.now(), &Input::Tick);
        }
    }
}
