//! Providers, metrics, probes and guards of the plan, with their defaults.

use super::Builder;
use super::channel::database_name;
use super::condition::comparison;
use super::text::Reader;
use crate::check;
use crate::plan::{
    Baseline, Expectation, Guard, GuardAction, GuardId, Metric, MetricId, MetricSource, Observed,
    OnBlind, Otherwise, Probe, ProbeAsk, ProbeId, Provider, ProviderId, ProviderKind, Scope,
    Sustain, Threshold,
};
use crate::source::offset;
use crate::value::{Millis, Value};

/// After this a question to a metric's source counts as an error.
const METRIC_TIMEOUT: Millis = Millis::from_secs(10);

/// After this one try of a probe counts as a no.
const PROBE_TIMEOUT: Millis = Millis::from_secs(10);

/// A sample older than this many times the pace of its metric is no data.
const STALE_AFTER: u64 = 4;

/// The share of the expected samples that a guard needs.
const COVERAGE: f64 = 0.6;

impl Builder<'_> {
    pub(super) fn providers(&mut self) -> Vec<Provider> {
        let checked = self.checked;
        let all = checked.providers.iter().enumerate();
        all.map(|(index, provider)| Provider {
            id: ProviderId(offset(index)),
            name: provider.name.clone(),
            kind: match &provider.way {
                check::ProviderWay::Prometheus(url) => ProviderKind::Prometheus {
                    url: self.address(url).trim_end_matches('/').to_owned(),
                },
                check::ProviderWay::Postgres(address) => ProviderKind::Postgres {
                    address: match address {
                        check::Hidden::Secret(name) => name.clone(),
                        check::Hidden::Own(_) => database_name(provider),
                    },
                },
            },
            headers: self.headers(&provider.headers),
        })
        .collect()
    }

    pub(super) fn metrics(&mut self) -> Vec<Metric> {
        let checked = self.checked;
        let all = checked.metrics.iter().enumerate();
        all.map(|(index, metric)| {
            let every = self.duration_or(metric.every.as_ref(), check::EVERY);
            Metric {
                id: MetricId(offset(index)),
                name: metric.name.clone(),
                source: match &metric.source {
                    check::MetricSource::Query { provider, query } => MetricSource::Query {
                        provider: *provider,
                        query: self.query(query),
                    },
                    check::MetricSource::Http { url, filter } => MetricSource::Http {
                        url: self.address(url),
                        filter: filter.clone(),
                    },
                    check::MetricSource::Log { path, pattern } => MetricSource::Log {
                        path: self.path(path),
                        pattern: pattern.clone(),
                    },
                    check::MetricSource::Tcp(address) => MetricSource::Tcp {
                        address: self.text(address),
                    },
                    check::MetricSource::Command(command) => {
                        MetricSource::Command(self.command(command))
                    }
                },
                unit: metric.unit,
                every,
                timeout: self.duration_or(metric.timeout.as_ref(), METRIC_TIMEOUT),
                window: check::window(metric, &self.values).unwrap_or_default(),
                lag: self.duration_or(metric.lag.as_ref(), Millis::ZERO),
                stale: self.duration_or(metric.stale.as_ref(), every.saturating_mul(STALE_AFTER)),
                zero_when: metric.zero_when.as_ref().map(|when| self.condition(when)),
                counts_when: metric.counts_when.as_ref().map(|when| self.condition(when)),
                baseline: metric.baseline.as_ref().map(|one| match &one.of {
                    check::BaselineOf::Value(value) => {
                        Baseline::Value(self.base(value, &metric.unit.ty()))
                    }
                    check::BaselineOf::Measured(over) => Baseline::Measured(self.duration(over)),
                }),
                warning: metric
                    .warning
                    .as_ref()
                    .map(|one| self.threshold(one, metric)),
                critical: metric
                    .critical
                    .as_ref()
                    .map(|one| self.threshold(one, metric)),
                headers: self.headers(&metric.headers),
            }
        })
        .collect()
    }

    fn threshold(&mut self, threshold: &check::Threshold, metric: &check::Metric) -> Threshold {
        Threshold {
            comparison: comparison(threshold.op),
            value: self.base(&threshold.value, &metric.unit.ty()),
        }
    }

    pub(super) fn probes(&mut self) -> Vec<Probe> {
        let checked = self.checked;
        let all = checked.probes.iter().enumerate();
        all.map(|(index, probe)| Probe {
            id: ProbeId(offset(index)),
            name: probe.name.clone(),
            title: self.title(probe.title.as_ref(), &probe.name),
            ask: match &probe.ask {
                check::ProbeAsk::Http(url) => ProbeAsk::Http {
                    url: self.address(url),
                },
                check::ProbeAsk::Tcp(address) => ProbeAsk::Tcp {
                    address: self.text(address),
                },
                check::ProbeAsk::Command(command) => ProbeAsk::Command(self.command(command)),
            },
            expect: self.expectations(probe),
            timeout: self.duration_or(
                probe
                    .timeout
                    .as_ref()
                    .or(checked.defaults.probe_timeout.as_ref()),
                PROBE_TIMEOUT,
            ),
            dir: probe
                .dir
                .as_ref()
                .map(|dir| self.template(dir, Reader::Program)),
            env: self.env(&probe.env),
            headers: self.headers(&probe.headers),
        })
        .collect()
    }

    /// What must hold of an answer. A command that is asked for nothing must end with 0.
    fn expectations(&mut self, probe: &check::Probe) -> Vec<Expectation> {
        let is_command = matches!(probe.ask, check::ProbeAsk::Command(_));
        if is_command && probe.expect.is_empty() {
            return vec![Expectation {
                of: Observed::Exit,
                comparison: crate::plan::Comparison::Equal,
                value: Value::Int(0),
                text: "exit == 0".into(),
            }];
        }
        self.held_against(&probe.expect)
    }

    /// What an answer is held against.
    pub(super) fn held_against(&mut self, expect: &[check::Expectation]) -> Vec<Expectation> {
        let all = expect.iter();
        all.filter_map(|one| {
            Some(Expectation {
                of: match &one.of {
                    check::Observed::Status => Observed::Status,
                    check::Observed::Body => Observed::Body,
                    check::Observed::Json(filter) => Observed::Json(filter.clone()),
                    check::Observed::Header(name) => Observed::Header(name.clone()),
                    check::Observed::Output => Observed::Output,
                    check::Observed::Exit => Observed::Exit,
                },
                comparison: comparison(one.op),
                value: self.value(&one.value, &one.ty)?,
                text: one.text.clone(),
            })
        })
        .collect()
    }

    pub(super) fn guards(&mut self) -> Vec<Guard> {
        let checked = self.checked;
        let all = checked.guards.iter().enumerate();
        all.map(|(index, guard)| Guard {
            id: GuardId(offset(index)),
            name: guard.name.clone(),
            condition: self.condition(&guard.when),
            sustain: match &guard.streak {
                None => Sustain::Once,
                Some(check::Streak::For(length)) => Sustain::Time(self.duration(length)),
                Some(check::Streak::Of { breaches, samples }) => Sustain::OutOf {
                    breaches: self.count(breaches),
                    samples: self.count(samples),
                },
            },
            action: match &guard.action {
                check::GuardAction::Rollback(from) => GuardAction::Rollback { from: *from },
                check::GuardAction::Decide { within, otherwise } => GuardAction::Decide {
                    within: self.duration(within),
                    otherwise: match otherwise {
                        check::Otherwise::Rollback => Otherwise::Rollback,
                        check::Otherwise::Continue => Otherwise::Continue,
                    },
                },
                check::GuardAction::Hold => GuardAction::Hold,
                check::GuardAction::Warn => GuardAction::Warn,
            },
            warmup: match &guard.warmup {
                Some(warmup) => self.duration(warmup),
                None => self.warmup(&guard.when.metrics),
            },
            on_blind: match &guard.on_blind {
                None | Some(check::BlindAction::Hold) => OnBlind::Hold,
                Some(check::BlindAction::Rollback) => OnBlind::Rollback,
                Some(check::BlindAction::Ignore(reason)) => OnBlind::Ignore {
                    reason: self.text(reason),
                },
            },
            coverage: match &guard.coverage {
                Some(coverage) => self.percent(coverage) / 100.0,
                None => COVERAGE,
            },
            every: self.pace(&guard.when.metrics),
            scope: match guard.stages {
                Some((from, to)) => Scope::Stages {
                    from,
                    to: self.armed_until(to),
                },
                None => Scope::Rollout,
            },
        })
        .collect()
    }

    /// How long after a change the samples of these metrics still show what was before it.
    pub(super) fn warmup(&mut self, metrics: &[MetricId]) -> Millis {
        check::warmup(self.checked, metrics, &self.values).unwrap_or_default()
    }

    /// The pace at which a condition is judged: that of its first metric.
    pub(super) fn pace(&mut self, metrics: &[MetricId]) -> Millis {
        let checked = self.checked;
        let first = metrics.first().and_then(|id| checked.metric(*id));
        let every = first.and_then(|metric| metric.every.as_ref());
        self.duration_or(every, check::EVERY)
    }
}
