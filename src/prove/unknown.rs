//! Owns what nobody knows before a run and what decides how it goes: where exposures stand when it begins, and what commands print that
//! conditions read. Of what comes to the same for every condition one is looked at.

use crate::plan::{
    Capture, CaptureId, Comparison, Condition, Exposure, ExposureId, Number, Op, Plan, Test, heads,
};
use crate::simulate::at_rest;
use crate::value::{Bytes, Heads, Millis, Percent, Rate, Scale, Type, Value, typed_example};

/// No more ways are looked at than this in which one exposure can stand, or one command can print, besides the first.
const MOST: usize = 6;

/// What is not known before a run.
pub(super) struct Unknown {
    /// Where all exposures stand at the beginning, each a way; in the first the rollout has everything left to do.
    starts: Vec<Vec<f64>>,
    /// What each command prints that is captured; the first is what it is taken for elsewhere.
    prints: Vec<Vec<String>>,
}

impl Unknown {
    pub(super) fn of(plan: &Plan) -> Self {
        let conditions = conditions(plan);
        let rest: Vec<f64> = plan
            .exposures
            .iter()
            .map(|one| at_rest(plan, one))
            .collect();
        let mut starts = vec![rest.clone()];
        for exposure in &plan.exposures {
            for value in elsewhere(plan, exposure, &conditions) {
                let mut start = rest.clone();
                if let Some(place) = start.get_mut(exposure.id.index()) {
                    *place = value;
                }
                starts.push(start);
            }
        }
        let captures = plan.captures.iter();
        Self {
            starts,
            prints: captures.map(|one| printed(one, &conditions)).collect(),
        }
    }

    /// In how many ways exposures can stand at the beginning.
    pub(super) fn starts(&self) -> usize {
        self.starts.len()
    }

    /// Where an exposure stands at the beginning, in a way of this number.
    pub(super) fn start(&self, way: usize, exposure: ExposureId) -> f64 {
        let start = self
            .starts
            .get(way)
            .and_then(|all| all.get(exposure.index()));
        start.copied().unwrap_or_default()
    }

    /// The exposures that stand elsewhere than in the first way, and where.
    pub(super) fn moved(&self, way: usize) -> Vec<(ExposureId, f64)> {
        let first = self.starts.first().into_iter().flatten();
        let this = self.starts.get(way).into_iter().flatten();
        let both = (0..).map(ExposureId).zip(first.zip(this));
        both.filter(|(_, (first, this))| first != this)
            .map(|(id, (_, this))| (id, *this))
            .collect()
    }

    /// What a command can print that is captured.
    pub(super) fn prints(&self, capture: CaptureId) -> &[String] {
        self.prints.get(capture.index()).map_or(&[], Vec::as_slice)
    }
}

/// Every condition of a plan.
fn conditions(plan: &Plan) -> Vec<&Condition> {
    let mut found: Vec<&Condition> = plan.guards.iter().map(|guard| &guard.condition).collect();
    found.extend(
        plan.metrics
            .iter()
            .filter_map(|one| one.counts_when.as_ref()),
    );
    let stages = plan.stages.iter().flat_map(|stage| Op::all(&stage.ops));
    found.extend(stages.filter_map(Op::condition));
    if let Some(rollback) = &plan.rollback {
        let judged = rollback.recovered.iter().chain(&rollback.recovered_forward);
        found.extend(judged.map(|one| &one.condition));
        for level in &rollback.levels {
            found.extend(&level.when);
            found.extend(Op::all(&level.ops).into_iter().filter_map(Op::condition));
        }
    }
    found
}

/// The constants that are compared with what is asked for.
fn compared(conditions: &[&Condition], is_it: &dyn Fn(&Number) -> bool) -> Vec<f64> {
    let all = conditions.iter();
    let mut found: Vec<f64> = all.flat_map(|one| one.test.held_against(is_it)).collect();
    found.sort_by(f64::total_cmp);
    found.dedup();
    found
}

/// The other values that an exposure can have when a run begins: of each sort one. What some stage sets is looked at there.
fn elsewhere(plan: &Plan, exposure: &Exposure, conditions: &[&Condition]) -> Vec<f64> {
    let reads = |number: &Number| *number == Number::Exposure(exposure.id);
    let mut bounds = compared(conditions, &reads);
    let levels = plan.rollback.iter().flat_map(|one| &one.levels);
    let ops = levels.flat_map(|level| Op::all(&level.ops));
    bounds.extend(ops.filter_map(|op| op.sets(exposure.id)));
    bounds.sort_by(f64::total_cmp);
    bounds.dedup();
    let rest = at_rest(plan, exposure);
    let stages = plan.stages.iter();
    let sets: Vec<f64> = stages.flat_map(|stage| stage.sets(exposure.id)).collect();
    let (low, high) = range(plan, exposure);
    let values = match &exposure.scale {
        Scale::Choice(words) => {
            let all = (0..words.len()).map(place);
            all.filter(|value| sets.first() != Some(value)).collect()
        }
        Scale::Percent => between((low, high), &bounds),
        Scale::Steps(words) => {
            let all = (0..words.len()).map(place);
            all.filter(|value| (low..=high).contains(value)).collect()
        }
    };
    let sort = |value: f64| -> Vec<Option<std::cmp::Ordering>> {
        bounds
            .iter()
            .map(|bound| value.partial_cmp(bound))
            .collect()
    };
    let mut known: Vec<_> = std::iter::once(rest)
        .chain(sets.iter().copied())
        .map(sort)
        .collect();
    let mut found = Vec::new();
    for value in values {
        let sort = sort(value);
        if found.len() < MOST && !known.contains(&sort) {
            known.push(sort);
            found.push(value);
        }
    }
    found
}

/// Where an exposure can stand for the first stage that sets it to be begun.
fn range(plan: &Plan, exposure: &Exposure) -> (f64, f64) {
    let (least, most) = exposure.scale.ends();
    match heads(&plan.stages, exposure) {
        Some((Some(Heads::Up), first)) => (least, first),
        Some((Some(Heads::Down), first)) => (first, most),
        Some((None, _)) | None => (least, most),
    }
}

/// The bounds in a range, its ends, and what lies between them.
fn between((low, high): (f64, f64), bounds: &[f64]) -> Vec<f64> {
    let inside = bounds.iter().copied();
    let inside = inside.filter(|bound| (low..=high).contains(bound));
    let mut points: Vec<f64> = inside.chain([low, high]).collect();
    points.sort_by(f64::total_cmp);
    points.dedup();
    let middles = points.iter().zip(points.iter().skip(1));
    let middles: Vec<f64> = middles
        .map(|(left, right)| f64::midpoint(*left, *right))
        .collect();
    points.extend(middles);
    points
}

fn place(index: usize) -> f64 {
    u32::try_from(index).map_or(0.0, f64::from)
}

/// What a command prints that is captured: of each sort one, as the conditions that read it tell them apart.
fn printed(capture: &Capture, conditions: &[&Condition]) -> Vec<String> {
    let first = capture
        .default
        .as_ref()
        .map_or_else(|| typed_example(&capture.ty), Value::plain);
    let all = conditions.iter().flat_map(|one| one.test.comparisons());
    let read: Vec<&Test> = all.filter(|test| reads(test, capture.id)).collect();
    if read.is_empty() {
        return vec![first];
    }
    let value = |text: &String| Value::read(&capture.ty, text).ok();
    let mut found = Vec::new();
    let mut known: Vec<Vec<Told>> = Vec::new();
    let others = candidates(capture, conditions, &read);
    for text in std::iter::once(first).chain(others) {
        let Some(value) = value(&text) else {
            continue;
        };
        let told = read.iter().map(|test| tells(test, capture.id, &value));
        let told: Vec<Told> = told.collect();
        if found.len() <= MOST && !known.contains(&told) {
            known.push(told);
            found.push(text);
        }
    }
    found
}

/// What a comparison says of a value: whether it holds, or, where other things decide too, the value itself.
#[derive(PartialEq)]
enum Told {
    Holds(Option<bool>),
    Is(Option<f64>),
}

fn tells(test: &Test, id: CaptureId, value: &Value) -> Told {
    let holds = |left: f64, comparison: Comparison, right: f64| {
        Told::Holds(Some(comparison.holds(left, right)))
    };
    match (test, value.base()) {
        (Test::Captured(_, comparison, other), _) => {
            Told::Holds(comparison.of_values(value, other))
        }
        (Test::Compare(Number::Capture(one), comparison, Number::Constant(other)), Some(is))
            if *one == id =>
        {
            holds(is, *comparison, *other)
        }
        (Test::Compare(Number::Constant(other), comparison, Number::Capture(one)), Some(is))
            if *one == id =>
        {
            holds(*other, *comparison, is)
        }
        (_, base) => Told::Is(base),
    }
}

fn reads(test: &Test, id: CaptureId) -> bool {
    matches!(test, Test::Captured(one, ..) if *one == id)
        || test.numbers().contains(&&Number::Capture(id))
}

/// Values on both sides of what a captured one is compared with.
fn candidates(capture: &Capture, conditions: &[&Condition], read: &[&Test]) -> Vec<String> {
    let others = read.iter().filter_map(|test| {
        if let Test::Captured(_, _, other) = test {
            Some(other.spoken())
        } else {
            None
        }
    });
    let ends = |ends: [&str; 2]| others.clone().chain(ends.map(str::to_owned)).collect();
    match &capture.ty {
        Type::Bool => ends(["true", "false"]),
        Type::OneOf(words) => words.clone(),
        Type::Version => ends(["0.0.0", "999999.0.0"]),
        Type::Date => ends(["0001-01-01", "9999-12-31"]),
        Type::Time => ends(["00:00", "23:59:59"]),
        Type::Text | Type::Url | Type::Path => others.collect(),
        Type::List(_) => Vec::new(),
        Type::Int | Type::Number | Type::Percent | Type::Duration | Type::Rate | Type::Bytes => {
            let is_it = |number: &Number| *number == Number::Capture(capture.id);
            let around = compared(conditions, &is_it);
            let around = around
                .into_iter()
                .flat_map(|bound| [bound, bound - 1.0, bound + 1.0, bound * 0.5, bound * 1.5]);
            around
                .filter_map(|base| written(&capture.ty, base))
                .collect()
        }
    }
}

/// A number of a type as a command would print it.
fn written(ty: &Type, base: f64) -> Option<String> {
    let whole = || format!("{base:.0}");
    let amount = || whole().parse::<u64>().ok();
    match ty {
        Type::Int => Some(whole()),
        Type::Number => Some(base.to_string()),
        Type::Percent => Some(Percent(base).to_string()),
        Type::Rate => Some(Rate(base).to_string()),
        Type::Duration => Some(Millis(amount()?).to_string()),
        Type::Bytes => Some(Bytes(amount()?).to_string()),
        Type::Bool
        | Type::Version
        | Type::Date
        | Type::Time
        | Type::Text
        | Type::Url
        | Type::Path
        | Type::OneOf(_)
        | Type::List(_) => None,
    }
}
