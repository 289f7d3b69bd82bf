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

/// `… or vector(0)`, `… or on() vector(0.0)`: whatever is written between the two.
fn fills_with_zero(query: &str) -> bool {
    let words: String = query.chars().filter(|ch| !ch.is_whitespace()).collect();
    let words = words.to_lowercase();
    words.match_indices("vector(").any(|(at, open)| {
        let inner = words.get(at + open.len()..).unwrap_or_default();
        let number = inner.split_once(')').map_or("", |(number, _)| number);
        let before = words.get(..at).unwrap_or_default();
        let matched = before
            .strip_suffix(')')
            .and_then(|list| list.rsplit_once('('));
        let before = matched.map_or(before, |(before, _labels)| {
            let shared = before.strip_suffix("on");
            shared
                .or(before.strip_suffix("ignoring"))
                .unwrap_or_default()
        });
        before.ends_with("or") && number.parse::<f64>().is_ok_and(|number| number == 0.0)
    })
}

/// Whether zero is a breach: then silence is one too.
fn trips_at_zero(facts: &Facts<'_>, guard: &Guard, metric: &Metric) -> bool {
    let scene = Scene {
        silent: Some(metric.id),
        ..Scene::anywhere(facts.plan)
    };
    can_hold(facts.plan, &guard.condition.test, &scene)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_in_the_place_of_nothing_is_known_in_every_form() {
        for query in [
            "sum(rate(errors[1m])) or vector(0)",
            "sum(rate(errors[1m])) OR on() vector( 0.0 )",
            "sum by (job) (rate(errors[1m])) or on(job) vector(0e0)",
            "a or ignoring(pod, node) vector(-0)",
        ] {
            assert!(fills_with_zero(query), "{query}");
        }
        for query in [
            "sum(rate(errors[1m])) or vector(1)",
            "a + vector(0)",
            "a and on() vector(0)",
            "floor(vector(0))",
            "a or sum(vector(0.5))",
        ] {
            assert!(!fills_with_zero(query), "{query}");
        }
    }
}
