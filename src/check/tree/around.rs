//! What holds for the whole file.

use crate::ast::Expr;

use super::Retry;

/// What holds where a statement says nothing of its own.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    /// The bound of a step or check.
    pub timeout: Option<Expr>,
    /// KILL comes this much after TERM.
    pub grace: Option<Expr>,
    /// Further attempts of the steps of stages and levels.
    pub retry: Option<Retry>,
    /// The bound of one try of a probe.
    pub probe_timeout: Option<Expr>,
    /// The bound of setting an exposure.
    pub set_timeout: Option<Expr>,
    /// The bound of reading one.
    pub read_timeout: Option<Expr>,
}

/// The bounds of the whole run.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// How long a hold lasts before a person is asked.
    pub hold: Option<Expr>,
    /// A longer gap in which nobody looked is not soaked.
    pub max_gap: Option<Expr>,
}
