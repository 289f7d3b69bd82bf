//! The approvals of the plan.

use super::Builder;
use super::text::Reader;
use crate::check;
use crate::plan::{Approval, ApprovalId, Otherwise};
use crate::source::offset;

impl Builder<'_> {
    pub(super) fn approvals(&mut self) -> Vec<Approval> {
        let checked = self.checked;
        let all = checked.approvals.iter().enumerate();
        all.map(|(index, one)| {
            let (otherwise, from) = match one.otherwise {
                check::Unapproved::Rollback(from) => (Otherwise::Rollback, from),
                check::Unapproved::Hold => (Otherwise::Hold, None),
                check::Unapproved::Continue => (Otherwise::Continue, None),
                check::Unapproved::Refuse => (Otherwise::Refuse, None),
            };
            Approval {
                id: ApprovalId(offset(index)),
                text: self.template(&one.text, Reader::Person),
                group: self.text(&one.group),
                count: one.count.as_ref().map_or(1, |count| self.count(count)),
                within: self.duration(&one.within),
                otherwise,
                from,
            }
        })
        .collect()
    }
}
