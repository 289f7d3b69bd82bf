//! Owns `wait until`: which samples count, when the wait is over, and how it ends when the condition never held. What was
//! seen not to hold fails; what could not be seen is held, because silence is neither.

use super::effect::{Note, QuestionAbout};
use super::evidence;
use super::guard::exit_of_hold;
use super::input::Answer;
use super::judge::evaluate;
use super::state::{Phase, State, Task, Waiting};
use super::time::Moment;
use super::transition::Move;
use crate::plan::{Condition, OnFailure, Op};
use crate::value::Millis;

/// How often a condition is looked at that reads no metric.
pub(super) const LOOK: Millis = Millis(1_000);

impl Move<'_> {
    /// Begins to wait.
    pub(super) fn wait_until(&mut self, condition: &Condition, within: Millis) {
        let now = self.state.now;
        self.say(Note::WaitsUntil {
            condition: condition.text.clone(),
            within,
        });
        self.set_task(Task::Waiting(Waiting {
            since: now,
            deadline: now.after(within),
            asked: None,
        }));
        for metric in &condition.metrics {
            if let Some(known) = self.state.metrics.get_mut(metric.index()) {
                known.due = now;
            }
        }
    }

    /// Ends the wait when its condition holds or its time is over. Returns whether it did.
    pub(super) fn end_wait(&mut self, waiting: Waiting) -> bool {
        let Some(Op::Until {
            condition,
            within,
            warmup,
        }) = self.current_op().cloned()
        else {
            return false;
        };
        let from = waiting.since.after(warmup);
        let seen = is_fresh(self.state, &condition, from)
            .then(|| evaluate(self.plan, self.state, &condition.test))
            .flatten();
        let values = evidence::values(self.plan, self.state, &condition);
        let now_is = if values.is_empty() {
            String::new()
        } else {
            format!(": {values}")
        };
        if seen == Some(true) {
            if let Some(number) = waiting.asked {
                self.withdraw(number);
            }
            self.say(Note::WaitedUntil {
                evidence: format!("{} holds{now_is}", condition.text),
                took: self.state.now.since(waiting.since),
            });
            self.op_done();
            return true;
        }
        if waiting.deadline > self.state.now || waiting.asked.is_some() {
            return false;
        }
        let text = &condition.text;
        if seen == Some(false) || !matches!(self.state.phase, Phase::Rolling { .. }) {
            self.fail_op(
                format!("{text} did not hold within {within}{now_is}"),
                OnFailure::Rollback { from: None },
            );
            return true;
        }
        let otherwise = exit_of_hold(self.plan, self.state);
        let number = self.ask(
            QuestionAbout::Unseen,
            format!("{text} could not be seen within {within}{now_is}"),
            &[Answer::Continue, Answer::Rollback],
            (Some(self.plan.limits.hold), otherwise),
        );
        self.set_task(Task::Waiting(Waiting {
            asked: Some(number),
            ..waiting
        }));
        true
    }
}

/// Whether every metric of the condition has answered since.
fn is_fresh(state: &State, condition: &Condition, from: Moment) -> bool {
    condition.metrics.iter().all(|metric| {
        let known = state.metrics.get(metric.index());
        let reading = known.and_then(|known| known.reading.as_ref());
        reading.is_some_and(|(at, _)| *at >= from)
    })
}
