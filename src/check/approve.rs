//! Approvals: who is asked for what, for how long, and what happens without them.

use crate::ast::{self, Approve};
use crate::source::offset;
use crate::value::Type;

use super::Checker;
use super::constant::expr_of;
use super::ids::ApprovalId;
use super::place::Place;
use super::step::Steps;
use super::tree;

impl<'a> Checker<'a> {
    pub(super) fn approve(
        &mut self,
        approve: &Approve,
        place: Place,
        steps: &mut Steps,
    ) -> Option<ApprovalId> {
        let text = self.template(&approve.text, place);
        let group = self.expect(&expr_of(&approve.group), &Type::Text, "a group");
        let count = self.expect_if_there(approve.count.as_ref(), &Type::Int, "`count`");
        let within = self.expect(&approve.within, &Type::Duration, "`within` of an approval");
        let otherwise = match &approve.otherwise {
            ast::Unapproved::Rollback { from } => {
                self.level_of(from.as_ref()).map(tree::Unapproved::Rollback)
            }
            ast::Unapproved::Hold => Some(tree::Unapproved::Hold),
            ast::Unapproved::Continue => Some(tree::Unapproved::Continue),
            ast::Unapproved::Refuse => Some(tree::Unapproved::Refuse),
        };
        let id = ApprovalId(offset(steps.approvals.len()));
        steps.approvals.push(tree::Approval {
            text: text?,
            group: group?,
            count: count?,
            within: within?,
            otherwise: otherwise?,
        });
        Some(id)
    }
}
