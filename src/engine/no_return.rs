//! Owns the point of no return: it is passed as a stage ends, only when every armed guard has looked and none is in doubt. Behind it
//! a run that cannot go on goes forward instead of back.

use super::effect::Note;
use super::guard::{Coverage, in_doubt};
use super::polls::awaits_answer;
use super::state::{State, Task};
use super::transition::Move;
use crate::plan::{Template, Way};

impl State {
    /// The way that a run takes now that cannot go on.
    #[must_use]
    pub fn way(&self) -> Way {
        match self.past_return {
            Some(_) => Way::Forward,
            None => Way::Back,
        }
    }
}

impl Move<'_> {
    /// The run has come to the point.
    pub(super) fn come_to_the_point(&mut self) {
        // One way of an `if` can have passed one before this.
        if self.state.past_return.is_some() {
            self.op_done();
            return;
        }
        self.set_task(Task::Settling {
            since: self.state.now,
        });
        if let Some(doubt) = in_doubt(self.plan, self.state, Coverage::Needed) {
            let why = self.words(|| doubt.to_string());
            self.say(Note::NoReturnWaits { why });
        }
    }

    /// Passes it, when there is evidence of health; returns whether it did.
    pub(super) fn pass_the_point(&mut self, why: &Template) -> bool {
        if self.state.is_held()
            || awaits_answer(self.plan, self.state)
            || in_doubt(self.plan, self.state, Coverage::Needed).is_some()
        {
            return false;
        }
        let why = self.fill(why);
        self.state.past_return = Some(why.clone());
        self.say(Note::NoReturn { why });
        self.op_done();
        true
    }
}
