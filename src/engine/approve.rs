//! Owns approvals: whom they ask, whose word counts, and what happens without them. A stage waits in them with its guards
//! armed; before the rollout they are the last that is asked.

use serde::{Deserialize, Serialize};

use super::effect::{Note, QuestionAbout, QuestionNumber};
use super::guard::exit_of_hold;
use super::input::Answer;
use super::state::{Aim, Phase, Task};
use super::time::Moment;
use super::transition::Move;
use crate::plan::{Approval, ApprovalId, Otherwise};

/// One person's approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// The question that it answers.
    pub question: QuestionNumber,
    /// What was approved.
    pub approval: ApprovalId,
    /// Who.
    pub by: String,
    /// The group for which they spoke.
    pub group: String,
    /// Why, in their words.
    pub reason: String,
    /// When.
    pub at: Moment,
}

/// Whether two names are of one person. Case and blanks around a name make nobody another one.
#[must_use]
pub fn same_person(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

impl Move<'_> {
    /// Puts the question. The stage waits in it; its guards go on looking.
    pub(super) fn ask_approval(&mut self, id: ApprovalId) {
        let plan = self.plan;
        let Some(approval) = plan.approvals.get(id.index()) else {
            return;
        };
        let people = match approval.count {
            1 => "someone".to_owned(),
            many => format!("{many} people"),
        };
        let text = format!(
            "\"{}\" needs the approval of {people} of group {}",
            self.fill(&approval.text),
            approval.group
        );
        self.set_task(Task::Asking {
            aim: Aim::Approve { approval: id },
        });
        self.ask(
            QuestionAbout::Approval(id),
            text,
            &[Answer::Approve, Answer::Decline],
            (Some(approval.within), approval.otherwise),
        );
    }

    /// Someone approved or declined.
    pub(super) fn voted(
        &mut self,
        (number, id): (QuestionNumber, ApprovalId),
        answer: Answer,
        (by, reason): (&str, &str),
    ) {
        let plan = self.plan;
        let Some(approval) = plan.approvals.get(id.index()) else {
            return;
        };
        match answer {
            Answer::Approve => self.approved((number, approval), by, reason),
            Answer::Decline => {
                self.say(Note::Declined {
                    approval: id,
                    by: by.to_owned(),
                    group: approval.group.clone(),
                    reason: reason.to_owned(),
                });
                self.withdraw(number);
                let why = format!("{by} ({}) declined: {reason}", approval.group);
                // To say no is never the same as to say nothing: it does not go on.
                let otherwise = match approval.otherwise {
                    Otherwise::Continue if self.is_preparing() => Otherwise::Refuse,
                    Otherwise::Continue => Otherwise::Rollback,
                    other @ (Otherwise::Rollback
                    | Otherwise::Stuck
                    | Otherwise::Hold
                    | Otherwise::Refuse) => other,
                };
                self.not_approved(approval, why, otherwise);
            }
            Answer::Continue | Answer::Rerun | Answer::Rollback | Answer::Undo | Answer::Leave => {}
        }
    }

    fn approved(
        &mut self,
        (number, approval): (QuestionNumber, &Approval),
        by: &str,
        reason: &str,
    ) {
        let mine = |one: &&Approved| one.question == number;
        let all = self.state.approvals.iter();
        let mut given = all.filter(mine).count();
        let again = self
            .state
            .approvals
            .iter()
            .any(|one| mine(&one) && same_person(&one.by, by));
        if !again {
            given = given.saturating_add(1);
            self.state.approvals.push(Approved {
                question: number,
                approval: approval.id,
                by: by.trim().to_owned(),
                group: approval.group.clone(),
                reason: reason.to_owned(),
                at: self.state.now,
            });
        }
        let given = u32::try_from(given).unwrap_or(u32::MAX);
        self.say(Note::Approved {
            approval: approval.id,
            by: by.trim().to_owned(),
            group: approval.group.clone(),
            reason: reason.to_owned(),
            given,
            again,
        });
        if given >= approval.count {
            self.withdraw(number);
            self.after_approval();
        }
    }

    /// An approval's time ran out.
    pub(super) fn approval_late(&mut self, number: QuestionNumber, id: ApprovalId) {
        let plan = self.plan;
        let Some(approval) = plan.approvals.get(id.index()) else {
            return;
        };
        let all = self.state.approvals.iter();
        let given = all.filter(|one| one.question == number).count();
        let why = format!(
            "{given} of {} approvals by group {} within {} for \"{}\"",
            approval.count,
            approval.group,
            approval.within,
            self.fill(&approval.text)
        );
        self.say(Note::Settled {
            question: number,
            answer: approval.otherwise.words().to_owned(),
            by: None,
            reason: why.clone(),
        });
        self.withdraw(number);
        self.not_approved(approval, why, approval.otherwise);
    }

    fn not_approved(&mut self, approval: &Approval, why: String, otherwise: Otherwise) {
        match otherwise {
            Otherwise::Rollback => self.roll_back(approval.from, format!("not approved: {why}")),
            Otherwise::Continue => self.after_approval(),
            Otherwise::Stuck => self.stuck(format!("not approved: {why}")),
            Otherwise::Hold => {
                let exit = exit_of_hold(self.plan, self.state);
                self.ask(
                    QuestionAbout::Unapproved(approval.id),
                    format!("held, because it is not approved: {why}"),
                    &[Answer::Continue, Answer::Rollback],
                    (Some(self.plan.limits.hold), exit),
                );
            }
            Otherwise::Refuse => {
                if let Phase::Preparing(preparing) = &mut self.state.phase {
                    preparing.failed.push(format!("not approved: {why}"));
                }
                self.after_approval();
            }
        }
    }

    /// The run goes on behind the approval.
    fn after_approval(&mut self) {
        if let Phase::Preparing(preparing) = &mut self.state.phase {
            preparing.precondition = preparing.precondition.saturating_add(1);
        } else {
            self.op_done();
        }
    }

    fn is_preparing(&self) -> bool {
        matches!(self.state.phase, Phase::Preparing(_))
    }
}
