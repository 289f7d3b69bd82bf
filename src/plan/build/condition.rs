//! Conditions with their constants computed and their units gone. What is known as a whole becomes a constant.

use super::Builder;
use crate::ast::{BinaryOp, CompareOp, Expr, MetricState};
use crate::check;
use crate::plan::{Arithmetic, Comparison, Condition, MetricId, Number, Test};
use crate::value::{Scale, Type, Value};

impl Builder<'_> {
    pub(super) fn condition(&mut self, condition: &check::Condition) -> Condition {
        let mut text = condition.text.clone();
        self.name_thresholds(&condition.test, &mut text);
        Condition {
            test: self.test(&condition.test),
            text,
            metrics: condition.metrics.clone(),
        }
    }

    /// Puts the bound in the place of `is critical`: a sentence about a breach has to say the threshold.
    fn name_thresholds(&mut self, test: &check::Test, text: &mut String) {
        match test {
            check::Test::And(left, right) | check::Test::Or(left, right) => {
                self.name_thresholds(left, text);
                self.name_thresholds(right, text);
            }
            check::Test::Not(inner) => self.name_thresholds(inner, text),
            check::Test::Is(id, state) => {
                let Test::Compare(_, op, Number::Constant(bound)) = self.is(*id, *state) else {
                    return;
                };
                let Some(metric) = self.checked.metrics.get(id.index()) else {
                    return;
                };
                let word = match state {
                    MetricState::Warning => "warning",
                    MetricState::Critical => "critical",
                };
                let (name, bound) = (&metric.name, metric.unit.show(bound));
                *text = text.replace(
                    &format!("{name} is {word}"),
                    &format!("{name} {} {bound}", op.symbol()),
                );
            }
            check::Test::Captured { .. }
            | check::Test::Known(_)
            | check::Test::KnownCompare { .. }
            | check::Test::Compare(..)
            | check::Test::InStage(_) => {}
        }
    }

    fn test(&mut self, test: &check::Test) -> Test {
        match test {
            check::Test::Known(expr) => {
                Test::Always(self.value(expr, &Type::Bool) == Some(Value::Bool(true)))
            }
            check::Test::KnownCompare {
                op,
                left,
                right,
                ty,
            } => {
                let left = self.side(left, ty);
                let right = self.side(right, ty);
                let holds = left
                    .zip(right)
                    .and_then(|(left, right)| check::compare(*op, &left, &right));
                Test::Always(holds == Some(true))
            }
            check::Test::And(left, right) => {
                Test::And(Box::new(self.test(left)), Box::new(self.test(right)))
            }
            check::Test::Or(left, right) => {
                Test::Or(Box::new(self.test(left)), Box::new(self.test(right)))
            }
            check::Test::Not(inner) => Test::Not(Box::new(self.test(inner))),
            check::Test::Compare(left, op, right) => {
                let (left, right) = (self.number(left), self.number(right));
                let op = comparison(*op);
                match (&left, &right) {
                    (Number::Constant(left), Number::Constant(right)) => {
                        Test::Always(op.holds(*left, *right))
                    }
                    (_, _) => Test::Compare(left, op, right),
                }
            }
            check::Test::Captured {
                capture,
                op,
                other,
                ty,
            } => {
                let other = match other {
                    None => Some(Value::Bool(true)),
                    Some(other) => self.side(other, ty),
                };
                match other {
                    Some(other) => Test::Captured(*capture, comparison(*op), other),
                    None => Test::Always(false),
                }
            }
            check::Test::InStage(stage) => Test::InStage(*stage),
            check::Test::Is(metric, state) => self.is(*metric, *state),
        }
    }

    /// A side of a comparison of known values; a word of a `one of` type is read as one where it can be.
    fn side(&mut self, expr: &Expr, ty: &Type) -> Option<Value> {
        match check::eval(expr, &self.values, Some(ty)) {
            Ok(value) => Some(value),
            // The two sides may be of different types that are both written as text.
            Err(_) => match check::eval(expr, &self.values, None) {
                Ok(value) => Some(value),
                Err(why) => {
                    self.no_value(expr, why);
                    None
                }
            },
        }
    }

    /// Beyond the threshold; what is critical is beyond the warning threshold too, since the two lie in order.
    fn is(&mut self, metric: MetricId, state: MetricState) -> Test {
        let checked = self.checked;
        let threshold = checked.metric(metric).and_then(|metric| {
            let threshold = match state {
                MetricState::Warning => &metric.warning,
                MetricState::Critical => &metric.critical,
            };
            Some((threshold.as_ref()?, metric.unit.ty()))
        });
        let Some((threshold, ty)) = threshold else {
            return Test::Always(false);
        };
        let bound = self.base(&threshold.value, &ty);
        Test::Compare(
            Number::Metric(metric),
            comparison(threshold.op),
            Number::Constant(bound),
        )
    }

    /// The value of a quantity in the base of its type.
    pub(super) fn base(&mut self, expr: &Expr, ty: &Type) -> f64 {
        let value = self.value(expr, ty);
        value.and_then(|value| value.base()).unwrap_or_default()
    }

    /// A value of an exposure as a number of its scale.
    pub(super) fn number_of(&mut self, expr: &Expr, scale: &Scale) -> f64 {
        let value = self.value(expr, &scale.ty());
        let number = value.and_then(|value| scale.number(&value));
        number.unwrap_or_default()
    }

    fn number(&mut self, number: &check::Number) -> Number {
        match number {
            check::Number::Known(expr) => match check::eval(expr, &self.values, None) {
                Ok(value) => Number::Constant(value.base().unwrap_or_default()),
                Err(why) => {
                    self.no_value(expr, why);
                    Number::Constant(0.0)
                }
            },
            check::Number::Word(exposure, expr) => {
                let scale = self.checked.scale(*exposure);
                Number::Constant(self.number_of(expr, &scale))
            }
            check::Number::Metric(id) => Number::Metric(*id),
            check::Number::Exposure(id) => Number::Exposure(*id),
            check::Number::Capture(id) => Number::Capture(*id),
            check::Number::Baseline(id) => {
                let checked = self.checked;
                let metric = checked.metric(*id);
                let baseline = metric.and_then(|one| Some((one.baseline.as_ref()?, one.unit)));
                match baseline {
                    Some((one, unit)) => match &one.of {
                        check::BaselineOf::Value(value) => {
                            Number::Constant(self.base(value, &unit.ty()))
                        }
                        check::BaselineOf::Measured(_) => Number::Baseline(*id),
                    },
                    None => Number::Constant(0.0),
                }
            }
            check::Number::Elapsed => Number::Elapsed,
            check::Number::Negate(inner) => match self.number(inner) {
                Number::Constant(value) => Number::Constant(-value),
                inner @ (Number::Metric(_)
                | Number::Baseline(_)
                | Number::Exposure(_)
                | Number::Capture(_)
                | Number::Elapsed
                | Number::Negate(_)
                | Number::Combine(..)) => Number::Negate(Box::new(inner)),
            },
            check::Number::Combine {
                left,
                op,
                right,
                factor,
            } => {
                let op = match op {
                    BinaryOp::Add => Arithmetic::Add,
                    BinaryOp::Subtract => Arithmetic::Subtract,
                    BinaryOp::Multiply => Arithmetic::Multiply,
                    BinaryOp::Divide | BinaryOp::Or | BinaryOp::And | BinaryOp::Compare(_) => {
                        Arithmetic::Divide
                    }
                };
                let whole = combined(self.number(left), op, self.number(right));
                if (*factor - 1.0).abs() < f64::EPSILON {
                    whole
                } else {
                    combined(whole, Arithmetic::Multiply, Number::Constant(*factor))
                }
            }
        }
    }
}

fn combined(left: Number, op: Arithmetic, right: Number) -> Number {
    match (&left, &right) {
        (Number::Constant(left), Number::Constant(right)) => Number::Constant(match op {
            Arithmetic::Add => left + right,
            Arithmetic::Subtract => left - right,
            Arithmetic::Multiply => left * right,
            Arithmetic::Divide => left / right,
        }),
        (_, _) => Number::Combine(Box::new(left), op, Box::new(right)),
    }
}

pub(super) fn comparison(op: CompareOp) -> Comparison {
    match op {
        CompareOp::Equal => Comparison::Equal,
        CompareOp::NotEqual => Comparison::NotEqual,
        CompareOp::Less => Comparison::Less,
        CompareOp::LessOrEqual => Comparison::LessOrEqual,
        CompareOp::Greater => Comparison::Greater,
        CompareOp::GreaterOrEqual => Comparison::GreaterOrEqual,
    }
}
