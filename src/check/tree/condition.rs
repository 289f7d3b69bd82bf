//! Conditions with their names resolved. What is known before the run is still an expression.

use crate::ast::{BinaryOp, CompareOp, Expr, MetricState};
use crate::check::ids::{CaptureId, ExposureId, MetricId, StageId};
use crate::source::Span;
use crate::value::Type;

/// A condition.
#[derive(Clone, Debug)]
pub struct Condition {
    /// What is computed.
    pub test: Test,
    /// As it is written.
    pub text: String,
    /// The metrics that it reads, in order of first mention.
    pub metrics: Vec<MetricId>,
    /// Where it stands.
    pub span: Span,
}

/// A truth value to be computed.
#[derive(Clone, Debug)]
pub enum Test {
    /// Known before the run.
    Known(Expr),
    /// Two values of one type that are known before the run.
    KnownCompare {
        /// How they are compared.
        op: CompareOp,
        /// The left side.
        left: Expr,
        /// The right side.
        right: Expr,
        /// The type of both.
        ty: Type,
    },
    /// Both.
    And(Box<Test>, Box<Test>),
    /// Either.
    Or(Box<Test>, Box<Test>),
    /// The opposite.
    Not(Box<Test>),
    /// Two numbers.
    Compare(Number, CompareOp, Number),
    /// `stage == NAME`
    InStage(StageId),
    /// A captured value that is no number, and one of its type that is known before the run.
    Captured {
        /// Which.
        capture: CaptureId,
        /// How they are compared.
        op: CompareOp,
        /// What it is held against; absent: a truth value is looked at itself.
        other: Option<Expr>,
        /// The type of both.
        ty: Type,
    },
    /// `M is critical`
    Is(MetricId, MetricState),
}

/// A number to be computed.
#[derive(Clone, Debug)]
pub enum Number {
    /// Known before the run.
    Known(Expr),
    /// The newest value of a metric.
    Metric(MetricId),
    /// The current value of an exposure.
    Exposure(ExposureId),
    /// A value of an exposure with names, which is known before the run.
    Word(ExposureId, Expr),
    /// A captured number.
    Capture(CaptureId),
    /// What is usual for a metric.
    Baseline(MetricId),
    /// Since the stage or level began.
    Elapsed,
    /// The negative.
    Negate(Box<Number>),
    /// Two numbers combined; what comes out is multiplied by the factor, which joins units that differ in scale.
    Combine {
        /// The left side.
        left: Box<Number>,
        /// `+`, `-`, `*` or `/`.
        op: BinaryOp,
        /// The right side.
        right: Box<Number>,
        /// Usually 1.
        factor: f64,
    },
}
