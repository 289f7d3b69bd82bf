//! Owns how much can go unseen: for each stage in which users see the change and each guard that can act there, how long a breach that
//! begins with the stage lasts before it is acted on, and how many users that is.

use super::facts::{Shown, acts, moments_of, soak};
use super::moments::Moment;
use crate::plan::{Bound, GuardId, Plan, StageId, detection_bound, reaction_bound};
use crate::value::Millis;

/// A breach that nobody has seen yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Unseen {
    /// The stage that it begins with.
    pub stage: StageId,
    /// What is exposed there, as a sentence begins: `new_auth is at 10%`.
    pub exposed: String,
    /// The healthy time that the stage observes at least.
    pub soak: Millis,
    /// The guard that sees it; nothing where none can.
    pub guard: Option<GuardId>,
    /// The longest until it is acted on, and what that is made of; without a guard the stage itself.
    pub bound: Bound,
    /// The share of the users times the minutes, where the exposure is in percent.
    pub percent_minutes: Option<f64>,
}

/// What can go unseen in every stage that exposes users, by the order of stages and guards.
#[must_use]
pub fn unseen(plan: &Plan) -> Vec<Unseen> {
    let mut all = Vec::new();
    for (stage, moments) in plan.stages.iter().zip(moments_of(plan).0) {
        for exposure in &plan.exposures {
            let seen: Vec<(&Moment, f64)> = moments
                .iter()
                .filter_map(|one| Some((one, one.shows(exposure)?)))
                .collect();
            let most = seen.iter().map(|(_, value)| *value).reduce(f64::max);
            let mut values: Vec<f64> = most.into_iter().collect();
            values.extend(seen.iter().map(|(_, value)| *value));
            let mut told: Vec<f64> = Vec::new();
            for value in values {
                if told.contains(&value) {
                    continue;
                }
                told.push(value);
                let there = |(one, at): &(&Moment, f64)| (*at == value).then_some((*one).clone());
                let there: Vec<Moment> = seen.iter().filter_map(there).collect();
                let soak = if there.len() == seen.len() {
                    soak(&stage.ops)
                } else {
                    there.iter().map(|one| one.soak).max().unwrap_or_default()
                };
                let shown = Shown {
                    name: exposure.name.clone(),
                    scale: exposure.scale.clone(),
                    value,
                };
                let some = at((plan, stage.id), &shown, (soak, &there));
                // Less than the most that the stage shows is told where nobody looks.
                let is_most = most == Some(value);
                all.extend(
                    some.into_iter()
                        .filter(|one| is_most || one.guard.is_none()),
                );
            }
        }
    }
    all
}

/// What can go unseen while an exposure has one value.
fn at(
    (plan, stage): (&Plan, StageId),
    shown: &Shown,
    (soak, moments): (Millis, &[Moment]),
) -> Vec<Unseen> {
    let of = |guard, bound: Bound| Unseen {
        stage,
        exposed: shown.is_at().replace('`', ""),
        soak,
        guard,
        percent_minutes: share(shown, bound.total),
        bound,
    };
    let guards = plan
        .guards
        .iter()
        .filter(|guard| acts(guard) && moments.iter().all(|moment| moment.trips(plan, guard)));
    let some: Vec<Unseen> = guards
        .map(|guard| {
            let bound = match plan.stages.get(stage.index()) {
                Some(stage) => reaction_bound(plan, guard, stage),
                None => detection_bound(plan, guard),
            };
            of(Some(guard.id), bound)
        })
        .collect();
    if !some.is_empty() {
        return some;
    }
    let total = soak;
    let parts = Vec::new();
    vec![of(None, Bound { total, parts })]
}

#[expect(
    clippy::cast_precision_loss,
    reason = "times of a run stay far below 2^52 milliseconds"
)]
fn share(shown: &Shown, time: Millis) -> Option<f64> {
    let minutes = time.0 as f64 / 60_000.0;
    shown
        .scale
        .is_percent()
        .then_some((shown.value * minutes * 10.0).round() / 10.0)
}
