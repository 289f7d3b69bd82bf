//! Owns conditions as the engine evaluates them: names resolved, units gone. It evaluates nothing.
//!
//! Every number is in the canonical unit of its dimension: percent in percent points (`5%` is 5.0), durations in
//! milliseconds, rates per second, bytes as bytes, counts as they are.

use crate::ast::CompareOp;
use crate::value::Value;
use serde::{Deserialize, Serialize};

use super::ids::{CaptureId, ExposureId, MetricId, StageId};

/// A condition with the words in which the author wrote it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// What is evaluated.
    pub test: Test,
    /// The source text, for sentences to people.
    pub text: String,
    /// The metrics it reads, in order of first mention, each once.
    pub metrics: Vec<MetricId>,
}

/// A truth value to be computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Test {
    /// A constant.
    Always(bool),
    /// Both.
    And(Box<Test>, Box<Test>),
    /// Either.
    Or(Box<Test>, Box<Test>),
    /// The opposite.
    Not(Box<Test>),
    /// A comparison of two numbers.
    Compare(Number, Comparison, Number),
    /// `stage == NAME`.
    InStage(StageId),
    /// A captured value that is no number, against one of its type.
    Captured(CaptureId, Comparison, Value),
}

impl Test {
    /// The comparisons in it, from left to right.
    #[must_use]
    pub fn comparisons(&self) -> Vec<&Self> {
        match self {
            Self::Always(_) | Self::InStage(_) => Vec::new(),
            Self::Compare(..) | Self::Captured(..) => vec![self],
            Self::Not(inner) => inner.comparisons(),
            Self::And(left, right) | Self::Or(left, right) => {
                let mut all = left.comparisons();
                all.extend(right.comparisons());
                all
            }
        }
    }

    /// The numbers in it that are no combination of others.
    #[must_use]
    pub fn numbers(&self) -> Vec<&Number> {
        let mut found = Vec::new();
        for one in self.comparisons() {
            if let Self::Compare(left, _, right) = one {
                found.extend(left.parts());
                found.extend(right.parts());
            }
        }
        found
    }

    /// The constants in those comparisons that read what is asked for.
    #[must_use]
    pub fn held_against(&self, is_it: &dyn Fn(&Number) -> bool) -> Vec<f64> {
        let reading = self.comparisons().into_iter().map(Self::numbers);
        let reading = reading.filter(|all| all.iter().any(|one| is_it(one)));
        reading.flatten().filter_map(Number::constant).collect()
    }

    /// Whether it asks how long the place has lasted.
    #[must_use]
    pub fn reads_elapsed(&self) -> bool {
        self.numbers().contains(&&Number::Elapsed)
    }
}

/// How two numbers are compared. `>` is strict. NaN satisfies none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// Compares two numbers; NaN on either side satisfies nothing.
    #[must_use]
    pub fn holds(self, left: f64, right: f64) -> bool {
        if left.is_nan() || right.is_nan() {
            return false;
        }
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }

    /// Compares two values of one type; nothing where that has no meaning.
    #[must_use]
    pub fn of_values(self, left: &Value, right: &Value) -> Option<bool> {
        let op = match self {
            Self::Equal => CompareOp::Equal,
            Self::NotEqual => CompareOp::NotEqual,
            Self::Less => CompareOp::Less,
            Self::LessOrEqual => CompareOp::LessOrEqual,
            Self::Greater => CompareOp::Greater,
            Self::GreaterOrEqual => CompareOp::GreaterOrEqual,
        };
        crate::check::compare(op, left, right)
    }

    /// The operator as it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// A number to be computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Number {
    /// A constant in the canonical unit.
    Constant(f64),
    /// The newest value of a metric.
    Metric(MetricId),
    /// What was measured as usual for a metric.
    Baseline(MetricId),
    /// The current value of an exposure, as a number of its scale.
    Exposure(ExposureId),
    /// A captured number in the canonical unit.
    Capture(CaptureId),
    /// Milliseconds since the current stage (in a level: the level) began.
    Elapsed,
    /// The negative.
    Negate(Box<Number>),
    /// Two numbers combined.
    Combine(Box<Number>, Arithmetic, Box<Number>),
}

impl Number {
    /// Its value, where that is known before the run.
    #[must_use]
    pub const fn constant(&self) -> Option<f64> {
        if let Self::Constant(value) = self {
            Some(*value)
        } else {
            None
        }
    }

    /// The metric whose newest value it is.
    #[must_use]
    pub const fn metric(&self) -> Option<MetricId> {
        if let Self::Metric(metric) = self {
            Some(*metric)
        } else {
            None
        }
    }

    /// What it is computed from: itself, where it is no combination of others.
    #[must_use]
    pub fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Constant(_)
            | Self::Metric(_)
            | Self::Baseline(_)
            | Self::Exposure(_)
            | Self::Capture(_)
            | Self::Elapsed => vec![self],
            Self::Negate(inner) => inner.parts(),
            Self::Combine(left, _, right) => {
                let mut all = left.parts();
                all.extend(right.parts());
                all
            }
        }
    }
}

/// How two numbers are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}
