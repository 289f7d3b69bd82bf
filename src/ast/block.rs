//! Statements that hold others: strands, loops and decisions.

use crate::source::Span;

use super::{Expr, Name, Statement};

/// `parallel { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Parallel {
    /// What is done at once.
    pub strands: Vec<Strand>,
    /// The whole block.
    pub span: Span,
}

/// A strand of `parallel`: `strand NAME { … }`, or one statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Strand {
    /// Its name, when it is written as a block.
    pub name: Option<Name>,
    /// What is done in it, in order.
    pub statements: Vec<Statement>,
    /// The whole of it.
    pub span: Span,
}

/// `for NAME in LIST [at most N] { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct ForEach {
    /// What each value of the list is called in the block.
    pub name: Name,
    /// The list.
    pub list: Expr,
    /// How many turns may be under way at a time; absent: one.
    pub most: Option<Expr>,
    /// What is done for each value, in order.
    pub statements: Vec<Statement>,
    /// The whole of it.
    pub span: Span,
}

/// `if COND [within D] { … } else { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct If {
    /// What decides.
    pub when: Expr,
    /// How long it may take to see it, where it reads metrics.
    pub within: Option<Expr>,
    /// What is done when it holds.
    pub then: Vec<Statement>,
    /// What is done when it does not hold.
    pub otherwise: Vec<Statement>,
    /// The whole of it.
    pub span: Span,
}

impl Statement {
    /// The statements that this one holds, each way by itself.
    pub fn inside(&self) -> Vec<&[Statement]> {
        match self {
            Self::Parallel(one) => {
                let strands = one.strands.iter();
                strands.map(|strand| strand.statements.as_slice()).collect()
            }
            Self::For(one) => vec![&one.statements],
            Self::If(one) => vec![&one.then, &one.otherwise],
            Self::Call(one) => one
                .body
                .iter()
                .map(|body| body.statements.as_slice())
                .collect(),
            Self::Step(_)
            | Self::Command(_)
            | Self::Wait(_)
            | Self::WaitUntil(_)
            | Self::Expose(_)
            | Self::Verify(_)
            | Self::Notify(_)
            | Self::Fail(_)
            | Self::Guard(_)
            | Self::Approve(_)
            | Self::Capture(_)
            | Self::Undo(_)
            | Self::NoReturn(_)
            | Self::NotBuilt(_) => Vec::new(),
        }
    }

    /// The same, to be changed.
    pub fn inside_mut(&mut self) -> Vec<&mut [Statement]> {
        match self {
            Self::Parallel(one) => {
                let strands = one.strands.iter_mut();
                strands
                    .map(|strand| strand.statements.as_mut_slice())
                    .collect()
            }
            Self::For(one) => vec![&mut one.statements],
            Self::If(one) => vec![&mut one.then, &mut one.otherwise],
            Self::Call(one) => one
                .body
                .iter_mut()
                .map(|body| body.statements.as_mut_slice())
                .collect(),
            Self::Step(_)
            | Self::Command(_)
            | Self::Wait(_)
            | Self::WaitUntil(_)
            | Self::Expose(_)
            | Self::Verify(_)
            | Self::Notify(_)
            | Self::Fail(_)
            | Self::Guard(_)
            | Self::Approve(_)
            | Self::Capture(_)
            | Self::Undo(_)
            | Self::NoReturn(_)
            | Self::NotBuilt(_) => Vec::new(),
        }
    }

    /// These statements and all that they hold, in the order of the file.
    pub fn all(statements: &[Self]) -> Vec<&Self> {
        let mut found = Vec::new();
        for statement in statements {
            found.push(statement);
            for inside in statement.inside() {
                found.extend(Self::all(inside));
            }
        }
        found
    }
}
