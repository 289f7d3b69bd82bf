//! Owns when metrics certainly said something last: no silence of now began before.

use crate::engine::{Effect, GuardState, Moment, Note, State};
use crate::plan::{MetricId, Plan};

/// The last moments at which they did.
#[derive(Clone, Copy, Default)]
pub(super) struct Answered {
    /// All that guards read.
    all: Moment,
    /// Some of them, a bit each.
    some: (Moment, u64),
}

impl Answered {
    /// Notes that these did.
    pub(super) fn these(&mut self, at: Moment, metrics: &[MetricId]) {
        let bits = metrics.iter().map(|metric| bit(*metric));
        self.some = (at, bits.fold(0, |all, bit| all | bit));
    }

    /// Notes the end of a soak, which waits while the newest question of a guard has no answer, unless a person has accepted that.
    pub(super) fn note_waits(&mut self, plan: &Plan, state: &State, effects: &[Effect]) {
        let ends = |effect: &Effect| matches!(effect, Effect::Say(Note::WaitEnded { .. }));
        let accepts = |one: &GuardState| one.blind_accepted || one.coverage_accepted;
        if !effects.iter().any(ends) || state.guards.iter().any(accepts) {
            return;
        }
        let metrics = plan.metrics.iter();
        let pace = metrics.map(|metric| metric.every.saturating_add(metric.timeout));
        let pace = pace.max().unwrap_or_default();
        self.all = Moment(state.now.0.saturating_sub(pace.0));
    }

    /// When all of these did.
    pub(super) fn last(self, metrics: &[MetricId]) -> Moment {
        let (at, which) = self.some;
        let mut metrics = metrics.iter();
        if metrics.all(|metric| which & bit(*metric) != 0) {
            self.all.max(at)
        } else {
            self.all
        }
    }
}

/// Those behind the first 64 have none.
fn bit(metric: MetricId) -> u64 {
    u32::try_from(metric.index())
        .ok()
        .and_then(|index| 1_u64.checked_shl(index))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Answered;
    use crate::engine::Moment;
    use crate::plan::MetricId;

    #[test]
    fn an_answer_of_a_metric_says_nothing_of_another_one() {
        let [one, other] = [MetricId(0), MetricId(1)];
        let mut answered = Answered::default();
        answered.these(Moment(7), &[one]);
        assert_eq!(answered.last(&[one]), Moment(7));
        assert_eq!(answered.last(&[other]), Moment(0));
        assert_eq!(answered.last(&[one, other]), Moment(0));
        answered.these(Moment(9), &[MetricId(64)]);
        assert_eq!(answered.last(&[MetricId(64)]), Moment(0));
    }
}
