//! Metrics for which silence reads as health: no data becomes zero, zero is no breach, and nothing shows that the source is alive.

use super::facts::{Facts, acts};
use super::range::{Scene, can_hold};
use crate::diag::Diagnostics;
use crate::diag::factory::lint as say;
use crate::plan::{Guard, Metric, MetricSource};

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    for (metric, written) in facts.plan.metrics.iter().zip(&facts.checked.metrics) {
        let MetricSource::Query { query, .. } = &metric.source else {
            continue;
        };
        if !fills_with_zero(query) {
            continue;
        }
        let reads = |guard: &&Guard| acts(guard) && guard.condition.metrics.contains(&metric.id);
        let guard = facts
            .plan
            .guards
            .iter()
            .filter(reads)
            .find(|guard| !trips_at_zero(facts, guard, metric));
        if let Some(guard) = guard {
            found.push(say::silence_is_health(
                (written.span, &written.name),
                "its query puts 0 in the place of no data",
                &guard.name,
            ));
        }
    }
}

/// `… or vector(0)`, `… or on() vector(0)`.
fn fills_with_zero(query: &str) -> bool {
    let words: String = query.chars().filter(|ch| !ch.is_whitespace()).collect();
    ["orvector(0)", "oron()vector(0)"]
        .iter()
        .any(|zero| words.to_lowercase().contains(zero))
}

/// Whether zero is a breach: then silence is one too.
fn trips_at_zero(facts: &Facts<'_>, guard: &Guard, metric: &Metric) -> bool {
    let scene = Scene {
        silent: Some(metric.id),
        ..Scene::anywhere(facts.plan)
    };
    can_hold(facts.plan, &guard.condition.test, &scene)
}
