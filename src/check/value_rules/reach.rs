//! Owns what an exposure can be where a condition holds: its values from `low` to `high`, cut by what the condition says of it.

use crate::ast::CompareOp;
use crate::check::eval::{Values, eval};
use crate::check::ids::ExposureId;
use crate::check::tree::{Number, Test};
use crate::value::Scale;

use super::unrolled::{known_number, known_truth};

/// Values from `low` to `high`, both among them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reach {
    pub(super) low: f64,
    pub(super) high: f64,
}

/// Whether a condition holds or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    Holds,
    Fails,
}

impl Sense {
    const fn other(self) -> Self {
        match self {
            Self::Holds => Self::Fails,
            Self::Fails => Self::Holds,
        }
    }
}

/// One exposure, and the values that are known.
pub(super) struct Seen<'a> {
    pub(super) id: ExposureId,
    pub(super) scale: &'a Scale,
}

impl Reach {
    /// One value.
    pub(super) const fn at(value: f64) -> Self {
        Self {
            low: value,
            high: value,
        }
    }

    /// Everything that an exposure can be.
    pub(super) fn full(scale: &Scale) -> Self {
        let (low, high) = scale.ends();
        Self { low, high }
    }

    /// What is in one or the other.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
        }
    }

    /// Those of the values that compare so with a number; nothing when there are none.
    fn cut(self, op: CompareOp, to: f64, scale: &Scale) -> Option<Self> {
        // Between two words there is nothing; between two percents there always is something.
        let step = if scale.is_percent() { 0.0 } else { 1.0 };
        let Self { low, high } = self;
        let cut = match op {
            CompareOp::Equal => Self {
                low: low.max(to),
                high: high.min(to),
            },
            CompareOp::NotEqual if low == high && low == to => return None,
            CompareOp::NotEqual => Self {
                low: if low == to { low + step } else { low },
                high: if high == to { high - step } else { high },
            },
            CompareOp::Greater if high <= to => return None,
            CompareOp::Greater => Self {
                low: low.max(to + step),
                high,
            },
            CompareOp::GreaterOrEqual => Self {
                low: low.max(to),
                high,
            },
            CompareOp::Less if low >= to => return None,
            CompareOp::Less => Self {
                low,
                high: high.min(to - step),
            },
            CompareOp::LessOrEqual => Self {
                low,
                high: high.min(to),
            },
        };
        (cut.low <= cut.high).then_some(cut)
    }
}

impl Seen<'_> {
    /// What it can be where a condition holds or fails; nothing when the condition cannot come out so. What else the condition reads may
    /// be anything.
    pub(super) fn where_it(
        &self,
        sense: Sense,
        (test, values): (&Test, &Values),
        reach: Reach,
    ) -> Option<Reach> {
        if let Some(holds) = known_truth(test, values) {
            return (holds == (sense == Sense::Holds)).then_some(reach);
        }
        match (test, sense) {
            (Test::Not(inner), sense) => self.where_it(sense.other(), (inner, values), reach),
            (Test::And(left, right), Sense::Holds) | (Test::Or(left, right), Sense::Fails) => {
                let left = self.where_it(sense, (left, values), reach)?;
                self.where_it(sense, (right, values), left)
            }
            (Test::And(left, right), Sense::Fails) | (Test::Or(left, right), Sense::Holds) => {
                let left = self.where_it(sense, (left, values), reach);
                let right = self.where_it(sense, (right, values), reach);
                match (left, right) {
                    (Some(left), Some(right)) => Some(left.or(right)),
                    (one, other) => one.or(other),
                }
            }
            (Test::Compare(left, op, right), sense) => {
                let (op, to) = if self.is(left) {
                    (*op, right)
                } else if self.is(right) {
                    (mirrored(*op), left)
                } else {
                    return Some(reach);
                };
                let op = match sense {
                    Sense::Holds => op,
                    Sense::Fails => opposite(op),
                };
                match self.number(to, values) {
                    Some(to) => reach.cut(op, to, self.scale),
                    None => Some(reach),
                }
            }
            (
                Test::Known(_)
                | Test::KnownCompare { .. }
                | Test::InStage(_)
                | Test::Captured { .. }
                | Test::Is(..),
                _,
            ) => Some(reach),
        }
    }

    fn is(&self, number: &Number) -> bool {
        matches!(number, Number::Exposure(id) if *id == self.id)
    }

    fn number(&self, number: &Number, values: &Values) -> Option<f64> {
        match number {
            Number::Word(_, expr) => {
                let value = eval(expr, values, Some(&self.scale.ty())).ok()?;
                self.scale.number(&value)
            }
            Number::Known(_)
            | Number::Negate(_)
            | Number::Combine { .. }
            | Number::Metric(_)
            | Number::Exposure(_)
            | Number::Capture(_)
            | Number::Baseline(_)
            | Number::Elapsed => known_number(number, values),
        }
    }
}

const fn opposite(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Equal => CompareOp::NotEqual,
        CompareOp::NotEqual => CompareOp::Equal,
        CompareOp::Less => CompareOp::GreaterOrEqual,
        CompareOp::LessOrEqual => CompareOp::Greater,
        CompareOp::Greater => CompareOp::LessOrEqual,
        CompareOp::GreaterOrEqual => CompareOp::Less,
    }
}

/// The same comparison, read from its right side.
const fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Equal => CompareOp::Equal,
        CompareOp::NotEqual => CompareOp::NotEqual,
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
    }
}
