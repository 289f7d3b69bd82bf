//! What metrics say while a path is followed: what its next moves need, and that all is well where they need nothing.

use std::collections::BTreeMap;

use runbook::engine::{
    Input, Phase, Reading, Sight, State, Task, Turn, blind_after, is_fresh, judge, wake,
};
use runbook::plan::{Condition, Guard, GuardId, MetricId, Op, Plan};
use runbook::prove::{Leg, Missed, Move, Start};
use runbook::simulate::suitable_values;

use super::late::lasts;
use super::leg::{ends_soak, is_there, looked_at, moment_of, soaks};
use super::{Follow, Pace};

impl Follow {
    /// Whether of the samples of a guard so many are missed in this stage that it has not looked enough: as many as
    /// make it not blind, then as many that it sees.
    fn is_missed(&self, (plan, state): (&Plan, &State), metric: MetricId) -> bool {
        let Some(stage) = state.stage() else {
            return false;
        };
        let mut missed = None;
        for (index, leg) in self.legs.iter().enumerate() {
            match leg.happens {
                Move::Misses {
                    guard,
                    missed: Missed::Many,
                } if leg.before.stage() == Some(stage) => missed = Some(guard),
                Move::Sees(guard) if missed == Some(guard) && index < self.at => missed = None,
                _other => {}
            }
        }
        let guard = missed.and_then(|guard| plan.guards.get(guard.index()));
        guard.is_some_and(|guard| {
            let known = state.guards.get(guard.id.index());
            let counted = known.map_or(0, |known| known.looked);
            let missed = u32::try_from(polls_unseen(guard)).unwrap_or(u32::MAX);
            guard.condition.metrics.contains(&metric) && counted % (2 * missed) < missed
        })
    }

    /// Whether a guard that reads a metric is found to be blind by the path, and the silence has begun by now: that can be before the move.
    fn is_silent(&self, (plan, state): (&Plan, &State), metric: MetricId) -> bool {
        let here = |leg: &&Leg| leg.before.stage() == state.stage();
        let mut rest = self.legs.iter().skip(self.at).take_while(here);
        rest.any(|leg| {
            self.is_silent_for(plan, leg, metric) && (!soaks(state) || soaks(&leg.before))
        })
    }

    /// Whether the silence has begun that ends with a guard which is blind.
    pub(super) fn is_silent_for(&self, plan: &Plan, leg: &Leg, metric: MetricId) -> bool {
        let Move::Blinds { guard, at } = leg.happens else {
            return false;
        };
        let guard = plan.guards.get(guard.index());
        guard.is_some_and(|guard| {
            let began = self.here(at).0.saturating_sub(blind_after(guard.every).0);
            self.now.0 > began && guard.condition.metrics.contains(&metric)
        })
    }

    /// Whether a person waits until a breach is seen that neither clears nor trips.
    pub(super) fn flaps_later(&self, leg: &Leg, state: &State) -> bool {
        let streak = |state: &State, guard: GuardId| {
            let known = state.guards.get(guard.index());
            known.is_some_and(|known| known.streak.is_some())
        };
        let flaps = self.flaps.as_ref();
        flaps.is_some_and(|(guard, _)| streak(&leg.before, *guard) && !streak(state, *guard))
    }

    /// What a metric says of which a guard sees breaches that neither clear nor trip: one in the time in which it would become blind.
    fn flapping(&self, plan: &Plan, metric: MetricId, asked: u64) -> Option<Reading> {
        let (guard, breach) = self.flaps.as_ref()?;
        let guard = plan.guards.get(guard.index())?;
        let (_, breach) = breach.iter().find(|(id, _)| *id == metric)?;
        Some(if asked.is_multiple_of(polls_unseen(guard) + 1) {
            breach.clone()
        } else {
            Reading::NoData("no samples".to_owned())
        })
    }

    /// Whether something stands in a way that a metric which is asked here again and again has not said yet.
    pub(super) fn is_not_seen(&self, plan: &Plan, state: &State) -> bool {
        let is_asked = wake(plan, state).is_some();
        self.stand.iter().any(|(metric, reading)| {
            let said = state.metrics.get(metric.index());
            let said = said.and_then(|known| known.reading.as_ref());
            is_asked
                && is_fresh(plan, state, *metric)
                && said.is_none_or(|(_, said)| said != reading)
        })
    }

    pub(super) fn answer(&mut self, (plan, state): (&Plan, &State), metric: MetricId) {
        let reading = self.reading((plan, state), metric);
        self.soon.push_back(Input::Sample { metric, reading });
    }

    pub(super) fn reading(&mut self, (plan, state): (&Plan, &State), metric: MetricId) -> Reading {
        if self.asked.0 != state.stage() {
            self.asked = (state.stage(), BTreeMap::new());
        }
        let asked = self.asked.1.entry(metric).or_default();
        let number = *asked;
        *asked += 1;
        if self.is_silent((plan, state), metric) || self.is_missed((plan, state), metric) {
            return Reading::NoData("no samples".to_owned());
        }
        if let Some(reading) = self.flapping(plan, metric, number) {
            return reading;
        }
        let begun = self.streak_begun((plan, state), metric);
        let told = begun.or_else(|| {
            let leg = self.leg()?;
            let of_it = |(one, _): &&(MetricId, Reading)| *one == metric;
            let all = match leg.happens {
                // Not before its time: another guard may see it sooner.
                Move::Begins(Start::Blind) => {
                    return (metric.index() == 0).then(|| Reading::Error("no answer".to_owned()));
                }
                // Not seen at the end, and until then not what is waited for.
                Move::Awaits {
                    holds: None, at, ..
                } => {
                    let every = plan.metrics.get(metric.index())?.every;
                    if self.now.after(every) < self.here(at) {
                        return self.not_awaited((plan, state), metric);
                    }
                    &leg.readings
                }
                // Where a guard minds it, it begins later, and stands from then on.
                Move::Drifts(_) if !matches!(state.turn, Some(Turn::Look { .. })) => return None,
                _other => &leg.readings,
            };
            if !is_there(leg, state) {
                return None;
            }
            all.iter().find(of_it).map(|(_, reading)| reading.clone())
        });
        // What could not be seen does not hold afterwards either, until the path says so.
        let is_asked = |task: &Task| matches!(task, Task::Waiting(one) if one.asked.is_some());
        let asked = state.strands.values().any(|one| is_asked(&one.task));
        let asked = asked.then(|| self.not_awaited((plan, state), metric));
        let rolls = matches!(state.phase, Phase::Rolling { .. });
        let stands = self.stand.get(&metric).cloned();
        let stands = stands.or_else(|| self.drifts_here(state, metric));
        let stands = stands.filter(|_| rolls);
        let told = told.or(stands.clone()).or(asked.flatten());
        let for_level = self.for_level((plan, state), metric);
        let first = if state.stage().is_some() {
            told.or(for_level)
        } else {
            for_level.or(told)
        };
        first.or(stands).unwrap_or_else(|| {
            let healthy = self.healthy.get(metric.index()).copied();
            Reading::Value(healthy.unwrap_or_default())
        })
    }

    /// What a metric says of which a guard trips in the next move, where that has to have lasted by then.
    fn streak_begun(&self, (plan, state): (&Plan, &State), metric: MetricId) -> Option<Reading> {
        // A soak does not end in the middle of one.
        self.leg()
            .filter(|leg| is_there(leg, state) && !ends_soak(leg))?;
        let next = self.legs.get(self.at + 1)?;
        let Move::Trips { guard, at } = next.happens else {
            return None;
        };
        let span = lasts(plan.guards.get(guard.index())?)?;
        let (_, reading) = next.readings.iter().find(|(of, _)| *of == metric)?;
        let began = self.here(at).0.saturating_sub(span.0);
        (self.now.0 >= began).then(|| reading.clone())
    }

    /// What a metric comes to say in this stage, where it says so from its beginning.
    fn drifts_here(&self, state: &State, metric: MetricId) -> Option<Reading> {
        if self.pace != Pace::Sooner || state.stage().is_none() {
            return None;
        }
        let rest = self.legs.iter().skip(self.at);
        let mut rest = rest.take_while(|leg| leg.before.stage() == state.stage());
        let drifts = rest.find(|leg| matches!(leg.happens, Move::Drifts(_)))?;
        let mut readings = drifts.readings.iter();
        let (_, reading) = readings.find(|(of, _)| *of == metric)?;
        Some(reading.clone())
    }

    /// Not what the condition shows that is waited for.
    fn not_awaited(&self, (plan, state): (&Plan, &State), metric: MetricId) -> Option<Reading> {
        let condition = state.strands.values().find_map(|strand| {
            match (&strand.task, state.op(plan, strand)?) {
                (Task::Waiting(_), Op::Until { condition, .. } | Op::If { condition, .. }) => {
                    Some(condition)
                }
                _other => None,
            }
        })?;
        let stage = state.stage()?;
        self.value((plan, state), metric, |then| {
            let mut guards = plan.guards.iter();
            judge(plan, then, condition) == Sight::Ok
                && guards.all(|guard| {
                    !guard.scope.covers(stage)
                        || judge(plan, then, &guard.condition) != Sight::Breach
                })
        })
    }

    /// A value of a metric with which a state is as it should be.
    fn value(
        &self,
        (plan, state): (&Plan, &State),
        metric: MetricId,
        fits: impl Fn(&State) -> bool,
    ) -> Option<Reading> {
        let values = suitable_values(plan);
        let mut values = values.get(metric.index())?.iter();
        let value = values.find(|value| {
            let mut then = state.clone();
            then.metrics[metric.index()].reading = Some((then.now, Reading::Value(**value)));
            fits(&then)
        });
        value.map(|value| Reading::Value(*value))
    }

    /// What a metric says because a level is chosen by it next, where nobody minds it now: when it was asked lately it is not looked at
    /// again.
    fn for_level(&self, (plan, state): (&Plan, &State), metric: MetricId) -> Option<Reading> {
        let rest = self.legs.get(self.at..).unwrap_or_default();
        let mut next = rest.iter();
        let leg = if let Some(Turn::Look { .. }) = state.turn {
            // What the path takes as said lately is said again where it is looked at here.
            let done = self.legs.iter().take(self.at + 1).rev();
            done.clone().find(|leg| looked_at(leg).is_some())
        } else {
            next.find(|leg| looked_at(leg).is_some())
        }?;
        let (level, asked) = looked_at(leg)?;
        if !asked.contains(&metric) {
            return None;
        }
        let told = leg.readings.iter().find(|(of, _)| *of == metric);
        let healthy = || match leg.happens {
            Move::Passes { .. } => Reading::NoData("no samples".to_owned()),
            _other => Reading::Value(self.healthy[metric.index()]),
        };
        let told = told.map_or_else(healthy, |(_, reading)| reading.clone());
        let reads = |one: &Condition| one.metrics.contains(&metric);
        if let Some(Turn::Look { .. }) = state.turn {
            return Some(told);
        }
        match (&state.phase, state.task()) {
            (Phase::Preparing(_), _) => {
                let mut then = state.clone();
                then.metrics[metric.index()].reading = Some((then.now, told.clone()));
                let mut guards = plan.guards.iter();
                let minds = |guard: &Guard| judge(plan, &then, &guard.condition) == Sight::Breach;
                (!guards.any(minds)).then_some(told)
            }
            (Phase::Rolling { stage, .. }, _) => {
                let awaits = state.strand_ops(plan).any(|(strand, op)| {
                    matches!(strand.task, Task::Waiting(_))
                        && matches!(op, Some(Op::Until { condition, .. } | Op::If { condition, .. }) if reads(condition))
                });
                if awaits || self.stand.contains_key(&metric) {
                    return None;
                }
                let mut guards = plan.guards.iter();
                let minds = |guard: &Guard| guard.scope.covers(*stage) && reads(&guard.condition);
                let minded = guards.any(minds);
                // What cannot be seen was not seen by the last poll before either.
                let leg = self.leg().filter(|leg| is_there(leg, state));
                let ends = leg.map(|leg| moment_of(leg).map(|at| self.here(at)));
                let every = plan.metrics.get(metric.index())?.every;
                let last = ends.is_some_and(|at| at.is_none_or(|at| self.now.after(every) >= at));
                let next = self.legs.get(self.at + 1);
                let leaves = next
                    .is_some_and(|leg| leg.before.stage().is_none() || leg.before.turn.is_some());
                let silent = matches!(told, Reading::NoData(_)) && last && leaves;
                (!minded || silent).then_some(told)
            }
            (Phase::RollingBack { level: on, .. }, Some(Task::Recovering(_))) => {
                let recovered = plan.recovered_of(*on)?;
                let when = plan.level(level)?.when.as_ref()?;
                if !reads(&recovered.condition) {
                    return Some(told);
                }
                let mut then = state.clone();
                then.metrics[metric.index()].reading = Some((then.now, told.clone()));
                let wanted = judge(plan, &then, when);
                let recovers = judge(plan, &then, &recovered.condition) == Sight::Breach;
                if !recovers {
                    return Some(told);
                }
                self.value((plan, state), metric, |then| {
                    judge(plan, then, when) == wanted
                        && judge(plan, then, &recovered.condition) == Sight::Ok
                })
            }
            _other => None,
        }
    }
}

/// How many polls in a row can be missed of a guard that does not become blind.
fn polls_unseen(guard: &Guard) -> u64 {
    (blind_after(guard.every).0 / guard.every.0).saturating_sub(1)
}
