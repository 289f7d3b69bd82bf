//! The approvals of the plan.

use super::Builder;
use super::text::Reader;
use crate::check;
use crate::plan::{Approval, ApprovalId, Otherwise};
use crate::source::offset;

impl Builder<'_> {
    /// Makes an approval of the plan.
    pub(super) fn approval(&mut self, written: ApprovalId) -> ApprovalId {
        let checked = self.checked;
        let id = ApprovalId(offset(self.made.approvals.len()));
        let Some(one) = checked.approvals.get(written.index()) else {
            return id;
        };
        let (otherwise, from) = match one.otherwise {
            check::Unapproved::Rollback(from) => (Otherwise::Rollback, from),
            check::Unapproved::Hold => (Otherwise::Hold, None),
            check::Unapproved::Continue => (Otherwise::Continue, None),
            check::Unapproved::Refuse => (Otherwise::Refuse, None),
        };
        let made = Approval {
            id,
            text: self.template(&one.text, Reader::Person),
            group: self.text(&one.group),
            count: one.count.as_ref().map_or(1, |count| self.count(count)),
            within: self.duration(&one.within),
            otherwise,
            from,
        };
        self.made.approvals.push(made);
        self.made.approval_of.push(written);
        id
    }
}
