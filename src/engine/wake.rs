//! Owns the one timer of the engine: when it wants to be woken next. Derived from the state, so that no crash can lose it.

use super::advance::waits_for_an_answer;
use super::guard::{Coverage, blind_from, in_doubt};
use super::polls::{awaits_answer, next_poll, waits_until};
use super::state::{Phase, State, Task, Turn};
use super::time::Moment;
use super::until::LOOK;
use crate::plan::{Op, Plan};

/// When the engine has something to do even if nothing happens; nothing when it only waits for the world.
#[must_use]
pub fn wake(plan: &Plan, state: &State) -> Option<Moment> {
    let mut soonest = next_poll(plan, state);
    timers(plan, state, |moment| {
        soonest = Some(soonest.map_or(moment, |known| known.min(moment)));
    });
    soonest
}

/// Everything that it wants to be woken for but the polls, in a fixed order.
pub(super) fn timers(plan: &Plan, state: &State, mut at: impl FnMut(Moment)) {
    for question in &state.questions {
        if let Some(until) = question.until {
            at(until);
        }
    }
    if let Some(Turn::Look { until, .. }) = &state.turn {
        at(*until);
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
            if state.leaving.is_none() {
                let all = preparing.baselines.iter().flatten();
                all.filter_map(|one| one.until).for_each(&mut at);
            }
        }
        Phase::New | Phase::Closing(_) | Phase::Final(_) => {}
        Phase::Rolling { stage, began } => {
            if state.turn.is_none() && state.leaving.is_none() && state.gap.is_none() {
                for guard in &plan.guards {
                    if guard.scope.covers(*stage)
                        && let Some(blind) = blind_from(plan, state, (guard, *began))
                    {
                        at(blind);
                    }
                }
            }
        }
        Phase::RollingBack { deadline, .. } => {
            if state.turn.is_none() && state.watching().is_none() {
                at(*deadline);
                if let Some(Task::Recovering(recovery)) = state.task() {
                    at(recovery.deadline);
                }
            }
        }
    }
    // A run that turns, or whose runner leaves, waits only for what is under way.
    if state.turn.is_none() && state.leaving.is_none() {
        for (strand, op) in state.strand_ops(plan) {
            let [first, second] = of_task(plan, state, (&strand.task, op));
            first.into_iter().chain(second).for_each(&mut at);
        }
    }
}

fn of_task(plan: &Plan, state: &State, (task, op): (&Task, Option<&Op>)) -> [Option<Moment>; 2] {
    match task {
        Task::Pausing { until, then } => {
            [(!waits_for_an_answer(state, *then)).then_some(*until), None]
        }
        Task::Soaking(soak) => {
            let overdue = soak.overdue.filter(|overdue| *overdue > state.now);
            let Some(Op::Wait { min, .. }) = op else {
                return [overdue, None];
            };
            let left = min.0.saturating_sub(soak.served.0);
            let ends = soak.counted.after(crate::value::Millis(left));
            if !state.stands_still() && awaits_answer(plan, state) {
                let until = waits_until(plan, state);
                return [overdue, until.map(|until| until.max(ends))];
            }
            // A served soak that is in doubt waits for a sample, not for the clock.
            let served = (!state.stands_still()
                && (left > 0 || in_doubt(plan, state, Coverage::NotYet).is_none()))
            .then_some(ends);
            [overdue, served]
        }
        Task::Waiting(waiting) => {
            let reads_nothing = matches!(
                op,
                Some(Op::Until { condition, .. } | Op::If { condition, .. })
                    if condition.metrics.is_empty()
            );
            let look = reads_nothing.then(|| state.now.after(LOOK));
            let end = (waiting.asked.is_none() && waiting.deadline > state.now)
                .then_some(waiting.deadline);
            [look, end]
        }
        Task::Watching(watching) if watching.until > state.now => [Some(watching.until), None],
        Task::Watching(watching) => [Some(watching.until.after(plan.limits.hold)), None],
        Task::Settling { since } => {
            let overdue = Some(since.after(plan.limits.hold));
            let overdue = overdue.filter(|overdue| *overdue > state.now);
            [overdue, waits_until(plan, state)]
        }
        Task::Ready
        | Task::Attempting(_)
        | Task::Asking { .. }
        | Task::Interrupted { .. }
        | Task::Joining { .. }
        | Task::Over
        | Task::Recovering(_) => [None, None],
    }
}
