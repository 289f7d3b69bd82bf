//! `Expr` against the stored series at one moment. It reads no clock: the moment is given.

use super::super::pace::{Pace, Unix};
use super::super::series::{Labels, Store};
use super::{Expr, Op, Over, QueryError, functions};

/// How long a sample stands for the present when nothing newer came, as written (Prometheus: five minutes).
const LOOKBACK: f64 = 300.0;

/// One element of an instant vector.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::demo) struct Sample {
    pub(in crate::demo) labels: Labels,
    pub(in crate::demo) value: f64,
}

/// What a query comes to.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::demo) enum Value {
    Scalar(f64),
    Vector(Vec<Sample>),
}

/// The value of a query at a moment.
///
/// # Errors
/// `BadData` for operands of the wrong type, `Execution` where two vectors do not match one to one.
pub(in crate::demo) fn evaluate(
    expr: &Expr,
    store: &Store,
    pace: Pace,
    at: Unix,
) -> Result<Value, QueryError> {
    Moment { store, pace, at }.value(expr)
}

struct Moment<'s> {
    store: &'s Store,
    pace: Pace,
    at: Unix,
}

impl Moment<'_> {
    fn value(&self, expr: &Expr) -> Result<Value, QueryError> {
        match expr {
            Expr::Number(number) => Ok(Value::Scalar(*number)),
            Expr::Select(selector) => {
                let from = self.at - self.pace.real_seconds(LOOKBACK);
                let found = self
                    .store
                    .select(|labels| selector.matches(labels), from, self.at);
                let newest = found.into_iter().filter_map(|(labels, points)| {
                    Some(Sample {
                        labels: labels.clone(),
                        value: points.last()?.value,
                    })
                });
                Ok(Value::Vector(newest.collect()))
            }
            Expr::Over {
                function,
                selector,
                window,
            } => {
                let from = self.at - self.pace.real_seconds(*window);
                let found = self
                    .store
                    .select(|labels| selector.matches(labels), from, self.at);
                let grown = found.into_iter().filter_map(|(labels, points)| {
                    let increase = functions::increase(&points, from, self.at)?;
                    let value = match function {
                        Over::Increase => increase,
                        Over::Rate => increase / window,
                    };
                    Some(Sample {
                        labels: nameless(labels),
                        value,
                    })
                });
                Ok(Value::Vector(grown.collect()))
            }
            Expr::Sum { by, of } => Ok(Value::Vector(sum(by, self.vector(of, "sum")?))),
            Expr::Quantile { rank, of } => {
                let Value::Scalar(rank) = self.value(rank)? else {
                    return Err(wrong_type("a scalar", "histogram_quantile"));
                };
                Ok(Value::Vector(quantiles(
                    rank,
                    self.vector(of, "histogram_quantile")?,
                )))
            }
            Expr::Arithmetic { op, left, right } => {
                arithmetic(*op, self.value(left)?, self.value(right)?)
            }
        }
    }

    fn vector(&self, expr: &Expr, caller: &str) -> Result<Vec<Sample>, QueryError> {
        match self.value(expr)? {
            Value::Vector(samples) => Ok(samples),
            Value::Scalar(_) => Err(wrong_type("an instant vector", caller)),
        }
    }
}

fn wrong_type(wanted: &str, caller: &str) -> QueryError {
    QueryError::BadData(format!(
        "parse error: expected {wanted} in call to {caller:?}"
    ))
}

/// Whatever is computed from a metric is no longer that metric.
fn nameless(labels: &Labels) -> Labels {
    labels
        .iter()
        .filter(|(key, _)| *key != "__name__")
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn sum(by: &[String], samples: Vec<Sample>) -> Vec<Sample> {
    let mut sums: std::collections::BTreeMap<Labels, f64> = std::collections::BTreeMap::new();
    for Sample { labels, value } in samples {
        let group = labels
            .into_iter()
            .filter(|(key, _)| by.contains(key))
            .collect();
        *sums.entry(group).or_default() += value;
    }
    sums.into_iter()
        .map(|(labels, value)| Sample { labels, value })
        .collect()
}

fn quantiles(rank: f64, samples: Vec<Sample>) -> Vec<Sample> {
    let mut histograms: std::collections::BTreeMap<Labels, Vec<(f64, f64)>> =
        std::collections::BTreeMap::new();
    for Sample { labels, value } in samples {
        let mut labels = nameless(&labels);
        // Series without a readable bound are no buckets; Prometheus leaves them out as well.
        let Some(Ok(bound)) = labels.remove("le").map(|le| le.parse::<f64>()) else {
            continue;
        };
        histograms.entry(labels).or_default().push((bound, value));
    }
    let each = histograms.into_iter();
    each.map(|(labels, buckets)| Sample {
        labels,
        value: functions::quantile(rank, buckets),
    })
    .collect()
}

fn arithmetic(op: Op, left: Value, right: Value) -> Result<Value, QueryError> {
    let each = |samples: Vec<Sample>, result: &dyn Fn(f64) -> f64| {
        let of = |sample: Sample| Sample {
            labels: nameless(&sample.labels),
            value: result(sample.value),
        };
        Value::Vector(samples.into_iter().map(of).collect())
    };
    match (left, right) {
        (Value::Scalar(left), Value::Scalar(right)) => Ok(Value::Scalar(op.apply(left, right))),
        (Value::Vector(samples), Value::Scalar(right)) => {
            Ok(each(samples, &|left| op.apply(left, right)))
        }
        (Value::Scalar(left), Value::Vector(samples)) => {
            Ok(each(samples, &|right| op.apply(left, right)))
        }
        (Value::Vector(left), Value::Vector(right)) => Ok(Value::Vector(matched(op, left, right)?)),
    }
}

/// One-to-one matching on all labels but the name; what has no partner is left out.
fn matched(op: Op, left: Vec<Sample>, right: Vec<Sample>) -> Result<Vec<Sample>, QueryError> {
    let by_labels = |samples: Vec<Sample>, side: &str| {
        let mut found = std::collections::BTreeMap::new();
        for Sample { labels, value } in samples {
            if found.insert(nameless(&labels), value).is_some() {
                let why = format!(
                    "found duplicate series for the match group on the {side} hand-side of the operation"
                );
                return Err(QueryError::Execution(why));
            }
        }
        Ok(found)
    };
    let left = by_labels(left, "left")?;
    let right = by_labels(right, "right")?;
    let pairs = left.into_iter().filter_map(|(labels, value)| {
        let other = right.get(&labels)?;
        Some(Sample {
            value: op.apply(value, *other),
            labels,
        })
    });
    Ok(pairs.collect())
}
