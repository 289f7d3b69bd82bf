//! Questions about a move of a path, and about an attempt here that it speaks of.

use runbook::engine::{Aim, Attempt, Effect, Moment, Note, QuestionAbout, State, Task, Turn, Work};
use runbook::plan::{LevelId, MetricId, StageId};
use runbook::prove::{How, Leg, Move, Start};

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

/// Whether a soak ends with a move.
pub(super) fn ends_soak(leg: &Leg) -> bool {
    let mut effects = leg.effects.iter();
    effects.any(|effect| matches!(effect, Effect::Say(Note::WaitEnded { .. })))
}

/// Whether a condition is decided with a move.
pub(super) fn decides(leg: &Leg, what: &str) -> bool {
    let mut effects = leg.effects.iter();
    effects.any(|effect| matches!(effect, Effect::Say(Note::Decided { condition, .. }) if condition == what))
}

/// Whether a stage begins with a move.
pub(super) fn begins(leg: &Leg, stage: StageId) -> bool {
    let mut effects = leg.effects.iter();
    effects.any(|effect| matches!(effect, Effect::Say(Note::StageBegan(one)) if *one == stage))
}

/// Whether a move ends this work, which is stopped.
pub(super) fn says_how_it_stops(leg: &Leg, work: Option<Work>) -> bool {
    let Move::Ends {
        attempt,
        how: How::Stops | How::Dies,
        ..
    } = leg.happens
    else {
        return false;
    };
    let mut running = leg.before.running.iter();
    running.any(|one| one.attempt == attempt && work.is_some_and(|work| alike(one.work, work)))
}

/// Whether two questions are the same, whatever the number of the attempt that they are about.
pub(super) fn is_same_question(one: QuestionAbout, other: QuestionAbout) -> bool {
    match (one, other) {
        (QuestionAbout::Unknown { step, .. }, QuestionAbout::Unknown { step: of_other, .. }) => {
            step == of_other
        }
        (_, _) => one == other,
    }
}

/// Whether something soaks.
pub(super) fn soaks(state: &State) -> bool {
    let mut strands = state.strands.values();
    strands.any(|one| matches!(one.task, Task::Soaking(_)))
}

/// When a move happens that has a time of its own.
pub(super) fn moment_of(leg: &Leg) -> Option<Moment> {
    match leg.happens {
        Move::Ends { at, .. } | Move::Passes { to: at, .. } => Some(at),
        _other => None,
    }
}

/// Why no world here can follow a path; nothing when one can.
pub(in crate::prove) fn cannot_follow(path: &[Move]) -> Option<&'static str> {
    path.iter().find_map(|happens| match happens {
        Move::Begins(Start::Closed | Start::Waits)
        | Move::Ends { closed: true, .. }
        | Move::Passes { closed: true, .. } => Some("a window has no end here"),
        Move::Begins(_)
        | Move::Ends { .. }
        | Move::Passes { .. }
        | Move::Trips { .. }
        | Move::Flaps(_)
        | Move::Misses { .. }
        | Move::Blinds { .. }
        | Move::Sees(_)
        | Move::Drifts(_)
        | Move::Recovers { .. }
        | Move::Relapses { .. }
        | Move::Awaits { .. }
        | Move::Answers { .. }
        | Move::Orders
        | Move::Leaves
        | Move::TakenUp => None,
    })
}
