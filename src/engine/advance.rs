//! Owns going forward: the next operation, the end of a soak, of a stage and of the run.

use super::capture::captured;
use super::effect::{Effect, Note, NoticeNumber, Verdict};
use super::guard::{Coverage, in_doubt};
use super::polls::awaits_answer;
use super::state::{Aim, PendingNotice, Phase, Recovery, Soak, State, Task};
use super::strand::StrandId;
use super::strands::Strands;
use super::transition::Move;
use crate::plan::{Notice, OnFailure, Op, Piece, StageId, Template};
use crate::value::Millis;

impl Move<'_> {
    /// Does everything that can be done now, in every strand.
    pub(super) fn advance(&mut self) {
        while self.one_round() {}
    }

    /// Looks at the strands in the order in which they began; returns whether there was anything to do.
    fn one_round(&mut self) -> bool {
        let mut known = self.state.strands.keys().copied();
        let first = known.next().unwrap_or(StrandId::MAIN);
        // Those that begin in this round have their turn in the next.
        let others: Vec<StrandId> = known.collect();
        let mut any = self.one_strand(first);
        for strand in others {
            any |= self.one_strand(strand);
        }
        any
    }

    /// Does everything that can be done now in one strand; returns whether there was anything.
    fn one_strand(&mut self, strand: StrandId) -> bool {
        self.strand = strand;
        let mut any = false;
        while self.one_thing() {
            any = true;
        }
        any
    }

    /// Does one thing in this strand; returns whether there was one.
    fn one_thing(&mut self) -> bool {
        match &self.state.phase {
            Phase::New | Phase::Final(_) => false,
            Phase::Preparing(_) => self.prepare_next(),
            Phase::Closing(verdict) => {
                if !self.state.notices.is_empty() || !self.state.running.is_empty() {
                    return false;
                }
                let verdict = verdict.clone();
                self.state.phase = Phase::Final(verdict.clone());
                self.out.push(Effect::Finish(verdict));
                false
            }
            Phase::Rolling { .. } | Phase::RollingBack { .. } => {
                if self.state.leaving.is_some()
                    || self.state.turn.is_some()
                    // Nothing goes on before it is known what happened while nobody looked.
                    || self.state.gap.is_some() && self.state.stage().is_some()
                {
                    return false;
                }
                let Some(task) = self.task() else {
                    return false;
                };
                // The strands whose attempts are out are many at times: they are passed over without a look for the attempt.
                if matches!(task, Task::Attempting(_)) || self.state.is_out(self.strand) {
                    return false;
                }
                match task {
                    Task::Ready => self.next_op(),
                    Task::Pausing { until, then } => {
                        let (until, then) = (*until, *then);
                        if until > self.state.now || waits_for_an_answer(self.state, then) {
                            return false;
                        }
                        self.pursue(then);
                        true
                    }
                    Task::Joining { begun } => {
                        let begun = *begun;
                        self.join(begun)
                    }
                    Task::Soaking(soak) => {
                        let soak = *soak;
                        self.end_soak(soak)
                    }
                    Task::Waiting(waiting) => {
                        let waiting = *waiting;
                        self.end_wait(waiting)
                    }
                    Task::Watching(watching) => {
                        let watching = watching.clone();
                        self.end_watch(&watching)
                    }
                    Task::Settling { .. } => match self.current_op() {
                        Some(Op::NoReturn { why }) => self.pass_the_point(why),
                        Some(_) | None => self.end_stage(),
                    },
                    Task::Attempting(_)
                    | Task::Asking { .. }
                    | Task::Interrupted { .. }
                    | Task::Over
                    | Task::Recovering(_) => false,
                }
            }
        }
    }

    fn next_op(&mut self) -> bool {
        let rolling = matches!(self.state.phase, Phase::Rolling { .. });
        // A level is never held, but nothing new begins beside what nobody knows the outcome of.
        if self.state.stands_still() {
            return false;
        }
        if let Some(opens) = self.closed_until() {
            self.hold_for_window(opens);
            return false;
        }
        let Some(op) = self.current_op() else {
            if self.leave_way() {
                return true;
            }
            if rolling {
                self.set_task(Task::Settling {
                    since: self.state.now,
                });
                if let Some(doubt) = in_doubt(self.plan, self.state, Coverage::Needed) {
                    let why = self.words(|| doubt.to_string());
                    self.say(Note::StageWaits { why });
                }
            } else {
                self.level_done();
            }
            return true;
        };
        match op {
            Op::Step(step) => {
                let step = *step;
                let has_unless = self
                    .plan
                    .steps
                    .get(step.index())
                    .is_some_and(|step| step.unless.is_some());
                self.pursue(if has_unless {
                    Aim::Unless {
                        step,
                        number: 1,
                        resolves: None,
                    }
                } else {
                    Aim::Step { step, number: 1 }
                });
            }
            Op::Wait { min, max } => {
                let (min, max) = (*min, *max);
                let now = self.state.now;
                self.say(Note::WaitBegan { min, max });
                self.set_task(Task::Soaking(Soak {
                    began: now,
                    served: Millis(0),
                    counted: now,
                    overdue: Some(now.after(max)),
                    waits: false,
                }));
            }
            Op::Expose {
                exposure, target, ..
            } => self.pursue(Aim::Set {
                exposure: *exposure,
                target: *target,
            }),
            Op::Verify { within, .. } => {
                let deadline = self.state.now.after(*within);
                self.pursue(Aim::Probe { deadline });
            }
            Op::Until {
                condition, within, ..
            } => self.wait_until(condition, *within),
            Op::Parallel { .. } => self.fork(),
            Op::If {
                condition, within, ..
            } => self.decide(condition, *within),
            Op::Undo { of } => self.undo_next(of),
            Op::NoReturn { .. } => self.come_to_the_point(),
            Op::Approve(approval) => self.ask_approval(*approval),
            Op::Notify(notice) => {
                self.notify(notice);
                self.op_done();
            }
            Op::Fail { why } => {
                let why = self.fill(why);
                self.set_task(Task::Ready);
                self.fail_op(why, OnFailure::Rollback { from: None });
            }
        }
        true
    }

    fn end_soak(&mut self, soak: Soak) -> bool {
        let Some(Op::Wait { min, .. }) = self.current_op() else {
            return false;
        };
        if soak.served < *min || self.state.stands_still() || awaits_answer(self.plan, self.state) {
            return false;
        }
        if let Some(doubt) = in_doubt(self.plan, self.state, Coverage::NotYet) {
            if !soak.waits {
                let why = self.words(|| doubt.to_string());
                self.tell_waits(why);
            }
            return false;
        }
        self.say(Note::WaitEnded {
            took: self.state.now.since(soak.began),
        });
        self.op_done();
        true
    }

    fn tell_waits(&mut self, why: String) {
        if let Some(strand) = self.state.strands.get_mut(&self.strand)
            && let Task::Soaking(soak) = &mut strand.task
            && !soak.waits
        {
            soak.waits = true;
            self.say(Note::StageWaits { why });
        }
    }

    /// Ends the stage if every armed guard has looked and none is in doubt.
    fn end_stage(&mut self) -> bool {
        let Some(stage) = self.state.stage() else {
            return false;
        };
        if self.state.is_held() || awaits_answer(self.plan, self.state) {
            return false;
        }
        if in_doubt(self.plan, self.state, Coverage::Needed).is_some() {
            return false;
        }
        self.say(Note::StageEnded(stage));
        let next = StageId(stage.0.saturating_add(1));
        if next.index() < self.plan.stages.len() {
            self.begin_stage(next);
        } else {
            self.close(Verdict::Completed);
        }
        true
    }

    pub(super) fn begin_stage(&mut self, stage: StageId) {
        self.state.phase = Phase::Rolling {
            stage,
            began: self.state.now,
        };
        self.state.strands = Strands::main_alone();
        self.arm(stage);
    }

    /// A level's operations are done: judged by `recovered`, or good as it is.
    fn level_done(&mut self) {
        let Some(level) = self.state.level() else {
            return;
        };
        self.say(Note::LevelDone(level));
        let Some(recovered) = self.plan.recovered_of(level) else {
            self.recovered(level, String::new());
            return;
        };
        let now = self.state.now;
        self.set_task(Task::Recovering(Recovery {
            since: now,
            deadline: now.after(recovered.within),
            streak: None,
            last: String::new(),
        }));
        for metric in &mut self.state.metrics {
            metric.due = now;
        }
    }

    /// Ends the run as stuck.
    pub(super) fn stuck(&mut self, why: String) {
        self.close(Verdict::Stuck { why });
    }

    pub(super) fn notify(&mut self, notice: &Notice) {
        let number = NoticeNumber(self.state.next.notice);
        self.state.next.notice = number.0.saturating_add(1);
        let text = self.fill(&notice.text);
        self.state.notices.insert(
            number,
            PendingNotice {
                channel: notice.channel,
                text: text.clone(),
            },
        );
        self.out.push(Effect::Notify {
            notice: number,
            channel: notice.channel,
            text,
        });
    }

    /// Fills a template with what the engine knows. `${run}` and `${started}` stay as they are: the world knows them.
    pub(super) fn fill(&self, template: &Template) -> String {
        self.words(|| self.filled(template))
    }

    fn filled(&self, template: &Template) -> String {
        let mut text = String::new();
        for piece in &template.0 {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Run => text.push_str("${run}"),
                Piece::Started => text.push_str("${started}"),
                Piece::Stage => text.push_str(
                    self.state
                        .stage()
                        .and_then(|stage| self.plan.stages.get(stage.index()))
                        .map_or("", |stage| stage.name.as_str()),
                ),
                Piece::Level => text.push_str(&self.level_name()),
                Piece::Reason => text.push_str(&self.state.reason),
                Piece::By => text.push_str(&self.state.by),
                Piece::Capture(id) => match captured(self.plan, self.state, *id) {
                    Some(value) => text.push_str(&value.spoken()),
                    None => text.push_str("unknown"),
                },
                Piece::Exposure(exposure) => {
                    let known = self.state.exposures.get(exposure.index());
                    match known.copied().flatten() {
                        Some(value) => text.push_str(&self.plan.shown(*exposure, value)),
                        None => text.push_str("unknown"),
                    }
                }
            }
        }
        text
    }
}

/// Fills into a text of a run what the engine does not know: the name of the run, and when it was started.
#[must_use]
pub fn complete(text: &str, run: &str, started: &str) -> String {
    text.replace("${run}", run).replace("${started}", started)
}

/// Whether a further attempt has to wait, because a person has to say first what became of another strand. Looking is always
/// allowed.
pub(super) fn waits_for_an_answer(state: &State, aim: Aim) -> bool {
    match aim {
        Aim::Step { .. } | Aim::Unless { .. } | Aim::Set { .. } => state.is_in_question(),
        Aim::Agree { .. } | Aim::Probe { .. } | Aim::Approve { .. } => false,
    }
}
