//! Owns the one timer of the engine: when it wants to be woken next. Derived from the state, so that no crash can lose it.

use super::guard::{Coverage, blind_from, in_doubt};
use super::polls::next_poll;
use super::state::{Phase, State, Task};
use super::time::Moment;
use super::until::LOOK;
use crate::plan::{Op, Plan};

/// When the engine has something to do even if nothing happens; nothing when it only waits for the world.
#[must_use]
pub fn wake(plan: &Plan, state: &State) -> Option<Moment> {
    let mut soonest = next_poll(plan, state);
    let mut at = |moment: Moment| {
        soonest = Some(soonest.map_or(moment, |known| known.min(moment)));
    };
    for question in &state.questions {
        if let Some(until) = question.until {
            at(until);
        }
    }
    if let Some(hold) = &state.hold
        && hold.asked.is_none()
    {
        at(hold.until);
    }
    match &state.phase {
        Phase::Preparing(preparing) => {
            if let Some(opens) = preparing.waits
                && state.leaving.is_none()
            {
                at(opens);
            }
        }
        Phase::New | Phase::Closing(_) | Phase::Final(_) => {}
        Phase::Rolling {
            stage, began, task, ..
        } => {
            if state.turn.is_none() && state.leaving.is_none() {
                for guard in &plan.guards {
                    if guard.scope.covers(*stage)
                        && let Some(blind) = blind_from(state, guard, *began)
                    {
                        at(blind);
                    }
                }
            }
            if let Some(moment) = of_task(plan, state, task) {
                at(moment);
            }
        }
        Phase::RollingBack { deadline, task, .. } => {
            if state.turn.is_none() {
                at(*deadline);
                if let Task::Recovering(recovery) = task {
                    at(recovery.deadline);
                }
            }
            if let Some(moment) = of_task(plan, state, task) {
                at(moment);
            }
        }
    }
    soonest
}

fn of_task(plan: &Plan, state: &State, task: &Task) -> Option<Moment> {
    match task {
        Task::Pausing { until, .. } => Some(*until),
        Task::Soaking(soak) => {
            let overdue = soak.overdue.filter(|overdue| *overdue > state.now);
            let min = match op(plan, state) {
                Some(Op::Wait { min, .. }) => *min,
                Some(
                    Op::Step(_)
                    | Op::Expose { .. }
                    | Op::Verify { .. }
                    | Op::Notify(_)
                    | Op::Approve(_)
                    | Op::Until { .. }
                    | Op::Fail { .. },
                )
                | None => return overdue,
            };
            let left = min.0.saturating_sub(soak.served.0);
            // A served soak that is in doubt waits for a sample, not for the clock.
            let served = (!state.is_held()
                && (left > 0 || in_doubt(plan, state, Coverage::NotYet).is_none()))
            .then(|| soak.counted.after(crate::value::Millis(left)));
            match (overdue, served) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            }
        }
        Task::Waiting(waiting) => {
            let reads_nothing = matches!(
                op(plan, state),
                Some(Op::Until { condition, .. }) if condition.metrics.is_empty()
            );
            let look = reads_nothing.then(|| state.now.after(LOOK));
            let end = (waiting.asked.is_none() && waiting.deadline > state.now)
                .then_some(waiting.deadline);
            match (look, end) {
                (Some(look), Some(end)) => Some(look.min(end)),
                (look, end) => look.or(end),
            }
        }
        Task::Settling { since } => {
            Some(since.after(plan.limits.hold)).filter(|overdue| *overdue > state.now)
        }
        Task::Ready
        | Task::Attempting(_)
        | Task::Asking { .. }
        | Task::Interrupted { .. }
        | Task::Recovering(_) => None,
    }
}

pub(super) fn op<'a>(plan: &'a Plan, state: &State) -> Option<&'a Op> {
    match &state.phase {
        Phase::Rolling { stage, op, .. } => plan.stages.get(stage.index())?.ops.get(*op),
        Phase::RollingBack { level, op, .. } => plan
            .rollback
            .as_ref()?
            .levels
            .get(level.index())?
            .ops
            .get(*op),
        Phase::New | Phase::Preparing(_) | Phase::Closing(_) | Phase::Final(_) => None,
    }
}
