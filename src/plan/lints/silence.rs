//! Metrics for which silence reads as health: no data becomes zero, zero is no breach, and nothing shows that the source is alive.

use super::facts::{Facts, acts};
use super::range::{Scene, can_fail, can_hold};
use crate::diag::Diagnostics;
use crate::diag::factory::lint as say;
use crate::plan::{Command, Guard, Metric, MetricSource};

pub(super) fn judge(facts: &Facts<'_>, found: &mut Diagnostics) {
    for (metric, written) in facts.plan.metrics.iter().zip(&facts.checked.metrics) {
        let Some(how) = how_silence_is_zero(facts, metric) else {
            continue;
        };
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
                how,
                &guard.name,
            ));
        }
    }
}

/// What makes a zero of no data, though nothing shows that the source is alive.
fn how_silence_is_zero(facts: &Facts<'_>, metric: &Metric) -> Option<&'static str> {
    let by_source = match &metric.source {
        MetricSource::Query { query, .. } if fills_with_zero(query) => {
            Some("its query puts 0 in the place of no data")
        }
        MetricSource::Http { filter, .. } if falls_back_to_zero(filter) => {
            Some("its filter puts 0 in the place of nothing")
        }
        MetricSource::Command(Command::Shell { text, .. }) if prints_zero_instead(text) => {
            Some("its command prints 0 when it fails")
        }
        MetricSource::Query { .. }
        | MetricSource::Http { .. }
        | MetricSource::Command(_)
        | MetricSource::Log { .. }
        | MetricSource::Tcp { .. } => None,
    };
    let anywhere = Scene::anywhere(facts.plan);
    let alive = metric.zero_when.as_ref();
    let always = alive.is_some_and(|alive| !can_fail(facts.plan, &alive.test, &anywhere));
    by_source.or(always.then_some(
        "what stands behind `alive when` holds whatever is measured, so that no data becomes 0",
    ))
}

/// `./count || echo 0`
fn prints_zero_instead(text: &str) -> bool {
    let Some((_, last)) = text.trim_end().rsplit_once("||") else {
        return false;
    };
    let mut words = last.split_whitespace();
    let prints = matches!(words.next(), Some("echo" | "printf"));
    let number = words.next().map(|word| word.trim_matches(['"', '\'']));
    prints
        && words.next().is_none()
        && number.is_some_and(|number| number.parse::<f64>().is_ok_and(|number| number == 0.0))
}

/// `.n // 0`
fn falls_back_to_zero(filter: &str) -> bool {
    filter.match_indices("//").any(|(at, mark)| {
        let behind = filter.get(at + mark.len()..).unwrap_or_default();
        let behind = behind.trim_start();
        let end = behind.find(|ch: char| !ch.is_ascii_digit() && ch != '.');
        let number = behind
            .get(..end.unwrap_or(behind.len()))
            .unwrap_or_default();
        number.parse::<f64>().is_ok_and(|number| number == 0.0)
    })
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
        fixed: vec![(metric.id, 0.0)],
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

    #[test]
    fn commands_and_filters_that_end_at_zero_are_known() {
        for text in [
            "./count || echo 0",
            "a || b || printf '0'",
            "x||echo \"0.0\"\n",
        ] {
            assert!(prints_zero_instead(text), "{text}");
        }
        for text in [
            "./count",
            "./count || echo 1",
            "./count || exit 0",
            "echo 0",
            "a || echo 0 1",
        ] {
            assert!(!prints_zero_instead(text), "{text}");
        }
        for text in [".n // 0", ".n//0.0", "(.a // 0) + .b"] {
            assert!(falls_back_to_zero(text), "{text}");
        }
        for text in [".n", ".n // 1", ".n // empty", ".n // 0.5", ".a / 0"] {
            assert!(!falls_back_to_zero(text), "{text}");
        }
    }
}
