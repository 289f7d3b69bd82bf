//! Owns `wait until`, and how an `if` over metrics is decided: which samples count, when the wait is over, and how it ends when the condition never held. What was
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

/// What `if` does when its condition holds is its first way.
const THEN: usize = 0;

/// The way of an `if` whose condition has this truth.
fn way_of(holds: impl Into<u8>) -> usize {
    if holds.into() == 0 { THEN + 1 } else { THEN }
}

impl Move<'_> {
    /// Begins to wait.
    pub(super) fn wait_until(&mut self, condition: &Condition, within: Millis) {
        self.say(Note::WaitsUntil {
            condition: condition.text.clone(),
            within,
        });
        self.look_out(condition, within);
    }

    /// Decides an `if`: at once when it reads no metric, else by samples that are taken from now on.
    pub(super) fn decide(&mut self, condition: &Condition, within: Millis) {
        let known = condition.metrics.is_empty();
        match evaluate(self.plan, self.state, &condition.test).filter(|_| known) {
            Some(holds) => self.decided(condition, way_of(holds)),
            None => self.look_out(condition, within),
        }
    }

    fn decided(&mut self, condition: &Condition, way: usize) {
        self.say(Note::Decided {
            condition: condition.text.clone(),
            holds: way == THEN,
            evidence: self.words(|| evidence::values(self.plan, self.state, condition)),
        });
        self.enter_way(way);
    }

    /// Begins to look at a condition.
    fn look_out(&mut self, condition: &Condition, within: Millis) {
        let now = self.state.now;
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
        let (condition, within, warmup, decides) = match self.current_op() {
            Some(Op::Until {
                condition,
                within,
                warmup,
            }) => (condition, *within, *warmup, false),
            Some(Op::If {
                condition,
                within,
                warmup,
                ..
            }) => (condition, *within, *warmup, true),
            Some(
                Op::Step(_)
                | Op::Wait { .. }
                | Op::Expose { .. }
                | Op::Verify { .. }
                | Op::Notify(_)
                | Op::Fail { .. }
                | Op::Parallel { .. }
                | Op::Undo { .. }
                | Op::NoReturn { .. }
                | Op::Approve(_),
            )
            | None => return false,
        };
        let from = waiting.since.after(warmup);
        let seen = is_fresh(self.state, condition, from)
            .then(|| evaluate(self.plan, self.state, &condition.test))
            .flatten();
        let now_is = self.words(|| {
            let values = evidence::values(self.plan, self.state, condition);
            if values.is_empty() {
                values
            } else {
                format!(": {values}")
            }
        });
        if decides && let Some(holds) = seen {
            if let Some(number) = waiting.asked {
                self.withdraw(number);
            }
            self.decided(condition, way_of(holds));
            return true;
        }
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
        let unseen = if decides {
            format!("whether {text} holds could not be seen within {within}{now_is}")
        } else {
            format!("{text} could not be seen within {within}{now_is}")
        };
        if seen == Some(false) || !matches!(self.state.phase, Phase::Rolling { .. }) {
            let why = if decides {
                unseen
            } else {
                format!("{text} did not hold within {within}{now_is}")
            };
            self.fail_op(why, OnFailure::Rollback { from: None });
            return true;
        }
        let otherwise = exit_of_hold(self.plan, self.state);
        let number = self.ask(
            QuestionAbout::Unseen,
            if decides {
                format!("{unseen}; to continue leaves out both of its ways")
            } else {
                unseen
            },
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
