//! Owns when a runner has nothing left to do although its run has not ended: what is open needs a person, and none is there.

use super::person::Person;
use crate::engine::{LeaveWhy, Moment, QuestionAbout, QuestionNumber, State};
use crate::value::Millis;

/// A hold that was there when the run was taken up is left again only after this, so that guards can see and release it.
const SETTLE: Millis = Millis(60_000);

/// What a runner does when the run is held or a person has to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnHold {
    /// It stays; answers come by the terminal or the inbox.
    Stay,
    /// It leaves; the run is resumed later.
    Leave,
}

/// What this runner found when it took the run up.
#[derive(Clone, Debug)]
pub(super) struct Leaving {
    on_hold: OnHold,
    since: Moment,
    old: Vec<QuestionNumber>,
}

impl Leaving {
    pub(super) fn new(on_hold: OnHold, since: Moment) -> Self {
        Self {
            on_hold,
            since,
            old: Vec::new(),
        }
    }

    /// The run was taken up in this state.
    pub(super) fn found(&mut self, state: &State) {
        self.old = state.questions.iter().map(|open| open.number).collect();
    }

    /// Why the runner leaves now, if it does.
    pub(super) fn why(&self, state: &State, now: Moment, person: &Person) -> Option<LeaveWhy> {
        if state.leaving.is_some() || state.verdict().is_some() {
            return None;
        }
        // Whether it happened, or whether what may have happened is to be undone: only a person can say.
        let unknown = state.questions.iter().any(|open| {
            matches!(
                open.about,
                QuestionAbout::Unknown { .. } | QuestionAbout::Undo { .. }
            )
        });
        if unknown && !person.is_there() {
            return Some(LeaveWhy::Unknown);
        }
        if self.on_hold == OnHold::Stay || !state.is_held() {
            return None;
        }
        let is_new = state
            .hold
            .as_ref()
            .is_some_and(|hold| hold.since > self.since)
            || state
                .questions
                .iter()
                .any(|open| !self.old.contains(&open.number));
        (is_new || now.since(self.since) >= SETTLE).then_some(LeaveWhy::Held)
    }
}
