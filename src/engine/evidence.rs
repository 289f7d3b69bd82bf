//! Owns the sentences that say why: value, threshold, start of the streak, samples used, and the query. It decides nothing.

use super::input::Reading;
use super::sensed::Streak;
use super::state::State;
use crate::plan::{Command, Condition, Guard, MetricSource, Plan, Recovered, Sustain};
use crate::value::Millis;

/// Why a guard is in a streak or has tripped, without the queries.
pub(super) fn of_guard(plan: &Plan, state: &State, guard: &Guard) -> String {
    let values = values(plan, state, &guard.condition);
    let wanted = &guard.condition.text;
    let known = state.guards.get(guard.id.index());
    let proof = match guard.sustain {
        Sustain::Once => format!("{wanted} is enough once"),
        Sustain::Time(span) => match known.and_then(|known| known.streak.as_ref()) {
            Some(streak) => {
                let held = state.now.since(streak.began);
                if held.0 == 0 {
                    format!("the first breach of {wanted}, which trips when it holds for {span}")
                } else {
                    let counted = Millis(held.0.min(span.0));
                    format!(
                        "{wanted} has held for {} ({} of {} samples), and {span} trips",
                        coarse(held),
                        streak.hits.len(),
                        Streak::expected(counted, guard.every),
                    )
                }
            }
            None => format!("{wanted} does not hold any more"),
        },
        Sustain::OutOf { breaches, samples } => {
            let hits = known.map_or(0, |known| known.recent.iter().filter(|b| **b).count());
            let seen = known.map_or(0, |known| known.recent.len());
            format!(
                "{wanted} in {hits} of the last {seen} samples, and {breaches} of {samples} trip"
            )
        }
    };
    format!("guard {}: {values}; {proof}", guard.name)
}

/// The same, which is `known`, with the queries that were asked, for the verdict itself.
pub(super) fn of_verdict(plan: &Plan, state: &State, (guard, known): (&Guard, &str)) -> String {
    let mut text = known.to_owned();
    let streak = state
        .guards
        .get(guard.id.index())
        .and_then(|known| known.streak.as_ref());
    if let (Some(streak), Sustain::Time(_)) = (streak, guard.sustain) {
        let into = coarse(streak.began.since(state.place_began()));
        text.push_str(&format!(", since {into} into {}", place(plan, state)));
    }
    text.push_str(&queries(plan, &guard.condition));
    text
}

/// The stage that the run is in.
fn place<'a>(plan: &'a Plan, state: &State) -> &'a str {
    let stage = state.stage().and_then(|id| plan.stages.get(id.index()));
    stage.map_or("the run", |stage| stage.name.as_str())
}

/// What a blind guard knows.
pub(super) fn of_blindness(plan: &Plan, state: &State, guard: &Guard) -> String {
    let known = state.guards.get(guard.id.index());
    let since = known.and_then(|known| known.seen).map_or_else(
        || "it has seen nothing in this stage".to_owned(),
        |seen| {
            format!(
                "it last saw something {} ago",
                coarse(state.now.since(seen))
            )
        },
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
                Some((_, Reading::Error(why))) => format!("error: {why}"),
                Some((_, Reading::Misconfigured(why))) => format!("misconfigured: {why}"),
                Some((_, Reading::Value(_))) => "its last value is stale".to_owned(),
                None => "it has not answered yet".to_owned(),
            };
            let last = known.value.map_or_else(String::new, |(at, value)| {
                format!(
                    "; its last value was {}, {} ago",
                    metric.unit.show(value),
                    coarse(state.now.since(at))
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
            "; {} has held for {} ({} samples)",
            recovered.condition.text,
            coarse(state.now.since(streak.began)),
            streak.hits.len()
        )),
        None => text.push_str(&format!("; {} does not hold", recovered.condition.text)),
    }
    text
}

/// To whole seconds where that is precise enough for people.
fn coarse(span: Millis) -> Millis {
    if span.0 >= 10_000 {
        Millis(span.0 / 1_000 * 1_000)
    } else {
        span
    }
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
            let usual = state
                .metrics
                .get(id.index())
                .and_then(|known| known.baseline);
            let usual = usual.map_or_else(String::new, |value| {
                format!(", usually {}", metric.unit.show(value))
            });
            Some(format!("{} is {said}{usual}", metric.name))
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
                MetricSource::Log { path, pattern } => {
                    format!("{} = lines of {path} matching /{pattern}/", metric.name)
                }
                MetricSource::Tcp { address } => {
                    format!("{} = connecting to {address}", metric.name)
                }
                MetricSource::Command(Command::Shell { text }) => {
                    format!("{} = $ {text}", metric.name)
                }
                MetricSource::Command(
                    Command::Exec { .. }
                    | Command::Block { .. }
                    | Command::Http { .. }
                    | Command::Sql { .. },
                ) => {
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
