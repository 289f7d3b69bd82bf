//! What a stage waits for, sets and passes: approvals, conditions and captures.

use crate::source::Span;

use super::{Command, Expr, Name, Rare, Text, TypeRef};

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

/// `wait until COND within D`
#[derive(Clone, Debug, PartialEq)]
pub struct WaitUntil {
    /// What is waited for.
    pub when: Expr,
    /// For how long at most.
    pub within: Expr,
    /// The whole statement.
    pub span: Span,
}

/// `capture NAME: TYPE [default VALUE] CLAUSES COMMAND`
#[derive(Clone, Debug, PartialEq)]
pub struct Capture {
    /// Its name, and the name of the step.
    pub name: Name,
    /// The type of what is printed.
    pub ty: TypeRef,
    /// Its value where the command did not set it.
    pub default: Option<Expr>,
    /// Its clauses.
    pub clauses: Rare,
    /// What is run; `None` when it is missing or not built yet, which was reported.
    pub command: Option<Command>,
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
