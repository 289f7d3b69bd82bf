//! Owns attempts: what is started, what its end means, when it is tried again, and what is done when nobody knows how it ended.

use super::advance::waits_for_an_answer;
use super::effect::{Attempt, Effect, Note, QuestionAbout, Work};
use super::ended::{Result, read_outcome, result_words};
use super::input::Outcome;
use super::state::{Aim, Phase, Running, Task, Turn};
use super::transition::Move;
use crate::plan::{OnFailure, OnUnknown, Otherwise, Step, StepId, THERE_AND_BACK, Unless};
use crate::value::Millis;

/// The pause between two reads of an exposure that does not agree yet.
const AGREE_EVERY: Millis = Millis(1_000);

impl Move<'_> {
    /// Starts an attempt.
    pub(super) fn launch(&mut self, work: Work, timeout: Millis) -> Attempt {
        let attempt = Attempt(self.state.next.attempt);
        self.state.next.attempt = attempt.0.saturating_add(1);
        self.state.running.push(Running {
            attempt,
            strand: self.strand,
            work,
            since: self.state.now,
            stopping: false,
        });
        if work.changes_something() {
            self.state.changed = true;
        }
        self.note_begun(work);
        self.out.push(Effect::Start {
            attempt,
            work,
            timeout,
        });
        attempt
    }

    /// Starts what is aimed at.
    pub(super) fn pursue(&mut self, aim: Aim) {
        let plan = self.plan;
        self.set_task(Task::Attempting(aim));
        match aim {
            Aim::Step { step, number } => {
                let timeout = plan
                    .steps
                    .get(step.index())
                    .map_or(Millis(0), |s| s.timeout);
                self.launch(Work::Step { step, number }, timeout);
            }
            Aim::Unless { step, .. } => {
                let timeout = match plan.steps.get(step.index()).and_then(|s| s.unless.as_ref()) {
                    Some(Unless::Probe(probe)) => plan
                        .probes
                        .get(probe.index())
                        .map_or(Millis(10_000), |probe| probe.timeout),
                    Some(Unless::Command(_)) | None => {
                        let host = plan.steps.get(step.index()).and_then(|s| s.host.as_ref());
                        let there = host.map_or(Millis(0), |_| THERE_AND_BACK);
                        Millis(10_000).saturating_add(there)
                    }
                };
                self.launch(Work::Unless { step }, timeout);
            }
            Aim::Set { exposure, target } => {
                let timeout = plan
                    .exposures
                    .get(exposure.index())
                    .map_or(Millis(0), |e| e.timeout);
                self.reckon_with(exposure, target);
                self.launch(Work::Set { exposure, target }, timeout);
            }
            Aim::Agree {
                exposure, deadline, ..
            } => {
                // The last read ends with the time for agreeing, so that the bound of a level holds.
                let timeout = plan
                    .exposures
                    .get(exposure.index())
                    .map_or(Millis(0), |e| self.within(e.read_timeout, deadline));
                self.launch(Work::Read { exposure }, timeout);
            }
            Aim::Probe { deadline } => {
                let Some(crate::plan::Op::Verify { probe, .. }) = self.current_op() else {
                    return;
                };
                let probe = *probe;
                let timeout = plan
                    .probes
                    .get(probe.index())
                    .map_or(Millis(0), |probe| self.within(probe.timeout, deadline));
                self.launch(Work::Probe { probe }, timeout);
            }
            Aim::Approve { approval } => self.ask_approval(approval),
        }
    }

    /// Starts what is aimed at, as soon as nobody has to say any more what became of another strand.
    fn pursue_when_known(&mut self, aim: Aim) {
        if waits_for_an_answer(self.state, aim) {
            self.set_task(Task::Pausing {
                until: self.state.now,
                then: aim,
            });
        } else {
            self.pursue(aim);
        }
    }

    /// The time for one try that should end with `deadline`. When that went by while nobody looked, one try is still made,
    /// with all of its own time: a crash of the runner alone fails nothing.
    fn within(&self, timeout: Millis, deadline: super::time::Moment) -> Millis {
        let left = deadline.since(self.state.now);
        if left.0 == 0 {
            timeout
        } else {
            timeout.min(left)
        }
    }

    /// An attempt has ended.
    pub(super) fn ended(&mut self, attempt: Attempt, outcome: &Outcome) {
        let mut all = self.state.running.iter();
        let Some(index) = all.position(|running| running.attempt == attempt) else {
            return;
        };
        let running = self.state.running.remove(index);
        self.strand = running.strand;
        self.note_fate(running.work, outcome);
        self.note_besides(running.work, outcome);
        let result = match self.keep_captured(running.work, outcome) {
            Ok(()) => read_outcome(outcome).of(running.work, outcome),
            Err(why) => Result::Bad(why),
        };
        match &self.state.turn {
            None => {}
            Some(Turn::RollBack { .. } | Turn::LevelFailed { .. }) => {
                self.note_end(running, &result);
                self.turn();
                return;
            }
            // It only begins when nothing is out.
            Some(Turn::Look { .. }) => {
                self.note_end(running, &result);
                return;
            }
            Some(Turn::Leave) => {
                if self.state.running.is_empty() {
                    self.state.turn = None;
                }
                if let (true, Some(aim)) = (matches!(outcome, Outcome::Stopped), self.aim()) {
                    if self.state.leaving.is_some() {
                        self.set_task(Task::Interrupted { aim, attempt });
                    } else {
                        // Its runner died before it could leave, and another one has taken the run up.
                        self.stopped_by_a_person(attempt);
                    }
                    return;
                }
            }
        }
        if matches!(self.state.phase, Phase::Preparing(_)) {
            self.prepared(running.work, &result_words(result));
            return;
        }
        let Some(aim) = self.aim() else {
            self.note_end(running, &result);
            return;
        };
        self.reached(aim, running, result);
    }

    /// What the end of an attempt means for what was aimed at.
    fn reached(&mut self, aim: Aim, running: Running, result: Result) {
        let plan = self.plan;
        match (aim, result) {
            // Nothing happened; no attempt is used up.
            (aim, Result::NeverBegan) => self.pursue_when_known(aim),
            (Aim::Step { step, .. }, Result::Good | Result::Read(_)) => {
                self.say(Note::StepDone {
                    step,
                    took: self.state.now.since(running.since),
                });
                self.op_done();
            }
            (aim @ Aim::Step { step, number }, Result::Bad(why)) => {
                self.step_failed((step, number, aim), running.attempt, why);
            }
            (Aim::Step { .. } | Aim::Set { .. }, Result::Unknown(why)) => {
                self.unsettled(running.attempt, why);
            }
            (Aim::Unless { step, resolves, .. }, Result::Good | Result::Read(_)) => {
                if resolves.is_some() {
                    self.it_happened(step);
                }
                self.say(Note::StepSkipped { step });
                self.op_done();
            }
            (
                Aim::Unless {
                    step,
                    number,
                    resolves: Some(attempt),
                },
                Result::Unasked(why),
            ) => {
                // It was to say what became of an attempt, and has not.
                if let Some(step) = plan.steps.get(step.index()) {
                    let why = self.words(|| format!("its `unless` does not say: {why}"));
                    self.unsettled_by_itself(step, number, (attempt, why));
                }
            }
            (
                Aim::Unless {
                    step,
                    number,
                    resolves,
                },
                Result::Bad(_),
            ) => {
                if resolves.is_some() {
                    self.it_did_not_happen(step);
                }
                self.pursue_when_known(Aim::Step { step, number });
            }
            (
                aim @ Aim::Unless {
                    resolves: None,
                    step,
                    number,
                },
                Result::Unasked(why),
            ) => {
                let why = self.words(|| format!("its `unless` cannot be asked: {why}"));
                self.step_failed((step, number, aim), running.attempt, why);
            }
            // Only `unless` asks whether something is done.
            (
                Aim::Step { .. } | Aim::Set { .. } | Aim::Agree { .. } | Aim::Probe { .. },
                Result::Unasked(_),
            ) => {}
            (Aim::Set { exposure, target }, Result::Good | Result::Read(_)) => {
                let deadline = self.state.now.after(self.agree_within());
                self.pursue(Aim::Agree {
                    exposure,
                    target,
                    deadline,
                    unsure: false,
                });
            }
            (Aim::Set { exposure, .. }, Result::Bad(why)) => {
                let why = self.words(|| {
                    let name = self.exposure_name(exposure);
                    format!("{name} could not be set: {why}")
                });
                self.fail_op(why, OnFailure::Rollback { from: None });
            }
            (
                Aim::Agree {
                    exposure, target, ..
                },
                Result::Read(value),
            ) => {
                if let Some(known) = self.state.exposures.get_mut(exposure.index()) {
                    *known = Some(value);
                }
                if (value - target).abs() < 1e-9 {
                    self.say(Note::Exposed { exposure, value });
                    self.op_done();
                } else {
                    let why = self.words(|| {
                        let name = self.exposure_name(exposure);
                        let is = plan.shown(exposure, value);
                        format!("{name} reads {is}, not {}", plan.shown(exposure, target))
                    });
                    self.disagrees(aim, why);
                }
            }
            (Aim::Agree { exposure, .. }, Result::Bad(why)) => {
                let why = self.words(|| {
                    let name = self.exposure_name(exposure);
                    format!("{name} could not be read: {why}")
                });
                self.disagrees(aim, why);
            }
            (Aim::Agree { .. }, Result::Good) => {
                self.disagrees(aim, "the read printed no value".to_owned());
            }
            (Aim::Probe { .. }, Result::Good | Result::Read(_)) => {
                if let Work::Probe { probe } = running.work {
                    self.say(Note::Verified { probe });
                }
                self.op_done();
            }
            (Aim::Probe { deadline }, Result::Bad(why)) => self.not_yet(deadline, why),
            // People are asked; no attempt is out for it.
            (Aim::Approve { .. }, _) => {}
            // Read-only: asked again.
            (Aim::Unless { .. } | Aim::Agree { .. } | Aim::Probe { .. }, Result::Unknown(_)) => {
                self.pursue(aim)
            }
        }
    }

    /// A step failed: another attempt, or what the file says of failures.
    fn step_failed(
        &mut self,
        (id, number, aim): (StepId, u32, Aim),
        attempt: Attempt,
        why: String,
    ) {
        let Some(step) = self.plan.steps.get(id.index()) else {
            return;
        };
        let again = number <= step.retry.more && !self.has_failed_too_often();
        let again = again.then(|| super::retry::pause(step.retry, number));
        self.say(Note::StepFailed {
            step: id,
            attempt,
            why: why.clone(),
            again,
        });
        match again {
            Some(pause) => self.set_task(Task::Pausing {
                until: self.state.now.after(pause),
                then: aim.again(),
            }),
            None => {
                let attempts = if number > 1 {
                    format!(" ({number} attempts)")
                } else {
                    String::new()
                };
                if step.host.is_some() && self.is_on_host() {
                    self.host_failed(format!("{why}{attempts}"));
                    return;
                }
                let why = self.words(|| format!("step {} failed{attempts}: {why}", step.name));
                self.fail_op(why, step.on_failure);
            }
        }
    }

    fn disagrees(&mut self, aim: Aim, why: String) {
        let Aim::Agree {
            exposure,
            target,
            deadline,
            unsure,
        } = aim
        else {
            return;
        };
        if unsure {
            // Nobody knew whether it had been set. It is idempotent, so it is set now.
            self.pursue_when_known(Aim::Set { exposure, target });
        } else if self.state.now.after(AGREE_EVERY) >= deadline {
            let within = self.agree_within();
            let why = self.words(|| format!("{why}, {within} after it was set"));
            self.fail_op(why, OnFailure::Rollback { from: None });
        } else {
            self.set_task(Task::Pausing {
                until: self.state.now.after(AGREE_EVERY),
                then: aim,
            });
        }
    }

    fn not_yet(&mut self, deadline: super::time::Moment, why: String) {
        let Some(crate::plan::Op::Verify {
            probe,
            within,
            every,
        }) = self.current_op()
        else {
            return;
        };
        let (probe, within, every) = (*probe, *within, *every);
        let again = self.state.now.after(every);
        if again >= deadline {
            let why = self.words(|| {
                let probe = self.plan.probes.get(probe.index());
                let name = probe.map_or("?", |probe| probe.name.as_str());
                format!("{name} did not hold within {within}: {why}")
            });
            self.fail_op(why, OnFailure::Rollback { from: None });
        } else {
            self.set_task(Task::Pausing {
                until: again,
                then: Aim::Probe { deadline },
            });
        }
    }

    /// Nobody knows whether an attempt happened. Never silently run again, skipped or undone.
    pub(super) fn unsettled(&mut self, attempt: Attempt, why: String) {
        if let Some(Aim::Step { step, .. }) = self.aim() {
            self.doubt_undoing(step);
        }
        match self.aim() {
            None => {}
            // Read-only, or idempotent by definition: its read is its probe.
            Some(Aim::Set { exposure, target }) => {
                let deadline = self.state.now.after(self.agree_within());
                self.pursue(Aim::Agree {
                    exposure,
                    target,
                    deadline,
                    unsure: true,
                });
            }
            Some(
                aim @ (Aim::Unless { .. }
                | Aim::Agree { .. }
                | Aim::Probe { .. }
                | Aim::Approve { .. }),
            ) => {
                self.pursue(aim);
            }
            Some(Aim::Step { step: id, number }) => {
                if let Some(step) = self.plan.steps.get(id.index()) {
                    self.unsettled_step(step, number, (attempt, why));
                }
            }
        }
    }

    fn unsettled_step(&mut self, step: &Step, number: u32, (attempt, why): (Attempt, String)) {
        let id = step.id;
        if step.unless.is_some() {
            let why = self.words(|| format!("{}; its `unless` is asked", of_unknown(step, &why)));
            self.say(Note::UnknownOutcome { step: id, why });
            self.pursue(Aim::Unless {
                step: id,
                number,
                resolves: Some(attempt),
            });
        } else {
            self.unsettled_by_itself(step, number, (attempt, why));
        }
    }

    /// The same where no `unless` says what became of it.
    fn unsettled_by_itself(&mut self, step: &Step, number: u32, (attempt, why): (Attempt, String)) {
        let id = step.id;
        let known = self.words(|| of_unknown(step, &why));
        let follows = match (step.idempotent, step.on_unknown) {
            (true, _) => "it is idempotent and is run again",
            (false, OnUnknown::Rerun) => "the file says `on unknown rerun`",
            (false, OnUnknown::Rollback) => "the file says `on unknown rollback`",
            (false, OnUnknown::Ask) => "a person has to say",
        };
        let why = self.words(|| format!("{known}; {follows}"));
        self.say(Note::UnknownOutcome { step: id, why });
        if step.idempotent {
            self.pursue_when_known(Aim::Step { step: id, number });
        } else {
            match step.on_unknown {
                OnUnknown::Rerun => {
                    self.pursue_when_known(Aim::Step { step: id, number });
                }
                OnUnknown::Rollback => {
                    self.fail_op(known, OnFailure::Rollback { from: None });
                }
                OnUnknown::Ask => {
                    self.set_task(Task::Asking {
                        aim: Aim::Step { step: id, number },
                    });
                    self.ask(
                        QuestionAbout::Unknown { step: id, attempt },
                        known,
                        self.answers_about(id),
                        (None, Otherwise::Stuck),
                    );
                }
            }
        }
    }

    /// Does what was waiting for the running attempts to end, when all of them have.
    fn turn(&mut self) {
        self.rest();
        if !self.state.running.is_empty() {
            return;
        }
        match self.state.turn.take() {
            Some(Turn::RollBack { from, reason }) => self.roll_back(from, reason),
            Some(Turn::LevelFailed { why }) => self.fail_level(why),
            Some(Turn::Leave | Turn::Look { .. }) | None => {}
        }
    }

    /// A success with something to say, such as what it left running. Of probes and questions it is what they saw.
    fn note_besides(&mut self, work: Work, outcome: &Outcome) {
        if let (
            Outcome::Exited { status: 0, said },
            Work::Step { .. } | Work::Check { .. } | Work::Set { .. },
        ) = (outcome, work)
            && !said.is_empty()
        {
            self.say(Note::Besides {
                work,
                said: said.clone(),
            });
        }
    }

    /// For the record: how an attempt ended that nothing depends on any more.
    fn note_end(&mut self, running: Running, result: &Result) {
        let (Work::Step { step, .. } | Work::Check { step }) = running.work else {
            return;
        };
        match result {
            Result::Good | Result::Read(_) => self.say(Note::StepDone {
                step,
                took: self.state.now.since(running.since),
            }),
            Result::Bad(why) | Result::Unasked(why) | Result::Unknown(why) => {
                self.say(Note::StepFailed {
                    step,
                    attempt: running.attempt,
                    why: why.clone(),
                    again: None,
                })
            }
            Result::NeverBegan => {}
        }
    }

    fn agree_within(&self) -> Millis {
        if let Some(crate::plan::Op::Expose { within, .. }) = self.current_op() {
            *within
        } else {
            Millis(30_000)
        }
    }

    fn exposure_name(&self, id: crate::plan::ExposureId) -> String {
        self.plan
            .exposures
            .get(id.index())
            .map_or_else(String::new, |exposure| exposure.name.clone())
    }
}

fn of_unknown(step: &Step, why: &str) -> String {
    format!("the outcome of step {} is unknown: {why}", step.name)
}
