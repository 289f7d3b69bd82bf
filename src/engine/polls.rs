//! Owns when metrics are asked. It does not judge the answers.

use super::baseline::is_measured;
use super::effect::Effect;
use super::state::{Phase, State, Task};
use super::time::Moment;
use super::transition::Move;
use crate::plan::{Condition, MetricId, Op, Plan};
use crate::value::Millis;

/// An answer that takes longer does not keep the end of a stage waiting.
pub(super) const A_MOMENT: Millis = Millis(1_000);

impl Move<'_> {
    /// Asks every metric once, before anything is changed.
    pub(super) fn query_all(&mut self) {
        let ids: Vec<MetricId> = self.plan.metrics.iter().map(|metric| metric.id).collect();
        if let Phase::Preparing(preparing) = &mut self.state.phase {
            preparing.unanswered.clone_from(&ids);
        }
        for metric in ids {
            if let Some(state) = self.state.metrics.get_mut(metric.index()) {
                state.asked = true;
            }
            self.out.push(Effect::Query { metric });
        }
    }

    /// Asks the metrics whose time has come.
    pub(super) fn polls(&mut self) {
        if self.state.leaving.is_some() || self.state.turn.is_some() || self.state.gap.is_some() {
            return;
        }
        for metric in &self.plan.metrics {
            let Some(state) = self.state.metrics.get(metric.id.index()) else {
                continue;
            };
            if state.asked || state.due > self.state.now {
                continue;
            }
            if !is_needed(self.plan, self.state, metric.id) {
                continue;
            }
            let now = self.state.now;
            if let Some(state) = self.state.metrics.get_mut(metric.id.index()) {
                state.asked = true;
                // The rhythm is kept; polls that were missed are not made up for.
                let next = state.due.after(metric.every);
                state.due = if next > now {
                    next
                } else {
                    now.after(metric.every)
                };
            }
            self.out.push(Effect::Query { metric: metric.id });
        }
    }
}

/// When the next metric has to be asked.
pub(super) fn next_poll(plan: &Plan, state: &State) -> Option<Moment> {
    if state.leaving.is_some() || state.turn.is_some() || state.gap.is_some() {
        return None;
    }
    let mut soonest: Option<Moment> = None;
    for metric in &plan.metrics {
        if let Some(known) = state.metrics.get(metric.id.index())
            && !known.asked
            && soonest.is_none_or(|soonest| known.due < soonest)
            && is_needed(plan, state, metric.id)
        {
            soonest = Some(known.due);
        }
    }
    soonest
}

/// The last sample of a stage counts: one that is due now, or was asked for a moment ago, is waited for.
pub(super) fn awaits_answer(plan: &Plan, state: &State) -> bool {
    if state.stage().is_none() || plan.limits.guard_rules < 1 {
        return false;
    }
    plan.metrics.iter().any(|metric| {
        let Some(known) = state.metrics.get(metric.id.index()) else {
            return false;
        };
        let asked_at = Moment(known.due.0.saturating_sub(metric.every.0));
        let is_open = if known.asked {
            state.now.since(asked_at) <= A_MOMENT
        } else {
            known.due <= state.now
        };
        // Who has taken the run up looks once before anything ends: what was seen before says nothing of the time in which nobody looked.
        let said = known.reading.as_ref();
        let is_anew = plan.limits.guard_rules >= 4 && state.eyes_since > Moment(0);
        let unseen = is_anew && said.is_none_or(|(at, _)| *at < state.eyes_since);
        (is_open || unseen) && is_needed(plan, state, metric.id)
    })
}

/// When the answers that were asked for a moment ago are waited for no more; nothing where none is.
pub(super) fn waits_until(plan: &Plan, state: &State) -> Option<Moment> {
    if state.stage().is_none() || plan.limits.guard_rules < 1 {
        return None;
    }
    let asked = plan.metrics.iter().filter_map(|metric| {
        let known = state.metrics.get(metric.id.index())?;
        let asked_at = Moment(known.due.0.saturating_sub(metric.every.0));
        let over = asked_at.after(A_MOMENT).after(Millis(1));
        let is_open = known.asked && over > state.now && is_needed(plan, state, metric.id);
        is_open.then_some(over)
    });
    asked.max()
}

/// Whether anything that is judged now reads this metric.
pub(super) fn is_needed(plan: &Plan, state: &State, metric: MetricId) -> bool {
    let mut strands = state.strand_ops(plan);
    let awaits = strands.any(|(strand, op)| {
        matches!(strand.task, Task::Waiting(_))
            && matches!(
                op,
                Some(Op::Until { condition, .. } | Op::If { condition, .. })
                    if reads(plan, condition, metric)
            )
    });
    if awaits {
        return true;
    }
    match &state.phase {
        Phase::Rolling { stage, .. } => plan
            .guards
            .iter()
            .any(|guard| guard.scope.covers(*stage) && reads(plan, &guard.condition, metric)),
        Phase::RollingBack { level, .. } => match state.task() {
            Some(Task::Recovering(_) | Task::Watching(_)) => plan
                .recovered_of(*level)
                .is_some_and(|recovered| reads(plan, &recovered.condition, metric)),
            Some(
                Task::Ready
                | Task::Attempting(_)
                | Task::Pausing { .. }
                | Task::Asking { .. }
                | Task::Interrupted { .. }
                | Task::Soaking(_)
                | Task::Waiting(_)
                | Task::Joining { .. }
                | Task::Over
                | Task::Settling { .. },
            )
            | None => false,
        },
        Phase::Preparing(_) => is_measured(&state.phase, metric),
        Phase::New | Phase::Closing(_) | Phase::Final(_) => false,
    }
}

/// Whether what a level's `when` reads is asked often enough, where the run is now, for its answers to be fresh. It is looked at
/// otherwise, when the level is chosen.
#[must_use]
pub fn is_fresh(plan: &Plan, state: &State, metric: MetricId) -> bool {
    let levels = plan.rollback.iter().flat_map(|rollback| &rollback.levels);
    let mut conditions = levels.filter_map(|level| level.when.as_ref());
    if !conditions.any(|when| reads(plan, when, metric)) {
        return true;
    }
    let is_pace_kept = plan.metrics.get(metric.index()).is_some_and(|metric| {
        let pace = metric.every.saturating_add(metric.timeout);
        metric.stale >= pace
    });
    is_pace_kept && is_needed(plan, state, metric)
}

/// Whether a condition reads a metric, itself or through what its metrics say of others.
pub(super) fn reads(plan: &Plan, condition: &Condition, metric: MetricId) -> bool {
    condition.metrics.contains(&metric)
        || plan.leans(condition) && plan.leaned_on(condition).contains(&metric)
}

/// A guard is blind when it has seen nothing for this long.
#[must_use]
pub fn blind_after(every: Millis) -> Millis {
    Millis(every.0.saturating_mul(2).max(60_000))
}
