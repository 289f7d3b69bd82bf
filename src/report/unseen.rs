//! Owns how much can go unseen, as people read it: a line for each stage that exposes users and each guard that acts there.

use super::names::Names;
use crate::plan::{Plan, Unseen, unseen};

/// The lines, and at the end the worst of them. Empty where nobody is exposed.
#[must_use]
pub(super) fn lines(plan: &Plan) -> Vec<String> {
    let all = unseen(plan);
    let mut rows: Vec<String> = all.iter().map(|one| line(plan, one)).collect();
    let worst = all
        .iter()
        .filter_map(|one| Some((one, one.percent_minutes?)))
        .max_by(|(_, left), (_, right)| left.total_cmp(right));
    if let Some((one, percent)) = worst
        && all.len() > 1
    {
        rows.push(format!(
            "at worst {percent} percent-minutes: {} in stage {}",
            watcher(plan, one),
            Names(plan).stage(one.stage)
        ));
    }
    rows
}

fn watcher(plan: &Plan, one: &Unseen) -> String {
    let guard = one.guard.and_then(|id| plan.guards.get(id.index()));
    guard.map_or_else(
        || "nobody looks".to_owned(),
        |guard| format!("guard {}", guard.name),
    )
}

fn line(plan: &Plan, one: &Unseen) -> String {
    let stage = Names(plan).stage(one.stage);
    let share = one.percent_minutes.map_or_else(String::new, |percent| {
        format!(", {percent} percent-minutes")
    });
    if one.guard.is_none() {
        return format!(
            "{stage}: {}, and nobody looks for at least {}{share}",
            one.exposed, one.soak
        );
    }
    let parts: Vec<String> = one
        .bound
        .parts
        .iter()
        .filter(|(_, time)| time.0 > 0)
        .map(|(name, time)| format!("{name} {time}"))
        .collect();
    format!(
        "{stage}: {}, {} sees it after at most {} of at least {}{share}  ({})",
        one.exposed,
        watcher(plan, one),
        one.bound.total,
        one.soak,
        parts.join(", ")
    )
}
