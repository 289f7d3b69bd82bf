//! Owns how much can go unseen: for each stage in which users see the change and each guard that can act there, how long a breach that
//! begins with the stage lasts before the guard is sure, and how many users that is.

use super::facts::{Shown, acts, can_trip, scenes, soak};
use crate::plan::{Bound, GuardId, Plan, StageId, detection_bound};
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
    /// The longest until then, and what it is made of; without a guard the stage itself.
    pub bound: Bound,
    /// The share of the users times the minutes, where the exposure is in percent.
    pub percent_minutes: Option<f64>,
}

/// What can go unseen in every stage that exposes users, by the order of stages and guards.
#[must_use]
pub fn unseen(plan: &Plan) -> Vec<Unseen> {
    let mut all = Vec::new();
    for (stage, (scene, shown)) in plan.stages.iter().zip(scenes(plan)) {
        let Some(shown) = shown.first() else {
            continue;
        };
        let soak = soak(&stage.ops);
        let of = |guard, bound: Bound| Unseen {
            stage: stage.id,
            exposed: shown.is_at().replace('`', ""),
            soak,
            guard,
            percent_minutes: share(shown, bound.total),
            bound,
        };
        let before = all.len();
        for guard in &plan.guards {
            if acts(guard) && can_trip(plan, guard, &scene) {
                all.push(of(Some(guard.id), detection_bound(plan, guard)));
            }
        }
        if all.len() == before {
            let bound = Bound {
                total: soak,
                parts: Vec::new(),
            };
            all.push(of(None, bound));
        }
    }
    all
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
