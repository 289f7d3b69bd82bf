//! When metrics answer that are asked while a path is followed: an answer can take as long as its timeout, and what the path needs to be
//! seen at one moment is seen then.

use runbook::engine::{Moment, Phase, Reading, State, Task};
use runbook::plan::{Guard, MetricId, Plan, Sustain, first_look};
use runbook::prove::{Leg, Move};
use runbook::value::Millis;

use super::Follow;
use super::leg::{ends_soak, is_there, moment_of, soaks};

/// An answer that takes long.
#[derive(Clone)]
pub(super) struct Slow {
    pub(super) metric: MetricId,
    pub(super) reading: Reading,
    /// When it is there at the latest.
    pub(super) until: Moment,
    pub(super) then: Then,
}

/// When an answer comes that takes long.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// At its last moment.
    AtLast,
    /// As soon as nothing needs it to be late.
    AsSoon,
    /// With this move.
    With(usize),
}

impl Follow {
    /// Until when an answer takes that is asked for now, where it may not be there sooner.
    pub(super) fn answers_late(
        &self,
        (plan, state): (&Plan, &State),
        metric: MetricId,
    ) -> Option<(Moment, Then)> {
        let timeout = plan.metrics.get(metric.index()).map(|one| one.timeout);
        let last = self.now.after(timeout.unwrap_or_default());
        if let Some(until) = self.trips_late((plan, state), metric) {
            return Some((until, Then::AtLast));
        }
        if self.is_silent_behind((plan, state), metric, last) {
            return Some((last, Then::AtLast));
        }
        if self.trips_with_next(state, metric, last)
            || self.begins_behind((plan, state), metric, last)
        {
            return Some((last, Then::With(self.at + 1)));
        }
        if self.is_kept_back((plan, state), metric) {
            let guards = plan.guards.iter();
            let reads = guards.filter(|guard| guard.condition.metrics.contains(&metric));
            let looks = reads.map(|guard| first_look(plan, guard)).max();
            let until = state.place_began().after(looks.unwrap_or_default());
            return Some((until.min(last), Then::AsSoon));
        }
        None
    }

    /// Whether a silence has begun that is found behind a soak, which waits for an answer, but not for long.
    fn is_silent_behind(
        &self,
        (plan, state): (&Plan, &State),
        metric: MetricId,
        last: Moment,
    ) -> bool {
        let here = |leg: &&Leg| leg.before.stage() == state.stage();
        let mut rest = self.legs.iter().skip(self.at).take_while(here);
        let ends = rest.clone().find(|leg| ends_soak(leg));
        let ends = ends.map(|leg| self.here(leg.after));
        soaks(state)
            && ends.is_some_and(|ends| last >= ends)
            && rest.any(|leg| !soaks(&leg.before) && self.is_silent_for(plan, leg, metric))
    }

    /// Whether a guard trips as soon as the move has happened that comes next: an answer that was asked for before shows it.
    fn trips_with_next(&self, state: &State, metric: MetricId, last: Moment) -> bool {
        let Some(leg) = self.leg().filter(|leg| is_there(leg, state)) else {
            return false;
        };
        let next = self.legs.get(self.at + 1);
        let trips = next.is_some_and(|leg| {
            let first = leg.readings.first();
            matches!(leg.happens, Move::Trips { at, .. } if self.here(at) <= last)
                && first.is_some_and(|(of, _)| *of == metric)
        });
        trips && moment_of(leg).is_some_and(|at| self.here(at) <= last)
    }

    /// Whether a guard trips so soon behind a soak that the streak begins with the answer for which the soak does not wait long.
    fn begins_behind(
        &self,
        (plan, state): (&Plan, &State),
        metric: MetricId,
        last: Moment,
    ) -> bool {
        let Some(leg) = self.leg().filter(|leg| is_there(leg, state)) else {
            return false;
        };
        let ends = self.here(leg.after);
        let trips = self.legs.get(self.at + 2);
        let trips = trips.filter(|trips| trips.before.stage() == leg.before.stage());
        trips.is_some_and(|trips| {
            let Move::Trips { guard, at } = trips.happens else {
                return false;
            };
            let guard = &plan.guards[guard.index()];
            let reads = trips.readings.iter().any(|(of, _)| *of == metric);
            let is_soon = lasts(guard)
                .is_some_and(|span| self.here(at) < ends.after(span).after(guard.every));
            reads && is_soon && soaks(state) && ends_soak(leg) && last >= ends
        })
    }

    /// Whether a guard that reads a metric has seen nothing yet where the path waits for it, or where it trips: it has not been answered
    /// before.
    pub(super) fn is_kept_back(&self, (plan, state): (&Plan, &State), metric: MetricId) -> bool {
        let Phase::Rolling { began, .. } = state.phase else {
            return false;
        };
        let stage = self.leg().and_then(|leg| leg.before.stage());
        let here = |leg: &&Leg| stage.is_some() && leg.before.stage() == stage;
        let done = self.legs.iter().take(self.at + 1).filter(here);
        let drifts = done
            .clone()
            .any(|leg| matches!(leg.happens, Move::Drifts(_)));
        let rest = self.legs.iter().enumerate().skip(self.at);
        let mut rest = rest.take_while(|(_, leg)| here(leg));
        rest.any(|(index, leg)| {
            let settles = |task: &Task| matches!(task, Task::Settling { .. });
            let waits = leg.before.strands.values().any(|one| settles(&one.task));
            plan.guards.iter().any(|guard| {
                let trips = index > self.at
                    && matches!(leg.happens, Move::Trips { guard: one, .. } if one == guard.id);
                let known = leg.before.guards.get(guard.id.index());
                let is_new = known.is_some_and(|known| known.looked == 0 && !known.blind);
                let counts = self.now >= began.after(guard.warmup);
                counts
                    && is_new
                    && (trips || waits || drifts)
                    && guard.condition.metrics.contains(&metric)
            })
        })
    }

    /// When a metric answers that shows a breach to have lasted: a poll comes only now and then, and an answer that takes its time shows it
    /// as soon as it has.
    fn trips_late(&self, (plan, state): (&Plan, &State), metric: MetricId) -> Option<Moment> {
        let leg = self.leg().filter(|leg| is_there(leg, state))?;
        let Move::Trips { guard, .. } = leg.happens else {
            return None;
        };
        let guard = plan.guards.get(guard.index())?;
        let (Sustain::Time(span), Some(first)) = (guard.sustain, guard.condition.metrics.first())
        else {
            return None;
        };
        let streak = state.guards.get(guard.id.index())?.streak.as_ref()?;
        let lasted = streak.began.after(span);
        let timeout = plan.metrics.get(metric.index())?.timeout;
        let is_late = self.now < lasted && lasted < self.now.after(timeout);
        (*first == metric && is_late).then_some(lasted)
    }
}

/// How long a breach lasts that trips a guard; nothing where one sample does.
pub(super) fn lasts(guard: &Guard) -> Option<Millis> {
    match guard.sustain {
        Sustain::Once => None,
        Sustain::Time(span) => Some(span),
        Sustain::OutOf { breaches, .. } => {
            let polls = u64::from(breaches.saturating_sub(1));
            Some(Millis(guard.every.0 * polls))
        }
    }
}
