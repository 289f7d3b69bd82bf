//! Tasks: statements under a name, and the places that call them.

use crate::source::Span;

use super::{Expr, Name, Statement, TypeRef};

/// `task NAME(PARAMETER: TYPE, …) { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Its name.
    pub name: Name,
    /// What each call gives it, in order.
    pub params: Vec<TaskParam>,
    /// What it does, in order.
    pub statements: Vec<Statement>,
    /// The whole block.
    pub span: Span,
    /// The comment right above.
    pub docs: Option<String>,
}

/// `NAME: TYPE`
#[derive(Clone, Debug, PartialEq)]
pub struct TaskParam {
    /// What the value is called in the task.
    pub name: Name,
    /// Its type.
    pub ty: TypeRef,
}

/// `NAME(VALUE, …)`
#[derive(Clone, Debug, PartialEq)]
pub struct TaskCall {
    /// The task.
    pub name: Name,
    /// The values, in the order of its parameters.
    pub args: Vec<Expr>,
    /// The names that stand before them, which no call has: what is wrong with that is said when the task is known.
    pub names: Vec<Option<Name>>,
    /// The whole statement.
    pub span: Span,
    /// What the task does: filled in when all files are read, and absent where there is no such task, or it would never end.
    pub body: Option<TaskBody>,
}

/// What a call does.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskBody {
    /// The name of the task, where it is declared.
    pub task: Name,
    /// Its parameters.
    pub params: Vec<TaskParam>,
    /// A copy of its statements.
    pub statements: Vec<Statement>,
}
