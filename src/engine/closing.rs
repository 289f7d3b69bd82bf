//! Owns the end of a run: who is told, and what is left behind. It does not decide how the run ends.

use super::effect::{Effect, ReminderNumber, Verdict};
use super::state::Phase;
use super::transition::Move;
use crate::plan::{Left, Notice};

/// What the incident of a run that is stuck is opened from where its file names none.
const STUCK: &str = "stuck";

/// A time on the wall, that much later.
fn later(wall: i64, by: crate::value::Millis) -> i64 {
    wall.saturating_add(i64::try_from(by.0).unwrap_or(i64::MAX))
}

impl Move<'_> {
    /// The verdict is known; people are told before it is final.
    pub(super) fn close(&mut self, verdict: Verdict) {
        self.withdraw_all();
        let plan = self.plan;
        let (notices, left): (&[Notice], Option<&Left>) = match &verdict {
            Verdict::Completed => (&plan.after_rollout, Some(&plan.after.completed)),
            // With a watch, what is left behind was kept when it began.
            Verdict::RolledBack { .. } => (
                &plan.after_rollback,
                Some(&plan.after.rolled_back).filter(|_| plan.after.watch.is_none()),
            ),
            Verdict::WentForward { .. } => (
                &plan.after_forward,
                Some(&plan.after.went_forward).filter(|_| plan.after.watch_forward.is_none()),
            ),
            Verdict::Stuck { why } => {
                self.state.reason.clone_from(why);
                (&plan.if_stuck, Some(&plan.after.stuck))
            }
            Verdict::Aborted { .. } | Verdict::Refused { .. } => (&[], None),
        };
        // What must be kept comes before what may fail.
        if let Some(left) = left {
            self.leave_behind(left);
        }
        if let Verdict::Stuck { why } = &verdict
            && plan.leaves_when_stuck()
        {
            self.open_for_stuck(why);
        }
        for notice in notices {
            self.notify(notice);
        }
        self.state.strands.clear();
        self.state.phase = Phase::Closing(verdict);
    }

    /// Nothing is begun on top of a run that a person has to bring back, also where its file says nothing of an incident.
    fn open_for_stuck(&mut self, why: &str) {
        if !self.state.incident {
            self.state.incident = true;
            self.out.push(Effect::Open {
                template: STUCK.to_owned(),
                text: format!(
                    "a rollout of {} is stuck\n\n{why}\n",
                    self.plan.header.service
                ),
            });
        }
    }

    /// Keeps an incident and reminders. A run that was stuck and is rolled back later has its incident already.
    pub(super) fn leave_behind(&mut self, left: &Left) {
        if let Some(incident) = &left.incident
            && !self.state.incident
        {
            self.state.incident = true;
            let text = self.fill(&incident.text);
            self.out.push(Effect::Open {
                template: incident.template.clone(),
                text,
            });
        }
        for reminder in &left.reminders {
            let number = ReminderNumber(self.state.next.reminder);
            self.state.next.reminder = number.0.saturating_add(1);
            let text = self.fill(&reminder.text);
            self.out.push(Effect::Remind {
                reminder: number,
                text,
                due: later(self.state.wall, reminder.within),
            });
        }
    }
}
