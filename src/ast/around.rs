//! What holds for the whole file: the defaults of statements, the limits of the run.

use crate::source::Span;

use super::{Expr, Retry};

/// `defaults { … }`: what holds where a statement says nothing of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Defaults {
    /// `timeout D`: of steps and checks.
    pub timeout: Option<Expr>,
    /// `grace D`: of steps and checks.
    pub grace: Option<Expr>,
    /// `retry …`: of the steps of stages and levels.
    pub retry: Option<Retry>,
    /// `probe timeout D`
    pub probe_timeout: Option<Expr>,
    /// `set timeout D`: of exposures.
    pub set_timeout: Option<Expr>,
    /// `read timeout D`: of exposures.
    pub read_timeout: Option<Expr>,
    /// The word that opens the block.
    pub word_span: Span,
    /// The whole block.
    pub span: Span,
}

/// `limits { … }`: the bounds of the whole run.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// `hold D`: how long a hold lasts before a person is asked, and how long that question stays open.
    pub hold: Option<Expr>,
    /// `max_gap D`: a longer gap in which nobody looked is not soaked.
    pub max_gap: Option<Expr>,
    /// The word that opens the block.
    pub word_span: Span,
    /// The whole block.
    pub span: Span,
}
