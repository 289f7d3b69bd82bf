//! Owns what waits to be read while nobody looks at a run, and until when an answer is in time.

use std::time::Duration;

use super::say::Say;
use super::{USAGE, operate, place};
use crate::engine::{Input, Question};
use crate::journal::{Posted, RunId, RunMeta, Store, StoreError};

/// A runner that lives looks four times a second; one that has not looked for so long is stopped.
const LATE: Duration = Duration::from_secs(2);

/// When the time of a question is over, Unix milliseconds.
fn over_at(meta: &RunMeta, question: &Question) -> Option<i64> {
    let left = question.until?.since(meta.last.run).0;
    let left = left.checked_div(u64::from(meta.speed)).unwrap_or(left);
    let left = i64::try_from(left).unwrap_or(i64::MAX);
    Some(meta.last.wall.saturating_add(left))
}

/// Refuses an answer that comes too late: it would be recorded, and change nothing.
pub(super) fn refuse(
    store: &dyn Store,
    id: &RunId,
    question: &Question,
    say: &Say,
) -> Result<(), u8> {
    let meta = match store.load(id) {
        Ok(stored) => stored.meta,
        Err(error) => {
            place::store_error(&error, say);
            return Err(USAGE);
        }
    };
    let is_driven = operate::is_driven(store, id);
    let some = if is_driven { LATE } else { Duration::ZERO };
    let some = i64::try_from(some.as_millis()).unwrap_or(0);
    let Some(at) = over_at(&meta, question).filter(|at| at.saturating_add(some) < place::now())
    else {
        return Ok(());
    };
    let goes_on = if is_driven {
        "its runner, which has not looked since,".to_owned()
    } else {
        format!("`runbook resume {id}`")
    };
    say.error(
        &format!(
            "the time to answer this was over at {}, and no runner has looked since: {}",
            place::clock(at),
            question.text
        ),
        &format!(
            "{goes_on} goes on with what the file says of no answer: {}; `runbook rollback {id} --reason \"…\"` brings it back",
            question.otherwise.words()
        ),
    );
    Err(USAGE)
}

/// What waits to be read, oldest first.
pub(super) fn letters(store: &dyn Store, id: &RunId) -> Result<Vec<Posted>, StoreError> {
    let mut inbox = store.inbox(id)?;
    let mut all = Vec::new();
    while let Some(posted) = inbox.next()? {
        all.push(posted);
    }
    Ok(all)
}

/// A line of what people have said and nobody has read yet.
pub(super) fn line(id: &RunId, posted: &Posted) -> Option<String> {
    let (what, by, reason) = match &posted.input {
        Input::Answered {
            answer, by, reason, ..
        } => (answer.word(), by, reason),
        Input::RollBack { by, reason, .. } => ("rollback", by, reason),
        Input::Begin { .. }
        | Input::Tick
        | Input::Ended { .. }
        | Input::Sample { .. }
        | Input::Notified { .. }
        | Input::Leave { .. }
        | Input::Interrupt
        | Input::Resumed { .. }
        | Input::Unwatched { .. }
        | Input::History { .. }
        | Input::Measured { .. }
        | Input::AnsweredInTime { .. }
        | Input::ClockJumped { .. } => return None,
    };
    Some(format!(
        "answered  {what}, by {by}: {reason} (not read yet: `runbook resume {id}` reads it)"
    ))
}
