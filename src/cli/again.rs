//! Owns whether this machine still has what a run needs that is taken up again. One that goes forward is not driven on without it: it
//! could not be brought back. One that goes back is, since nothing better can be done, and it is said first.

use std::path::Path;

use super::run::{Environment, INTERRUPTED};
use super::say::Say;
use crate::engine::{Answer, Input, Phase, State, Turn, Verdict};
use crate::journal::{RunId, Store, StoredRun};
use crate::plan::Plan;
use crate::report::{Names, verdict_word};

/// Looks for what is missing.
///
/// # Errors
/// The exit status, when the run is not to be driven on without it.
pub(super) fn equipped(
    (plan, state): (&Plan, &State),
    (store, id): (&dyn Store, &RunId),
    (dir, environment): (&Path, &Environment),
    say: &Say,
) -> Result<(), u8> {
    let missing = crate::execute::missing(plan, dir, environment);
    if missing.is_empty() {
        return Ok(());
    }
    let back = goes_back(state) || is_ordered_back(store, id);
    if back {
        say.error(
            "this machine has not all that the run may need; going back goes on with what there is",
            "",
        );
    } else {
        say.error(
            &format!("run {id} does not go on, because this machine has not all that it needs; it is where it was"),
            &format!("bring it here and type the same again, or go back with what there is: runbook rollback {id} --reason \"…\""),
        );
    }
    for one in &missing {
        say.row("missing", one);
    }
    if back {
        return Ok(());
    }
    Err(INTERRUPTED)
}

/// Whether the run has turned back, or has only to tell people of its end.
fn goes_back(state: &State) -> bool {
    let turns = match &state.turn {
        Some(Turn::RollBack { .. } | Turn::LevelFailed { .. }) => true,
        Some(Turn::Leave | Turn::Look { .. }) | None => false,
    };
    turns
        || match &state.phase {
            Phase::RollingBack { .. } | Phase::Closing(_) | Phase::Final(_) => true,
            Phase::New | Phase::Preparing(_) | Phase::Rolling { .. } => false,
        }
}

/// Whether someone has ordered it back, and the order has not been read yet.
fn is_ordered_back(store: &dyn Store, id: &RunId) -> bool {
    let Ok(mut inbox) = store.inbox(id) else {
        return false;
    };
    while let Ok(Some(letter)) = inbox.next() {
        let is_order = matches!(
            letter.input,
            Input::RollBack { .. }
                | Input::Answered {
                    answer: Answer::Rollback,
                    ..
                }
        );
        if is_order {
            return true;
        }
    }
    false
}

/// A run that has ended is not taken up.
pub(super) fn ended(id: &RunId, verdict: &Verdict, stored: &StoredRun, say: &Say) {
    let how = match (verdict, stored.plan()) {
        (Verdict::RolledBack { level } | Verdict::WentForward { level }, Ok(plan)) => {
            format!(", {}", Names(&plan).brought_back(*level))
        }
        (_, _) => String::new(),
    };
    let word = verdict_word(verdict).replace('_', " ");
    say.tell(&format!("run {id} has ended: {word}{how}"));
    say.next("evidence", &format!("runbook log {id}"));
}
