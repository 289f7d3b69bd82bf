//! What a stage waits for, sets and passes: approvals.

use crate::source::Span;

use super::{Expr, Name, Text};

/// `approve "text" by "group" [count N] within D else …`
#[derive(Clone, Debug, PartialEq)]
pub struct Approve {
    /// What is approved.
    pub text: Text,
    /// The group whose people are asked.
    pub group: Text,
    /// How many of them; absent: one.
    pub count: Option<Expr>,
    /// How long they have.
    pub within: Expr,
    /// What happens without their approval.
    pub otherwise: Unapproved,
    /// The whole statement.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}

/// What happens without an approval.
#[derive(Clone, Debug, PartialEq)]
pub enum Unapproved {
    /// `rollback [from LEVEL]`: in a stage.
    Rollback {
        /// The level to begin with.
        from: Option<Name>,
    },
    /// `hold`: in a stage.
    Hold,
    /// `continue`
    Continue,
    /// `refuse`: before the rollout.
    Refuse,
}
