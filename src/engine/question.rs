//! Owns questions to people: what they are about, and what can be answered.

use serde::{Deserialize, Serialize};

use super::copy::copied_in_place;
use super::effect::Attempt;
use super::input::Answer;
use super::state::State;
use super::strand::StrandId;
use super::time::Moment;
use crate::plan::{ApprovalId, GuardId, Otherwise, StepId};

/// The number of a question; never used twice in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct QuestionNumber(pub u32);

/// A question to people.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Its number.
    pub number: QuestionNumber,
    /// What it is about.
    pub about: QuestionAbout,
    /// The strand that it was asked in.
    #[serde(default)]
    pub strand: StrandId,
    /// What is asked, in a sentence or two with all that is known.
    pub text: String,
    /// The answers that have a meaning.
    pub answers: Vec<Answer>,
    /// Unanswered at this time, `otherwise` happens. Never for an unknown outcome.
    pub until: Option<Moment>,
    /// What happens then.
    pub otherwise: Otherwise,
}

copied_in_place! { Question: number about strand text answers until otherwise }

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum QuestionAbout {
    /// A guard that wants a decision.
    Guard(GuardId),
    /// A hold that lasted to its limit.
    Hold,
    /// A step that failed with `on failure hold`.
    Failure(StepId),
    /// A step whose outcome nobody knows.
    Unknown {
        /// Which step.
        step: StepId,
        /// The attempt in question.
        attempt: Attempt,
    },
    /// A step that is to be undone, and nobody knows whether it began, or whether it is undone already.
    Undo {
        /// Which step.
        step: StepId,
        /// What undoes it.
        by: StepId,
    },
    /// An approval that a group is asked for.
    Approval(ApprovalId),
    /// A condition that was waited for and could not be seen.
    Unseen,
    /// An approval that was not given, with `else hold`.
    Unapproved(ApprovalId),
}

impl State {
    /// These questions are not over before a time.
    pub(super) fn keep_open(&mut self, questions: &[QuestionNumber], until: Moment) {
        let all = self.questions.iter_mut();
        for question in all.filter(|one| questions.contains(&one.number)) {
            question.until = question.until.map(|known| known.max(until));
        }
    }
}

impl QuestionAbout {
    /// Whether it asks for an approval.
    #[must_use]
    pub fn is_approval(self) -> bool {
        match self {
            Self::Approval(_) => true,
            Self::Guard(_)
            | Self::Hold
            | Self::Failure(_)
            | Self::Unknown { .. }
            | Self::Undo { .. }
            | Self::Unseen
            | Self::Unapproved(_) => false,
        }
    }
}
