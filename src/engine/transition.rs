//! Owns `apply`: which input leads where. One arm an input; what an arm does stands in the file named for it.

use super::effect::{Attempt, Effect, Note, Question, QuestionAbout, QuestionNumber};
use super::input::{Answer, Input, LeaveWhy};
use super::state::{Phase, Recovery, Running, State, Task, Turn, Waiting};
use super::strand::StrandId;
use super::time::{Moment, Stamp};
use super::unwind::is_protected;
use crate::plan::{LevelId, Otherwise, Plan, Way};
use crate::value::Millis;

/// How long answers that came in time may take to be read, when the run has been taken up.
const TO_BE_READ: Millis = Millis::from_mins(1);

/// One input being applied: what is read, what is changed, what is ordered.
pub(super) struct Move<'a> {
    pub(super) plan: &'a Plan,
    pub(super) state: &'a mut State,
    pub(super) out: &'a mut Vec<Effect>,
    /// The strand that is looked at.
    pub(super) strand: StrandId,
    words: Words,
}

/// Whether sentences are written. They decide nothing, so a transition is the same without them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Words {
    Written,
    LeftOut,
}

/// Applies one fact to the state and appends the orders that follow from it. Total: an input that has no meaning in the
/// current state (an answer to a question that is closed, the end of an attempt that was given up) changes nothing.
pub fn apply(plan: &Plan, state: &mut State, stamp: Stamp, input: &Input, out: &mut Vec<Effect>) {
    transit(plan, state, (stamp, input, Words::Written), out);
}

/// The same for whoever reads no sentence: where the engine would say why, there is nothing.
pub fn apply_wordless(
    plan: &Plan,
    state: &mut State,
    (stamp, input): (Stamp, &Input),
    out: &mut Vec<Effect>,
) {
    transit(plan, state, (stamp, input, Words::LeftOut), out);
}

fn transit(
    plan: &Plan,
    state: &mut State,
    (stamp, input, words): (Stamp, &Input, Words),
    out: &mut Vec<Effect>,
) {
    if let Input::AnsweredInTime { questions } = input {
        // No time passes by it: what is over by now is looked at when the answers are known.
        state.keep_open(questions, stamp.run.after(TO_BE_READ));
        return;
    }
    let before = state.now;
    state.now = before.max(stamp.run);
    state.wall = stamp.wall;
    let mut step = Move {
        plan,
        state,
        out,
        strand: StrandId::MAIN,
        words,
    };
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
            Input::Unwatched { gap } => self.unwatched(*gap),
            Input::History {
                metric,
                past,
                failed,
            } => self.recalled(*metric, past, failed.as_deref()),
            Input::Measured {
                metric,
                past,
                failed,
            } => self.measured(*metric, past, failed.as_deref()),
            Input::AnsweredInTime { .. } => {}
            Input::ClockJumped { by } => self.say(Note::ClockJump { by: *by }),
        }
    }

    /// A sentence, where anybody reads it.
    pub(super) fn words(&self, write: impl FnOnce() -> String) -> String {
        match self.words {
            Words::Written => write(),
            Words::LeftOut => String::new(),
        }
    }

    pub(super) fn say(&mut self, note: Note) {
        self.out.push(Effect::Say(note));
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.state.phase, Phase::Final(_))
    }

    /// Opens a question of this strand and returns its number.
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
            strand: self.strand,
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
        if self.looks_further(from) {
            return;
        }
        let reason = self.words(|| match self.state.way() {
            Way::Back => format!("{by} ordered the rollback: {reason}"),
            Way::Forward => format!("{by} ordered to go forward: {reason}"),
        });
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
        let may_stop = |running: &Running| !is_protected(self.plan, running.work);
        if self.state.turn.is_none() && self.state.running.iter().any(may_stop) {
            self.stop_running(may_stop);
            self.state.turn = Some(Turn::Leave);
        }
    }

    /// Orders those of the running attempts to stop that may be stopped, each once.
    pub(super) fn stop_running(&mut self, may_stop: impl Fn(&Running) -> bool) {
        for running in &mut self.state.running {
            if !running.stopping && may_stop(running) {
                running.stopping = true;
                let attempt = running.attempt;
                self.out.push(Effect::Stop { attempt });
            }
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
            // What was being measured is measured anew: nobody looked for a while.
            let is_measured = preparing.baselines.as_ref().is_some_and(Vec::is_empty);
            preparing.baselines = is_measured.then(Vec::new);
            preparing.unanswered.clear();
            if preparing.waits.is_none() {
                self.query_all();
            }
        }
        self.look_again(self.state.now.since(before));
        let strands: Vec<StrandId> = self.state.strands.keys().copied().collect();
        for strand in strands {
            self.strand = strand;
            if let Some(Task::Interrupted { aim, attempt }) = self.task().cloned() {
                self.set_task(Task::Attempting(aim));
                self.stopped_by_a_person(attempt);
            }
        }
    }

    /// What a person stopped in the middle may have happened.
    pub(super) fn stopped_by_a_person(&mut self, attempt: Attempt) {
        let why = "it was stopped in the middle by a person";
        let why = self.words(|| why.to_owned());
        self.unsettled(attempt, why);
    }

    /// The time in which no runner lived counts neither for nor against a level: going on to a stronger one needs a look.
    pub(super) fn forgive(&mut self, gap: Millis) {
        for strand in self.state.strands.values_mut() {
            if let Task::Waiting(Waiting { deadline, .. })
            | Task::Recovering(Recovery { deadline, .. }) = &mut strand.task
            {
                *deadline = deadline.after(gap);
            }
            // What nobody looked at was not watched.
            if let Task::Watching(watching) = &mut strand.task {
                watching.until = watching.until.after(gap);
            }
        }
        if let Phase::RollingBack { deadline, .. } = &mut self.state.phase {
            *deadline = deadline.after(gap);
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
        // Whoever is to be told is told before the runner goes: nobody else would, until it is taken up.
        if self.state.running.is_empty() && self.state.notices.is_empty() {
            self.state.left = true;
            self.out.push(Effect::Left(why));
        }
    }
}
