//! Owns the values that metrics have when all goes well: such that no guard minds and a rollback counts as recovered.

use std::collections::BTreeSet;

use super::at_rest;
use crate::engine::{Moment, Reading, Sight, State, judge};
use crate::plan::{Baseline, Condition, MetricId, Number, Op, Plan, Test};

/// One value a metric, in the base of its unit. Where no value suits every condition (they contradict each other), the value that
/// suits most.
#[must_use]
pub fn healthy_values(plan: &Plan) -> Vec<f64> {
    let candidates = suitable_values(plan);
    let mut state = State::new(plan);
    let exposures = plan.exposures.iter();
    let rest: Vec<Option<f64>> = exposures.map(|one| Some(at_rest(plan, one))).collect();
    let most: Vec<Option<f64>> = plan
        .exposures
        .iter()
        .zip(&rest)
        .map(|(one, rest)| {
            let sets = plan.stages.iter().flat_map(|stage| stage.sets(one.id));
            sets.last().or(*rest)
        })
        .collect();
    let mut values = vec![0.0; plan.metrics.len()];
    for (index, value) in values.iter().enumerate() {
        put(&mut state, index, *value);
    }
    // Conditions over several metrics may need a second look after the others have moved.
    for _ in 0..2 {
        for (index, tries) in candidates.iter().enumerate() {
            let mut best = (usize::MAX, 0.0);
            for candidate in tries {
                put(&mut state, index, *candidate);
                // A guard may look only while something is exposed, or only while nothing is.
                state.exposures.clone_from(&rest);
                let mut minded = minding(plan, &state);
                state.exposures.clone_from(&most);
                minded = minded.saturating_add(minding(plan, &state));
                if minded < best.0 {
                    best = (minded, *candidate);
                }
            }
            put(&mut state, index, best.1);
            if let Some(value) = values.get_mut(index) {
                *value = best.1;
            }
        }
    }
    values
}

/// The values of each metric that lie on the sides of what it is compared with, in the base of its unit.
#[must_use]
pub fn suitable_values(plan: &Plan) -> Vec<Vec<f64>> {
    let levels = plan.rollback.iter().flat_map(|one| &one.levels);
    let asked: Vec<&Condition> = conditions(plan)
        .chain(levels.filter_map(|level| level.when.as_ref()))
        .collect();
    let values = plan.metrics.iter().map(|metric| {
        // A metric that says what is usual sits there.
        let mut found = match metric.baseline {
            Some(Baseline::Value(usual)) => vec![usual, 0.0],
            Some(Baseline::Measured(_)) | None => vec![0.0],
        };
        for condition in &asked {
            compared(&condition.test, metric.id, &mut found);
        }
        // Many guards often speak of one threshold.
        let mut known = BTreeSet::new();
        found.retain(|value| known.insert(value.to_bits()));
        // No source can say what its unit cannot have.
        found.retain(|value| metric.unit.sample(*value) == Some(*value));
        found
    });
    values.collect()
}

fn put(state: &mut State, metric: usize, value: f64) {
    if let Some(known) = state.metrics.get_mut(metric) {
        known.reading = Some((Moment(0), Reading::Value(value)));
        // What is healthy before the rollout is what will be measured as usual.
        known.baseline = Some(value);
    }
}

fn conditions(plan: &Plan) -> impl Iterator<Item = &Condition> {
    let guards = plan.guards.iter().map(|guard| &guard.condition);
    guards
        .chain(recoveries(plan))
        .chain(awaited(plan))
        .chain(counting(plan))
}

/// What must be there for values to count.
fn counting(plan: &Plan) -> impl Iterator<Item = &Condition> {
    plan.metrics
        .iter()
        .filter_map(|one| one.counts_when.as_ref())
}

/// What recovery is, on the way back and on the way forward.
fn recoveries(plan: &Plan) -> impl Iterator<Item = &Condition> {
    let ways = plan.rollback.iter();
    let all = ways.flat_map(|one| one.recovered.iter().chain(&one.recovered_forward));
    all.map(|recovered| &recovered.condition)
}

/// The conditions over metrics that are waited for.
fn awaited(plan: &Plan) -> impl Iterator<Item = &Condition> {
    let stages = plan.stages.iter().flat_map(|stage| Op::all(&stage.ops));
    let levels = plan.rollback.iter().flat_map(|one| &one.levels);
    let ops = stages.chain(levels.flat_map(|level| Op::all(&level.ops)));
    let waits = ops.filter(|op| matches!(op, Op::Until { .. }));
    let conditions = waits.filter_map(Op::condition);
    conditions.filter(|one| !one.metrics.is_empty())
}

/// How many conditions are not as they should be.
fn minding(plan: &Plan, state: &State) -> usize {
    let guards = plan
        .guards
        .iter()
        .filter(|guard| judge(plan, state, &guard.condition) != Sight::Ok)
        .count();
    let recovered = recoveries(plan)
        .filter(|recovered| judge(plan, state, recovered) != Sight::Breach)
        .count();
    let awaited = awaited(plan)
        .chain(counting(plan))
        .filter(|condition| judge(plan, state, condition) != Sight::Breach)
        .count();
    guards.saturating_add(recovered).saturating_add(awaited)
}

/// The constants that a metric is compared with, and values on both sides of them.
fn compared(test: &Test, metric: MetricId, found: &mut Vec<f64>) {
    for constant in test.held_against(&|number| *number == Number::Metric(metric)) {
        found.extend([
            constant,
            constant * 0.5,
            constant * 1.5,
            constant - 1.0,
            constant + 1.0,
        ]);
        if constant > 0.0 && constant < 100.0 {
            // Between a bound and 100, for shares that should be high.
            found.push(f64::midpoint(constant, 100.0));
        }
    }
}
