//! Owns the question whether a condition can be true at all: by the ranges of what it reads. Where it is not sure it says yes.

use std::collections::BTreeMap;

use crate::plan::{Arithmetic, Comparison, MetricId, Number, Plan, StageId, Test};
use crate::value::{Millis, Scale, Type, Unit};

/// In what a condition is looked at.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    /// The stage; absent: any.
    pub(super) stage: Option<StageId>,
    /// What each exposure can be.
    pub(super) exposures: Vec<(f64, f64)>,
    /// The longest that it can last.
    pub(super) longest: Millis,
    /// What some metrics read.
    pub(super) fixed: Vec<(MetricId, f64)>,
}

impl Scene {
    /// Whatever can be, in any stage.
    pub(super) fn anywhere(plan: &Plan) -> Self {
        Self {
            stage: None,
            exposures: plan.exposures.iter().map(|one| full(&one.scale)).collect(),
            longest: Millis(u64::MAX),
            fixed: Vec::new(),
        }
    }
}

/// Everything that an exposure can be.
pub(super) fn full(scale: &Scale) -> (f64, f64) {
    scale.ends()
}

/// The values of a metric with which both conditions hold, in words: of two that read it, each against numbers. What the second one reads
/// besides it is taken to be so; where it is not certain that both can hold, there are none.
pub(super) fn where_both_hold(
    plan: &Plan,
    (one, other): (&Test, &Test),
    scene: &Scene,
) -> Option<String> {
    let (all, others) = (ways(one, Sense::Is)?, ways(other, Sense::Is)?);
    let pairs = all
        .iter()
        .flat_map(|one| others.iter().map(move |other| (one, other)));
    pairs
        .filter_map(|(one, other)| meet(plan, (one, other), scene))
        .next()
}

fn meet(plan: &Plan, (one, other): (&[Fact<'_>], &[Fact<'_>]), scene: &Scene) -> Option<String> {
    let mut all = Vec::new();
    let mut read = Vec::new();
    for fact in one {
        match fact {
            Fact::Compare(left, _, right) => read.push(against_a_number(left, right)?),
            Fact::Never | Fact::Open => return None,
            Fact::Stage(..) => {}
        }
        all.push(fact.clone());
    }
    let mut shared = None;
    for fact in other {
        match fact {
            Fact::Compare(left, _, right) => {
                let what = against_a_number(left, right)?;
                match what {
                    Unknown::Metric(id) if read.contains(&what) => {
                        shared = shared.or(Some(MetricId(id)));
                        all.push(fact.clone());
                    }
                    Unknown::Exposure(_) => all.push(fact.clone()),
                    Unknown::Metric(_) | Unknown::Elapsed => {}
                }
            }
            Fact::Never => return None,
            Fact::Open | Fact::Stage(..) => {}
        }
    }
    let id = shared?;
    let metric = plan.metrics.get(id.index())?;
    let known = narrowed_by(plan, &all, scene)?;
    let values = known.get(&Unknown::Metric(id.0)).copied()?;
    let show = |value: f64| metric.unit.show(value);
    let name = &metric.name;
    match (values.low > f64::MIN, values.high < f64::MAX) {
        (true, true) if values.low < values.high && values.low > 0.0 => Some(format!(
            "`{name}` between {} and {}",
            show(values.low),
            show(values.high)
        )),
        (_, true) if values.low < values.high => {
            Some(format!("`{name}` below {}", show(values.high)))
        }
        (true, false) => Some(format!("`{name}` above {}", show(values.low))),
        // A single value, or any.
        (_, _) => None,
    }
}

/// What is held against a number here, if that is all.
fn against_a_number(left: &Number, right: &Number) -> Option<Unknown> {
    match (left.constant(), right.constant()) {
        (None, Some(_)) => unknown(left),
        (Some(_), None) => unknown(right),
        (Some(_), Some(_)) | (None, None) => None,
    }
}

/// More ways of being true than these are not looked at.
const MOST_WAYS: usize = 64;

/// Whether some values make a condition true.
pub(super) fn can_hold(plan: &Plan, test: &Test, scene: &Scene) -> bool {
    ways(test, Sense::Is).is_none_or(|ways| ways.iter().any(|way| is_possible(plan, way, scene)))
}

/// Whether some values make a condition false.
pub(super) fn can_fail(plan: &Plan, test: &Test, scene: &Scene) -> bool {
    ways(test, Sense::IsNot).is_none_or(|ways| ways.iter().any(|way| is_possible(plan, way, scene)))
}

/// Whether a test is asked for as it stands, or for its opposite.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sense {
    Is,
    IsNot,
}

impl Sense {
    const fn other(self) -> Self {
        match self {
            Self::Is => Self::IsNot,
            Self::IsNot => Self::Is,
        }
    }
}

/// One thing that must be so.
#[derive(Clone)]
enum Fact<'t> {
    Compare(&'t Number, Comparison, &'t Number),
    Stage(StageId, Sense),
    Never,
    /// Nothing is known of it before the run.
    Open,
}

/// The ways in which a test is true: of each of them everything must be so. `None` when there are too many.
fn ways(test: &Test, sense: Sense) -> Option<Vec<Vec<Fact<'_>>>> {
    let one = |fact| Some(vec![vec![fact]]);
    match (test, sense) {
        (Test::Always(value), sense) => one(if *value == (sense == Sense::Is) {
            Fact::Open
        } else {
            Fact::Never
        }),
        (Test::Not(inner), sense) => ways(inner, sense.other()),
        (Test::And(left, right), Sense::Is) | (Test::Or(left, right), Sense::IsNot) => {
            let (left, right) = (ways(left, sense)?, ways(right, sense)?);
            if left.len().saturating_mul(right.len()) > MOST_WAYS {
                return None;
            }
            let all = left.iter().flat_map(|left| {
                right
                    .iter()
                    .map(move |right| left.iter().chain(right).cloned().collect())
            });
            Some(all.collect())
        }
        (Test::And(left, right), Sense::IsNot) | (Test::Or(left, right), Sense::Is) => {
            let mut all = ways(left, sense)?;
            all.extend(ways(right, sense)?);
            (all.len() <= MOST_WAYS).then_some(all)
        }
        (Test::Compare(left, comparison, right), Sense::Is) => {
            one(Fact::Compare(left, *comparison, right))
        }
        (Test::Compare(left, comparison, right), Sense::IsNot) => {
            one(Fact::Compare(left, opposite(*comparison), right))
        }
        (Test::InStage(stage), sense) => one(Fact::Stage(*stage, sense)),
        (Test::Captured(..), _) => one(Fact::Open),
    }
}

const fn opposite(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
        Comparison::Less => Comparison::GreaterOrEqual,
        Comparison::LessOrEqual => Comparison::Greater,
        Comparison::Greater => Comparison::LessOrEqual,
        Comparison::GreaterOrEqual => Comparison::Less,
    }
}

/// The same comparison, read from its right side.
const fn mirrored(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal => Comparison::Equal,
        Comparison::NotEqual => Comparison::NotEqual,
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
    }
}

/// Values from `low` to `high`; an end that is open is not one of them.
#[derive(Clone, Copy, Debug)]
struct Range {
    low: f64,
    low_open: bool,
    high: f64,
    high_open: bool,
}

impl Range {
    const fn closed(low: f64, high: f64) -> Self {
        Self {
            low,
            low_open: false,
            high,
            high_open: false,
        }
    }

    fn is_empty(self) -> bool {
        self.low > self.high || self.low == self.high && (self.low_open || self.high_open)
    }

    /// Those of the values that compare so with a number.
    fn narrowed(mut self, comparison: Comparison, to: f64) -> Self {
        match comparison {
            Comparison::Equal => {
                return self
                    .narrowed(Comparison::GreaterOrEqual, to)
                    .narrowed(Comparison::LessOrEqual, to);
            }
            Comparison::NotEqual => {
                self.low_open |= self.low == to;
                self.high_open |= self.high == to;
            }
            Comparison::Greater | Comparison::GreaterOrEqual => {
                let open = comparison == Comparison::Greater;
                if to > self.low {
                    (self.low, self.low_open) = (to, open);
                } else if to == self.low {
                    self.low_open |= open;
                }
            }
            Comparison::Less | Comparison::LessOrEqual => {
                let open = comparison == Comparison::Less;
                if to < self.high {
                    (self.high, self.high_open) = (to, open);
                } else if to == self.high {
                    self.high_open |= open;
                }
            }
        }
        self
    }

    /// Whether a value of one and a value of the other compare so.
    fn can_compare(self, comparison: Comparison, other: Self) -> bool {
        match comparison {
            Comparison::Equal => {
                let both = Self {
                    low: self.low.max(other.low),
                    high: self.high.min(other.high),
                    low_open: self.low >= other.low && self.low_open
                        || other.low >= self.low && other.low_open,
                    high_open: self.high <= other.high && self.high_open
                        || other.high <= self.high && other.high_open,
                };
                !both.is_empty()
            }
            Comparison::NotEqual => {
                !(self.low == self.high && other.low == other.high && self.low == other.low)
            }
            Comparison::Less => self.low < other.high,
            Comparison::LessOrEqual => {
                self.low < other.high
                    || self.low == other.high && !self.low_open && !other.high_open
            }
            Comparison::Greater => other.low < self.high,
            Comparison::GreaterOrEqual => other.can_compare(Comparison::LessOrEqual, self),
        }
    }
}

/// Something that has a value only when the run goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Unknown {
    Metric(u32),
    Exposure(u32),
    Elapsed,
}

fn unknown(number: &Number) -> Option<Unknown> {
    match number {
        Number::Metric(id) => Some(Unknown::Metric(id.0)),
        Number::Exposure(id) => Some(Unknown::Exposure(id.0)),
        Number::Elapsed => Some(Unknown::Elapsed),
        Number::Constant(_)
        | Number::Baseline(_)
        | Number::Capture(_)
        | Number::Negate(_)
        | Number::Combine(..) => None,
    }
}

/// Whether everything of one way can be so at once.
fn is_possible(plan: &Plan, way: &[Fact<'_>], scene: &Scene) -> bool {
    narrowed_by(plan, way, scene).is_some()
}

/// What is left of the values of each thing when everything of one way is so. `None` where that cannot be.
fn narrowed_by(plan: &Plan, way: &[Fact<'_>], scene: &Scene) -> Option<BTreeMap<Unknown, Range>> {
    let mut known: BTreeMap<Unknown, Range> = BTreeMap::new();
    for fact in way {
        let (left, comparison, right) = match fact {
            Fact::Never => return None,
            Fact::Open => continue,
            Fact::Stage(stage, sense) => {
                let is = scene.stage.is_none_or(|here| here == *stage);
                let is_not = scene.stage != Some(*stage);
                match sense {
                    Sense::Is if !is => return None,
                    Sense::IsNot if !is_not => return None,
                    Sense::Is | Sense::IsNot => continue,
                }
            }
            Fact::Compare(left, comparison, right) => (*left, *comparison, *right),
        };
        for (side, comparison, other) in [
            (left, comparison, right),
            (right, mirrored(comparison), left),
        ] {
            let at = range((plan, scene), &BTreeMap::new(), other);
            if let (Some(what), true) = (unknown(side), at.low == at.high) {
                let before = known
                    .get(&what)
                    .copied()
                    .unwrap_or_else(|| range((plan, scene), &known, side));
                let now = before.narrowed(comparison, at.low);
                if now.is_empty() {
                    return None;
                }
                known.insert(what, now);
            }
        }
    }
    let can_be = way.iter().all(|fact| match fact {
        Fact::Compare(left, comparison, right) => {
            let left = range((plan, scene), &known, left);
            let right = range((plan, scene), &known, right);
            left.can_compare(*comparison, right)
        }
        Fact::Stage(..) | Fact::Never | Fact::Open => true,
    });
    can_be.then_some(known)
}

/// The values that a number can have.
fn range(
    (plan, scene): (&Plan, &Scene),
    known: &BTreeMap<Unknown, Range>,
    number: &Number,
) -> Range {
    if let Some(range) = unknown(number).and_then(|what| known.get(&what)) {
        return *range;
    }
    let of = |number| range((plan, scene), known, number);
    let any = Range::closed(f64::NEG_INFINITY, f64::INFINITY);
    match number {
        Number::Constant(value) => Range::closed(*value, *value),
        Number::Metric(id) => {
            let fixed = scene.fixed.iter().find(|(known, _)| known == id);
            fixed.map_or_else(
                || of_metric(plan, *id),
                |(_, value)| Range::closed(*value, *value),
            )
        }
        Number::Baseline(id) => of_metric(plan, *id),
        Number::Exposure(id) => scene
            .exposures
            .get(id.index())
            .map_or(any, |(low, high)| Range::closed(*low, *high)),
        #[expect(
            clippy::cast_precision_loss,
            reason = "times of a run stay far below 2^52 milliseconds"
        )]
        Number::Elapsed => Range::closed(0.0, scene.longest.0 as f64),
        Number::Capture(_) => any,
        Number::Negate(inner) => {
            let inner = of(inner);
            Range {
                low: -inner.high,
                low_open: inner.high_open,
                high: -inner.low,
                high_open: inner.low_open,
            }
        }
        Number::Combine(left, arithmetic, right) => combined(of(left), *arithmetic, of(right)),
    }
}

fn combined(left: Range, arithmetic: Arithmetic, right: Range) -> Range {
    let corners = |of: fn(f64, f64) -> f64| {
        let all = [
            of(left.low, right.low),
            of(left.low, right.high),
            of(left.high, right.low),
            of(left.high, right.high),
        ];
        if all.iter().any(|corner| corner.is_nan()) {
            return Range::closed(f64::NEG_INFINITY, f64::INFINITY);
        }
        let low = all.iter().copied().fold(f64::INFINITY, f64::min);
        let high = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Range::closed(low, high)
    };
    match arithmetic {
        Arithmetic::Add => corners(|left, right| left + right),
        Arithmetic::Subtract => corners(|left, right| left - right),
        Arithmetic::Multiply => corners(|left, right| left * right),
        Arithmetic::Divide if right.low > 0.0 || right.high < 0.0 => {
            corners(|left, right| left / right)
        }
        Arithmetic::Divide => Range::closed(f64::NEG_INFINITY, f64::INFINITY),
    }
}

fn of_metric(plan: &Plan, id: MetricId) -> Range {
    let unit = plan.metrics.get(id.index()).map(|metric| metric.unit);
    match unit.map(Unit::ty) {
        // No share has an end above: two cores are 200% of one, and a failing service can count more errors than requests.
        Some(Type::Percent | Type::Duration | Type::Rate | Type::Bytes) => {
            Range::closed(0.0, f64::INFINITY)
        }
        Some(
            Type::Text
            | Type::Bool
            | Type::Int
            | Type::Number
            | Type::Version
            | Type::Date
            | Type::Time
            | Type::Url
            | Type::Path
            | Type::OneOf(_)
            | Type::List(_),
        )
        | None => Range::closed(f64::NEG_INFINITY, f64::INFINITY),
    }
}
