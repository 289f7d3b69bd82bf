//! Owns what is usual for a metric, measured before anything is changed: the median of what its source remembers, or of what is seen
//! while it is asked for as long. Without enough samples there is no baseline, and without a baseline no start.

use super::effect::{Effect, Note};
use super::input::Reading;
use super::state::{Measuring, Phase};
use super::transition::Move;
use crate::plan::{Baseline, Metric, MetricId, Plan};
use crate::value::Millis;

/// The share of its samples that a baseline must have.
const COVERAGE: f64 = 0.6;

/// How long a metric is measured for its baseline.
fn span_of(metric: &Metric) -> Option<Millis> {
    match metric.baseline {
        Some(Baseline::Measured(over)) => Some(over),
        Some(Baseline::Value(_)) | None => None,
    }
}

/// Whether a metric is asked now for its baseline.
pub(super) fn is_measured(phase: &Phase, metric: MetricId) -> bool {
    let Phase::Preparing(preparing) = phase else {
        return false;
    };
    let mut all = preparing.baselines.iter().flatten();
    all.any(|one| one.metric == metric && one.until.is_some())
}

impl Move<'_> {
    /// Takes the baselines; returns whether some of them are still being measured.
    pub(super) fn measures(&mut self) -> bool {
        let plan = self.plan;
        let Phase::Preparing(preparing) = &mut self.state.phase else {
            return false;
        };
        if preparing.baselines.is_none() {
            // A run that is refused anyway is not kept waiting for it.
            let is_refused = !preparing.failed.is_empty();
            preparing.baselines = Some(Vec::new());
            let spans = plan.metrics.iter().filter(|_| !is_refused);
            for (metric, over) in spans.filter_map(|one| Some((one, span_of(one)?))) {
                self.measure(metric, over);
            }
        }
        let now = self.state.now;
        let Phase::Preparing(preparing) = &self.state.phase else {
            return false;
        };
        let all = preparing.baselines.iter().flatten();
        let due: Vec<Measuring> = all
            .filter(|one| one.until.is_some_and(|until| until <= now))
            .cloned()
            .collect();
        for one in due {
            self.settle(one.metric, &one.values);
        }
        match &self.state.phase {
            Phase::Preparing(preparing) => preparing
                .baselines
                .as_ref()
                .is_some_and(|all| !all.is_empty()),
            Phase::New
            | Phase::Rolling { .. }
            | Phase::RollingBack { .. }
            | Phase::Closing(_)
            | Phase::Final(_) => false,
        }
    }

    fn measure(&mut self, metric: &Metric, over: Millis) {
        let is_remembered = metric.source.is_remembered();
        if let Phase::Preparing(preparing) = &mut self.state.phase {
            preparing.baselines.get_or_insert_default().push(Measuring {
                metric: metric.id,
                until: None,
                values: Vec::new(),
            });
        }
        if is_remembered {
            let metric = metric.id;
            self.out.push(Effect::Measure { metric, over });
        } else {
            self.sample_for(metric, over, "its source remembers nothing");
        }
    }

    /// Asks a metric for so long.
    fn sample_for(&mut self, metric: &Metric, over: Millis, why: &str) {
        let now = self.state.now;
        if let Some(one) = self.measuring(metric.id) {
            one.until = Some(now.after(over));
        }
        if let Some(known) = self.state.metrics.get_mut(metric.id.index()) {
            known.due = now;
        }
        self.say(Note::Measuring {
            metric: metric.id,
            over,
            why: why.to_owned(),
        });
    }

    fn measuring(&mut self, metric: MetricId) -> Option<&mut Measuring> {
        let Phase::Preparing(preparing) = &mut self.state.phase else {
            return None;
        };
        let mut all = preparing.baselines.iter_mut().flatten();
        all.find(|one| one.metric == metric)
    }

    /// What a source remembers. One that cannot say is asked from now on.
    pub(super) fn measured(&mut self, metric: MetricId, past: &[Reading], failed: Option<&str>) {
        let waits = |one: &mut Measuring| one.until.is_none();
        if !self.measuring(metric).is_some_and(waits) {
            return;
        }
        let plan = self.plan;
        let known = plan.metrics.get(metric.index());
        let Some((known, over)) = known.and_then(|one| Some((one, span_of(one)?))) else {
            return;
        };
        match failed {
            Some(why) => self.sample_for(known, over, why),
            None => {
                let values = past.iter().filter_map(|reading| match reading {
                    Reading::Value(value) => Some(*value),
                    Reading::NoData(_) | Reading::Error(_) | Reading::Misconfigured(_) => None,
                });
                let values: Vec<f64> = values.collect();
                self.settle(metric, &values);
            }
        }
    }

    /// A sample of a metric that is asked for its baseline.
    pub(super) fn sampled_for_baseline(&mut self, metric: MetricId, reading: &Reading) {
        if let (Reading::Value(value), Some(one)) = (reading, self.measuring(metric))
            && one.until.is_some()
        {
            one.values.push(*value);
        }
    }

    /// The baseline is known, or cannot be.
    fn settle(&mut self, id: MetricId, values: &[f64]) {
        if let Phase::Preparing(preparing) = &mut self.state.phase
            && let Some(all) = &mut preparing.baselines
        {
            all.retain(|one| one.metric != id);
        }
        let plan = self.plan;
        let known = plan.metrics.get(id.index());
        let Some((metric, over)) = known.and_then(|one| Some((one, span_of(one)?))) else {
            return;
        };
        let of = expected(over, metric.every);
        match usual(values, of) {
            None => self.refused(format!(
                "metric {} has no baseline: of {of} samples in {over}, {} had a value, and {:.0}% are needed",
                metric.name,
                values.len(),
                COVERAGE * 100.0
            )),
            Some(value) => {
                if let Some(known) = self.state.metrics.get_mut(id.index()) {
                    known.baseline = Some(value);
                }
                self.say(Note::Baseline {
                    metric: id,
                    value,
                    samples: values.len(),
                });
                if let Some(why) = beyond(plan, id, value) {
                    self.refused(why);
                }
            }
        }
    }
}

fn expected(over: Millis, every: Millis) -> usize {
    let count = over.0.checked_div(every.0).unwrap_or(1).max(1);
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// The median, when there are enough samples for one.
fn usual(values: &[f64], of: usize) -> Option<f64> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "there are at most some thousand samples"
    )]
    let enough = values.len() as f64 >= COVERAGE * of as f64;
    let mut sorted: Vec<f64> = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let low = sorted.get(sorted.len().saturating_sub(1) / 2)?;
    let high = sorted.get(sorted.len() / 2)?;
    enough.then(|| f64::midpoint(*low, *high))
}

/// A baseline that is beyond a threshold: what is usual would count as bad.
fn beyond(plan: &Plan, id: MetricId, value: f64) -> Option<String> {
    let metric = plan.metrics.get(id.index())?;
    let thresholds = [("warning", &metric.warning), ("critical", &metric.critical)];
    thresholds.into_iter().find_map(|(word, threshold)| {
        let threshold = threshold.as_ref()?;
        threshold.comparison.holds(value, threshold.value).then(|| {
            format!(
                "the baseline of metric {} is {}, beyond its {word} threshold of {} already",
                metric.name,
                metric.unit.show(value),
                metric.unit.show(threshold.value)
            )
        })
    })
}
