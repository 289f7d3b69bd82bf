//! What a test can answer: which questions a text or a group stands for, and the answers that each of them has.

use crate::ast::{AnswerKind, Text};

use super::ids::{ApprovalId, StepId};
use super::tree::{self, AnswerTo, Checked};

/// What can be answered.
pub(super) fn answers(to: &AnswerTo, checked: &Checked) -> &'static [AnswerKind] {
    let undoes = |step: StepId| {
        let step = checked.steps.get(step.index());
        step.is_some_and(|step| step.undoes.is_some())
    };
    match to {
        AnswerTo::Step(step) if undoes(*step) => &[
            AnswerKind::Undo,
            AnswerKind::Leave,
            AnswerKind::Continue,
            AnswerKind::Rerun,
            AnswerKind::Rollback,
            AnswerKind::Nothing,
        ],
        AnswerTo::Guard(_) | AnswerTo::Hold => &[
            AnswerKind::Continue,
            AnswerKind::Rollback,
            AnswerKind::Nothing,
        ],
        AnswerTo::Step(_) => &[
            AnswerKind::Continue,
            AnswerKind::Rerun,
            AnswerKind::Rollback,
            AnswerKind::Nothing,
        ],
        AnswerTo::Approval(_) => &[
            AnswerKind::Approve,
            AnswerKind::Decline,
            AnswerKind::Nothing,
        ],
        AnswerTo::Confirm(_) => &[AnswerKind::Decline],
    }
}

/// The approvals of a group or a text, and the confirmation of a title.
pub(super) fn asked_by_text(checked: &Checked, text: &str) -> Vec<AnswerTo> {
    let mut found = Vec::new();
    for (index, approval) in checked.approvals.iter().enumerate() {
        let group = approval.group.text().and_then(Text::plain);
        let said: String = approval
            .text
            .0
            .iter()
            .map(|piece| match piece {
                tree::Piece::Text(text) => text.as_str(),
                tree::Piece::Value(_)
                | tree::Piece::Live(_)
                | tree::Piece::Exposure(_)
                | tree::Piece::Capture(_) => "\0",
            })
            .collect();
        if group == Some(text) || said == text {
            let id = ApprovalId(crate::source::offset(index));
            found.push(AnswerTo::Approval(id));
        }
    }
    for (index, one) in checked.before.iter().enumerate() {
        if let tree::Precondition::Confirm(title) = one
            && let Some(title) = title.text()
            && title.plain() == Some(text)
        {
            found.push(AnswerTo::Confirm(index));
        }
    }
    found
}
