//! Metrics of which the file says what is usual, and calls that bad: a run is refused then, or no rollback is ever seen to help. And values
//! that count only when there is enough of another metric, where there always is.

use super::facts::Facts;
use super::range::{Scene, can_fail, can_hold};
use crate::check::BaselineOf;
use crate::diag::Diagnostics;
use crate::diag::factory::lint as say;
use crate::plan::{Baseline, Condition, MetricId, Plan};
use crate::source::Span;

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    let plan = facts.plan;
    let (usual, anywhere) = (as_usual(plan), Scene::anywhere(plan));
    for (guard, written) in plan.guards.iter().zip(&facts.checked.guards) {
        let test = &guard.condition.test;
        if let Some(said) = usually(facts, &guard.condition)
            && !can_fail(plan, test, &usual)
            && can_fail(plan, test, &anywhere)
        {
            let guard = (written.when.span, written.name.as_str());
            found.push(say::usual_is_a_breach(guard, (said.span, &said.text)));
        }
    }
    if let (Some(rollback), Some(written)) = (&plan.rollback, &facts.checked.rollback) {
        let ways = [
            (&rollback.recovered, &written.recovered),
            (&rollback.recovered_forward, &written.recovered_forward),
        ];
        for (recovered, at) in ways {
            if let (Some(recovered), Some(at)) = (recovered, at)
                && let Some(said) = usually(facts, &recovered.condition)
                && !can_hold(plan, &recovered.condition.test, &usual)
                && can_hold(plan, &recovered.condition.test, &anywhere)
            {
                found.push(say::usual_is_no_recovery(
                    at.when.span,
                    (said.span, &said.text),
                ));
            }
        }
    }
    for (metric, written) in plan.metrics.iter().zip(&facts.checked.metrics) {
        if let (Some(enough), Some(at)) = (&metric.counts_when, &written.counts_when)
            && !can_fail(plan, &enough.test, &anywhere)
        {
            found.push(say::always_enough(at.span, &metric.name));
        }
    }
}

/// Every metric of which the file says what is usual reads that.
fn as_usual(plan: &Plan) -> Scene {
    let fixed = plan.metrics.iter().filter_map(|one| match one.baseline {
        Some(Baseline::Value(value)) => Some((one.id, value)),
        Some(Baseline::Measured(_)) | None => None,
    });
    Scene {
        fixed: fixed.collect(),
        ..Scene::anywhere(plan)
    }
}

/// What a file says that is usual.
struct Usual {
    span: Span,
    /// `errors` is 10%
    text: String,
}

/// The first metric of a condition of which the file says what is usual.
fn usually(facts: &Facts<'_>, condition: &Condition) -> Option<Usual> {
    let of = |id: &MetricId| {
        let metric = facts.plan.metrics.get(id.index())?;
        let written = facts.checked.metrics.get(id.index())?;
        match (
            metric.baseline,
            written.baseline.as_ref().map(|one| &one.of),
        ) {
            (Some(Baseline::Value(value)), Some(BaselineOf::Value(expr))) => Some(Usual {
                span: expr.span,
                text: format!("`{}` is {}", metric.name, metric.unit.show(value)),
            }),
            (_, _) => None,
        }
    };
    condition.metrics.iter().find_map(of)
}
