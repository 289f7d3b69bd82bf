//! Owns how much can go unseen, as people read it: a line for each guard that acts, and one for each stage that exposes users.

use super::names::Names;
use crate::plan::{Bound, Guard, Plan, Unseen, detection_bound, unseen};

/// The lines, and at the end the worst that they tell. Empty where nobody is exposed.
#[must_use]
pub(super) fn lines(plan: &Plan) -> Vec<String> {
    let all = unseen(plan);
    let width = all.iter().map(|one| name(plan, one).len()).max();
    let mut rows: Vec<String> = plan
        .guards
        .iter()
        .filter_map(|guard| all.iter().find(|one| one.guard == Some(guard.id)))
        .map(|one| {
            let seen = guard(plan, one).map(|guard| detection_bound(plan, guard));
            of_guard(
                (name(plan, one), width.unwrap_or_default()),
                &seen.unwrap_or_default(),
            )
        })
        .collect();
    let in_stages =
        all.chunk_by(|one, next| (one.stage, &one.exposed) == (next.stage, &next.exposed));
    rows.extend(in_stages.map(|some| of_stage(plan, some)));
    let worst = all
        .iter()
        .filter_map(|one| Some((one, one.percent_minutes?)))
        .max_by(|(_, left), (_, right)| left.total_cmp(right));
    if let Some((one, percent)) = worst
        && all.len() > 1
    {
        let watcher = match guard(plan, one) {
            Some(guard) => format!("guard {}", guard.name),
            None => "nobody looks".to_owned(),
        };
        let stage = Names(plan).stage(one.stage);
        rows.push(format!(
            "at worst {percent} percent-minutes: {watcher} in stage {stage}"
        ));
    }
    rows
}

fn guard<'p>(plan: &'p Plan, one: &Unseen) -> Option<&'p Guard> {
    plan.guards.get(one.guard?.index())
}

fn name<'p>(plan: &'p Plan, one: &Unseen) -> &'p str {
    guard(plan, one).map_or("", |guard| &guard.name)
}

/// How long it takes a guard, and what that is made of.
fn of_guard((name, width): (&str, usize), bound: &Bound) -> String {
    let parts = bound.parts.iter().filter(|(_, time)| time.0 > 0);
    let parts: Vec<String> = parts.map(|(what, time)| format!("{what} {time}")).collect();
    format!(
        "guard {name:<width$}  sees a breach after at most {}  ({})",
        bound.total,
        parts.join(", ")
    )
}

/// What is exposed in a stage while nobody has seen it; the guards in the order in which they are sure.
fn of_stage(plan: &Plan, some: &[Unseen]) -> String {
    let Some(one) = some.first() else {
        return String::new();
    };
    let stage = Names(plan).stage(one.stage);
    if one.guard.is_none() {
        let share = one.percent_minutes.map_or_else(String::new, |percent| {
            format!(", {percent} percent-minutes")
        });
        return format!(
            "{stage}: {}, and nobody looks for at least {}{share}",
            one.exposed, one.soak
        );
    }
    let mut some: Vec<&Unseen> = some.iter().collect();
    some.sort_by_key(|one| one.bound.total);
    let guards: Vec<String> = some
        .iter()
        .map(|one| match one.percent_minutes {
            Some(percent) => format!("{} {percent}", name(plan, one)),
            None => name(plan, one).to_owned(),
        })
        .collect();
    let unit = one.percent_minutes.map_or("", |_| " percent-minutes");
    let last = some.first().and_then(|one| one.bound.parts.last());
    let held = last.filter(|(what, _)| what.starts_with("protected step "));
    let held = held.map_or_else(String::new, |(what, time)| {
        format!(", {time} of it while {what} is let end first")
    });
    format!(
        "{stage}: {} for at least {}: {}{unit}{held}",
        one.exposed,
        one.soak,
        guards.join(", ")
    )
}
