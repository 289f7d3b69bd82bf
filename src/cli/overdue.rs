//! Owns when the time of a question is over while no runner drives the run: what was answered before is read by the next one, and what comes
//! later is refused.

use super::place;
use super::say::Say;
use crate::engine::{Input, Question, QuestionNumber, State};
use crate::journal::{RunId, RunMeta, Store, StoreError};
use crate::value::Millis;

/// When the time of a question is over, Unix milliseconds.
fn over_at(meta: &RunMeta, question: &Question) -> Option<i64> {
    let left = question.until?.since(meta.last.run);
    let left = left.0.checked_div(u64::from(meta.speed)).unwrap_or(left.0);
    Some(
        meta.last
            .wall
            .saturating_add(i64::try_from(left).unwrap_or(i64::MAX)),
    )
}

/// How long ago the time of a question was over; `None` while there is some.
pub(super) fn over_since(meta: &RunMeta, question: &Question) -> Option<Millis> {
    let ago = place::now().checked_sub(over_at(meta, question)?)?;
    u64::try_from(ago).ok().map(Millis)
}

/// Refuses an answer whose time is over.
pub(super) fn refuse(meta: &RunMeta, question: &Question, say: &Say) -> bool {
    let (Some(at), Some(_)) = (over_at(meta, question), over_since(meta, question)) else {
        return false;
    };
    let id = &meta.id;
    say.error(
        &format!(
            "the time to answer this was over at {}, and no runner was there: {}",
            place::clock(at),
            question.text
        ),
        &format!(
            "`runbook resume {id}` goes on with what the file says of no answer: {}; `runbook rollback {id} --reason \"…\"` brings it back",
            question.otherwise.words()
        ),
    );
    true
}

/// The questions to which an answer waits that was recorded in time. An order to go back comes before all of them, whenever it was given.
pub(super) fn answered_in_time(
    store: &dyn Store,
    meta: &RunMeta,
    state: &State,
) -> Result<Vec<QuestionNumber>, StoreError> {
    let id: &RunId = &meta.id;
    let mut inbox = store.inbox(id)?;
    let mut all = Vec::new();
    while let Some(posted) = inbox.next()? {
        for question in &state.questions {
            let is_meant = match &posted.input {
                Input::RollBack { .. } => true,
                Input::Answered {
                    question: meant, ..
                } => {
                    let in_time = over_at(meta, question).is_none_or(|at| posted.wall <= at);
                    in_time && meant.is_none_or(|meant| meant == question.number)
                }
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
                | Input::ClockJumped { .. } => false,
            };
            if is_meant && question.until.is_some() && !all.contains(&question.number) {
                all.push(question.number);
            }
        }
    }
    Ok(all)
}

/// What waits to be read, a line each.
pub(super) fn waiting(store: &dyn Store, id: &RunId) -> Result<Vec<String>, StoreError> {
    let mut inbox = store.inbox(id)?;
    let mut all = Vec::new();
    while let Some(posted) = inbox.next()? {
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
            | Input::ClockJumped { .. } => continue,
        };
        all.push(format!(
            "answered  {what}, by {by}: {reason} (not read yet: `runbook resume {id}` reads it)"
        ));
    }
    Ok(all)
}

/// Whether anything waits to be read.
pub(super) fn has_letters(store: &dyn Store, id: &RunId) -> bool {
    store
        .inbox(id)
        .and_then(|mut inbox| inbox.next())
        .is_ok_and(|letter| letter.is_some())
}
