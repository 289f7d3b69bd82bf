//! A deliberately small part of PromQL: what the queries of `runbooks/demo.runbook` need, meaning what Prometheus means
//! by it. Everything else is refused by name; nothing is half-read.
//!
//! Instant selectors with `=` `!=` `=~` `!~`, `rate`, `increase`, `sum` with `by`, `histogram_quantile`, numbers,
//! `+` `-` `*` `/` and parentheses. Durations in a query are compressed by the pace of the production, and a rate is
//! per second of *that* time, so that `increase(x[1m])` stays sixty times `rate(x[1m])`. Ratios are not affected.

mod cursor;
mod eval;
mod functions;
mod parse;
#[cfg(test)]
mod tests;

pub(super) use eval::{Sample, Value, evaluate};
pub(super) use parse::parse;

use regex::Regex;

use super::series::Labels;

/// Why a query has no answer, in the two classes that Prometheus tells apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum QueryError {
    /// The query cannot be read: status 400, `bad_data`.
    BadData(String),
    /// The query cannot be carried out: status 422, `execution`.
    Execution(String),
}

/// A query, read.
#[derive(Debug, Clone)]
pub(super) enum Expr {
    Number(f64),
    Select(Selector),
    Over {
        function: Over,
        selector: Selector,
        window: f64,
    },
    Sum {
        by: Vec<String>,
        of: Box<Expr>,
    },
    Quantile {
        rank: Box<Expr>,
        of: Box<Expr>,
    },
    Arithmetic {
        op: Op,
        left: Box<Expr>,
        right: Box<Expr>,
    },
}

/// The functions over a window, given in seconds as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    Rate,
    Increase,
}

/// Arithmetic between two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Op {
    /// The result on two numbers, by IEEE 754: 0/0 is NaN, as it is in Prometheus.
    fn apply(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
        }
    }
}

/// Which series are meant.
#[derive(Debug, Clone)]
pub(super) struct Selector {
    matchers: Vec<Matcher>,
}

impl Selector {
    /// Whether a series with these labels is meant.
    fn matches(&self, labels: &Labels) -> bool {
        self.matchers.iter().all(|matcher| matcher.matches(labels))
    }
}

/// One condition on one label. A label that is not there counts as empty.
#[derive(Debug, Clone)]
struct Matcher {
    label: String,
    test: Test,
}

#[derive(Debug, Clone)]
enum Test {
    Is(String),
    IsNot(String),
    Fits(Regex),
    FitsNot(Regex),
}

impl Matcher {
    fn matches(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.label).map_or("", String::as_str);
        match &self.test {
            Test::Is(wanted) => value == wanted,
            Test::IsNot(unwanted) => value != unwanted,
            Test::Fits(pattern) => pattern.is_match(value),
            Test::FitsNot(pattern) => !pattern.is_match(value),
        }
    }
}
