//! Owns the evaluation of conditions over what is known. Three-valued: what cannot be known is neither true nor false.

use super::capture::captured;
use super::input::Reading;
use super::state::State;
use crate::plan::{Arithmetic, Condition, MetricId, Number, Plan, Test};

/// What a sample says of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// The condition does not hold.
    Ok,
    /// The condition holds.
    Breach,
    /// It cannot be known: there is no data.
    NoData(String),
    /// It cannot be known: the source failed.
    Error(String),
}

/// What is known of a condition now.
#[must_use]
pub fn judge(plan: &Plan, state: &State, condition: &Condition) -> Sight {
    match evaluate(plan, state, &condition.test) {
        Some(true) => Sight::Breach,
        Some(false) => Sight::Ok,
        None => blame(plan, state, condition),
    }
}

/// The truth of a test; nothing when it cannot be known. `false and unknown` is false, `true or unknown` is true.
#[must_use]
pub(super) fn evaluate(plan: &Plan, state: &State, test: &Test) -> Option<bool> {
    match test {
        Test::Always(value) => Some(*value),
        Test::And(left, right) => match (evaluate(plan, state, left), evaluate(plan, state, right))
        {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            (None, _) | (_, None) => None,
        },
        Test::Or(left, right) => {
            match (evaluate(plan, state, left), evaluate(plan, state, right)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                (None, _) | (_, None) => None,
            }
        }
        Test::Not(inner) => evaluate(plan, state, inner).map(|value| !value),
        Test::Compare(left, comparison, right) => {
            let left = number(plan, state, left)?;
            let right = number(plan, state, right)?;
            // 0/0 inside the condition is no more a value than NaN from a source.
            if left.is_nan() || right.is_nan() {
                return None;
            }
            Some(comparison.holds(left, right))
        }
        Test::Captured(id, comparison, other) => {
            comparison.of_values(captured(plan, state, *id)?, other)
        }
        Test::InStage(stage) => Some(state.stage() == Some(*stage)),
    }
}

fn number(plan: &Plan, state: &State, of: &Number) -> Option<f64> {
    match of {
        Number::Constant(value) => Some(*value),
        Number::Metric(metric) => current(plan, state, *metric),
        Number::Baseline(metric) => state.metrics.get(metric.index())?.baseline,
        Number::Capture(id) => captured(plan, state, *id)?.base(),
        Number::Exposure(exposure) => state.exposures.get(exposure.index()).copied().flatten(),
        #[expect(
            clippy::cast_precision_loss,
            reason = "a run of 285,000 years would lose a millisecond"
        )]
        Number::Elapsed => Some(state.now.since(state.place_began()).0 as f64),
        Number::Negate(inner) => number(plan, state, inner).map(|value| -value),
        Number::Combine(left, operator, right) => {
            let left = number(plan, state, left)?;
            let right = number(plan, state, right)?;
            Some(match operator {
                Arithmetic::Add => left + right,
                Arithmetic::Subtract => left - right,
                Arithmetic::Multiply => left * right,
                Arithmetic::Divide => left / right,
            })
        }
    }
}

/// A metric's value, if its newest answer was one and is not stale.
fn current(plan: &Plan, state: &State, metric: MetricId) -> Option<f64> {
    let stale = plan.metrics.get(metric.index())?.stale;
    match &state.metrics.get(metric.index())?.reading {
        Some((at, Reading::Value(value))) if state.now.since(*at) <= stale => Some(*value),
        Some((
            _,
            Reading::Value(_) | Reading::NoData(_) | Reading::Error(_) | Reading::Misconfigured(_),
        ))
        | None => None,
    }
}

/// Why a condition cannot be known: the first of its metrics that did not give a value.
fn blame(plan: &Plan, state: &State, condition: &Condition) -> Sight {
    for metric in &condition.metrics {
        let name = plan
            .metrics
            .get(metric.index())
            .map_or("a metric", |metric| metric.name.as_str());
        match state.metrics.get(metric.index()).map(|m| &m.reading) {
            Some(Some((_, Reading::NoData(why)))) => {
                return Sight::NoData(format!("{name}: {why}"));
            }
            Some(Some((_, Reading::Error(why) | Reading::Misconfigured(why)))) => {
                return Sight::Error(format!("{name}: {why}"));
            }
            Some(Some((_, Reading::Value(_)))) => {
                if current(plan, state, *metric).is_none() {
                    return Sight::NoData(format!("{name}: its last value is stale"));
                }
            }
            Some(None) | None => {
                return Sight::NoData(format!("{name}: it has not been asked yet"));
            }
        }
    }
    Sight::NoData("it has no value (0 divided by 0)".to_owned())
}
