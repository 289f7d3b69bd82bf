//! Owns what the levels of a plan are chosen by: what a metric said lately is not asked again, and decides until it is too old.

use crate::engine::{Moment, Phase, Reading, State, is_fresh};
use crate::plan::{MetricId, Plan, StageId};
use crate::value::Millis;

use super::bytes::Bytes;
use super::sight::Sights;

/// What a metric said, and when.
type Said = Option<(Moment, Reading)>;

/// The metrics that the `when` of a level reads: nobody asks them where nothing happens.
pub(super) fn chosen_by(plan: &Plan) -> Vec<MetricId> {
    if plan.limits.guard_rules < 2 {
        return Vec::new();
    }
    let state = State::new(plan);
    let all = plan.metrics.iter().map(|metric| metric.id);
    all.filter(|id| !is_fresh(plan, &state, *id)).collect()
}

impl Sights {
    /// What is known of the metrics that levels are chosen by, in their order.
    pub(super) fn known(&self, state: &State) -> Vec<Said> {
        let of = |id: &MetricId| state.metrics.get(id.index())?.reading.clone();
        self.chosen_by.iter().map(of).collect()
    }

    /// What was said lately and nobody asks now is what was said then; what is older is looked at when a level is chosen. Before the
    /// first stage nothing minds what a metric says, so it is as if it was looked at later.
    pub(super) fn recall(&self, plan: &Plan, state: &mut State, known: Vec<Said>) {
        let from = match state.phase {
            Phase::Rolling {
                stage: StageId(0),
                began,
            } => began,
            Phase::New
            | Phase::Preparing(_)
            | Phase::Rolling { .. }
            | Phase::RollingBack { .. }
            | Phase::Closing(_)
            | Phase::Final(_) => Moment(0),
        };
        for (id, said) in self.chosen_by.iter().zip(known) {
            if is_fresh(plan, state, *id) {
                continue;
            }
            let stale = plan.metrics.get(id.index()).map(|metric| metric.stale);
            let now = state.now;
            let is_recent = |(at, _): &(Moment, Reading)| {
                *at >= from && stale.is_some_and(|stale| now.since(*at) <= stale)
            };
            if let Some(metric) = state.metrics.get_mut(id.index()) {
                metric.reading = said.filter(is_recent);
            }
        }
    }

    /// When nothing of what was said lately counts any more; nothing where none of it counts now.
    pub(super) fn too_old_at(&self, plan: &Plan, state: &State) -> Option<Moment> {
        let left = self.chosen_by.iter();
        let left = left.filter(|id| !is_fresh(plan, state, **id));
        left.filter_map(|id| {
            let (at, _) = state.metrics.get(id.index())?.reading.as_ref()?;
            let stale = plan.metrics.get(id.index())?.stale;
            Some(at.after(stale).after(Millis(1)))
        })
        .max()
    }

    /// The same on the way back, where what recovery is judged by is anything until it is judged.
    pub(super) fn forget(&self, plan: &Plan, state: &mut State) {
        let known = self.known(state);
        self.recall(plan, state, known);
        for id in &self.chosen_by {
            if is_fresh(plan, state, *id)
                && let Some(metric) = state.metrics.get_mut(id.index())
            {
                metric.reading = None;
            }
        }
    }

    /// What was said lately, as bytes: with how long ago, which decides how long it counts.
    pub(super) fn write_recent(&self, plan: &Plan, state: &State, key: &mut Bytes) {
        for id in &self.chosen_by {
            let known = state.metrics.get(id.index());
            let Some((at, reading)) = known.and_then(|metric| metric.reading.as_ref()) else {
                key.put([0]);
                continue;
            };
            if is_fresh(plan, state, *id) {
                key.put([1]);
                continue;
            }
            key.put([2]);
            let value = match reading {
                Reading::Value(value) => value.to_bits(),
                Reading::NoData(_) | Reading::Error(_) | Reading::Misconfigured(_) => u64::MAX,
            };
            key.put(value.to_le_bytes());
            key.put(state.now.since(*at).0.to_le_bytes());
        }
    }
}
