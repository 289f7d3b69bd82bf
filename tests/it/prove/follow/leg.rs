//! Questions about a move of a path, and about an attempt here that it speaks of.

use runbook::engine::{Aim, Attempt, State, Task, Turn, Work};
use runbook::plan::{LevelId, MetricId};
use runbook::prove::{Leg, Move};

/// Whether a run is in the stage or level in which a move of the path happens.
pub(super) fn is_there(leg: &Leg, state: &State) -> bool {
    (leg.before.stage(), leg.before.level()) == (state.stage(), state.level())
}

/// The level that is chosen by what metrics say, or cannot say in time, and the metrics that are asked for it.
pub(super) fn looked_at(leg: &Leg) -> Option<(LevelId, &[MetricId])> {
    match (leg.happens, &leg.before.turn) {
        (Move::Drifts(_) | Move::Passes { .. }, Some(Turn::Look { level, asked, .. })) => {
            Some((*level, asked))
        }
        _other => None,
    }
}

/// Whether an attempt of a path is one that is made again and again, which the path takes as one.
pub(super) fn is_tried_again(leg: &Leg, attempt: Attempt) -> bool {
    let mut running = leg.before.running.iter();
    running.any(|one| {
        one.attempt == attempt && matches!(one.work, Work::Read { .. } | Work::Probe { .. })
    })
}

/// Whether an attempt here is made again when it does not show what is waited for.
pub(super) fn is_tried_until_it_holds(state: &State, attempt: Attempt) -> bool {
    let mut running = state.running.iter();
    running.any(|one| {
        let strand = state.strands.get(&one.strand);
        one.attempt == attempt
            && matches!(
                strand.map(|strand| &strand.task),
                Some(Task::Attempting(Aim::Agree { .. } | Aim::Probe { .. }))
            )
    })
}

/// Whether two pieces of work are the same, whatever their number.
pub(super) fn alike(one: Work, other: Work) -> bool {
    one == other
}
