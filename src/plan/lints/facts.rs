//! Owns what the lints share: for each stage how long it lasts, what is exposed in it, and which guards can act there.

use super::moments::{Moment, moments};
use super::range::{Scene, full};
use crate::check::Checked;
use crate::plan::bound::op_bound;
use crate::plan::{Bound, Guard, GuardAction, Op, Plan, Sustain};
use crate::source::Span;
use crate::value::{Millis, Scale};

/// What is known of a plan before it runs.
pub(super) struct Facts<'a> {
    pub(super) checked: &'a Checked,
    pub(super) plan: &'a Plan,
    pub(super) stages: Vec<StageFacts>,
    /// How things stand when the rollout ends.
    pub(super) end: Vec<Moment>,
}

/// What is known of one stage.
pub(super) struct StageFacts {
    /// Where its name stands.
    pub(super) span: Span,
    pub(super) name: String,
    /// The healthy time that its waits observe at least.
    pub(super) soak: Millis,
    /// What can be true in it.
    pub(super) scene: Scene,
    /// The most that each exposure reaches in it, where users see something of it.
    pub(super) shown: Vec<Shown>,
    /// The times between two changes of exposure.
    pub(super) moments: Vec<Moment>,
}

/// An exposure that users see.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) name: String,
    pub(super) scale: Scale,
    pub(super) value: f64,
}

impl<'a> Facts<'a> {
    pub(super) fn of(checked: &'a Checked, plan: &'a Plan) -> Self {
        let (moments, end) = moments_of(plan);
        let stages = scenes(plan)
            .into_iter()
            .zip(moments)
            .zip(plan.stages.iter().zip(&checked.stages))
            .map(|(((scene, shown), moments), (stage, written))| StageFacts {
                span: written.span,
                name: stage.name.clone(),
                soak: soak(&stage.ops),
                scene,
                shown,
                moments,
            })
            .collect();
        Self {
            checked,
            plan,
            stages,
            end,
        }
    }

    /// The stages in which a guard is armed.
    pub(super) fn armed(&self, guard: &Guard) -> impl Iterator<Item = &StageFacts> {
        let all = self.plan.stages.iter().zip(&self.stages);
        let scope = guard.scope;
        all.filter(move |(stage, _)| scope.covers(stage.id))
            .map(|(_, facts)| facts)
    }

    /// What could be watched, as a guard to be typed.
    pub(super) fn guard_to_type(&self) -> String {
        match self.plan.metrics.first() {
            None => {
                "declare a metric, and write guard NAME when METRIC > VALUE for 1m then rollback"
                    .to_owned()
            }
            Some(metric) if metric.critical.is_some() => {
                format!(
                    "guard NAME when {} is critical for 5m then rollback",
                    metric.name
                )
            }
            Some(metric) => format!(
                "guard NAME when {} > VALUE for 1m then rollback",
                metric.name
            ),
        }
    }
}

/// What can be true in each stage, and what users see of the change in it.
pub(super) fn scenes(plan: &Plan) -> Vec<(Scene, Vec<Shown>)> {
    let mut at: Vec<Option<f64>> = vec![None; plan.exposures.len()];
    let mut all = Vec::new();
    for stage in &plan.stages {
        let (mut shown, mut ranges) = (Vec::new(), Vec::new());
        for (exposure, at) in plan.exposures.iter().zip(&mut at) {
            let sets = stage.sets(exposure.id);
            let values: Vec<f64> = at.iter().copied().chain(sets.iter().copied()).collect();
            // What is in place before the run is known only when it begins.
            ranges.push(if at.is_some() {
                hull(&values)
            } else {
                full(&exposure.scale)
            });
            let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            if !values.is_empty() && (!exposure.scale.is_ordered() || most > 0.0) {
                shown.push(Shown {
                    name: exposure.name.clone(),
                    scale: exposure.scale.clone(),
                    value: most,
                });
            }
            *at = sets.last().copied().or(*at);
        }
        let scene = Scene {
            stage: Some(stage.id),
            exposures: ranges,
            longest: longest(plan, &stage.ops),
            fixed: Vec::new(),
        };
        all.push((scene, shown));
    }
    all
}

/// What users see in a moment.
pub(super) fn shown_in(plan: &Plan, moment: &Moment) -> Vec<Shown> {
    let all = plan.exposures.iter();
    all.filter_map(|exposure| {
        Some(Shown {
            name: exposure.name.clone(),
            scale: exposure.scale.clone(),
            value: moment.shows(exposure)?,
        })
    })
    .collect()
}

/// The times between two changes of exposure, in every stage, and those with which the rollout ends.
pub(super) fn moments_of(plan: &Plan) -> (Vec<Vec<Moment>>, Vec<Moment>) {
    moments(plan, longest)
}

impl Shown {
    /// As a sentence begins: `new_auth is at 50%`.
    pub(super) fn is_at(&self) -> String {
        format!("`{}` is at {}", self.name, self.scale.show(self.value))
    }

    /// What it comes to when nobody looks for so long.
    pub(super) fn cost(&self, time: Millis) -> String {
        let value = self.scale.show(self.value);
        if !self.scale.is_percent() {
            return format!("{} {value} for at least {time}", self.name);
        }
        format!(
            "{value} for at least {time}, {}",
            percent_minutes(self.value, time)
        )
    }
}

/// A share of the users over a time.
pub(super) fn percent_minutes(percent: f64, time: Millis) -> String {
    #[expect(
        clippy::cast_precision_loss,
        reason = "times of a run stay far below 2^52 milliseconds"
    )]
    let minutes = time.0 as f64 / 60_000.0;
    let product = (percent * minutes * 10.0).round() / 10.0;
    format!("{product} percent-minutes")
}

/// Whether a guard does more than say so.
pub(super) fn acts(guard: &Guard) -> bool {
    match guard.action {
        GuardAction::Warn => false,
        GuardAction::Hold | GuardAction::Decide { .. } | GuardAction::Rollback { .. } => true,
    }
}

/// How long a condition must hold before the guard trips.
pub(super) fn streak(guard: &Guard) -> Millis {
    match guard.sustain {
        Sustain::Once => Millis::ZERO,
        Sustain::Time(span) => span,
        Sustain::OutOf { breaches, .. } => {
            let polls = u64::from(breaches).saturating_sub(1);
            guard.every.saturating_mul(polls)
        }
    }
}

/// The healthy time that the waits of these operations observe at least, on every way through them.
pub(super) fn soak(ops: &[Op]) -> Millis {
    ops.iter().fold(Millis::ZERO, |sum, op| {
        sum.saturating_add(match op {
            Op::Wait { min, .. } => *min,
            Op::If {
                then, otherwise, ..
            } => soak(then).min(soak(otherwise)),
            Op::Parallel { strands, .. } => strands
                .iter()
                .map(|strand| soak(&strand.ops))
                .max()
                .unwrap_or_default(),
            Op::Step(_)
            | Op::Until { .. }
            | Op::Expose { .. }
            | Op::Verify { .. }
            | Op::Notify(_)
            | Op::Fail { .. }
            | Op::Undo { .. }
            | Op::NoReturn { .. }
            | Op::Approve(_) => Millis::ZERO,
        })
    })
}

/// The longest that these operations can last when every wait becomes a hold and every question stays open to its end.
fn longest(plan: &Plan, ops: &[Op]) -> Millis {
    let held = plan.limits.hold.saturating_mul(2);
    let inside = ops.iter().fold(Millis::ZERO, |sum, op| {
        sum.saturating_add(match op {
            Op::Wait { max, .. } => max.saturating_add(held),
            Op::Approve(id) => plan
                .approvals
                .get(id.index())
                .map_or(Millis::ZERO, |one| one.within)
                .saturating_add(held),
            Op::If {
                within,
                then,
                otherwise,
                ..
            } => within
                .saturating_add(held)
                .saturating_add(longest(plan, then).max(longest(plan, otherwise))),
            Op::Parallel { strands, .. } => strands.iter().fold(Millis::ZERO, |sum, strand| {
                sum.saturating_add(longest(plan, &strand.ops))
            }),
            Op::Step(_)
            | Op::Until { .. }
            | Op::Expose { .. }
            | Op::Verify { .. }
            | Op::Notify(_)
            | Op::Undo { .. }
            | Op::NoReturn { .. }
            | Op::Fail { .. } => {
                let mut bound = Bound::default();
                op_bound(plan, op, &mut bound);
                bound.total.saturating_add(held)
            }
        })
    });
    // Its end waits for guards that have not looked enough, as long as a hold does.
    inside.saturating_add(held)
}

fn hull(values: &[f64]) -> (f64, f64) {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (low, high)
}
