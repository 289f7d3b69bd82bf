//! Owns what happens before anything is changed: every query is asked, every exposure read, every check run, every confirmation
//! looked for. All that fails is collected; nothing here changes the world.

use super::effect::{Note, QuestionAbout, Verdict, Work};
use super::ended::Prepared;
use super::input::{Entrance, Reading};
use super::judge::{Sight, judge};
use super::state::{Phase, Preparing};
use super::transition::Move;
use crate::plan::{GuardAction, MetricId, Precondition, StageId};

impl Move<'_> {
    /// Begins with the preconditions; what is missing is the first that fails.
    pub(super) fn prepare(&mut self, confirmed: &[String], entry: &Entrance, missing: &[String]) {
        self.state.phase = Phase::Preparing(Preparing {
            unanswered: Vec::new(),
            exposure: 0,
            precondition: 0,
            failed: missing.to_vec(),
            confirmed: confirmed.to_vec(),
            waits: None,
            baselines: None,
        });
        self.say(Note::Preparing);
        self.enter(entry);
    }

    /// A metric has answered for the first time.
    pub(super) fn answered_before(&mut self, metric: MetricId, reading: &Reading) {
        let name = self
            .plan
            .metrics
            .get(metric.index())
            .map_or("?", |metric| metric.name.as_str());
        let Phase::Preparing(preparing) = &mut self.state.phase else {
            return;
        };
        let asked = preparing.unanswered.len();
        preparing.unanswered.retain(|waiting| *waiting != metric);
        if preparing.unanswered.len() == asked {
            // Asked for its baseline: what is missing there is counted at its end.
            self.sampled_for_baseline(metric, reading);
            return;
        }
        match reading {
            Reading::Value(_) | Reading::NoData(_) => {}
            Reading::Error(why) => preparing
                .failed
                .push(format!("metric {name} cannot be asked: {why}")),
            Reading::Misconfigured(why) => preparing.failed.push(format!(
                "metric {name} is not a question with one number for an answer: {why}"
            )),
        }
    }

    /// What an attempt before the rollout found.
    pub(super) fn prepared(&mut self, work: Work, result: &Prepared) {
        let plan = self.plan;
        let Phase::Preparing(preparing) = &mut self.state.phase else {
            return;
        };
        match (work, result) {
            (_, Prepared::Again) => {}
            (Work::Read { exposure }, Prepared::Read(value)) => {
                preparing.exposure = preparing.exposure.saturating_add(1);
                if let Some(known) = self.state.exposures.get_mut(exposure.index()) {
                    *known = Some(*value);
                }
                if let Some(known) = self.state.before.get_mut(exposure.index()) {
                    *known = Some(*value);
                }
            }
            (Work::Read { exposure }, Prepared::Holds | Prepared::Fails(_)) => {
                preparing.exposure = preparing.exposure.saturating_add(1);
                let name = plan
                    .exposures
                    .get(exposure.index())
                    .map_or("?", |exposure| exposure.name.as_str());
                let why = match result {
                    Prepared::Fails(why) => why.as_str(),
                    Prepared::Holds | Prepared::Read(_) | Prepared::Again => "it printed no value",
                };
                preparing
                    .failed
                    .push(format!("exposure {name} cannot be read: {why}"));
            }
            (Work::Check { step }, result) => {
                preparing.precondition = preparing.precondition.saturating_add(1);
                let failed = match result {
                    Prepared::Fails(why) => Some(why.clone()),
                    Prepared::Holds | Prepared::Read(_) | Prepared::Again => None,
                };
                if let Some(why) = &failed {
                    let title = plan
                        .steps
                        .get(step.index())
                        .map_or("?", |s| s.title.as_str());
                    preparing
                        .failed
                        .push(format!("check \"{title}\" does not hold: {why}"));
                }
                self.say(Note::Checked { step, failed });
            }
            (
                Work::Step { .. } | Work::Unless { .. } | Work::Set { .. } | Work::Probe { .. },
                _,
            ) => {}
        }
    }

    /// Starts the next precondition, or ends with all of them. Returns whether something was done.
    pub(super) fn prepare_next(&mut self) -> bool {
        let plan = self.plan;
        if !self.state.running.is_empty() || self.state.leaving.is_some() {
            return false;
        }
        if self.waits_to_enter() {
            return matches!(&self.state.phase, Phase::Preparing(one) if one.waits.is_none());
        }
        let Phase::Preparing(preparing) = &mut self.state.phase else {
            return false;
        };
        if !preparing.unanswered.is_empty() {
            return false;
        }
        if self.measures() {
            return false;
        }
        let Phase::Preparing(preparing) = &mut self.state.phase else {
            return false;
        };
        if let Some(exposure) = plan.exposures.get(preparing.exposure) {
            self.launch(
                Work::Read {
                    exposure: exposure.id,
                },
                exposure.read_timeout,
            );
            return true;
        }
        match plan.before.get(preparing.precondition) {
            Some(Precondition::Check(step)) => {
                let Some(step) = plan.steps.get(step.index()) else {
                    return false;
                };
                self.launch(Work::Check { step: step.id }, step.timeout);
                true
            }
            Some(Precondition::Confirm { title }) => {
                preparing.precondition = preparing.precondition.saturating_add(1);
                if preparing.confirmed.contains(title) {
                    let by = self.state.by.clone();
                    self.say(Note::Confirmed {
                        title: title.clone(),
                        by,
                    });
                } else {
                    preparing
                        .failed
                        .push(format!("nobody confirmed \"{title}\""));
                }
                true
            }
            Some(Precondition::Approve(approval)) => {
                let is_asked = self
                    .state
                    .questions
                    .iter()
                    .any(|open| open.about == QuestionAbout::Approval(*approval));
                if is_asked {
                    return false;
                }
                if preparing.failed.is_empty() {
                    self.ask_approval(*approval);
                    return false;
                }
                // What is refused anyway needs nobody's approval.
                preparing.precondition = preparing.precondition.saturating_add(1);
                true
            }
            None => {
                self.begin_or_refuse();
                true
            }
        }
    }

    fn begin_or_refuse(&mut self) {
        let mut failed = match &mut self.state.phase {
            Phase::Preparing(preparing) => std::mem::take(&mut preparing.failed),
            Phase::New
            | Phase::Rolling { .. }
            | Phase::RollingBack { .. }
            | Phase::Closing(_)
            | Phase::Final(_) => return,
        };
        for guard in &self.plan.guards {
            if guard.action != GuardAction::Warn
                && judge(self.plan, self.state, &guard.condition) == Sight::Breach
            {
                failed.push(format!(
                    "guard {} is in breach before anything has begun: {}, and {} is a breach",
                    guard.name,
                    super::evidence::values(self.plan, self.state, &guard.condition),
                    guard.condition.text
                ));
            }
        }
        failed.extend(self.already_exposed());
        if failed.is_empty() {
            failed.extend(self.closed_meanwhile());
        }
        if !failed.is_empty() {
            self.close(Verdict::Refused { why: failed });
        } else if self.plan.stages.is_empty() {
            self.close(Verdict::Completed);
        } else {
            self.begin_stage(StageId(0));
        }
    }
}
