//! Owns what comes to the same of the things that can happen in a state: only one of them is looked at. Whoever watches a sweep is shown all
//! of them, and the tests hold that both see the same.

use crate::engine::{Answer, Attempt, Moment, Phase, State, Task, Work};
use crate::plan::{GuardAction, GuardId, Plan, StepId};

use super::moves::{How, Move};
use super::place;
use super::sight::Sights;

/// Of the moves that come to the same leaves the first.
pub(super) fn one_of_each(plan: &Plan, sights: &Sights, state: &State, moves: &mut Vec<Move>) {
    let same = Same {
        plan,
        sights,
        state,
    };
    let mut goes_back = false;
    let mut before = None;
    let is_idle = is_idle(state);
    // A rollback that is ordered now, from its first level on, withdraws all questions, and nothing is left of who ordered it but words.
    let mut is_first = || !std::mem::replace(&mut goes_back, true);
    moves.retain(|one| match one {
        Move::Orders => is_first(),
        Move::Answers { answer, .. } => *answer != Answer::Rollback || is_first(),
        Move::Trips { guard, at } => !same.trips_back(*guard, *at) || is_first(),
        // It is taken up as it stands: that comes to the same as if nothing had happened.
        Move::Leaves | Move::TakenUp => !is_idle,
        Move::Ends {
            attempt, how, at, ..
        } => {
            let known = before.replace((*attempt, *how, *at));
            known.is_none_or(|known| !same.ends(known, (*attempt, *how, *at)))
        }
        Move::Begins(_)
        | Move::Passes { .. }
        | Move::Flaps(_)
        | Move::Misses { .. }
        | Move::Blinds { .. }
        | Move::Sees(_)
        | Move::Drifts(_)
        | Move::Recovers { .. }
        | Move::Relapses { .. }
        | Move::Awaits { .. } => true,
    });
}

/// Whether nothing is out, and nothing is looked at anew when the run is taken up: before the rollout, and where a condition is waited for,
/// metrics are.
fn is_idle(state: &State) -> bool {
    let waits = |task: &Task| matches!(task, Task::Waiting(_));
    !matches!(state.phase, Phase::Preparing(_))
        && state.running.is_empty()
        && !place::tasks(state).any(waits)
}

struct Same<'a> {
    plan: &'a Plan,
    sights: &'a Sights,
    state: &'a State,
}

impl Same<'_> {
    /// Whether a guard orders the rollback now. What it has seen counts further only for a level that is chosen by it.
    fn trips_back(&self, guard: GuardId, at: Moment) -> bool {
        let guard = self.plan.guards.get(guard.index());
        let action = guard.map(|guard| guard.action);
        at == self.state.now
            && action == Some(GuardAction::Rollback { from: None })
            && self.sights.chosen_by.is_empty()
            && self.sights.drifts.is_empty()
    }

    /// Whether an attempt that ends in the one way comes to the same as one that ends in the other.
    fn ends(&self, one: (Attempt, How, Moment), other: (Attempt, How, Moment)) -> bool {
        if (one.0, one.2) != (other.0, other.2) {
            return false;
        }
        let mut out = self.state.running.iter();
        let work = out.find(|out| out.attempt == one.0).map(|out| out.work);
        match (one.1, other.1) {
            // `unless` that has no answer is not one that says no.
            (How::Fails, How::Hangs) => !matches!(work, Some(Work::Unless { .. })),
            // Nobody asks how what was stopped has ended, unless it can be undone.
            (How::Stops, How::Dies) => {
                matches!(work, Some(Work::Step { step, .. }) if !self.is_undone(step))
            }
            (_, _) => false,
        }
    }

    fn is_undone(&self, step: StepId) -> bool {
        let step = self.plan.steps.get(step.index());
        step.is_none_or(|step| !step.undo.is_empty() || step.undoes.is_some())
    }
}
