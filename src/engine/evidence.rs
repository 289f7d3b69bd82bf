//! Owns the sentences that say why: value, threshold, start of the streak, samples used, and the query. It decides nothing.

use super::input::Reading;
use super::state::{State, Streak};
use crate::plan::{Command, Condition, Guard, MetricSource, Plan, Recovered, Sustain};
use crate::value::Millis;

/// Why a guard is in a streak or has tripped.
pub(super) fn of_guard(plan: &Plan, state: &State, guard: &Guard) -> String {
    let mut text = format!(
        "guard {}: {}",
        guard.name,
        values(plan, state, &guard.condition)
    );
    let known = state.guards.get(guard.id.index());
    match guard.sustain {
        Sustain::Once => text.push_str(&format!(", and {} is enough once", guard.condition.text)),
        Sustain::Time(span) => {
            if let Some(streak) = known.and_then(|known| known.streak.as_ref()) {
                text.push_str(&format!(
                    ", and {} since {} ago ({} of {} samples in {}, for {} is asked)",
                    guard.condition.text,
                    state.now.since(streak.began),
                    streak.hits.len(),
                    Streak::expected(
                        Millis(state.now.since(streak.began).0.min(span.0)),
                        guard.every
                    ),
                    Millis(state.now.since(streak.began).0.min(span.0)),
                    span,
                ));
            }
        }
        Sustain::OutOf { breaches, samples } => {
            let hits = known.map_or(0, |known| known.recent.iter().filter(|b| **b).count());
            let seen = known.map_or(0, |known| known.recent.len());
            text.push_str(&format!(
                ", and {} in {hits} of the last {seen} samples ({breaches} of {samples} are asked)",
                guard.condition.text
            ));
        }
    }
    text.push_str(&queries(plan, &guard.condition));
    text
}

/// What a blind guard knows.
pub(super) fn of_blindness(plan: &Plan, state: &State, guard: &Guard) -> String {
    let known = state.guards.get(guard.id.index());
    let since = known.and_then(|known| known.seen).map_or_else(
        || "it has seen nothing in this stage".to_owned(),
        |seen| format!("it last saw something {} ago", state.now.since(seen)),
    );
    let now: Vec<String> = guard
        .condition
        .metrics
        .iter()
        .filter_map(|id| {
            let metric = plan.metrics.get(id.index())?;
            let known = state.metrics.get(id.index())?;
            let why = match &known.reading {
                Some((_, Reading::NoData(why))) => format!("no data: {why}"),
                Some((_, Reading::Error(why) | Reading::Misconfigured(why))) => {
                    format!("error: {why}")
                }
                Some((_, Reading::Value(_))) => "its last value is stale".to_owned(),
                None => "it has not answered yet".to_owned(),
            };
            let last = known.value.map_or_else(String::new, |(at, value)| {
                format!(
                    "; its last value was {}, {} ago",
                    metric.unit.show(value),
                    state.now.since(at)
                )
            });
            Some(format!("{}: {why}{last}", metric.name))
        })
        .collect();
    format!(
        "guard {} is blind: {since} ({})",
        guard.name,
        now.join("; ")
    )
}

/// Why a level counts as recovered, or does not yet.
pub(super) fn of_recovery(
    plan: &Plan,
    state: &State,
    recovered: &Recovered,
    streak: Option<&Streak>,
) -> String {
    let mut text = values(plan, state, &recovered.condition);
    match streak {
        Some(streak) => text.push_str(&format!(
            ", {} since {} ago ({} samples)",
            recovered.condition.text,
            state.now.since(streak.began),
            streak.hits.len()
        )),
        None => text.push_str(&format!(", and not {}", recovered.condition.text)),
    }
    text.push_str(&queries(plan, &recovered.condition));
    text
}

/// The current values of a condition's metrics.
pub(super) fn values(plan: &Plan, state: &State, condition: &Condition) -> String {
    let values: Vec<String> = condition
        .metrics
        .iter()
        .filter_map(|id| {
            let metric = plan.metrics.get(id.index())?;
            let said = match &state.metrics.get(id.index())?.reading {
                Some((_, Reading::Value(value))) => metric.unit.show(*value),
                Some((_, Reading::NoData(why))) => format!("no data ({why})"),
                Some((_, Reading::Error(why) | Reading::Misconfigured(why))) => {
                    format!("unknown ({why})")
                }
                None => "not known yet".to_owned(),
            };
            Some(format!("{} is {said}", metric.name))
        })
        .collect();
    values.join(", ")
}

fn queries(plan: &Plan, condition: &Condition) -> String {
    let asked: Vec<String> = condition
        .metrics
        .iter()
        .filter_map(|id| {
            let metric = plan.metrics.get(id.index())?;
            Some(match &metric.source {
                MetricSource::Query { query, .. } => format!("{} = {query}", metric.name),
                MetricSource::Http { url, filter } => {
                    format!("{} = {filter} of {url}", metric.name)
                }
                MetricSource::Command(Command::Shell { text }) => {
                    format!("{} = $ {text}", metric.name)
                }
                MetricSource::Command(Command::Exec { .. }) => {
                    format!("{} = a program's output", metric.name)
                }
            })
        })
        .collect();
    if asked.is_empty() {
        String::new()
    } else {
        format!("; asked: {}", asked.join("; "))
    }
}
