//! Owns `apply`: which input leads where. One arm an input; what an arm does stands in the file named for it.

use super::effect::{Effect, Note, Question, QuestionAbout, QuestionNumber};
use super::input::{Answer, Input, LeaveWhy};
use super::state::{Aim, Phase, State, Task, Turn};
use super::time::{Moment, Stamp};
use crate::plan::{LevelId, Otherwise, Plan};
use crate::value::Millis;

/// One input being applied: what is read, what is changed, what is ordered.
pub(super) struct Move<'a> {
    pub(super) plan: &'a Plan,
    pub(super) state: &'a mut State,
    pub(super) out: &'a mut Vec<Effect>,
}

/// Applies one fact to the state and appends the orders that follow from it. Total: an input that has no meaning in the
/// current state (an answer to a question that is closed, the end of an attempt that was given up) changes nothing.
pub fn apply(plan: &Plan, state: &mut State, stamp: Stamp, input: &Input, out: &mut Vec<Effect>) {
    let before = state.now;
    state.now = before.max(stamp.run);
    state.wall = stamp.wall;
    let mut step = Move { plan, state, out };
    step.count_soak(before, input);
    step.take(before, input);
    step.deadlines();
    step.settle_hold();
    step.advance();
    step.polls();
    step.let_go();
}

impl Move<'_> {
    fn take(&mut self, before: Moment, input: &Input) {
        match input {
            Input::Begin {
                by,
                confirmed,
                entry,
                missing,
            } => {
                if self.state.phase == Phase::New {
                    self.state.by.clone_from(by);
                    self.prepare(confirmed, entry, missing);
                }
            }
            Input::Tick => {}
            Input::Ended { attempt, outcome } => self.ended(*attempt, outcome),
            Input::Sample { metric, reading } => self.sampled(*metric, reading),
            Input::Notified { notice, failed } => {
                if let Some(pending) = self.state.notices.remove(notice)
                    && let Some(why) = failed
                {
                    self.say(Note::NoticeFailed {
                        channel: pending.channel,
                        why: why.clone(),
                    });
                }
            }
            Input::Answered {
                question,
                answer,
                by,
                reason,
            } => self.answered(*question, *answer, (by, reason)),
            Input::RollBack { from, by, reason } => self.ordered_back(*from, by, reason),
            Input::Leave { why } => {
                if !self.is_over() {
                    self.state.leaving = Some(*why);
                }
            }
            Input::Interrupt => self.interrupt(),
            Input::Resumed { by } => self.resumed(before, by),
            Input::ClockJumped { by } => self.say(Note::ClockJump { by: *by }),
        }
    }

    pub(super) fn say(&mut self, note: Note) {
        self.out.push(Effect::Say(note));
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.state.phase, Phase::Final(_))
    }

    pub(super) fn set_task(&mut self, new: Task) {
        match &mut self.state.phase {
            Phase::Rolling { task, .. } | Phase::RollingBack { task, .. } => *task = new,
            Phase::New | Phase::Preparing(_) | Phase::Closing(_) | Phase::Final(_) => {}
        }
    }

    /// The current operation is done; the next one is ready.
    pub(super) fn op_done(&mut self) {
        match &mut self.state.phase {
            Phase::Rolling { op, task, .. } | Phase::RollingBack { op, task, .. } => {
                *op = op.saturating_add(1);
                *task = Task::Ready;
            }
            Phase::New | Phase::Preparing(_) | Phase::Closing(_) | Phase::Final(_) => {}
        }
    }

    /// Opens a question and returns its number.
    pub(super) fn ask(
        &mut self,
        about: QuestionAbout,
        text: String,
        answers: &[Answer],
        limit: (Option<Millis>, Otherwise),
    ) -> QuestionNumber {
        let number = QuestionNumber(self.state.next.question);
        self.state.next.question = number.0.saturating_add(1);
        let question = Question {
            number,
            about,
            text,
            answers: answers.to_vec(),
            until: limit.0.map(|within| self.state.now.after(within)),
            otherwise: limit.1,
        };
        self.state.questions.push(question.clone());
        self.out.push(Effect::Ask(question));
        number
    }

    fn ordered_back(&mut self, from: Option<LevelId>, by: &str, reason: &str) {
        let reason = format!("{by} ordered the rollback: {reason}");
        match &self.state.phase {
            Phase::New | Phase::Preparing(_) | Phase::Rolling { .. } => {
                self.roll_back(from, reason);
            }
            // A stuck run has ended, but production has not been brought back: a person may try again.
            Phase::Final(super::effect::Verdict::Stuck { .. }) => self.roll_back(from, reason),
            Phase::RollingBack { level, .. } => {
                // Already on the way back; a person may only ask for a stronger level.
                if from.is_some_and(|wanted| wanted > *level) {
                    self.fail_level(format!("{by} went on to a stronger level: {reason}"));
                }
            }
            Phase::Closing(_) | Phase::Final(_) => {}
        }
    }

    fn interrupt(&mut self) {
        if self.is_over() {
            return;
        }
        self.state.leaving = Some(LeaveWhy::Interrupted);
        // A protected step finishes; the runner leaves right after it.
        if self.state.running.is_some() && self.state.turn.is_none() && !self.is_protected() {
            self.stop_running();
            self.state.turn = Some(Turn::Leave);
        }
    }

    /// Orders the running attempt to stop, once.
    pub(super) fn stop_running(&mut self) {
        if let Some(running) = &mut self.state.running
            && !running.stopping
        {
            running.stopping = true;
            let attempt = running.attempt;
            self.out.push(Effect::Stop { attempt });
        }
    }

    fn resumed(&mut self, before: Moment, by: &str) {
        if self.is_over() {
            return;
        }
        self.state.leaving = None;
        self.state.left = false;
        self.state.eyes_since = self.state.now;
        self.forgive(self.state.now.since(before));
        for metric in &mut self.state.metrics {
            metric.asked = false;
            metric.due = self.state.now;
        }
        self.say(Note::TakenUp {
            by: by.to_owned(),
            gap: self.state.now.since(before),
        });
        // Delivery is at-least-once: what nobody saw arrive goes out again under its number.
        for (number, pending) in &self.state.notices {
            self.out.push(Effect::Notify {
                notice: *number,
                channel: pending.channel,
                text: pending.text.clone(),
            });
        }
        if let Phase::Preparing(preparing) = &mut self.state.phase {
            preparing.unanswered.clear();
            if preparing.waits.is_none() {
                self.query_all();
            }
        }
        if let Some(Task::Interrupted { aim, attempt }) = self.state.task().cloned() {
            self.set_task(Task::Attempting(aim));
            self.unsettled(
                attempt,
                "it was stopped in the middle by a person".to_owned(),
            );
        }
    }

    /// The time in which no runner lived counts neither for nor against a level: going on to a stronger one needs a look.
    fn forgive(&mut self, gap: Millis) {
        if let Phase::Rolling {
            task: Task::Waiting(waiting),
            ..
        }
        | Phase::RollingBack {
            task: Task::Waiting(waiting),
            ..
        } = &mut self.state.phase
        {
            waiting.deadline = waiting.deadline.after(gap);
        }
        if let Phase::RollingBack { deadline, task, .. } = &mut self.state.phase {
            *deadline = deadline.after(gap);
            if let Task::Recovering(recovery) = task {
                recovery.deadline = recovery.deadline.after(gap);
            }
        }
    }

    /// Tells the runner that it may go, once nothing is under way.
    fn let_go(&mut self) {
        if self.state.left || self.is_over() {
            return;
        }
        let Some(why) = self.state.leaving else {
            return;
        };
        let busy = self.state.running.is_some();
        if !busy {
            self.state.left = true;
            self.out.push(Effect::Left(why));
        }
    }

    /// The aim of the attempt that is out or was last made.
    pub(super) fn aim(&self) -> Option<Aim> {
        match self.state.task()? {
            Task::Attempting(aim) => Some(*aim),
            Task::Ready
            | Task::Pausing { .. }
            | Task::Asking { .. }
            | Task::Interrupted { .. }
            | Task::Soaking(_)
            | Task::Waiting(_)
            | Task::Settling { .. }
            | Task::Recovering(_) => None,
        }
    }
}
