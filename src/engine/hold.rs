//! Owns soaks, holds and questions: when the stage's clock runs, what stops it, and how every stop ends.

use super::effect::{Effect, Note, QuestionAbout, QuestionNumber};
use super::evidence;
use super::guard::{Coverage, exit_of_hold, in_doubt};
use super::input::{Answer, Input};
use super::state::{Aim, Hold, Phase, Soak, Task};
use super::time::Moment;
use super::transition::Move;
use crate::plan::{GuardAction, OnBlind, OnFailure, Op, Otherwise, Way};
use crate::value::Millis;

/// How much of the time since the last input nobody looked.
fn unseen(since: Millis, input: &Input, rules: u32) -> Millis {
    match input {
        Input::Resumed { .. } => since,
        // Its runner was there up to the moment at which it stood still.
        Input::Unwatched { gap } if rules >= 3 => *gap,
        Input::Unwatched { .. } => since,
        Input::Begin { .. }
        | Input::Tick
        | Input::Ended { .. }
        | Input::Sample { .. }
        | Input::Notified { .. }
        | Input::Answered { .. }
        | Input::RollBack { .. }
        | Input::Leave { .. }
        | Input::Interrupt
        | Input::History { .. }
        | Input::Measured { .. }
        | Input::AnsweredInTime { .. }
        | Input::ClockJumped { .. } => Millis::ZERO,
    }
}

impl Move<'_> {
    /// Credits the soaks with the time since the last input, if the clock was running.
    pub(super) fn count_soak(&mut self, before: Moment, input: &Input) {
        let now = self.state.now;
        let stood_still = self.state.stands_still();
        let limits = &self.plan.limits;
        let gap = unseen(now.since(before), input, limits.guard_rules);
        // A gap in which nobody looked is not healthy time unless it is short. What was before it is.
        let seen = if gap > limits.max_gap {
            Moment(now.0.saturating_sub(gap.0))
        } else {
            now
        };
        for soak in self.soaks() {
            if !stood_still {
                let more = seen.since(soak.counted);
                soak.served = Millis(soak.served.0.saturating_add(more.0));
            }
            soak.counted = now;
        }
    }

    /// The soaks of all strands.
    pub(super) fn soaks(&mut self) -> impl Iterator<Item = &mut Soak> {
        let all = self.state.strands.values_mut();
        all.filter_map(|strand| match &mut strand.task {
            Task::Soaking(soak) => Some(soak),
            Task::Ready
            | Task::Attempting(_)
            | Task::Pausing { .. }
            | Task::Asking { .. }
            | Task::Interrupted { .. }
            | Task::Waiting(_)
            | Task::Joining { .. }
            | Task::Over
            | Task::Settling { .. }
            | Task::Recovering(_)
            | Task::Watching(_) => None,
        })
    }

    /// A guard turned out to be blind since `last`: that time was not observed and does not count.
    pub(super) fn take_back_soak(&mut self, last: Moment) {
        for soak in self.soaks() {
            let unseen = soak.counted.since(last.max(soak.began));
            soak.served = Millis(soak.served.0.saturating_sub(unseen.0));
        }
    }

    /// Everything whose time has come.
    pub(super) fn deadlines(&mut self) {
        self.end_look();
        self.cut_off_level();
        self.find_blind();
        let now = self.state.now;
        let late: Vec<QuestionNumber> = self
            .state
            .questions
            .iter()
            .filter(|question| question.until.is_some_and(|until| until <= now))
            .map(|question| question.number)
            .collect();
        for number in late {
            self.unanswered(number);
        }
    }

    /// Begins, keeps or ends the hold, as its causes say.
    pub(super) fn settle_hold(&mut self) {
        let mut cause = self.hold_cause();
        let now = self.state.now;
        match self.closed_until().filter(|_| cause.is_none()) {
            Some(Some(opens)) => {
                // Until the window opens, whenever that is by now.
                match &mut self.state.hold {
                    Some(hold) if hold.window => hold.until = opens,
                    Some(hold) => {
                        let asked = hold.asked;
                        if let Some(number) = asked {
                            self.withdraw(number);
                        }
                        self.hold_for_window(Some(opens));
                    }
                    None => {}
                }
                return;
            }
            Some(None) => cause = self.closed_meanwhile().map(|why| (why.clone(), why)),
            None => {}
        }
        if cause.is_some() && self.state.hold.as_ref().is_some_and(|hold| hold.window) {
            // The guards go on: what one of them holds has its own end.
            self.state.hold = None;
        }
        match (&mut self.state.hold, cause) {
            (None, None) => {}
            (None, Some((why, known))) => {
                let until = now.after(self.plan.limits.hold);
                self.state.hold = Some(Hold {
                    since: now,
                    until,
                    why: known,
                    asked: None,
                    window: false,
                });
                self.say(Note::Held { why, until });
            }
            (Some(hold), None) => {
                let asked = hold.asked;
                self.state.hold = None;
                if let Some(number) = asked {
                    self.withdraw(number);
                }
                self.say(Note::Released);
            }
            (Some(hold), Some((_, known))) => {
                hold.why.clone_from(&known);
                if hold.asked.is_none() && hold.until <= now {
                    let limit = self.plan.limits.hold;
                    let otherwise = exit_of_hold(self.plan, self.state);
                    let text = self.words(|| format!("held for {limit}, and still {known}"));
                    let number = self.ask(
                        QuestionAbout::Hold,
                        text,
                        &[Answer::Continue, Answer::Rollback],
                        (Some(limit), otherwise),
                    );
                    if let Some(hold) = &mut self.state.hold {
                        hold.asked = Some(number);
                    }
                }
            }
        }
    }

    /// Why the stage is held now: in short, and with all that is known.
    fn hold_cause(&self) -> Option<(String, String)> {
        let stage = self.state.stage()?;
        if self.state.turn.is_some() {
            return None;
        }
        for guard in &self.plan.guards {
            let Some(known) = self.state.guards.get(guard.id.index()) else {
                continue;
            };
            if !guard.scope.covers(stage) {
                continue;
            }
            if known.blind && !known.blind_accepted && guard.on_blind == OnBlind::Hold {
                return Some((
                    self.words(|| format!("guard {} is blind", guard.name)),
                    self.words(|| evidence::of_blindness(self.plan, self.state, guard)),
                ));
            }
            if known.holding && guard.action == GuardAction::Hold {
                return Some((
                    self.words(|| format!("guard {} holds the stage", guard.name)),
                    self.words(|| evidence::of_guard(self.plan, self.state, guard)),
                ));
            }
        }
        let is_late = self.state.strand_ops(self.plan).any(|(strand, op)| {
            let overdue = match &strand.task {
                // One that has all that it needs ends with this input.
                Task::Soaking(soak) => soak.overdue.filter(|_| !self.is_served(soak, op)),
                Task::Settling { since } => Some(since.after(self.plan.limits.hold)),
                Task::Ready
                | Task::Attempting(_)
                | Task::Pausing { .. }
                | Task::Asking { .. }
                | Task::Interrupted { .. }
                | Task::Waiting(_)
                | Task::Joining { .. }
                | Task::Over
                | Task::Recovering(_)
                | Task::Watching(_) => None,
            };
            overdue.is_some_and(|overdue| overdue <= self.state.now)
        });
        if is_late && self.state.gap.is_none() {
            let why = self.words(|| {
                let doubt = in_doubt(self.plan, self.state, self.coverage_now());
                let why = doubt.map_or_else(
                    || "it was held, or not looked at, for so long that its healthy time is not served".to_owned(),
                    |doubt| doubt.to_string(),
                );
                format!("the stage should have gone on by now: {why}")
            });
            return Some((why.clone(), why));
        }
        None
    }

    fn is_served(&self, soak: &Soak, op: Option<&Op>) -> bool {
        matches!(op, Some(Op::Wait { min, .. }) if soak.served >= *min)
            && in_doubt(self.plan, self.state, Coverage::NotYet).is_none()
    }

    pub(super) fn coverage_now(&self) -> Coverage {
        if let Some(Task::Settling { .. }) = self.state.task() {
            Coverage::Needed
        } else {
            Coverage::NotYet
        }
    }

    pub(super) fn withdraw(&mut self, number: QuestionNumber) {
        let before = self.state.questions.len();
        self.state.questions.retain(|open| open.number != number);
        if self.state.questions.len() != before {
            self.out.push(Effect::Withdraw(number));
        }
    }

    /// Nothing that was asked before matters any more.
    pub(super) fn withdraw_all(&mut self) {
        self.state.hold = None;
        for question in std::mem::take(&mut self.state.questions) {
            self.out.push(Effect::Withdraw(question.number));
        }
    }

    /// A question's time ran out.
    fn unanswered(&mut self, number: QuestionNumber) {
        let Some(open) = self.state.questions.iter().find(|q| q.number == number) else {
            return;
        };
        let otherwise = open.otherwise;
        let text = open.text.clone();
        let about = open.about;
        self.strand = open.strand;
        if let QuestionAbout::Approval(approval) = about {
            self.approval_late(number, approval);
            return;
        }
        self.say(Note::Settled {
            question: number,
            answer: otherwise.words().to_owned(),
            by: None,
            reason: "nobody answered in time".to_owned(),
        });
        self.withdraw(number);
        match otherwise {
            Otherwise::Rollback => {
                let why = self.words(|| format!("nobody decided in time: {text}"));
                self.roll_back(None, why);
            }
            Otherwise::Continue => self.go_on(about),
            // The last two belong to approvals alone, which have ended above.
            Otherwise::Stuck | Otherwise::Hold | Otherwise::Refuse => {
                let why = self.words(|| format!("nobody decided in time: {text}"));
                self.stuck(why);
            }
        }
    }

    /// A person answered.
    pub(super) fn answered(
        &mut self,
        number: Option<QuestionNumber>,
        answer: Answer,
        (by, reason): (&str, &str),
    ) {
        let open = match number {
            Some(number) => self.state.questions.iter().find(|q| q.number == number),
            None => self.state.questions.first(),
        };
        let Some(open) = open else {
            // Nobody asks during a watch; a person may end it.
            if number.is_none() && answer == Answer::Continue {
                self.watched_enough(by, reason);
            }
            return;
        };
        if !open.answers.contains(&answer) {
            return;
        }
        let (number, about, text) = (open.number, open.about, open.text.clone());
        self.strand = open.strand;
        if let QuestionAbout::Approval(approval) = about {
            self.voted((number, approval), answer, (by, reason));
            return;
        }
        self.say(Note::Settled {
            question: number,
            answer: answer.word().to_owned(),
            by: Some(by.to_owned()),
            reason: reason.to_owned(),
        });
        self.withdraw(number);
        match answer {
            Answer::Continue => self.go_on(about),
            Answer::Rerun => self.run_again(),
            Answer::Approve | Answer::Decline => {}
            Answer::Undo => self.undo_anyway(about),
            Answer::Leave => self.leave_as_it_is(about),
            Answer::Rollback => {
                let what = match self.state.way() {
                    Way::Back => "roll back",
                    Way::Forward => "go forward",
                };
                let why = self.words(|| format!("{by} decided to {what} ({reason}): {text}"));
                match &self.state.phase {
                    Phase::RollingBack { .. } => self.fail_level(why),
                    Phase::New
                    | Phase::Preparing(_)
                    | Phase::Rolling { .. }
                    | Phase::Closing(_)
                    | Phase::Final(_) => self.roll_back(None, why),
                }
            }
        }
    }

    fn go_on(&mut self, about: QuestionAbout) {
        match about {
            // It counts as tripped until it clears: the same breach does not ask twice.
            QuestionAbout::Guard(guard) => {
                if let Some(known) = self.state.guards.get_mut(guard.index()) {
                    known.holding = false;
                }
            }
            QuestionAbout::Hold => {
                for known in &mut self.state.guards {
                    known.blind_accepted |= known.blind;
                    known.tripped |= known.streak.is_some();
                    known.coverage_accepted = true;
                    known.holding = false;
                }
                if self.closed_until() == Some(None) {
                    self.state.hotfix = Some("a person decided to go on".to_owned());
                }
                self.accept_overdue();
            }
            QuestionAbout::Failure(_) | QuestionAbout::Unapproved(_) | QuestionAbout::Unseen => {
                self.op_done();
            }
            QuestionAbout::Approval(_) | QuestionAbout::Undo { .. } => {}
            QuestionAbout::Unknown { step, .. } => {
                self.it_happened(step);
                self.say(Note::StepSkipped { step });
                self.op_done();
            }
        }
    }

    /// A person lets overdue soaks, or an overdue stage, go on.
    fn accept_overdue(&mut self) {
        if self.state.stage().is_none() {
            return;
        }
        let now = self.state.now;
        let mut overdue = Vec::new();
        for (id, strand) in self.state.strands.iter_mut() {
            match &mut strand.task {
                Task::Soaking(soak) => {
                    if soak.overdue.is_some_and(|overdue| overdue <= now) {
                        overdue.push(*id);
                    }
                }
                Task::Settling { since } => *since = now,
                Task::Ready
                | Task::Attempting(_)
                | Task::Pausing { .. }
                | Task::Asking { .. }
                | Task::Interrupted { .. }
                | Task::Waiting(_)
                | Task::Joining { .. }
                | Task::Over
                | Task::Recovering(_)
                | Task::Watching(_) => {}
            }
        }
        for strand in overdue {
            self.strand = strand;
            self.op_done();
        }
    }

    fn run_again(&mut self) {
        if self.again_on_hosts() {
            return;
        }
        if let Some(Task::Asking {
            aim: Aim::Step { step, number },
        }) = self.task().cloned()
        {
            self.pursue(Aim::Step { step, number });
        }
    }

    /// An operation failed for good.
    pub(super) fn fail_op(&mut self, why: String, then: OnFailure) {
        match then {
            OnFailure::Continue => self.op_done(),
            OnFailure::Hold => {
                let Some(aim) = self.aim() else {
                    return;
                };
                let Aim::Step { step, .. } = aim else {
                    self.fail_place(why, None);
                    return;
                };
                self.set_task(Task::Asking {
                    aim: Aim::Step { step, number: 1 },
                });
                self.ask(
                    QuestionAbout::Failure(step),
                    why,
                    self.answers_about(step),
                    (Some(self.plan.limits.hold), Otherwise::Rollback),
                );
            }
            OnFailure::Rollback { from } => self.fail_place(why, from),
        }
    }

    /// The stage or level cannot go on.
    fn fail_place(&mut self, why: String, from: Option<crate::plan::LevelId>) {
        match &self.state.phase {
            Phase::RollingBack { .. } => self.fail_level(why),
            Phase::New
            | Phase::Preparing(_)
            | Phase::Rolling { .. }
            | Phase::Closing(_)
            | Phase::Final(_) => self.roll_back(from, why),
        }
    }
}
